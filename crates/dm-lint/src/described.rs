//! What descriptions say of a node that is looked for by its place. [TND 1.2 §9.3]

use dm_tnds::ddf::Access;

use crate::Catalog;
use crate::catalog::{PlaceId, ROOT, Step, without_device};
use crate::uri::Address;

/// A node that a [`Catalog`] knows, or a place above such nodes.
///
/// ```
/// use dm_lint::{Catalog, Source};
/// use dm_tnds::ddf::Ddf;
/// let text = br#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node>
///   <NodeName>Door</NodeName><Path>./Vendor</Path><DFProperties>
///   <AccessType><Replace/></AccessType><DFFormat><chr/></DFFormat>
///   <DFType><MIME>text/plain</MIME></DFType></DFProperties></Node></MgmtTree>"#;
/// let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
/// let ddf = Ddf::read(document.root()).unwrap();
/// let catalog = Catalog::new(vec![Source { name: "door.xml".into(), ddf, deviations: vec![] }]);
/// assert!(catalog.at("./Vendor/Door").unwrap().is_write_only());
/// assert!(catalog.at("./Vendor/Window").is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Described<'c> {
    catalog: &'c Catalog,
    place: PlaceId,
}

impl Catalog {
    /// What is described at this URI; none where nothing is, or where it is no URI.
    #[must_use]
    pub fn at(&self, uri: &str) -> Option<Described<'_>> {
        let address = Address::parse(uri).ok()?;
        let root = Described { catalog: self, place: ROOT };
        let mut names = without_device(&address.names, |name| name).iter();
        names.try_fold(root, |above, name| above.child(name))
    }

    /// The root of the management object with this identifier, wherever one stands.
    #[must_use]
    pub fn root_of(&self, identifier: &str) -> Option<Described<'_>> {
        Some(Described { catalog: self, place: self.object(identifier)? })
    }
}

impl Described<'_> {
    /// What is described below under this name, in whichever case where none has the very name.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Self> {
        match self.catalog.step(self.place, name) {
            Step::Known(place) | Step::CaseDiffers(place) => Some(Self { place, ..self }),
            Step::Unknown => None,
        }
    }

    /// Whether the value can be written and not be read: that is how descriptions mark a secret.
    #[must_use]
    pub fn is_write_only(self) -> bool {
        self.catalog.properties(self.place).is_some_and(|properties| {
            let access = properties.access_type;
            (access.has(Access::Add) || access.has(Access::Replace)) && !access.has(Access::Get)
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use dm_tnds::ddf::Ddf;

    use super::*;
    use crate::Source;

    fn leaf(name: &str, access: &str) -> alloc::string::String {
        alloc::format!(
            "<Node><NodeName>{name}</NodeName><DFProperties><AccessType>{access}</AccessType>\
             <DFFormat><chr/></DFFormat><DFType><MIME>text/plain</MIME></DFType></DFProperties></Node>"
        )
    }

    fn catalog() -> Catalog {
        let leaves = [
            leaf("Written", "<Add/><Replace/>"),
            leaf("Made", "<Add/>"),
            leaf("Read", "<Get/><Replace/>"),
            leaf("Run", "<Exec/>"),
        ];
        let text = alloc::format!(
            "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>Lock</NodeName>\
             <Path>./Device/Vendor/MSFT</Path><DFProperties><AccessType><Get/></AccessType>\
             <DFFormat><node/></DFFormat><DFType><DDFName>urn:example:lock</DDFName></DFType>\
             </DFProperties>{}</Node></MgmtTree>",
            leaves.concat()
        );
        let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).unwrap();
        let ddf = Ddf::read(document.root()).unwrap();
        Catalog::new(Vec::from([Source { name: "lock.xml".into(), ddf, deviations: Vec::new() }]))
    }

    #[test]
    fn what_is_written_and_never_read_is_told_from_the_rest() {
        let catalog = catalog();
        let lock = catalog.at("./Vendor/MSFT/Lock").unwrap();
        for (name, is_write_only) in
            [("Written", true), ("written", true), ("Made", true), ("Read", false), ("Run", false)]
        {
            assert_eq!(lock.child(name).unwrap().is_write_only(), is_write_only, "{name}");
        }
        assert!(!lock.is_write_only());
    }

    #[test]
    fn an_object_is_known_by_its_identifier_and_by_each_of_its_places() {
        let catalog = catalog();
        let of_uri = catalog.at("./Device/Vendor/MSFT/Lock/Made").unwrap();
        let of_object = catalog.root_of("urn:example:lock").unwrap().child("Made").unwrap();
        assert_eq!(of_uri.place, of_object.place);
        assert!(catalog.at("./Vendor/MSFT/Key").is_none());
        assert!(catalog.at("./Vendor//Lock").is_none());
        assert!(catalog.root_of("urn:example:other").is_none());
    }
}

//! DevInfo: who the device is. [STD 1.2 §7.2]

use alloc::string::String;

use dm_tnds::Node;
use dm_tree::{Tree, Uri};

use crate::MoError;
use crate::object::Part;

/// The identifier of the object.
pub const IDENTIFIER: &str = "urn:oma:mo:oma-dm-devinfo:1.0";

/// What `./DevInfo` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevInfo {
    /// `DevId`: what Target must name.
    pub dev_id: String,
    /// `Man`: the manufacturer.
    pub man: String,
    /// `Mod`: the model.
    pub r#mod: String,
    /// `DmV`: the version of the device management client.
    pub dm_v: String,
    /// `Lang`: a language tag.
    pub lang: String,
}

impl DevInfo {
    /// Reads the object whose root this is.
    ///
    /// # Errors
    /// When it is none, or a node is missing or has no text.
    pub fn read(tree: &Tree, uri: &Uri) -> Result<Self, MoError> {
        let root = Part::root(tree, uri, IDENTIFIER)?;
        Ok(Self {
            dev_id: root.must("DevId")?,
            man: root.must("Man")?,
            r#mod: root.must("Mod")?,
            dm_v: root.must("DmV")?,
            lang: root.must("Lang")?,
        })
    }

    /// The object as bootstrap writes it: everybody may read it.
    #[must_use]
    pub fn object(&self) -> Node<'static> {
        let mut object = Node::interior("DevInfo", IDENTIFIER)
            .with(Node::leaf("DevId", self.dev_id.clone()))
            .with(Node::leaf("Man", self.man.clone()))
            .with(Node::leaf("Mod", self.r#mod.clone()))
            .with(Node::leaf("DmV", self.dm_v.clone()))
            .with(Node::leaf("Lang", self.lang.clone()));
        object.rt_properties.get_or_insert_default().acl = Some("Get=*".into());
        object
    }
}

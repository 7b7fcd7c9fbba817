//! `Target`: a node or one of its properties, as `LocURI` names them. [TND 1.2 §7.7.4]

use crate::{Property, TargetError, Uri};

/// What a command is addressed to: a node, or a property of it.
///
/// ```
/// use dm_tree::{Property, Target};
/// let target = Target::parse("./A?prop=Name")?;
/// assert_eq!(target.uri.as_str(), "./A");
/// assert_eq!(target.property, Some(Property::Name));
/// # Ok::<(), dm_tree::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The node.
    pub uri: Uri,
    /// The property, where one is meant.
    pub property: Option<Property>,
}

impl Target {
    /// Reads a URI with or without `?prop=`.
    ///
    /// # Errors
    /// [`TargetError::Query`] for any other query (lists have no reader in a sessionless world)
    /// and for a property that does not exist; [`TargetError::Uri`] for a malformed URI.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let (uri, query) = match text.bytes().position(|octet| octet == b'?') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let property = match query {
            Some(query) => {
                let name = query.strip_prefix("prop=").ok_or(TargetError::Query)?;
                Some(Property::parse(name).ok_or(TargetError::Query)?)
            }
            None => None,
        };
        Ok(Self { uri: Uri::parse(uri)?, property })
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::{Failure, Status, UriError};

    #[test]
    fn a_plain_uri_has_no_property() {
        let target = Target::parse("A/B").unwrap();
        assert_eq!((target.uri.as_str(), target.property), ("./A/B", None));
    }

    #[test]
    fn every_property_is_read() {
        for property in Property::ALL {
            let target = Target::parse(&format!(".?prop={property}")).unwrap();
            assert_eq!((target.uri, target.property), (Uri::root(), Some(property)));
        }
    }

    #[test]
    fn other_queries_are_not_supported() {
        for text in [
            "./A?list=TNDS",
            "./A?",
            "./A?prop",
            "./A?prop=",
            "./A?prop=acl",
            "./A?prop=X",
            "./A?prop=ACL?prop=ACL",
            "./A?Prop=ACL",
            "../?list=Struct",
        ] {
            let error = Target::parse(text).unwrap_err();
            assert_eq!(error, TargetError::Query, "{text}");
            assert_eq!(Failure::from(error).status(), Status::NotSupported);
        }
    }

    #[test]
    fn a_malformed_uri_is_not_found() {
        let error = Target::parse("./A/?prop=ACL").unwrap_err();
        assert_eq!(error, TargetError::Uri(UriError::EmptySegment));
        assert_eq!(Failure::from(error).status(), Status::NotFound);
    }
}

//! The run-time properties of a node. [TND 1.2 §7.7]

use core::fmt;

/// A run-time property, as `?prop=` names it.
///
/// ```
/// use dm_tree::Property;
/// assert_eq!(Property::parse("ACL"), Some(Property::Acl));
/// assert_eq!(Property::parse("acl"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// `ACL`: who may do what. [TND 1.2 §7.7.1]
    Acl,
    /// `Format` of the value; a server cannot change it through the property.
    Format,
    /// `Name`: the last segment of the URI. Replacing it renames the node.
    Name,
    /// `Size` of the value.
    Size,
    /// `Title`: a text for people.
    Title,
    /// `TStamp`: when the node changed last.
    TStamp,
    /// `Type`: a media type, or the identifier of a management object.
    Type,
    /// `VerNo`: how often the node changed.
    VerNo,
}

impl Property {
    /// All properties, in the order of their names.
    pub const ALL: [Property; 8] = [
        Property::Acl,
        Property::Format,
        Property::Name,
        Property::Size,
        Property::Title,
        Property::TStamp,
        Property::Type,
        Property::VerNo,
    ];

    /// The property of this name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.as_str() == name)
    }

    /// The name as the standard spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Property::Acl => "ACL",
            Property::Format => "Format",
            Property::Name => "Name",
            Property::Size => "Size",
            Property::Title => "Title",
            Property::TStamp => "TStamp",
            Property::Type => "Type",
            Property::VerNo => "VerNo",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

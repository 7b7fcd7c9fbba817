//! The formats of a node's value. [TND 1.2 §7.7.3, DDF §9]

use core::fmt;

/// `Format` of a node, of a `Meta` and of `RTProperties`: eleven names, case-sensitive.
///
/// ```
/// use dm_tnds::Format;
/// assert_eq!(Format::parse("bool"), Some(Format::Bool));
/// assert_eq!(Format::Bool.as_str(), "bool");
/// assert_eq!(Format::parse("Bool"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Octets, written as base64 text; stored as [`Format::Bin`].
    B64,
    /// Octets.
    Bin,
    /// `true` or `false`.
    Bool,
    /// Text; the default of a leaf.
    Chr,
    /// An ISO 8601 date.
    Date,
    /// An XML Schema float.
    Float,
    /// A decimal number that fits 32 bits, signed.
    Int,
    /// An interior node, which has no value.
    Node,
    /// A leaf without value.
    Null,
    /// An ISO 8601 time.
    Time,
    /// XML text.
    Xml,
}

impl Format {
    /// All formats, in the order of their names.
    pub const ALL: [Format; 11] = [
        Format::B64,
        Format::Bin,
        Format::Bool,
        Format::Chr,
        Format::Date,
        Format::Float,
        Format::Int,
        Format::Node,
        Format::Null,
        Format::Time,
        Format::Xml,
    ];

    /// The format of this name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// The name as the standard spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::B64 => "b64",
            Format::Bin => "bin",
            Format::Bool => "bool",
            Format::Chr => "chr",
            Format::Date => "date",
            Format::Float => "float",
            Format::Int => "int",
            Format::Node => "node",
            Format::Null => "null",
            Format::Time => "time",
            Format::Xml => "xml",
        }
    }

    /// Whether a value of this format is octets, shown as base64 in XML text.
    #[must_use]
    pub fn is_octets(self) -> bool {
        matches!(self, Format::B64 | Format::Bin)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

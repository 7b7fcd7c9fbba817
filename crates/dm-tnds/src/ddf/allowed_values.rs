//! `MSFT:AllowedValues`: which values a node takes. [Windows DDF v2]

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Which values a leaf takes, or which names a node that the description leaves unnamed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedValues {
    /// `ValueType`: how [`values`](Self::values) and [`enums`](Self::enums) are meant.
    pub value_type: ValueType,
    /// `MSFT:Enum`, each one: of `ENUM` and `Flag`.
    pub enums: Vec<EnumValue>,
    /// `MSFT:Value` directly below, each one: a range, a pattern, a schema.
    pub values: Vec<String>,
    /// `MSFT:List`: the value is a list of such values with this between them.
    pub delimiter: Option<String>,
}

/// `MSFT:Enum`: one value and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnumValue {
    /// `MSFT:Value`.
    pub value: String,
    /// `MSFT:ValueDescription`, for people.
    pub description: Option<String>,
}

/// `ValueType` of `MSFT:AllowedValues`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueType {
    /// `ADMX`: a policy element of an ADMX file.
    Admx,
    /// `ENUM`: one of the enumerated values.
    Enum,
    /// `Flag`: a sum of enumerated bits.
    Flag,
    /// `JSON`.
    Json,
    /// `None`, or nothing said: no limit.
    #[default]
    None,
    /// `Range`: a number between two, written `[0-30]`.
    Range,
    /// `RegEx`: text that matches.
    RegEx,
    /// `SDDL`: a security descriptor.
    Sddl,
    /// `XSD`: XML of a schema.
    Xsd,
    /// Another one, as written.
    Other(String),
}

impl ValueType {
    /// The one of this name, whatever its case.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let known = [
            ("ADMX", Self::Admx),
            ("ENUM", Self::Enum),
            ("Flag", Self::Flag),
            ("JSON", Self::Json),
            ("None", Self::None),
            ("Range", Self::Range),
            ("RegEx", Self::RegEx),
            ("SDDL", Self::Sddl),
            ("XSD", Self::Xsd),
        ];
        let found = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or_else(|| Self::Other(name.into()), |(_, value_type)| value_type)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admx => "ADMX",
            Self::Enum => "ENUM",
            Self::Flag => "Flag",
            Self::Json => "JSON",
            Self::None => "None",
            Self::Range => "Range",
            Self::RegEx => "RegEx",
            Self::Sddl => "SDDL",
            Self::Xsd => "XSD",
            Self::Other(name) => name,
        })
    }
}

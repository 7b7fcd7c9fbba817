//! `Occurrence`: how many instances of a node there may be. [TND 1.2 §9.3]

use core::fmt;

/// How many instances of a node there may be below one parent. None given means [`One`](Self::One).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Occurrence {
    /// Exactly one.
    #[default]
    One,
    /// One to this many.
    OneOrN(u32),
    /// One or more.
    OneOrMore,
    /// None to this many.
    ZeroOrN(u32),
    /// Any number.
    ZeroOrMore,
    /// None or one.
    ZeroOrOne,
}

impl Occurrence {
    /// The most instances there may be; none where there is no end.
    #[must_use]
    pub fn most(self) -> Option<u32> {
        match self {
            Self::One | Self::ZeroOrOne => Some(1),
            Self::OneOrN(most) | Self::ZeroOrN(most) => Some(most),
            Self::OneOrMore | Self::ZeroOrMore => None,
        }
    }

    /// Whether there must be one at least.
    #[must_use]
    pub fn is_mandatory(self) -> bool {
        matches!(self, Self::One | Self::OneOrMore | Self::OneOrN(_))
    }
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("One"),
            Self::OneOrN(most) => write!(f, "OneOrN ({most})"),
            Self::OneOrMore => f.write_str("OneOrMore"),
            Self::ZeroOrN(most) => write!(f, "ZeroOrN ({most})"),
            Self::ZeroOrMore => f.write_str("ZeroOrMore"),
            Self::ZeroOrOne => f.write_str("ZeroOrOne"),
        }
    }
}

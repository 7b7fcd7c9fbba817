//! Sections that a program was built without.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// A section that this program was built without: that it is there is known, so that
/// [`StartError::NotBuilt`](crate::receive::StartError::NotBuilt) can say so, but not what it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Absent;

impl<'de> Deserialize<'de> for Absent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

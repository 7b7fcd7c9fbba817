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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sections {
        mqtt: Vec<Absent>,
    }

    #[test]
    fn what_such_a_section_says_does_not_matter_and_that_it_is_there_does() {
        let text = "[[mqtt]]\nurl = 3\nany = { key = [1, 2.5, true] }\n[[mqtt]]\n";
        assert_eq!(toml::from_str::<Sections>(text).unwrap().mqtt, [Absent, Absent]);
        assert!(toml::from_str::<Sections>("[[mqqt]]\n").is_err());
    }
}

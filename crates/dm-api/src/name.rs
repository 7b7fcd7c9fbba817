//! Names: of devices, and the words that tags, groups, attributes and routes are called by.

use alloc::string::String;
use core::borrow::Borrow;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A device by its own name, DevInfo's `DevId`, as `IMEI:493005100592800`: 1 to 255 octets, no control characters, no
/// space at either end.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceId(String);

/// A short name: 1 to 64 letters, digits, `-`, `_` or `.`.
///
/// ```
/// use dm_api::Word;
/// assert!("meters.north_2".parse::<Word>().is_ok());
/// assert!("two words".parse::<Word>().is_err());
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

/// What is no name.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NameError {
    /// No device is called so.
    #[error(
        "`{0}` is no device id: 1 to 255 octets, no control characters, no space at either end"
    )]
    DeviceId(String),
    /// No word.
    #[error("`{0}` is no name: 1 to 64 letters, digits, `-`, `_` or `.`")]
    Word(String),
}

/// So much of a text that is no name is shown.
const SHOWN: usize = 80;

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

impl FromStr for DeviceId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
        match (1..=255).contains(&text.len()) && is_plain {
            true => Ok(Self(text.into())),
            false => Err(NameError::DeviceId(shown(text))),
        }
    }
}

impl FromStr for Word {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
        match (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
            true => Ok(Self(text.into())),
            false => Err(NameError::Word(shown(text))),
        }
    }
}

macro_rules! a_name {
    ($name:ident) => {
        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

a_name!(DeviceId);
a_name!(Word);

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_have_limits() {
        for text in ["IMEI:493005100592800", "urn:uuid:5a1c", "Zähler 7", &"a".repeat(255)] {
            assert_eq!(text.parse::<DeviceId>().unwrap().as_str(), text);
        }
        for text in ["", " a", "a ", "a\nb", "a\u{0}", &"a".repeat(256)] {
            assert!(text.parse::<DeviceId>().is_err(), "{text:?}");
        }
        for text in ["", "a b", "ä", "a/b", &"a".repeat(65)] {
            assert!(text.parse::<Word>().is_err(), "{text:?}");
        }
        let error = "a\u{1b}[2J".parse::<DeviceId>().unwrap_err();
        assert!(error.to_string().contains("\\u{1b}[2J"), "{error}");
    }
}

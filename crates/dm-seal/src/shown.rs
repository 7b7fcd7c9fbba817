//! What a signature shows of its key: `KeyInfo`. [profile §3, §4], [XMLDSIG §4.4]

use alloc::borrow::Cow;
use alloc::string::String;

use dm_xml::{Sink, ToInfoset};

use crate::algorithm::DS;

/// What `KeyInfo` shows of the key. It helps whoever verifies to find the key, and proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown<'k> {
    /// `X509Data/X509Certificate`: the DER certificate, for accounts of policy `chain`.
    Certificate(&'k [u8]),
    /// `KeyName`: what writers show as a rule.
    KeyName(&'k str),
    /// No `KeyInfo` at all.
    Nothing,
}

impl<'k> From<&'k str> for Shown<'k> {
    fn from(key_name: &'k str) -> Self {
        Self::KeyName(key_name)
    }
}

impl<'k> From<&'k String> for Shown<'k> {
    fn from(key_name: &'k String) -> Self {
        Self::KeyName(key_name)
    }
}

impl ToInfoset for Shown<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        if *self == Self::Nothing {
            return Ok(());
        }
        sink.start(DS.into(), "KeyInfo")?;
        match self {
            Self::Certificate(der) => {
                sink.start(DS.into(), "X509Data")?;
                sink.start(DS.into(), "X509Certificate")?;
                sink.octets(Cow::Borrowed(der))?;
                sink.end()?;
                sink.end()?;
            }
            Self::KeyName(name) => sink.leaf(DS, "KeyName", name)?,
            Self::Nothing => {}
        }
        sink.end()
    }
}

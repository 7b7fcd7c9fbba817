//! What the journal keeps of an effect: that something was done after a message, or could not be.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Entry;

/// What came of an effect.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct EffectEntry {
    /// When, in seconds since 1970, if the device has a clock.
    pub time: Option<u64>,
    /// The name that the configuration gives the effect.
    pub effect: String,
    /// What came of it.
    pub result: EffectResult,
    /// The server whose message set it going.
    pub server_id: String,
    /// Which attempt it was; the first is 1.
    pub attempt: u32,
    /// What was said, by a program that failed, say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub what: Option<String>,
    /// What an `Exec` was sent with, for a report in a later session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub correlator: Option<String>,
}

/// What came of an effect.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum EffectResult {
    /// It is done.
    Done,
    /// It failed, and comes again.
    Failed,
    /// It failed too often, and does not come again.
    GivenUp,
}

impl EffectEntry {
    /// The entry as it is stored: one line of JSON without its end.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // strings and numbers only: cannot fail
    }
}

/// An entry of the journal, whatever it is about.
///
/// ```
/// use dm_client::JournalEntry;
/// let line = br#"{"time":1,"effect":"apn","result":"done","server_id":"s","attempt":1}"#;
/// assert!(matches!(JournalEntry::decode(line), Some(JournalEntry::Effect(_))));
/// assert!(JournalEntry::decode(b"{}").is_none());
/// ```
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum JournalEntry {
    /// What came of an effect.
    Effect(EffectEntry),
    /// A message.
    Message(Box<Entry>),
}

impl JournalEntry {
    /// Reads a stored entry; none when it is something else.
    #[must_use]
    pub fn decode(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }
}

//! A device of the fleet, as an operator knows it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{DeviceId, Word};

/// A device. In JSON, on one line of an import:
///
/// ```
/// let text = r#"{"id": "IMEI:493005100592800", "zone": "Europe/Helsinki", "tags": ["meter"],
///     "addresses": {"sms": "tel:+358401234567"}, "attributes": {"model": "x1"}}"#;
/// let device: dm_api::Device = serde_json::from_str(text)?;
/// assert!(device.tags.contains("meter"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its own name, DevInfo's `DevId`.
    pub id: DeviceId,
    /// Its address on each route that it has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub addresses: BTreeMap<Word, String>,
    /// Its time zone, as `Europe/Helsinki`, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Words by which it is found.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Word>,
    /// Groups that have it on their list.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<Word>,
    /// What else is known of it; templates take their values from here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Word, String>,
    /// The accounts (DMAcc) by which it hears somebody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// What it can take.
    #[serde(default, skip_serializing_if = "Capabilities::is_unknown")]
    pub capabilities: Capabilities,
}

/// An account on the device (DMAcc), and the key that it pins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its ServerID.
    pub server_id: String,
    /// The name of the key (KeyName) that the device knows.
    pub key_name: String,
}

/// What a device can take, where that is known.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// The version of WBXML that it reads, as `1.3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wbxml: Option<String>,
    /// How signatures are spelled for it: `interop`, `compact` or `shortest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spelling: Option<String>,
    /// The largest message, in octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_message: Option<u32>,
    /// Management objects that it has, by their URN.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub objects: BTreeSet<String>,
}

impl Device {
    /// A device of which nothing is known but its name.
    #[must_use]
    pub fn new(id: DeviceId) -> Self {
        Self {
            id,
            addresses: BTreeMap::new(),
            zone: None,
            tags: BTreeSet::new(),
            groups: BTreeSet::new(),
            attributes: BTreeMap::new(),
            accounts: Vec::new(),
            capabilities: Capabilities::default(),
        }
    }
}

impl Capabilities {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

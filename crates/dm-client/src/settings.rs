//! What the device's owner decides. [profile §2, §5, §7, §8]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use dm_seal::{Accepts, TrustPolicy};
use dm_syncml::wbxml::Spellings;
use dm_tree::Rules;
use dm_xml::Limits;

use crate::freshness::Policy;

/// The configuration of a client.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `DevInfo/DevId`: the Target that means this device.
    pub device_id: String,
    /// Group ids (`urn:...`) that this device belongs to.
    pub groups: Vec<String>,
    /// The limits of the gate; a device may lower the defaults, never raise them.
    pub limits: Limits,
    /// The spellings that messages may have; [`Spellings::Interop`] if nothing else is said.
    pub spellings: Spellings,
    /// What is demanded of counters.
    pub freshness: Policy,
    /// The answer to `Alert` 1101.
    pub ui: Ui,
    /// What the maker fixes about the tree.
    pub rules: Rules,
    /// What is demanded of the keys of an account, by ServerID; `pinned` of any other. [profile §4.3]
    pub trust: BTreeMap<String, TrustPolicy>,
    /// What messages may set going on the device: [remembered](crate::Consequence) until it is
    /// settled.
    pub effects: Effects,
    /// What signatures are accepted beside those of the closed list. [profile §3]
    pub accepts: Accepts,
}

/// What on the device follows messages; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// URIs of nodes: something follows them, and those below them.
    pub on: BTreeSet<String>,
    /// URIs of nodes whose `Exec` does something.
    pub exec: BTreeSet<String>,
    /// Whether the alerts that ask for a session (1200, 1201) do something; if not, they are not
    /// supported. [Sessionless §5.5], R20
    pub session: bool,
}

/// How a device answers when a message asks its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ui {
    /// It has no user interface: the alert is not supported.
    #[default]
    Absent,
    /// It rejects.
    No,
    /// It confirms.
    Yes,
}

impl Settings {
    /// What is demanded of the keys of the account of this server.
    #[must_use]
    pub fn trust_policy(&self, server_id: &str) -> TrustPolicy {
        self.trust.get(server_id).copied().unwrap_or_default()
    }

    /// Whether this Target means this device.
    #[must_use]
    pub fn is_meant(&self, target: &str) -> bool {
        target == self.device_id || self.groups.iter().any(|group| group == target)
    }
}

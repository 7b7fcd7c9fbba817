//! The manifest of a set of test vectors, format 1.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// `manifest.json`.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// Devices by name.
    pub devices: BTreeMap<String, Device>,
    /// The private code pages of the compact spelling.
    pub pages: Option<PathBuf>,
    /// Keys by name.
    #[serde(default)]
    pub keys: BTreeMap<String, Key>,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// Where a device's description stands.
#[derive(Debug, Deserialize)]
pub struct Device {
    /// Its nodes by URI.
    pub tree: PathBuf,
    /// What is not in its tree.
    pub config: PathBuf,
    /// The names of the keys that it decrypts with.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// Where a key stands.
#[derive(Debug, Deserialize)]
pub struct Key {
    /// The private key: PEM, PKCS #8.
    pub private: PathBuf,
}

/// A case.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// The device it runs on.
    pub device: String,
    /// What a device may lack.
    pub needs: Vec<String>,
    /// Its messages, in order.
    pub steps: Vec<Step>,
}

/// One message and what must come of it.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// The message.
    pub wbxml: PathBuf,
    /// The device's clock; none when it has no clock.
    pub now: Option<u64>,
    /// Whether the device is restarted first.
    #[serde(default)]
    pub restart_before: bool,
    /// What must come of it.
    pub expect: Expect,
    /// The stage that must refuse it.
    pub stage: Option<String>,
    /// The clause that it is about.
    pub clause: Option<String>,
    /// What must differ in the tree.
    pub changes: Vec<Change>,
    /// What may differ.
    #[serde(default)]
    pub optional: Vec<String>,
    /// What must be executed.
    #[serde(default)]
    pub execs: Vec<Exec>,
}

/// What must come of a message.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// The gate opens.
    Accepted,
    /// The gate may do as it likes; nothing changes.
    Harmless,
    /// The gate stays shut.
    Refused,
}

/// A node as it must be, or its deletion.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// The node.
    pub uri: String,
    /// It must be gone.
    #[serde(default)]
    pub deleted: bool,
    /// What it must say.
    #[serde(flatten)]
    pub node: Option<Node>,
}

/// A node.
#[derive(Debug, Deserialize)]
pub struct Node {
    /// Format.
    pub format: String,
    /// Type.
    #[serde(rename = "type")]
    pub r#type: String,
    /// ACL.
    pub acl: String,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// The value as text.
    pub value: Option<String>,
    /// The value as base64.
    pub value_b64: Option<String>,
}

/// An execution.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Exec {
    /// The node.
    pub uri: String,
    /// Its data.
    pub data: String,
}

/// `config.json`: what is not in the tree.
#[derive(Debug, Deserialize)]
pub struct Config {
    /// The device's id.
    pub device_id: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// What is demanded of counters.
    pub freshness: String,
    /// URIs that cannot be deleted or renamed.
    pub permanent: Vec<String>,
    /// AccessType by URI.
    pub access: BTreeMap<String, Vec<String>>,
    /// Nodes that do something on Exec.
    pub exec: Vec<String>,
    /// The answer to Alert 1101.
    pub ui: String,
    /// Where objects from the Inbox are placed.
    pub inbox: BTreeMap<String, String>,
    /// ServerIDs of the accounts whose certificates are demanded to chain to the pinned one.
    #[serde(default)]
    pub chain: Vec<String>,
    /// Whether the device reads the private code pages.
    #[serde(default)]
    pub pages: bool,
    /// Identifiers with version.
    pub supported: Vec<String>,
    /// Ext sub-trees that the device handles.
    pub ext_known: Vec<String>,
    /// Whether messages create accounts.
    #[serde(default)]
    pub account_creation: bool,
    /// Whether messages change accounts.
    #[serde(default)]
    pub account_change: bool,
}

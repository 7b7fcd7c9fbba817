//! A fresh device from its description.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_agent::config::{ObjectPolicy, TreePolicy};
use dm_agent::settings::rules;
use dm_client::freshness::Policy;
use dm_client::{Client, Settings, Spellings, Ui};
use dm_crypto::{AwsLc, DeviceKey};
use dm_seal::TrustPolicy;
use dm_seal::encryption::DeviceKeys;
use dm_tnds::Format;
use dm_tree::store::MemoryStore;
use dm_tree::{Acl, Node, Tree, Uri};
use serde::de::DeserializeOwned;

use super::VectorClient;
use super::manifest::{self, Config, Device, Manifest};
use crate::document::{read, read_secret};
use crate::fault::Fault;

/// Makes the device, and the settings to restart it with.
pub fn make(folder: &Path, device: &Device) -> Result<(VectorClient, Settings), Fault> {
    let nodes: BTreeMap<String, manifest::Node> = parse(&folder.join(&device.tree))?;
    let config: Config = parse(&folder.join(&device.config))?;
    let mut tree = Vec::new();
    for (uri, described) in &nodes {
        let malformed = || Fault::unreadable("a malformed node").at(uri);
        let node = node(described).ok_or_else(malformed)?;
        tree.push((Uri::parse(uri).map_err(|_| malformed())?, node));
    }
    let tree = Tree::from_nodes(tree).map_err(Fault::unreadable)?;
    let settings = settings(config)?;
    let client = Client::open(MemoryStore::from(&tree), AwsLc, settings.clone());
    Ok((client.map_err(Fault::refused)?, settings))
}

/// The keys that the device decrypts with.
pub fn keys(folder: &Path, manifest: &Manifest, device: &Device) -> Result<DeviceKeys, Fault> {
    let mut keys = DeviceKeys::new(AwsLc);
    for name in &device.keys {
        let key = manifest.keys.get(name).ok_or_else(|| {
            Fault::unreadable("a device has a key that is not among the keys").at(name)
        })?;
        let path = folder.join(&key.private);
        let key = DeviceKey::from_pem(name, &read_secret(&path)?);
        keys.add(key.map_err(|error| Fault::unreadable(error).in_file(&path))?);
    }
    Ok(keys)
}

/// Reads a JSON file.
pub fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, Fault> {
    serde_json::from_slice(&read(path)?)
        .map_err(|error| Fault::unreadable(format!("not as expected: {error}")).in_file(path))
}

/// A node as it is described.
pub fn node(described: &manifest::Node) -> Option<Node> {
    let format = Format::parse(&described.format)?;
    let mut node = match (&described.value, &described.value_b64) {
        (None, None) => Node::interior(&*described.r#type),
        (Some(text), _) => Node::leaf(format, &*described.r#type, text.as_bytes()),
        (None, Some(text)) => Node::leaf(format, &*described.r#type, STANDARD.decode(text).ok()?),
    };
    node.acl = Acl::parse(&described.acl).ok()?;
    node.title.clone_from(&described.title);
    Some(node)
}

fn settings(config: Config) -> Result<Settings, Fault> {
    let policy = TreePolicy {
        access: config.access,
        account_change: config.account_change,
        account_creation: config.account_creation,
        ext_known: config.ext_known,
        inbox: config.inbox,
        permanent: config.permanent,
        supported: config.supported,
        policy: ObjectPolicy::default(),
        ..TreePolicy::default()
    };
    let mut rules = rules(&policy).map_err(Fault::unreadable)?;
    for node in &config.exec {
        rules.exec.insert(Uri::parse(node).map_err(Fault::unreadable)?);
    }
    Ok(Settings {
        device_id: config.device_id,
        groups: config.groups,
        freshness: match &*config.freshness {
            "required" => Policy::Required,
            "off" => Policy::Off,
            _ => Policy::IfPresent,
        },
        ui: match &*config.ui {
            "yes" => Ui::Yes,
            "no" => Ui::No,
            _ => Ui::Absent,
        },
        rules,
        trust: config.chain.into_iter().map(|id| (id, TrustPolicy::Chain)).collect(),
        spellings: if config.pages { Spellings::Any } else { Spellings::Interop },
        ..Settings::default()
    })
}

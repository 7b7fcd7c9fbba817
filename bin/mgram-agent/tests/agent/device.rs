//! A device: a state folder, provisioned, and a configuration.

use std::path::PathBuf;

use dm_agent::bootstrap::Bootstrap;
use dm_agent::persist::{FILE, RedbStore};
use dm_client::{EffectEntry, JournalEntry, Verdict};
use dm_mo::{DevInfo, DmAcc, PinnedKey};
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::Store;
use dm_tree::{Tree, Uri};
use tempfile::TempDir;

use super::message::{DEVICE, KEY_NAME, OPERATOR, keys};
use super::process::Process;

/// A device and its folder, which is thrown away with it.
pub struct Device {
    folder: TempDir,
}

/// What the device keeps, read from a copy of its state file.
#[derive(Debug, PartialEq)]
pub struct Kept {
    pub left: String,
    pub right: String,
    pub nodes: usize,
    pub accepted: usize,
    pub refused: usize,
    /// The highest counter, and how many digests are remembered.
    pub fresh: (u64, usize),
}

impl Device {
    /// A device with an account of the operator, who may replace `./Meter/Left` and `Right`.
    pub fn new() -> Self {
        Self::with("")
    }

    /// As [`Self::new`], with further lines before the listeners of its configuration.
    pub fn with(lines: &str) -> Self {
        let device = Self::unborn();
        let dev_info = DevInfo {
            dev_id: DEVICE.into(),
            man: "m".into(),
            r#mod: "n".into(),
            dm_v: "1.3".into(),
            lang: "en".into(),
        };
        let mut bootstrap = Bootstrap::open(&device.state(), &dev_info).expect("begun");
        let der = dm_crypto::public_material(keys().cert_pem.as_bytes()).expect("a certificate");
        let pin = PinnedKey { name: KEY_NAME.into(), der };
        let mut account = DmAcc::object("op", OPERATOR, &[pin]);
        let addresses =
            account.nodes.iter_mut().find(|node| node.node_name.as_deref() == Some("AppAddr"));
        let port = Node::interior("1", "").with(Node::leaf("PortNbr", "443"));
        addresses.expect("a node").nodes.push(
            Node::interior("1", "")
                .with(Node::leaf("Addr", "https://dm.operator.example/"))
                .with(Node::interior("Port", "").with(port)),
        );
        bootstrap.add_account(OPERATOR, account).expect("added");
        let mut meter = Node::interior("Meter", "")
            .with(Node::leaf("Left", "0"))
            .with(Node::leaf("Right", "0"));
        let acl = format!("Exec={OPERATOR}&Get=*&Replace={OPERATOR}");
        meter.rt_properties.get_or_insert_default().acl = Some(acl.into());
        bootstrap.add(&MgmtTree::new(vec![meter])).expect("added");
        bootstrap.commit().expect("kept");
        device.configure(&(lines.to_owned() + LISTENERS));
        device
    }

    /// A device that has neither state nor configuration.
    pub fn unborn() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// The value of a node; none if it is not there.
    pub fn text(&self, uri: &str) -> Option<String> {
        let copy = tempfile::tempdir().expect("a folder");
        std::fs::copy(self.state().join(FILE), copy.path().join(FILE)).expect("copied");
        let store = RedbStore::open(copy.path()).expect("a state");
        let tree = Tree::from_nodes(store.nodes().expect("nodes")).expect("a tree");
        tree.get(&Uri::parse(uri).expect("a URI"))?.as_text().map(str::to_owned)
    }

    /// Writes the configuration: who and where the device is, then this.
    pub fn configure(&self, rest: &str) {
        let state = self.state();
        let text = format!("device_id = {DEVICE:?}\nstate = {state:?}\n{rest}");
        std::fs::write(self.config(), text).expect("written");
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("agent.toml")
    }

    /// The path of the configuration as an argument.
    pub fn config_path(&self) -> String {
        self.config().to_str().expect("UTF-8").to_owned()
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn start(&self) -> Process {
        Process::start(&self.config())
    }

    /// The numbers of the messages that its journal says were accepted.
    pub fn accepted(&self) -> Vec<u64> {
        let number = |entry| match entry {
            JournalEntry::Message(entry) if entry.verdict == Verdict::Accepted => {
                Some(entry.session_id.expect("one").parse().expect("a number"))
            }
            _ => None,
        };
        self.journal().into_iter().filter_map(number).collect()
    }

    /// What came of effects, the oldest first.
    pub fn effects(&self) -> Vec<EffectEntry> {
        let effect = |entry| match entry {
            JournalEntry::Effect(entry) => Some(entry),
            JournalEntry::Message(_) => None,
        };
        self.journal().into_iter().filter_map(effect).collect()
    }

    /// How many entries its journal has.
    pub fn journalled(&self) -> usize {
        self.journal().len()
    }

    fn journal(&self) -> Vec<JournalEntry> {
        let copy = tempfile::tempdir().expect("a folder");
        std::fs::copy(self.state().join(FILE), copy.path().join(FILE)).expect("copied");
        let store = RedbStore::open(copy.path()).expect("a state");
        let entries = store.journal().expect("a journal");
        entries.iter().map(|octets| JournalEntry::decode(octets).expect("an entry")).collect()
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it keeps.
    pub fn kept(&self) -> Kept {
        let copy = tempfile::tempdir().expect("a folder");
        std::fs::copy(self.state().join(FILE), copy.path().join(FILE)).expect("copied");
        let store = RedbStore::open(copy.path()).expect("a state");
        let tree = Tree::from_nodes(store.nodes().expect("nodes")).expect("a tree");
        let value = |uri: &str| {
            let node = tree.get(&Uri::parse(uri).expect("a URI")).expect("a node");
            node.as_text().expect("text").to_owned()
        };
        let entries = store.journal().expect("a journal");
        let entries: Vec<_> = entries
            .iter()
            .filter_map(|octets| match JournalEntry::decode(octets) {
                Some(JournalEntry::Message(entry)) => Some(entry),
                Some(JournalEntry::Effect(_)) => None,
                None => panic!("no entry"),
            })
            .collect();
        let count = |verdict| entries.iter().filter(|entry| entry.verdict == verdict).count();
        let record = store.record(&format!("freshness/{OPERATOR}")).expect("readable");
        Kept {
            left: value("./Meter/Left"),
            right: value("./Meter/Right"),
            nodes: tree.iter().count(),
            accepted: count(Verdict::Accepted),
            refused: count(Verdict::Refused),
            fresh: record.map_or((0, 0), |record| fresh(&record)),
        }
    }
}

/// The highest counter and the number of digests in a record of freshness with one window.
fn fresh(record: &[u8]) -> (u64, usize) {
    let window = 1 + 2 + 2 + DEVICE.len();
    let highest = record[window..window + 8].try_into().expect("eight octets");
    (u64::from_be_bytes(highest), (record.len() - window - 16) / 32)
}

/// Both listeners, on any free port.
pub const LISTENERS: &str = r#"
[[listen]]
transport = "udp"
address = "127.0.0.1:0"
security = "source-list"
from = ["127.0.0.1"]

[[listen]]
transport = "http"
address = "127.0.0.1:0"
security = "source-list"
from = ["127.0.0.1"]
"#;

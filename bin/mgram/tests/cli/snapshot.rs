//! Everything in a folder, to compare before and after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dm_agent::persist::{FILE, RedbStore};
use dm_client::freshness::Freshness;
use dm_tree::store::Store;
use dm_tree::{Node, Uri};

/// Everything in a folder and below.
pub type Snapshot = BTreeMap<PathBuf, Content>;

/// What a path holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Folder,
    Octets(Vec<u8>),
    StateFile(Vec<u8>),
}

impl Content {
    /// Whether both hold the same. A state file changes whenever it is opened: its contents count.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::StateFile(one), Self::StateFile(other)) => {
                one == other || state(one).is_some_and(|state| Some(state) == self::state(other))
            }
            _ => self == other,
        }
    }
}

/// What a device keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub nodes: Vec<(Uri, Node)>,
    /// What is remembered of the servers that the tests use.
    pub freshness: Vec<Option<Freshness>>,
    pub journal: Vec<(u64, Vec<u8>)>,
}

/// Takes a snapshot of a folder.
pub fn take(folder: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    walk(folder, &mut found);
    found
}

fn walk(folder: &Path, found: &mut Snapshot) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let content = if path.is_dir() {
            walk(&path, found);
            Content::Folder
        } else {
            let octets = std::fs::read(&path).unwrap_or_default();
            if path.ends_with(FILE) { Content::StateFile(octets) } else { Content::Octets(octets) }
        };
        found.insert(path, content);
    }
}

/// What a state file holds, read from a copy; none when it is none.
pub fn state(file: &[u8]) -> Option<State> {
    let copy = tempfile::tempdir().expect("a folder");
    std::fs::write(copy.path().join(FILE), file).expect("written");
    let store = RedbStore::open(copy.path()).ok()?;
    let remembered = |server_id: &&str| {
        let octets = store.record(&format!("freshness/{server_id}")).expect("readable")?;
        Some(Freshness::decode(&octets).expect("decoded"))
    };
    Some(State {
        nodes: store.nodes().ok()?,
        freshness: [super::bench::OPERATOR, super::bench::PARTNER].iter().map(remembered).collect(),
        journal: store.numbered_journal().expect("readable"),
    })
}

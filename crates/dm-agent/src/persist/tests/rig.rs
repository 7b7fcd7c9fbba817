//! A store on a disk in memory, which carries out messages that are easy to tell apart.

use std::path::Path;

use dm_tree::store::{Commit, Store};
use dm_tree::{Node, Rules, Transaction, Tree, Uri};
use redb::Database;

use super::super::{PersistError, RedbStore, unopened};
use super::disk::Disk;

/// Everything that is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    nodes: Vec<(Uri, Node)>,
    counter: Option<Vec<u8>>,
    journal: Vec<(u64, Vec<u8>)>,
}

/// A store on a disk in memory, and what it held after each of its commits.
pub struct Rig {
    pub disk: Disk,
    pub store: RedbStore,
    tree: Tree,
    /// The number of calls when a commit had returned, whether it was durable, what it left.
    commits: Vec<(usize, bool, Contents)>,
}

impl Rig {
    /// An empty store.
    pub fn new() -> Self {
        let disk = Disk::default();
        let store = open(&disk);
        let commits = vec![(disk.count(), true, contents(&store))];
        Self { disk, store, tree: Tree::new(), commits }
    }

    /// A store that has carried out message 0.
    pub fn in_use() -> Self {
        let mut rig = Self::new();
        rig.commit(0, true).unwrap();
        rig
    }

    /// A message: it replaces two values, adds a node, deletes another, counts, is journalled.
    pub fn commit(&mut self, number: u64, durable: bool) -> Result<(), PersistError> {
        let (rules, uri) = (Rules::default(), |text: &str| Uri::parse(text).unwrap());
        let mut transaction = Transaction::local(&mut self.tree, &rules);
        let value = format!("{number}{}", "x".repeat(usize::try_from(number % 5 * 700).unwrap()));
        for leaf in ["./Meter/Left", "./Meter/Right"] {
            let node = Node::text(&value);
            if transaction.tree().contains(&uri(leaf)) {
                transaction.delete(&uri(leaf)).unwrap();
            }
            transaction.add(uri(leaf), node).unwrap();
        }
        transaction.add(uri(&format!("./Log/N{number}")), Node::text("new")).unwrap();
        if let Some(old) = number.checked_sub(2) {
            transaction.delete(&uri(&format!("./Log/N{old}"))).unwrap();
        }
        let changes = transaction.commit(Some(number));
        let counter = number.to_be_bytes();
        self.store.commit(&Commit {
            changes: &changes,
            records: &[("counter", Some(&counter))],
            journal: format!("message {number}").as_bytes(),
            durable,
        })?;
        self.commits.push((self.disk.count(), durable, contents(&self.store)));
        Ok(())
    }

    /// Closes the store, and yields a rig whose last commit had to be durable then.
    pub fn close(mut self) -> Closed {
        drop(self.store);
        let last = self.commits.last().unwrap().2.clone();
        self.commits.push((self.disk.count(), true, last));
        Closed { disk: self.disk, commits: self.commits }
    }

    /// The state after the last commit.
    pub fn last(&self) -> &Contents {
        &self.commits.last().unwrap().2
    }

    /// Fails unless an image holds a state that is allowed after this many calls.
    pub fn check(&self, image: Vec<u8>, calls: usize, what: &str) {
        check(&self.commits, image, calls, what);
    }
}

/// What is left of a rig when its store was closed.
pub struct Closed {
    pub disk: Disk,
    commits: Vec<(usize, bool, Contents)>,
}

impl Closed {
    /// As [`Rig::check`].
    pub fn check(&self, image: Vec<u8>, calls: usize, what: &str) {
        check(&self.commits, image, calls, what);
    }
}

/// The states that are allowed when power is lost after this many calls: from the last durable
/// commit that had returned, up to the one under way.
fn allowed(commits: &[(usize, bool, Contents)], calls: usize) -> &[(usize, bool, Contents)] {
    let returned = |(end, durable, _): &(usize, bool, Contents)| *durable && *end <= calls;
    let first = commits.iter().rposition(returned).unwrap();
    let under_way = commits.iter().position(|(end, ..)| *end > calls);
    &commits[first..=under_way.unwrap_or(commits.len() - 1)]
}

/// Opens an image as after a power loss.
fn check(commits: &[(usize, bool, Contents)], image: Vec<u8>, calls: usize, what: &str) {
    let found = contents(&open(&Disk::of(image)));
    let allowed = allowed(commits, calls);
    assert!(
        allowed.iter().any(|(_, _, contents)| *contents == found),
        "{what}: after {calls} calls the state is none of the {} allowed: {found:#?}",
        allowed.len()
    );
}

/// Opens a store as [`RedbStore::open`] does, on a disk in memory.
pub fn try_open(disk: &Disk) -> Result<RedbStore, PersistError> {
    let mut builder = Database::builder();
    builder.set_cache_size(1 << 20).set_check_integrity_on_open(true);
    let (folder, database) = (Path::new("test"), builder.create_with_backend(disk.clone()));
    database
        .map(|database| RedbStore::new(database, folder))
        .map_err(|error| unopened(folder, error))
}

/// As [`try_open`], of a disk that has to be good.
pub fn open(disk: &Disk) -> RedbStore {
    try_open(disk).unwrap()
}

pub fn contents(store: &RedbStore) -> Contents {
    Contents {
        nodes: store.nodes().unwrap(),
        counter: store.record("counter").unwrap(),
        journal: store.numbered_journal().unwrap(),
    }
}

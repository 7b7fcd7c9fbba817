//! Where the tree is kept: the interface of a store, and one in memory.
//!
//! A store holds three things: the nodes of the tree, named records (what the replay protection
//! remembers, say [profile §7]), and a journal, entry by entry.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::ops::Bound;

use hashbrown::HashMap;

use crate::{Changes, Node, Tree, Uri};

/// What a message changes, all in one step.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The nodes that changed.
    pub changes: &'a Changes,
    /// Records by their keys: the new octets, or none to remove the record.
    pub records: &'a [(&'a str, Option<&'a [u8]>)],
    /// The entry to append to the journal; empty: none.
    pub journal: &'a [u8],
    /// Whether the step has to survive a loss of power once [`Store::commit`] has returned. A
    /// step that need not be durable may be lost, but only as a whole and with all later ones.
    pub durable: bool,
}

/// A store of nodes, records and journal entries.
///
/// ```
/// use dm_tree::store::{Commit, MemoryStore, Store};
/// use dm_tree::{Changes, Tree};
/// let mut store = MemoryStore::default();
/// store.commit(&Commit {
///     changes: &Changes::default(),
///     records: &[("counter", Some(b"7"))],
///     journal: b"message 1",
///     durable: true,
/// })?;
/// assert_eq!(store.record("counter")?.as_deref(), Some(&b"7"[..]));
/// let tree = Tree::from_nodes(store.nodes()?)?;
/// assert_eq!(tree.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Store {
    /// How the store fails.
    type Error: core::error::Error + Send + Sync + 'static;

    /// All nodes, in any order.
    ///
    /// # Errors
    /// What keeps the store from reading, or that its octets are no nodes.
    fn nodes(&self) -> Result<Vec<(Uri, Node)>, Self::Error>;

    /// The record of this key, if there is one.
    ///
    /// # Errors
    /// What keeps the store from reading.
    fn record(&self, key: &str) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The records whose keys begin with this, in the order of their keys.
    ///
    /// # Errors
    /// What keeps the store from reading.
    fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Self::Error>;

    /// The journal, its oldest entry first.
    ///
    /// # Errors
    /// What keeps the store from reading.
    fn journal(&self) -> Result<Vec<Vec<u8>>, Self::Error>;

    /// Writes everything in one step: a loss of power leaves all of it or nothing.
    ///
    /// # Errors
    /// What keeps the store from writing; nothing is written then.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), Self::Error>;
}

/// A store that forgets everything when it is dropped, for tests and dry runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    nodes: HashMap<Uri, Node>,
    records: BTreeMap<String, Vec<u8>>,
    journal: Vec<Vec<u8>>,
}

impl From<&Tree> for MemoryStore {
    /// A store that holds this tree, and nothing else yet.
    fn from(tree: &Tree) -> Self {
        let nodes = tree.iter().map(|(uri, node)| (uri.clone(), node.clone())).collect();
        Self { nodes, ..Self::default() }
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    fn nodes(&self) -> Result<Vec<(Uri, Node)>, Infallible> {
        Ok(self.nodes.iter().map(|(uri, node)| (uri.clone(), node.clone())).collect())
    }

    fn record(&self, key: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.records.get(key).cloned())
    }

    fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Infallible> {
        let from = self.records.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let those = from.take_while(|(key, _)| key.starts_with(prefix));
        Ok(those.map(|(key, octets)| (key.clone(), octets.clone())).collect())
    }

    fn journal(&self) -> Result<Vec<Vec<u8>>, Infallible> {
        Ok(self.journal.clone())
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), Infallible> {
        for change in commit.changes {
            match &change.after {
                Some(node) => {
                    let known =
                        change.before.as_ref().and_then(|_| self.nodes.get_mut(&change.uri));
                    match known {
                        Some(known) => known.clone_from(node),
                        None => drop(self.nodes.insert(change.uri.clone(), node.clone())),
                    }
                }
                None => drop(self.nodes.remove(&change.uri)),
            }
        }
        for (key, octets) in commit.records {
            match octets {
                Some(octets) => match self.records.get_mut(*key) {
                    Some(known) => (*octets).clone_into(known),
                    None => drop(self.records.insert((*key).to_owned(), octets.to_vec())),
                },
                None => drop(self.records.remove(*key)),
            }
        }
        if !commit.journal.is_empty() {
            self.journal.push(commit.journal.to_vec());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rules, Transaction};

    #[test]
    fn what_is_committed_is_read_back() {
        let (mut tree, rules, mut store) = (Tree::new(), Rules::default(), MemoryStore::default());
        let uri = |text| Uri::parse(text).unwrap();
        let mut write = |tree: &mut Tree, entry: &[u8], run: &dyn Fn(&mut Transaction<'_>)| {
            let mut transaction = Transaction::local(tree, &rules);
            run(&mut transaction);
            let changes = transaction.commit(Some(5));
            let commit = Commit { changes: &changes, records: &[], journal: entry, durable: true };
            store.commit(&commit).unwrap();
            assert_eq!(&Tree::from_nodes(store.nodes().unwrap()).unwrap(), &*tree);
            store.journal().unwrap()
        };
        write(&mut tree, b"1", &|t| t.add(uri("./A/B"), Node::text("x")).unwrap());
        write(&mut tree, b"", &|t| t.delete(&uri("./A/B")).unwrap());
        let journal = write(&mut tree, b"2", &|t| t.add(uri("./C"), Node::text("y")).unwrap());
        assert_eq!(journal, [b"1", b"2"]);
    }

    #[test]
    fn records_are_replaced_and_removed() {
        let mut store = MemoryStore::default();
        for octets in [Some(&b"1"[..]), Some(b""), None] {
            let records = &[("key", octets)];
            let changes = &Changes::default();
            store.commit(&Commit { changes, records, journal: b"", durable: false }).unwrap();
            assert_eq!(store.record("key").unwrap().as_deref(), octets);
        }
    }
}

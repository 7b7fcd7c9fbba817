//! §7, "all durable before the first command runs": a store that fails, and a power cut.

use std::cell::Cell;
use std::rc::Rc;

use conformance::device::{at, settings};
use conformance::{Device, Message, NOW, alpha, command};
use dm_client::{Client, ClientError, Effect, Refusal};
use dm_crypto::AwsLc;
use dm_tree::store::{Commit, MemoryStore, Store};
use dm_tree::{Node, Uri};

/// A store that fails while somebody says so.
struct Fragile {
    memory: MemoryStore,
    broken: Rc<Cell<bool>>,
}

#[derive(Debug, PartialEq)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

impl Store for Fragile {
    type Error = Broken;

    fn nodes(&self) -> Result<Vec<(Uri, Node)>, Broken> {
        Ok(self.memory.nodes().expect("memory"))
    }

    fn record(&self, key: &str) -> Result<Option<Vec<u8>>, Broken> {
        Ok(self.memory.record(key).expect("memory"))
    }

    fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Broken> {
        Ok(self.memory.records(prefix).expect("memory"))
    }

    fn journal(&self) -> Result<Vec<Vec<u8>>, Broken> {
        Ok(self.memory.journal().expect("memory"))
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), Broken> {
        if self.broken.get() {
            return Err(Broken);
        }
        self.memory.commit(commit).expect("memory");
        Ok(())
    }
}

#[test]
fn what_the_store_could_not_keep_did_not_happen() {
    let broken = Rc::new(Cell::new(true));
    let memory = MemoryStore::from(Device::new().tree());
    let store = Fragile { memory: memory.clone(), broken: broken.clone() };
    let Ok(mut client) = Client::open(store, AwsLc, settings()) else { panic!("a good store") };
    let before = client.tree().clone();
    let good = Message::new(alpha()).emi("c=1").with(command::delete("1", "./NAP/Home")).seal();
    let malformed = Message::new(alpha()).emi("c=2").with("<Replace/>").seal();
    for message in [&good, &malformed] {
        let failed = client.receive(message, Some(NOW), Effect::Durable);
        assert!(matches!(failed, Err(ClientError::Store(Broken))));
        assert_eq!(*client.tree(), before);
        assert!(client.store().memory == memory, "nothing was written");
    }

    // Neither message was spent: both may come again, and count once.
    broken.set(false);
    let outcome = client.receive(&malformed, Some(NOW), Effect::Durable).unwrap();
    assert!(matches!(outcome.refusal(), Some(Refusal::Model(_))));
    let outcome = client.receive(&good, Some(NOW), Effect::Durable).unwrap();
    assert!(outcome.accepted().is_some());
    let outcome = client.receive(&good, Some(NOW), Effect::Durable).unwrap();
    assert_eq!(outcome.refusal(), Some(&Refusal::Replayed));
    assert_ne!(*client.tree(), before);
}

/// Of a commit: whether it is durable, how many nodes and records it holds, whether an entry.
type Noted = (bool, usize, usize, bool);

/// Notes what each commit holds together.
struct Noting {
    memory: MemoryStore,
    commits: Rc<Cell<Vec<Noted>>>,
}

impl Store for Noting {
    type Error = std::convert::Infallible;

    fn nodes(&self) -> Result<Vec<(Uri, Node)>, Self::Error> {
        self.memory.nodes()
    }

    fn record(&self, key: &str) -> Result<Option<Vec<u8>>, Self::Error> {
        self.memory.record(key)
    }

    fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Self::Error> {
        self.memory.records(prefix)
    }

    fn journal(&self) -> Result<Vec<Vec<u8>>, Self::Error> {
        self.memory.journal()
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), Self::Error> {
        let mut commits = self.commits.take();
        let (changes, records) = (commit.changes.len(), commit.records.len());
        commits.push((commit.durable, changes, records, !commit.journal.is_empty()));
        self.commits.set(commits);
        self.memory.commit(commit)
    }
}

#[test]
fn a_message_is_one_commit_and_durable_when_it_spends_something() {
    let commits = Rc::new(Cell::new(Vec::new()));
    let memory = MemoryStore::from(Device::new().tree());
    let store = Noting { memory, commits: commits.clone() };
    let Ok(mut client) = Client::open(store, AwsLc, settings()) else { panic!("a good store") };
    let both = Message::new(alpha())
        .with(command::replace("1", "./Vendor/Speed", "2"))
        .with(command::replace("2", "./Vendor/Mode", "2"));
    let malformed = Message::new(alpha()).with("<Replace/>");
    for octets in [both.seal(), both.seal(), malformed.seal(), both.unsealed()] {
        client.receive(&octets, Some(NOW), Effect::Durable).unwrap();
    }
    assert!(client.tree().contains(&at("./Vendor/Speed")));
    let [accepted, replayed, spent, forged] = commits.take().try_into().unwrap();
    assert_eq!(accepted, (true, 2, 1, true), "tree, record and journal in one step");
    assert_eq!(spent, (true, 0, 1, true), "a malformed body spends the message");
    for refused in [replayed, forged] {
        assert_eq!(refused, (false, 0, 0, true), "a refusal is an entry, which need not last");
    }
}

//! What durability costs: the disk's own rate, the store's, and that of whole messages.

use std::fs::File;
use std::io::Write;

use dm_agent::kept::{self, Kept};
use dm_agent::persist::RedbStore;
use dm_client::{Arrival, Effect};
use dm_tree::store::{Commit, Store};
use dm_tree::{Rules, Transaction, Tree};

use crate::device::{ES256, open, sealed, tree};
use crate::scenarios::Work;

/// The disk's own price: the octets of a message at the end of a file, and a wait until they are there.
pub fn append() -> Work {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = File::create(folder.path().join("log")).expect("a file");
    let octets = sealed(&ES256, 1);
    Box::new(move || {
        let _ = &folder;
        file.write_all(&octets).expect("the disk");
        file.sync_data().expect("the disk");
    })
}

/// Messages of a transport that acknowledges: on the disk first, then taken.
pub fn keep() -> Work {
    let messages: Vec<_> = (1..=60_000).map(|counter| sealed(&ES256, counter)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = open(provisioned(folder.path()));
    let mut kept = Kept::open(folder.path(), None).expect("a folder").0;
    let mut next = 0;
    Box::new(move || {
        let _ = &folder;
        let octets = messages[next].clone();
        let message = kept::Message { octets, received: None, from: "http 192.0.2.7:1".to_owned() };
        let places = kept.keep(std::slice::from_ref(&message)).expect("the disk");
        let mark = kept.mark(places[0]);
        let arrival = Arrival::new(&message.octets).from(&message.from);
        let arrival = arrival.with_record(kept::RECORD, &mark).with_effect(Effect::Deferred);
        assert!(client.take(arrival).expect("the disk").accepted().is_some());
        kept.done(places[0]);
        if kept.is_due() {
            client.sync().expect("the disk");
            kept.sweep().expect("the disk");
        }
        next += 1;
    })
}

/// Whole messages, each durable when the next one comes.
pub fn take() -> Work {
    let messages: Vec<_> = (1..=60_000).map(|counter| sealed(&ES256, counter)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = open(provisioned(folder.path()));
    let mut next = 0;
    Box::new(move || {
        let _ = &folder; // lives as long as the device
        let outcome = client.receive(&messages[next], None, Effect::Durable).expect("the disk");
        assert!(outcome.accepted().is_some());
        next += 1;
    })
}

fn provisioned(folder: &std::path::Path) -> RedbStore {
    let mut store = RedbStore::create(folder).expect("a state folder");
    let (mut empty, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut empty, &rules);
    for (uri, node) in tree(&ES256).iter().filter(|(uri, _)| uri.as_str() != ".") {
        transaction.add(uri.clone(), node.clone()).expect("the node");
    }
    let changes = transaction.commit(None);
    let commit = Commit { changes: &changes, records: &[], journal: &[], durable: true };
    store.commit(&commit).expect("the disk");
    store
}

/// The store's own price of durability: one small record.
pub fn empty_commit() -> Work {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = RedbStore::create(folder.path()).expect("a state folder");
    let mut counter = 0_u64;
    Box::new(move || {
        let _ = &folder;
        counter += 1;
        let octets = counter.to_be_bytes();
        let records = [("counter", Some(&octets[..]))];
        let (changes, journal) = (&dm_tree::Changes::default(), &[][..]);
        store.commit(&Commit { changes, records: &records, journal, durable: true }).expect("disk");
    })
}

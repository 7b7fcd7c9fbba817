//! Replay: a message that was good once, as it was or spelled in another way. [profile §7]

use std::path::Path;

use conformance::device::{at, settings};
use conformance::{Device, GROUP, Message, NOW, Speller, Style, alpha, encode, forge, gamma};
use dm_agent::persist::{FILE, RedbStore};
use dm_client::freshness::{Policy, REMEMBERED};
use dm_client::{Client, Effect, Outcome, Refusal, Spellings};
use dm_crypto::AwsLc;
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling};
use dm_tree::store::{Commit, Store};
use dm_tree::{Rules, Transaction, Tree};
use dm_wbxml::Version;
use dm_xml::{Limits, parse};

use super::{SPEED, honest};

/// The honest message, accepted; then each of these must be refused.
fn refused_again(mut device: Device, accepted: &[u8], again: &[Vec<u8>]) {
    device.accept(accepted);
    for (n, octets) in again.iter().enumerate() {
        assert_eq!(device.refuse(octets), Refusal::Replayed, "spelling {n}");
    }
    let mut device = device.restarted();
    for (n, octets) in again.iter().enumerate() {
        assert_eq!(device.refuse(octets), Refusal::Replayed, "spelling {n}, after a restart");
    }
}

/// Every spelling of the second writer, which has nothing in common with ours.
fn spellings(sealed: &str) -> Vec<Vec<u8>> {
    let styles =
        Style::ALL.into_iter().flat_map(|style| (1..=3).map(move |version| (style, version)));
    let mut all: Vec<Vec<u8>> = styles
        .map(|(style, version)| Speller { style, version, ..Speller::default() }.spell(sealed))
        .collect();
    for speller in [
        Speller { charset: 0, ..Speller::default() },
        Speller { charset: 4, ..Speller::default() },
        Speller { public: vec![1], ..Speller::default() },
        Speller { table: b"another table\0".to_vec(), ..Speller::default() },
        Speller { switches: true, declares: true, octets: false, ..Speller::default() },
    ] {
        all.push(speller.spell(sealed));
    }
    all
}

#[test]
fn a_message_is_accepted_once_however_it_is_spelled() {
    let sealed = honest().sealed_text();
    let mut all = spellings(&sealed);
    all.push(encode(&sealed, Version::default()));
    for first in [0, 7, all.len() - 1] {
        refused_again(Device::new(), &all[first], &all);
    }
}

#[test]
fn a_message_is_accepted_once_in_the_compact_spelling_and_back() {
    let text = honest().sealed_text();
    let document = parse(text.as_bytes(), &Limits::default()).expect("a sealed message");
    let [interop, compact] = [Spelling::Interop, Spelling::Compact].map(|spelling| {
        let encoder = wbxml::encoder_spelled(&document, spelling);
        encoder.encode(&document, MetaRule::default()).expect("WBXML can carry it")
    });
    assert_ne!(interop, compact);
    for first in [&interop, &compact] {
        let device = Device::new().set(|settings| settings.spellings = Spellings::Any);
        refused_again(device, first, &[interop.clone(), compact.clone()]);
    }
}

#[test]
fn another_signature_makes_no_other_message() {
    let message = honest();
    let unnamed = forge::edited(&message, "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>", "");
    let shown = "<KeyValue><RSAKeyValue/></KeyValue>";
    let shown = forge::edited(&message, "<KeyInfo>", &format!("<KeyInfo>{shown}"));
    let broken = forge::edited(&message, "</SignatureValue>", " \n</SignatureValue>");
    let again = [message.seal(), message.seal(), unnamed, shown, broken];
    assert_ne!(again[0], again[1], "each signature of ECDSA is another");
    for first in &again {
        refused_again(Device::new(), first, &again);
    }
}

#[test]
fn refused_messages_spend_nothing() {
    let mut device = Device::new().set(|settings| settings.freshness = Policy::Required);
    let good = honest();
    let by_gamma = Message { server: gamma(), ..good.clone() }.sealed_text();
    for refused in [
        good.unsealed(),
        forge::edited(&good, "<Data>2<", "<Data>3<"),
        encode(&by_gamma.replace("gamma 1", "alpha 1"), Version::default()),
        Message::new(alpha()).session(9).emi("c=5;x=1").seal(),
        Message::new(alpha()).session(9).emi("c=5;c=6").seal(),
        good.clone().to("urn:imei:1").seal(),
    ] {
        device.refuse(&refused);
    }
    assert_eq!(device.statuses(&good.seal()), [200]);
}

#[test]
fn an_older_message_does_not_come_back() {
    let counted = |counter: u64| Message::new(alpha()).session(counter).emi(format!("c={counter}"));
    let mut device = Device::new();
    device.accept(&counted(100).seal());
    let old = Refusal::CounterTooOld { counter: 35, highest: 100 };
    assert_eq!(device.refuse(&counted(35).seal()), old);
    device.accept(&counted(36).seal());
    for used in [36, 100] {
        let other = counted(used).session(7).seal();
        assert_eq!(device.refuse(&other), Refusal::CounterUsed(used), "another message");
    }
    let late = Message::new(alpha()).emi(format!("c=101;x={}", NOW - 1)).seal();
    assert_eq!(device.refuse(&late), Refusal::Expired { expiry: NOW - 1, now: NOW });
}

/// The cache of digests has room for 256; what it forgets, the counter still refuses.
#[test]
fn what_the_cache_forgets_the_counter_remembers() {
    let counted = |counter: usize| Message::new(alpha()).emi(format!("c={counter}")).seal();
    let mut device = Device::new();
    for counter in 1..=REMEMBERED + 70 {
        device.accept(&counted(counter));
    }
    let highest = (REMEMBERED + 70) as u64;
    for counter in [1, 60, 70] {
        let old = Refusal::CounterTooOld { counter: counter as u64, highest };
        assert_eq!(device.refuse(&counted(counter)), old);
    }
    for counter in [71, REMEMBERED, REMEMBERED + 70] {
        assert_eq!(device.refuse(&counted(counter)), Refusal::Replayed, "{counter}");
    }
}

#[test]
fn a_message_to_the_device_and_one_to_its_group_are_two() {
    let mut device = Device::new();
    let to_group = honest().to(GROUP).seal();
    device.accept(&to_group);
    device.accept(&honest().seal());
    for again in [to_group, honest().seal()] {
        assert_eq!(device.refuse(&again), Refusal::Replayed);
    }
}

/// The file as another program sees it as soon as a message was accepted, while the device still runs.
/// (Whether the disk has it too, after a power cut, is up to the system and the disk.)
#[test]
fn the_file_has_what_was_accepted_as_soon_as_it_is_said() {
    let [folder, after] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    provision(folder.path(), Device::new().tree());
    let message = honest().seal();
    let mut running = client(folder.path());
    let accepted = running.receive(&message, Some(NOW), Effect::Durable).expect("a good disk");
    assert!(accepted.accepted().is_some());
    std::fs::copy(folder.path().join(FILE), after.path().join(FILE)).expect("a copy");

    let mut again = client(after.path());
    assert_eq!(again.tree().get(&at(SPEED)).and_then(|node| node.as_text()), Some("2"));
    let tree = again.tree().clone();
    let older = Message::new(alpha()).session(9).emi("c=5").seal();
    for (octets, expected) in [(message, Refusal::Replayed), (older, Refusal::CounterUsed(5))] {
        match again.receive(&octets, Some(NOW), Effect::Durable).expect("a good disk") {
            Outcome::Refused(refused) => assert_eq!(refused.refusal, expected),
            Outcome::Accepted(_) => panic!("a replay is let in"),
        }
        assert_eq!(*again.tree(), tree);
    }
}

/// Makes a state folder that holds this tree.
fn provision(folder: &Path, tree: &Tree) {
    let (mut copy, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut copy, &rules);
    for (uri, node) in tree.iter().filter(|(uri, _)| uri.as_str() != ".") {
        transaction.add(uri.clone(), node.clone()).expect("a tree of ours");
    }
    let changes = transaction.commit(None);
    let mut store = RedbStore::create(folder).expect("a new state");
    let commit = Commit { changes: &changes, records: &[], journal: &[], durable: true };
    store.commit(&commit).expect("a good disk");
}

fn client(folder: &Path) -> Client<RedbStore, AwsLc> {
    let store = RedbStore::open(folder).expect("a good state");
    Client::open(store, AwsLc, settings()).expect("a tree of ours")
}

//! What must hold of a device after any loss of power.

use std::collections::BTreeSet;

use dm_client::{Arrival, Entry, JournalEntry, Verdict};
use dm_tree::store::Store;
use dm_tree::{Node, Uri};

use super::device::{Device, Promise, is_good};
use super::disk::{Disk, Image};
use super::message::{ALL, DEVICE, Kind, LEAVES, OPERATOR};
use super::random::Random;
use crate::run::AgentClient;

/// What a device has carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The messages that changed the tree, in their order.
    pub good: Vec<usize>,
    /// The messages that were refused and must not come again.
    pub spent: BTreeSet<usize>,
    /// Those of the good ones whose consequences are to be carried out, in their order.
    pub unsettled: Vec<usize>,
}

/// Starts a device on what a loss of power left. First all that was promised must be there; then it
/// takes what is left in its queue, and all that was promised is done.
pub fn recovers(image: Image, promises: &[Promise], random: &mut Random) -> Device {
    let mut device = Device::open(Disk::of(image)).expect("it opens");
    let (before, left) = (agrees(&device.client), device.waiting());
    keeps(&before, &left, promises);
    while device.take().expect("a disk that works") {}
    let done = if left.is_empty() { before.clone() } else { agrees(&device.client) };
    assert_eq!(done.good[..before.good.len()], before.good, "what was done is done once");
    for number in left {
        let is_refused = ALL[number].kind == Kind::Refused;
        assert!(is_refused || done.has(number), "{number} was left, and is not done");
    }
    if !done.good.is_empty() {
        let again = done.good[random.below(done.good.len())];
        let outcome = device.client.take(Arrival::new(&ALL[again].octets)).expect("taken");
        let refusal = outcome.refusal().expect("a replay").name();
        assert_eq!(refusal, "Replayed", "{again}");
    }
    device.settle_all().expect("a disk that works");
    assert_eq!(device.queued(), 0, "left for ever");
    device
}

/// What is done and what is left is all that was promised.
fn keeps(done: &Done, left: &[usize], promises: &[Promise]) {
    for promise in promises {
        match promise {
            Promise::Acknowledged(number) => {
                let is_there = done.has(*number) || left.contains(number);
                let is_harmless = ALL[*number].kind == Kind::Refused
                    && promises.contains(&Promise::Begun(*number));
                assert!(is_there || is_harmless, "{number} was acknowledged, and is lost");
            }
            Promise::Taken(number) if ALL[*number].kind != Kind::Refused => {
                assert!(done.has(*number), "{number} was carried out, and is undone");
            }
            Promise::Begun(_) | Promise::Taken(_) | Promise::Settling => {}
        }
    }
    let settled = done.good.len() - done.unsettled.len();
    let begun = promises.iter().filter(|promise| **promise == Promise::Settling).count();
    let is_last = promises.last() == Some(&Promise::Settling);
    assert!(settled + usize::from(is_last) >= begun, "{settled} settled, of {begun}");
}

impl Done {
    fn has(&self, number: usize) -> bool {
        self.good.contains(&number) || self.spent.contains(&number)
    }
}

/// Tree, replay protection, journal and consequences tell of the same messages.
pub fn agrees(client: &AgentClient) -> Done {
    let (store, tree) = (client.store(), client.tree());
    let node = |uri: &str| tree.get(&Uri::parse(uri).unwrap());
    let entries = store
        .journal()
        .expect("a journal")
        .into_iter()
        .map(|octets| JournalEntry::decode(&octets).expect("an entry"));
    let entries: Vec<Entry> = entries
        .filter_map(|entry| match entry {
            JournalEntry::Message(entry) => Some(*entry),
            JournalEntry::Effect(_) => None,
        })
        .collect();
    let of = |entry: &Entry| entry.session_id.as_ref().unwrap().parse::<usize>().unwrap();
    let accepted = entries.iter().filter(|entry| entry.verdict == Verdict::Accepted);
    let good: Vec<usize> = accepted.clone().map(of).collect();
    let spent = entries.iter().filter(|entry| entry.stage.as_deref() == Some("model"));
    let spent: BTreeSet<usize> = spent.map(of).collect();
    assert!(good.iter().all(|number| is_good(*number)), "{good:?}");
    assert_eq!(good.iter().collect::<BTreeSet<_>>().len(), good.len(), "twice: {good:?}");

    // The tree.
    let marks: BTreeSet<usize> =
        (0..ALL.len()).filter(|number| node(&format!("./Log/K{number}")).is_some()).collect();
    assert_eq!(marks, good.iter().copied().collect(), "the tree and the journal");
    let [left, right] = ["./Meter/Left", "./Meter/Right"].map(|uri| node(uri).unwrap());
    assert_eq!(left.value, right.value);
    let last = good.last().map_or("none".to_owned(), ToString::to_string);
    assert_eq!(left.as_text().unwrap().trim_end(), last);
    assert_eq!(usize::from(left.ver_no), good.len(), "each message counts once");
    assert_eq!((left.ver_no, left.t_stamp), (right.ver_no, right.t_stamp));
    for number in good.iter().filter(|number| **number % 8 == 3) {
        let leaves = |n: &usize| node(&format!("./Log/B{number}/L{n}")).is_some();
        let count = (0..LEAVES).filter(leaves).count();
        assert!(count == LEAVES || (count == 0 && good.contains(&(number + 4))), "{count}");
    }

    // The replay protection: each digest that the journal has, and those of the spent messages.
    let record = store.record(&format!("freshness/{OPERATOR}")).expect("readable");
    let known = digests(&record.unwrap_or_default());
    assert!(accepted.clone().all(|entry| known.contains(entry.digest.as_ref().unwrap())));
    assert_eq!(known.len(), good.len() + spent.len());

    // What is to be carried out is what was done last.
    let consequences = client.consequences().expect("readable");
    let unsettled: Vec<usize> = consequences
        .iter()
        .map(|it| {
            let marks = it.changed.iter().filter_map(|at| at.uri.strip_prefix("./Log/K"));
            marks.map(|number| number.parse().unwrap()).next().unwrap()
        })
        .collect();
    assert!(good.ends_with(&unsettled), "{unsettled:?} of {good:?}");
    assert!(
        store
            .nodes()
            .unwrap()
            .iter()
            .all(|(uri, stored): &(Uri, Node)| { tree.get(uri) == Some(stored) })
    );
    Done { good, spent, unsettled }
}

/// The digests in a record of freshness in which at most this device has a window.
fn digests(record: &[u8]) -> BTreeSet<String> {
    let windows = record.get(2).map_or(0, |count| usize::from(*count) * (2 + DEVICE.len() + 16));
    let (digests, []) = record.get(3 + windows..).unwrap_or_default().as_chunks::<32>() else {
        panic!("no digests: {record:?}")
    };
    let hexadecimal = |digest: &[u8; 32]| digest.iter().map(|it| format!("{it:02x}")).collect();
    digests.iter().map(hexadecimal).collect()
}

//! A sealed message with octets changed: refused, or the very same infoset.

use std::cell::RefCell;

use conformance::tnds::{self, nap};
use conformance::{Device, Message, alpha, command, infoset};
use dm_client::Outcome;
use dm_tree::Tree;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::cases;

/// A device that is sent one message in many changed forms.
struct Target {
    device: Device,
    before: Tree,
    good: Vec<u8>,
    text: String,
    /// How many forms were let in.
    accepted: usize,
}

impl Target {
    fn new(good: Vec<u8>) -> Self {
        let device = Device::new();
        let text = infoset(&good).expect("it is good");
        Self { before: device.tree().clone(), device, good, text, accepted: 0 }
    }

    /// Sends it: a change of the infoset must not be let in, a refusal must not change the tree.
    fn send(&mut self, octets: &[u8]) {
        match self.device.receive(octets) {
            Outcome::Refused(_) => {
                assert!(*self.device.tree() == self.before, "refused, and the tree is another");
            }
            Outcome::Accepted(_) => {
                let text = infoset(octets).expect("what is let in can be read");
                assert_eq!(signed(&text), signed(&self.text), "another infoset was let in");
                self.accepted += 1;
                self.device = Device::new(); // the next form is not to be a replay
            }
        }
    }
}

/// What the digest covers: white space in KeyInfo or in a base64 value is nobody's signature.
fn signed(text: &str) -> &str {
    text.split_once("<Signature ").expect("it is signed").0
}

/// As small as a message with an effect can be.
fn small() -> Vec<u8> {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2")).seal()
}

/// With a counter, an object, octets and a literal namespace.
fn rich() -> Vec<u8> {
    let octets = command::meta("bin", "") + &command::data("AAEC/w==");
    Message::new(alpha())
        .emi("c=7;x=1900000000")
        .with(tnds::deliver("1", vec![nap("Work", "wörk.example")]))
        .with(command::one("Add", "2", &command::item("./Vendor/Key", &octets)))
        .with(command::group("Atomic", "3", &[command::delete("4", "./Vendor/Mode")]))
        .seal()
}

#[test]
fn no_flipped_bit_is_let_in_as_another_message() {
    for good in [small(), rich()] {
        let mut target = Target::new(good.clone());
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut octets = good.clone();
                octets[at] ^= 1 << bit;
                target.send(&octets);
            }
        }
        // The version octet has another good value one bit away, so the way in was open.
        assert!(target.accepted > 0);
        let good = target.good.clone();
        target.send(&good);
    }
}

#[test]
fn no_value_of_any_octet_is_let_in_as_another_message() {
    // All values at every seventh octet, each run of the file begins elsewhere; and all values of
    // the first hundred octets, where the head and the header stand.
    let good = small();
    let mut target = Target::new(good.clone());
    let first = good.iter().fold(0, |sum: usize, octet| sum + usize::from(*octet)) % 7;
    let places = (0..100).chain((100 + first..good.len()).step_by(7));
    for at in places {
        for value in 0..=255 {
            let mut octets = good.clone();
            octets[at] = value;
            if octets != good {
                target.send(&octets);
            }
        }
    }
    assert!(target.accepted > 0);
}

#[test]
fn no_truncation_is_let_in() {
    for good in [small(), rich()] {
        let mut target = Target::new(good.clone());
        for end in 0..good.len() {
            target.send(&good[..end]);
            target.send(&good[end + 1..]);
        }
        assert_eq!(target.accepted, 0);
    }
}

thread_local! {
    static RICH: RefCell<Target> = RefCell::new(Target::new(rich()));
}

/// A change of a run of octets.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, Vec<u8>),
    Overwrite(Index, Vec<u8>),
    Duplicate(Index, usize),
    Remove(Index, usize),
    Swap(Index, Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let octets = || {
        let token =
            prop::sample::select(vec![0x00, 0x01, 0x02, 0x03, 0x04, 0x20, 0x83, 0x84, 0xC3]);
        vec(prop_oneof![token, any::<u8>()], 1..6)
    };
    let at = any::<Index>;
    prop_oneof![
        (at(), octets()).prop_map(|(at, octets)| Change::Insert(at, octets)),
        (at(), octets()).prop_map(|(at, octets)| Change::Overwrite(at, octets)),
        (at(), 1_usize..80).prop_map(|(at, length)| Change::Duplicate(at, length)),
        (at(), 1_usize..80).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), at(), 1_usize..30).prop_map(|(a, b, length)| Change::Swap(a, b, length)),
    ]
}

fn apply(change: &Change, octets: &mut Vec<u8>) {
    if octets.is_empty() {
        return;
    }
    let length = octets.len();
    let run = |at: &Index, size: usize| {
        let start = at.index(length);
        start..(start + size).min(length)
    };
    match change {
        Change::Insert(at, new) => {
            let at = at.index(length);
            octets.splice(at..at, new.iter().copied());
        }
        Change::Overwrite(at, new) => {
            octets.splice(run(at, new.len()), new.iter().copied());
        }
        Change::Duplicate(at, size) => {
            let run = run(at, *size);
            let copy = octets[run.clone()].to_vec();
            octets.splice(run.end..run.end, copy);
        }
        Change::Remove(at, size) => {
            octets.drain(run(at, *size));
        }
        Change::Swap(a, b, size) => {
            for offset in 0..*size {
                octets
                    .swap((a.index(length) + offset) % length, (b.index(length) + offset) % length);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn no_insertion_removal_or_exchange_is_let_in_as_another_message(
        changes in vec(change(), 1..4)
    ) {
        RICH.with_borrow_mut(|target| {
            let mut octets = target.good.clone();
            changes.iter().for_each(|change| apply(change, &mut octets));
            target.send(&octets);
        });
    }

    #[test]
    fn no_octets_at_all_make_it_panic(
        head in prop::sample::select(vec![&[][..], &[2, 0xA4, 1, 0x6A, 0], &[3, 1, 0x6A, 2, b'x', 0]]),
        body in vec(any::<u8>(), 0..200),
    ) {
        let octets = [head, &body].concat();
        let mut device = Device::blank();
        prop_assert!(device.receive(&octets).refusal().is_some());
    }
}

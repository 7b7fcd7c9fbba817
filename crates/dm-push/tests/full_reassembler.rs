//! What a reassembler costs that is full: room is made, or refused, without looking at all that is
//! held.

use std::cell::Cell;
use std::cmp::Ordering;

use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler, Refused};
use dm_push::sms::{Concatenation, Reference};

const SETS: u16 = 60_000;

thread_local! {
    /// How often a sender was compared or copied.
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// The one sender of everything, who counts.
#[derive(Debug, Eq)]
struct Sender;

fn step() {
    STEPS.set(STEPS.get() + 1);
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        step();
        Self
    }
}

impl PartialEq for Sender {
    fn eq(&self, _: &Self) -> bool {
        step();
        true
    }
}

impl Ord for Sender {
    fn cmp(&self, _: &Self) -> Ordering {
        step();
        Ordering::Equal
    }
}

impl PartialOrd for Sender {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first segment of a message of its own.
fn part(number: u16, total: u8) -> Part<'static, Sender> {
    let reference = Reference::Sixteen(number);
    let concatenation = Some(Concatenation { reference, total, sequence: 1 });
    let input = usize::from(number);
    Part { input, sender: Sender, ports: None, concatenation, data: b"a", time: None }
}

fn full_of(total: u8) -> Reassembler<Sender> {
    let sets = usize::from(SETS);
    let limits = Limits { sets, parts: usize::MAX, octets: usize::MAX, age: None };
    let mut reassembler = Reassembler::new(limits);
    for number in 0..SETS {
        reassembler.add(part(number, total)).expect("room");
    }
    reassembler
}

/// Some keys of 60,000 are looked at for each message: a tree of them is searched a few times. (A
/// look at all that is held, with no comparison, takes minutes here, and the runner ends it.)
#[test]
fn refusing_and_making_room_look_at_few_of_what_is_held() {
    for (total, is_refused) in [(2, true), (1, false)] {
        let mut reassembler = full_of(total);
        STEPS.set(0);
        for number in 0..SETS {
            match reassembler.add(part(number, 3)) {
                Err(Refused::TooManySets { .. }) => assert!(is_refused),
                Ok(Added::Waiting { missing: 2 }) => assert!(!is_refused),
                other => panic!("{other:?}"),
            }
        }
        let steps = STEPS.get() / usize::from(SETS);
        assert!((1..1_000).contains(&steps), "{steps} a message, with segments of {total}");
    }
}

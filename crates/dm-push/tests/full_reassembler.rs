//! What a reassembler costs that is full: room is made, or refused, without looking at all that is
//! held.

use std::time::{Duration, Instant};

use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler, Refused};
use dm_push::sms::{Concatenation, Reference};

const SETS: u16 = 60_000;

/// The first segment of a message of its own.
fn part(number: u16, total: u8) -> Part<'static, ()> {
    let reference = Reference::Sixteen(number);
    let concatenation = Some(Concatenation { reference, total, sequence: 1 });
    let input = usize::from(number);
    Part { input, sender: (), ports: None, concatenation, data: b"a", time: None }
}

fn full_of(total: u8) -> Reassembler<()> {
    let sets = usize::from(SETS);
    let limits = Limits { sets, parts: usize::MAX, octets: usize::MAX, age: None };
    let mut reassembler = Reassembler::new(limits);
    for number in 0..SETS {
        reassembler.add(part(number, total)).expect("room");
    }
    reassembler
}

#[test]
fn refusing_and_making_room_take_no_longer_the_more_is_held() {
    for (total, is_refused) in [(2, true), (1, false)] {
        let mut reassembler = full_of(total);
        let begun = Instant::now();
        for number in 0..SETS {
            match reassembler.add(part(number, 3)) {
                Err(Refused::TooManySets { .. }) => assert!(is_refused),
                Ok(Added::Waiting { missing: 2 }) => assert!(!is_refused),
                other => panic!("{other:?}"),
            }
        }
        let taken = begun.elapsed();
        assert!(taken < Duration::from_secs(5), "{taken:?} with segments of {total}");
    }
}

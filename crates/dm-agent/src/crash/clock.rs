//! A clock that jumps back: counters, digests and numbers count on, whatever it says.

use dm_client::{Arrival, JournalEntry, Outcome};
use dm_tree::Uri;

use super::check::agrees;
use super::device::{Device, is_good, provisioned, store};
use super::disk::Disk;
use super::message::ALL;

const NOW: u64 = 1_800_000_000;
const YEAR: u64 = 365 * 24 * 3_600;

fn take(device: &mut Device, number: usize, now: u64) -> Outcome {
    device.client.take(Arrival::new(&ALL[number].octets).at(Some(now))).expect("a good disk")
}

#[test]
fn a_clock_that_jumps_back_brings_nothing_back() {
    let mut device = Device::open(Disk::of(provisioned())).expect("it opens");
    let good: Vec<usize> = (0..12).filter(|number| is_good(*number)).collect();
    // Forwards, back by ten years, to the beginning of time, and forwards again.
    let times = [NOW, NOW + 5, NOW - 10 * YEAR, NOW - 10 * YEAR + 1, 0, NOW + 9];
    for (number, now) in good.iter().zip(times) {
        assert!(take(&mut device, *number, now).accepted().is_some(), "{number}");
        let node = device.client.tree().get(&Uri::parse("./Meter/Left").expect("a URI"));
        let (ver_no, t_stamp) = node.map(|node| (node.ver_no, node.t_stamp)).expect("there");
        let done = agrees(&device.client).good.len();
        assert_eq!((usize::from(ver_no), t_stamp), (done, Some(now)), "the clock's own time");
        // Neither before nor after a start is what was done good again, at any time.
        for again in [NOW, 0, NOW + 20 * YEAR] {
            let outcome = take(&mut device, *number, again);
            assert_eq!(outcome.refusal().map(|it| it.name()), Some("Replayed"));
        }
        let disk = device.disk.clone();
        drop(device); // closed in order
        device = Device::open(Disk::of(disk.now())).expect("it opens");
    }
    let disk = device.disk.clone();
    drop(device);
    let journal =
        store(&Disk::of(disk.now())).expect("a state").numbered_journal().expect("a journal");
    let numbers: Vec<u64> = journal.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let accepted = journal.iter().filter_map(|(_, entry)| match JournalEntry::decode(entry)? {
        JournalEntry::Message(entry) if entry.digest.is_some() && entry.refusal.is_none() => {
            entry.time
        }
        _ => None,
    });
    assert_eq!(accepted.collect::<Vec<_>>(), times, "in the order in which they came");
}

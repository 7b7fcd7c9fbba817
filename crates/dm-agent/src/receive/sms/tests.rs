//! Segments without a bus.

use std::time::{Duration, Instant};

use dm_push::sms::{Ports, Reference, segment};

use super::segments::{Segments, Step};

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

fn key(sender: &str) -> (String, String) {
    ("/modem/0".into(), sender.into())
}

fn parts(octets: &[u8], ports: Ports, reference: Reference) -> Vec<Vec<u8>> {
    let parts = segment(octets, ports, reference).unwrap();
    parts.iter().map(|part| part.write().unwrap()).collect()
}

fn segments() -> Segments<usize> {
    Segments::new(Duration::from_secs(60))
}

/// Takes all of these, each at the place of its number, and yields the last step.
fn take(segments: &mut Segments<usize>, sender: &str, parts: &[Vec<u8>]) -> Step<usize> {
    let mut last = Step::Waiting;
    for (place, part) in parts.iter().enumerate() {
        last = segments.take(part, key(sender), place, Instant::now());
    }
    last
}

#[test]
fn segments_are_joined_by_both_widths_of_reference_and_backwards() {
    let push: Vec<u8> = (0..1000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for reference in [Reference::Eight(200), Reference::Sixteen(50_000)] {
        let mut parts = parts(&push, PORTS, reference);
        parts.reverse();
        let Step::Whole(octets, mut places) = take(&mut segments(), "+1", &parts) else { panic!() };
        places.sort_unstable();
        assert_eq!((octets, places), (push.clone(), (0..parts.len()).collect()));
    }
}

#[test]
fn senders_and_modems_are_kept_apart() {
    let parts = parts(&[7; 200], PORTS, Reference::Eight(1));
    let mut segments = segments();
    let now = Instant::now();
    assert_eq!(segments.take(&parts[0], key("+1"), 0, now), Step::Waiting);
    assert_eq!(segments.take(&parts[1], key("+2"), 1, now), Step::Waiting);
    let other_modem = ("/modem/1".to_owned(), "+1".to_owned());
    assert_eq!(segments.take(&parts[1], other_modem, 2, now), Step::Waiting);
    assert_eq!(segments.take(&parts[1], key("+1"), 3, now), Step::Whole(vec![7; 200], vec![0, 3]));
}

#[test]
fn data_without_a_header_is_whole_and_another_port_is_not_ours() {
    let whole = Step::Whole(b"\x01\x06\x03\xC2\xAF\x87".to_vec(), vec![0]);
    let push = vec![b"\x01\x06\x03\xC2\xAF\x87".to_vec()];
    assert_eq!(take(&mut segments(), "+1", &push), whole);
    let one = parts(&push[0], PORTS, Reference::Eight(1));
    assert_eq!(take(&mut segments(), "+1", &one), whole, "with a header");
    let other = Ports { destination: 2949, ..PORTS };
    let other = parts(&[0; 10], other, Reference::Eight(1));
    assert_eq!(take(&mut segments(), "+1", &other), Step::OtherPort);
}

#[test]
fn a_duplicate_is_told_and_a_conflict_discards_all() {
    let parts = parts(&[7; 300], PORTS, Reference::Eight(1));
    let mut segments = segments();
    let now = Instant::now();
    segments.take(&parts[0], key("+1"), 0, now);
    assert_eq!(segments.take(&parts[0], key("+1"), 1, now), Step::Duplicate(1));
    let mut other = parts[0].clone();
    *other.last_mut().unwrap() ^= 1;
    assert!(matches!(segments.take(&other, key("+1"), 2, now), Step::Refused(_)));
    assert_eq!((segments.discarded(), segments.discarded()), (vec![0, 2], vec![]));
    assert_eq!((segments.held(), segments.next_expiry()), (0, None));
}

#[test]
fn what_waits_too_long_is_given_back() {
    let parts = parts(&[7; 300], PORTS, Reference::Eight(1));
    let mut segments = segments();
    let now = Instant::now();
    segments.take(&parts[0], key("+1"), 0, now);
    segments.take(&parts[2], key("+1"), 1, now + Duration::from_secs(50));
    assert!(segments.next_expiry().is_some());
    assert_eq!(segments.expire(now + Duration::from_secs(59)), []);
    let expired = segments.expire(now + Duration::from_secs(63));
    assert_eq!(expired, [(key("+1"), vec![0, 1])]);
    assert_eq!((segments.held(), segments.next_expiry()), (0, None));
}

#[test]
fn a_flood_of_unfinished_messages_is_bounded_and_keeps_nobody_out() {
    let mut segments = segments();
    let good = parts(&[9; 2000], PORTS, Reference::Sixteen(1));
    let now = Instant::now();
    for (place, part) in good.iter().enumerate().skip(1) {
        assert_eq!(segments.take(part, key("+1"), place, now), Step::Waiting);
    }
    let (mut given, mut discarded) = (0, 0);
    for reference in 0..10_000 {
        let flood = parts(&[0; 300], PORTS, Reference::Sixteen(reference));
        for part in &flood[..2] {
            segments.take(part, key("+666"), 0, now);
            given += 1;
        }
        discarded += segments.discarded().len();
        assert!(segments.held() <= good.len() + 2 * 64);
        assert_eq!(segments.held() + discarded, good.len() - 1 + given, "none is lost");
    }
    assert!(
        matches!(segments.take(&good[0], key("+1"), 0, now), Step::Whole(octets, _) if octets == [9; 2000])
    );
}

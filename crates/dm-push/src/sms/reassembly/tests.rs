use alloc::vec;

use super::*;

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

type Part<'a> = super::Part<'a, &'static str>;

fn part(input: usize, sequence: u8, total: u8, data: &[u8]) -> Part<'_> {
    let reference = Reference::Eight(7);
    let concatenation = Some(Concatenation { reference, total, sequence });
    Part { input, sender: "+123", ports: Some(PORTS), concatenation, data, time: None }
}

fn new() -> Reassembler<&'static str> {
    Reassembler::new(Limits::default())
}

fn limited(sets: usize, parts: usize, octets: usize) -> Reassembler<&'static str> {
    Reassembler::new(Limits { sets, parts, octets, age: None })
}

fn whole(added: Result<Added<&'static str>, Refused>) -> Whole<&'static str> {
    match added {
        Ok(Added::Whole(whole)) => whole,
        other => panic!("{other:?}"),
    }
}

#[test]
fn segments_come_in_any_order_and_are_traced_back() {
    let mut reassembler = new();
    assert_eq!(reassembler.add(part(0, 3, 3, b"ef")), Ok(Added::Waiting { missing: 2 }));
    assert_eq!(reassembler.add(part(1, 1, 3, b"abc")), Ok(Added::Waiting { missing: 1 }));
    let whole = whole(reassembler.add(part(2, 2, 3, b"d")));
    assert_eq!((&whole.octets[..], whole.ports), (&b"abcdef"[..], Some(PORTS)));
    let traced: Vec<_> = (0..7).map(|at| whole.locate(at).map(|(c, at)| (c.input, at))).collect();
    let expected =
        [Some((1, 0)), Some((1, 1)), Some((1, 2)), Some((2, 0)), Some((0, 0)), Some((0, 1)), None];
    assert_eq!(traced, expected);
    assert_eq!(reassembler.pending().count(), 0);
}

#[test]
fn a_duplicate_is_counted_before_and_recognised_after_the_end() {
    let mut reassembler = new();
    reassembler.add(part(0, 1, 2, b"a")).unwrap();
    assert_eq!(reassembler.add(part(1, 1, 2, b"a")), Ok(Added::Duplicate { of: 0 }));
    let whole = whole(reassembler.add(part(2, 2, 2, b"b")));
    assert_eq!(whole.contributions[0].duplicates, 1);
    assert_eq!(reassembler.add(part(3, 2, 2, b"b")), Ok(Added::Duplicate { of: 2 }));
    assert_eq!(reassembler.pending().count(), 0);
}

#[test]
fn a_conflict_discards_the_message() {
    let mut reassembler = new();
    reassembler.add(part(0, 1, 3, b"a")).unwrap();
    reassembler.add(part(1, 2, 3, b"b")).unwrap();
    let conflict = Refused::Conflict { sequence: 1, first: 0, second: 2 };
    assert_eq!(reassembler.add(part(2, 1, 3, b"x")), Err(conflict));
    assert_eq!(reassembler.pending().count(), 0);
    assert_eq!(reassembler.add(part(3, 3, 3, b"c")), Ok(Added::Waiting { missing: 2 }));
}

#[test]
fn a_reference_may_come_round_again() {
    let mut reassembler = new();
    reassembler.add(part(0, 1, 2, b"a")).unwrap();
    whole(reassembler.add(part(1, 2, 2, b"b")));
    assert_eq!(reassembler.add(part(2, 1, 2, b"c")), Ok(Added::Waiting { missing: 1 }));
    assert_eq!(whole(reassembler.add(part(3, 2, 2, b"b"))).octets, b"cb");
}

#[test]
fn sender_port_reference_width_and_total_keep_messages_apart() {
    let mut reassembler = new();
    reassembler.add(part(0, 1, 2, b"a")).unwrap();
    let second = part(1, 2, 2, b"b");
    let (mut sender, mut port, mut width) = (second.clone(), second.clone(), second.clone());
    sender.sender = "+124";
    port.ports = Some(Ports { destination: 2949, ..PORTS });
    width.concatenation =
        Some(Concatenation { reference: Reference::Sixteen(7), total: 2, sequence: 2 });
    for other in [sender, port, width] {
        assert_eq!(reassembler.add(other), Ok(Added::Waiting { missing: 1 }));
    }
    assert_eq!(reassembler.add(part(4, 2, 3, b"b")), Ok(Added::Waiting { missing: 2 }));
    assert_eq!(whole(reassembler.add(second)).octets, b"ab");
    assert_eq!(reassembler.pending().count(), 4);
}

#[test]
fn a_segment_without_ports_joins_before_and_after_one_with() {
    let mut first = part(0, 1, 3, b"a");
    first.ports = None;
    let mut last = part(2, 3, 3, b"c");
    last.ports = None;
    let mut reassembler = new();
    reassembler.add(first).unwrap();
    reassembler.add(part(1, 2, 3, b"b")).unwrap();
    let whole = whole(reassembler.add(last));
    assert_eq!((&whole.octets[..], whole.ports), (&b"abc"[..], Some(PORTS)));
}

#[test]
fn what_is_missing_is_listed() {
    let mut reassembler = new();
    reassembler.add(part(8, 2, 4, b"bb")).unwrap();
    let pending = reassembler.pending().next().unwrap();
    assert_eq!((pending.missing, pending.inputs, pending.octets), (vec![1, 3, 4], vec![(2, 8)], 2));
}

#[test]
fn a_message_without_segments_is_whole_at_once() {
    let mut single = part(5, 1, 1, b"a");
    single.concatenation = None;
    let whole = whole(new().add(single));
    assert_eq!(
        (whole.octets, whole.reference, whole.contributions[0].input),
        (vec![b'a'], None, 5)
    );
}

#[test]
fn a_number_outside_the_message_is_refused() {
    for (sequence, total) in [(0, 2), (3, 2), (0, 0)] {
        let refused = new().add(part(0, sequence, total, b"a"));
        assert_eq!(refused, Err(Refused::OutOfRange { sequence, total }));
    }
}

#[test]
fn limits_refuse_and_keep_what_waits() {
    let mut other = part(1, 1, 2, b"a");
    other.sender = "+124";
    let mut sets = limited(1, 9, 9);
    sets.add(part(0, 1, 3, b"a")).unwrap();
    assert_eq!(sets.add(other), Err(Refused::TooManySets { limit: 1 }));

    let mut parts = limited(9, 1, 9);
    parts.add(part(0, 1, 3, b"a")).unwrap();
    assert_eq!(parts.add(part(1, 2, 3, b"b")), Err(Refused::TooManyParts { limit: 1 }));

    let mut octets = limited(9, 9, 2);
    octets.add(part(0, 1, 3, b"a")).unwrap();
    assert_eq!(octets.add(part(1, 2, 3, b"bb")), Err(Refused::TooManyOctets { limit: 2 }));
    octets.add(part(2, 2, 3, b"b")).unwrap();
    assert_eq!(octets.pending().next().unwrap().missing, [3]);
}

#[test]
fn finished_messages_make_room() {
    let mut reassembler = limited(1, 2, 4);
    for sender in ["+1", "+2", "+3"] {
        let (mut first, mut second) = (part(0, 1, 2, b"ab"), part(1, 2, 2, b"cd"));
        (first.sender, second.sender) = (sender, sender);
        reassembler.add(first).unwrap();
        assert_eq!(whole(reassembler.add(second)).octets, b"abcd");
    }
}

#[test]
fn old_messages_expire_by_the_callers_clock() {
    let mut reassembler = Reassembler::new(Limits { age: Some(10), ..Limits::default() });
    let mut first = part(0, 1, 2, b"a");
    first.time = Some(100);
    reassembler.add(first).unwrap();
    assert_eq!(reassembler.expire(110), []);
    assert_eq!(reassembler.expire(111)[0].missing, [2]);
    assert_eq!(reassembler.pending().count(), 0);
}

#[test]
fn the_oldest_message_of_whoever_has_the_most_is_shed() {
    let mut reassembler = new();
    let of = |sender, input, port, data| {
        let mut part = part(input, 1, 2, data);
        part.sender = sender;
        part.ports = Some(Ports { destination: port, ..PORTS });
        part
    };
    reassembler.add(of("+1", 0, 1, b"a")).unwrap();
    reassembler.add(of("+2", 1, 2, b"bbb")).unwrap();
    reassembler.add(of("+2", 2, 1, b"cc")).unwrap();
    let shed: Vec<_> =
        core::iter::from_fn(|| reassembler.shed()).map(|set| set.inputs[0].1).collect();
    assert_eq!(shed, [1, 0, 2]);
    assert_eq!((reassembler.parts, reassembler.octets), (0, 0));
}

#[test]
fn what_is_whole_is_not_shed() {
    let mut reassembler = new();
    reassembler.add(part(0, 1, 2, b"a")).unwrap();
    whole(reassembler.add(part(1, 2, 2, b"b")));
    assert_eq!(reassembler.shed(), None);
    assert_eq!(reassembler.add(part(2, 2, 2, b"b")), Ok(Added::Duplicate { of: 1 }));
}

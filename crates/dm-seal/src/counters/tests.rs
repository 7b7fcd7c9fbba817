use alloc::string::ToString;

use super::*;

const S: &str = "srv.example";

fn some() -> Counters {
    let mut counters = Counters::above(7);
    counters.raise(S, "urn:imei:1", 300).unwrap();
    counters.take(S, "a name, 100 % with\nblanks\u{2028}").unwrap();
    counters.take("", "").unwrap();
    counters
}

#[test]
fn each_target_of_each_server_counts_apart() {
    let mut counters = Counters::default();
    for (server_id, target) in [(S, "d"), (S, "g"), ("t", "d"), ("s", "rv.exampled")] {
        assert_eq!(counters.take(server_id, target), Ok(1), "{server_id} {target}");
    }
    assert_eq!((counters.take(S, "d"), counters.last(S, "g")), (Ok(2), 1));
}

#[test]
fn a_number_by_hand_is_above_all_before_it() {
    let mut counters = some();
    assert_eq!(counters.last(S, "new"), 7);
    for (target, counter, last) in [("urn:imei:1", 300, 300), ("urn:imei:1", 1, 300), ("new", 7, 7)]
    {
        let refused = counters.raise(S, target, counter);
        assert_eq!(refused, Err(CountersError::NotAbove { counter, last }));
    }
    counters.raise(S, "urn:imei:1", 301).unwrap();
    assert_eq!(counters.take(S, "urn:imei:1"), Ok(302));
}

#[test]
fn behind_the_last_number_there_is_none() {
    let mut counters = Counters::default();
    assert_eq!(counters.raise(S, "d", MOST + 1), Err(CountersError::Exhausted));
    counters.raise(S, "d", MOST).unwrap();
    assert_eq!(counters.take(S, "d"), Err(CountersError::Exhausted));
    assert_eq!(MOST.to_string().len(), 19);
    assert_eq!(Counters::read(&counters.write()), Ok(counters));
}

#[test]
fn what_is_written_reads_back() {
    let text = String::from_utf8(some().write()).unwrap();
    assert_eq!(text.lines().count(), 6);
    assert!(
        text.contains("8 srv.example a%20name,%20100%20%25%20with%0Ablanks%E2%80%A8\n"),
        "{text}"
    );
    assert_eq!(Counters::read(text.as_bytes()), Ok(some()));
}

#[test]
fn the_checksum_is_the_usual_one() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn no_cut_and_no_changed_octet_goes_unseen() {
    let octets = some().write();
    for cut in 0..octets.len() {
        assert!(
            matches!(Counters::read(&octets[..cut]), Err(CountersError::Damaged { .. })),
            "{cut}"
        );
    }
    for at in 0..octets.len() {
        for bit in 0..8 {
            let mut changed = octets.clone();
            changed[at] ^= 1 << bit;
            assert!(Counters::read(&changed).is_err(), "octet {at}, bit {bit}");
        }
    }
    assert!(Counters::read(&[&octets[..], b"\n"].concat()).is_err());
}

#[test]
fn damage_is_told_with_its_line_and_the_highest_number_before_it() {
    let text = String::from_utf8(some().write()).unwrap();
    let cut = text.find("\nend").unwrap() + 3;
    let Err(CountersError::Damaged { line, what, highest }) =
        Counters::read(&text.as_bytes()[..cut])
    else {
        panic!("read");
    };
    assert_eq!((line, what, highest), (6, "it is cut off", 300));
}

#[test]
fn two_numbers_for_one_target_are_refused() {
    let mut text = String::from("marconigram-counters 1\nfloor 0\n1 s t\n2 s t\n");
    let crc = crc32(text.as_bytes());
    text += &format!("end {crc:08x}\n");
    let refused = Counters::read(text.as_bytes());
    assert!(matches!(refused, Err(CountersError::Damaged { line: 4, .. })), "{refused:?}");
}

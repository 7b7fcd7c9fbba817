//! Octets made to cost much. What may be done with them is counted, never timed; how long it took
//! is printed for those who want to look.

use std::time::Instant;

use dm_wbxml::{Encoder, ErrorKind, MbUInt32, NoOctets, Source};
use dm_xml::{LimitExceeded, Limits, Stopped};

use crate::check;
use crate::text::hex;
use crate::vectors::LANGUAGES;

/// A megabyte, and no limit but those of text and depth that it could meet.
fn wide() -> Limits {
    Limits { octets: 2 << 20, elements: 2 << 20, ..Limits::default() }
}

fn number(value: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    MbUInt32(u32::try_from(value).expect("small")).encode(&mut octets);
    octets
}

/// A SyncML document: string table and body.
fn document(table: &[u8], body: &[u8]) -> Vec<u8> {
    [&hex("02 A4 01 6A")[..], &number(table.len()), table, body].concat()
}

/// Checks an attack, and yields the error of both profiles, which is a limit if it is any.
fn attack(name: &str, octets: &[u8], limits: &Limits) -> Option<LimitExceeded> {
    let begun = Instant::now();
    let (strict, lenient) = check(octets, limits);
    println!(
        "{name}: {} octets, {} events, {} characters, {:?}",
        octets.len(),
        strict.counted.starts + strict.counted.runs + strict.counted.attributes,
        strict.counted.characters,
        begun.elapsed()
    );
    assert_eq!(strict.error, lenient.error, "{name}");
    match strict.error.map(|error| error.kind) {
        None => None,
        Some(ErrorKind::Limit(limit)) => Some(limit),
        Some(other) => panic!("{name}: {other}"),
    }
}

const TEXT: LimitExceeded = LimitExceeded::Text(4_000_000);

#[test]
fn a_long_string_by_a_hundred_thousand_references() {
    for length in [41, 5_000, 500_000] {
        let table = vec![b'a'; length];
        let body = [&[0x4F][..], &[0x83, 0].repeat(100_000), &[1]].concat();
        let met = attack("references", &document(&table, &body), &wide());
        assert_eq!(met, Some(TEXT), "{length}");
    }
    let body = [&[0x4F][..], &[0x83, 0].repeat(100_000), &[1]].concat();
    assert_eq!(attack("references", &document(&[b'a'; 40], &body), &wide()), None);
}

#[test]
fn a_long_string_that_cannot_be_shown_by_a_hundred_thousand_references() {
    // The lenient reader looked at all of it each time, and counted nothing.
    for last in [0xFF, 0x01] {
        let table = [&[b'a'; 500_000][..], &[last]].concat();
        let body = [&[0x4F][..], &[0x83, 0].repeat(100_000), &[1]].concat();
        let octets = document(&table, &body);
        let mut told = dm_xml::Lenient::default();
        let source = Source::new_lenient(&octets, &LANGUAGES, &wide(), &mut told).expect("a head");
        let error = source.decode(NoOctets, &wide(), &mut told).expect_err("it is too much");
        assert_eq!(error.kind, ErrorKind::Limit(TEXT));
        assert_eq!(told.deviations().len(), 9, "the end of the table, and eight times the string");
    }
}

#[test]
fn a_table_of_nothing_but_nuls_or_of_one_string_without_end() {
    let references: Vec<u8> =
        (0..150_000).flat_map(|at| [vec![0x83], number(at * 3)].concat()).collect();
    let body = [&[0x4F][..], &references, &[1]].concat();
    assert_eq!(attack("nuls", &document(&[0; 450_000], &body), &wide()), None);
    assert_eq!(attack("suffixes", &document(&[b'a'; 450_000], &body), &wide()), Some(TEXT));
}

#[test]
fn a_megabyte_of_tags_that_open() {
    let limit = Some(LimitExceeded::Depth(64));
    assert_eq!(attack("tokens", &document(b"", &[0x54; 1 << 20]), &wide()), limit);
    let literals = [&[0x54][..], &[0x44, 0].repeat(1 << 19)].concat();
    assert_eq!(attack("literals", &document(b"L\0", &literals), &wide()), limit);
    let deep = Limits { depth: 1 << 20, ..wide() };
    for body in [vec![0x54; 1 << 20], literals] {
        let (strict, lenient) = check(&document(b"L\0", &body), &deep);
        assert_eq!(strict.error.map(|error| error.kind), Some(ErrorKind::EndsEarly));
        assert_eq!(lenient.counted.starts, lenient.counted.ends);
        assert!(lenient.counted.starts >= 1 << 19);
    }
}

#[test]
fn a_namespace_in_pieces_that_fifty_thousand_children_inherit() {
    for (length, refused) in [(40, false), (100_000, true)] {
        let mut body = hex("C4 00 04 02 03 'urn:' 00");
        body.extend([&[0x03][..], &vec![b'x'; length], &[0]].concat());
        body.push(1);
        body.extend([0x04, 0].repeat(49_000));
        body.push(1);
        let met = attack("inherited", &document(b"L\0xmlns\0", &body), &Limits::default());
        assert_eq!(met, refused.then_some(TEXT));
    }
}

#[test]
fn sixty_four_attributes_on_every_element() {
    let mut table = b"L\0xmlns\0".to_vec();
    let mut attributes = Vec::new();
    for at in 0..64 {
        attributes.push(4);
        attributes.extend(number(table.len()));
        table.extend(format!("a{at}\0").bytes());
    }
    let child = [&[0x84, 0][..], &attributes, &[1]].concat();
    let count = (1 << 20) / child.len();
    let root = hex("C4 00 04 02 03 'u:x' 00 01");
    let body = [&root[..], &child.repeat(count), &[1]].concat();
    assert_eq!(attack("attributes", &document(&table, &body), &wide()), None);
    // The same with names that differ in their last character only.
    let long = "n".repeat(4_000);
    let mut table = b"L\0xmlns\0".to_vec();
    let mut attributes = Vec::new();
    for at in 0..64 {
        attributes.push(4);
        attributes.extend(number(table.len()));
        table.extend(format!("{long}{at:02}\0").bytes());
    }
    let child = [&[0x84, 0][..], &attributes, &[1]].concat();
    let body = [&root[..], &child.repeat(1_000), &[1]].concat();
    assert_eq!(attack("long names", &document(&table, &body), &wide()), Some(TEXT));
}

#[test]
fn a_megabyte_of_attributes_without_an_element_to_stand_on() {
    // Of one name: only the lenient reader goes on, and drops all but the first.
    let body = [&hex("85")[..], &hex("04 00 03 'v' 00").repeat(200_000), &[1]].concat();
    let (strict, lenient) = check(&document(b"n\0", &body), &wide());
    assert_eq!(strict.error.map(|error| error.kind), Some(ErrorKind::AttributeTwice));
    assert_eq!((lenient.counted.attributes, lenient.counted.characters), (1, 1));
    // One attribute in many pieces.
    let root = hex("84 00 04 02 03 'u:x' 00 04 00");
    let body = [&root[..], &hex("02 41").repeat(500_000), &[1]].concat();
    assert_eq!(attack("pieces", &document(b"L\0xmlns\0", &body), &wide()), None);
}

#[test]
fn a_megabyte_of_entities_of_empty_strings_or_of_page_switches() {
    for filler in ["02 41", "02 84 E2 A0 00", "03 00", "C3 00", "00 00", "00 FF", "03 'a' 00"] {
        let filler = hex(filler);
        let body = [&[0x4F][..], &filler.repeat((1 << 20) / filler.len()), &[1]].concat();
        let is_character = filler.len() == 5;
        if is_character {
            let (strict, _) = check(&document(b"", &body), &wide());
            assert!(matches!(strict.error.map(|error| error.kind), Some(ErrorKind::Character(_))));
        } else {
            assert_eq!(attack(&format!("{filler:02X?}"), &document(b"", &body), &wide()), None);
        }
    }
    // In front of the root, where there is no element to count.
    let body = [vec![0; 1 << 20], vec![0x0F]].concat();
    assert_eq!(attack("switches", &document(b"", &body), &wide()), None);
}

#[test]
fn a_megabyte_of_deviations_is_a_thousand_and_a_number() {
    let body = [&[0x4F][..], &hex("C0").repeat(1 << 20), &[1]].concat();
    let octets = document(b"", &body);
    let mut told = dm_xml::Lenient::default();
    let source = Source::new_lenient(&octets, &LANGUAGES, &wide(), &mut told).expect("a head");
    let document = source.decode(NoOctets, &wide(), &mut told).expect("it can be shown");
    assert_eq!(document.len(), 2);
    assert_eq!((told.deviations().len(), told.unlisted()), (1_000, (1 << 20) - 1_000));
}

#[test]
fn lengths_that_lie() {
    for length in ["7F", "FF 7F", "8F FF FF FF 7F"] {
        let octets = document(b"", &hex(&format!("4F C3 {length} 'a'")));
        let (strict, lenient) = check(&octets, &wide());
        assert_eq!(strict.error.map(|error| error.kind), Some(ErrorKind::EndsEarly));
        assert_eq!((lenient.counted.runs, lenient.counted.characters), (0, 0));
    }
    // Each says that all that is left belongs to it.
    let mut body = vec![0x4F];
    for left in (0..200_000_usize).rev() {
        body.extend([&[0xC3][..], &number(left * 3)].concat());
        if body.len() > 1 << 20 {
            break;
        }
    }
    check(&document(b"", &body), &wide());
}

#[test]
fn an_inherited_namespace_is_passed_on_to_the_writer_in_linear_time() {
    // The writer compared the namespace of each literal child with that of its parent, octet by
    // octet: 300,000 children under four megabytes of namespace cost a million megabytes of it.
    let mut body = hex("C4 00 04 02");
    body.extend([&b"\x03urn:"[..], &vec![b'x'; 3_600_000], &[0, 1]].concat());
    body.extend([0x04, 0].repeat(300_000));
    body.push(1);
    let octets = document(b"L\0xmlns\0", &body);
    let limits = Limits { octets: 8 << 20, elements: 1 << 20, ..Limits::default() };
    let source = Source::new(&octets, &LANGUAGES, &limits).expect("a head");
    let begun = Instant::now();
    let encoder = Encoder::new(source.vocabulary());
    let mut writer = encoder.writer(NoOctets);
    source
        .read(NoOctets, &limits, &mut writer)
        .map_err(|stopped| match stopped {
            Stopped::Input(error) => error.to_string(),
            Stopped::Sink(error) => error.to_string(),
        })
        .expect("it is written");
    let written = encoder.finish(writer).expect("small");
    println!("passed on in {:?}", begun.elapsed());
    assert_eq!(written, octets);
}

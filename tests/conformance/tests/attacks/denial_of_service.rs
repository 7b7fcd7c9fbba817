//! Denial of service by octets made to cost much. [profile §2] Each is small, and is refused by a limit
//! or carried out; what it may take is bounded by how it is read, so no test here looks at the time.

use conformance::hand::{Hand, entity, hex, str_i, str_t};
use conformance::spell::number;
use conformance::tnds::{self, Shape};
use conformance::{Device, Message, alpha, command};
use dm_client::{Refusal, Stage};
use dm_tnds::Node;
use dm_wbxml::ErrorKind;
use dm_xml::LimitExceeded;

/// The limit that refuses these octets.
fn limit(octets: &[u8]) -> LimitExceeded {
    match Device::new().refuse(octets) {
        Refusal::TooLarge(error) => match error.kind {
            ErrorKind::Limit(limit) => limit,
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

fn root(content: Vec<u8>, table: Vec<u8>) -> Vec<u8> {
    Hand::new([hex("6D"), content].concat()).table(table).octets()
}

#[test]
fn a_short_string_used_a_hundred_thousand_times() {
    let hand = Hand::replace(alpha(), &[], &str_t(0).repeat(100_000)).table("ab\0");
    let mut device = Device::new();
    device.accept(&hand.sealed(alpha()));
    assert_eq!(device.text("./Vendor/Speed"), Some("ab".repeat(100_000)));
}

#[test]
fn a_long_string_used_a_hundred_thousand_times() {
    for length in [100, 5_000, 500_000] {
        let octets = root(str_t(0).repeat(100_000), vec![b'a'; length]);
        assert_eq!(limit(&octets), LimitExceeded::Text(4_000_000), "{length}");
    }
    // Every suffix of one long string is a string too.
    let suffixes: Vec<u8> = (0..100_000).flat_map(str_t).collect();
    assert_eq!(limit(&root(suffixes, vec![b'a'; 100_000])), LimitExceeded::Text(4_000_000));
}

#[test]
fn a_string_that_is_no_text_is_refused_however_often_it_is_used() {
    let mut table = vec![b'a'; 500_000];
    table.push(0xFF);
    let refusal = Device::new().refuse(&root(str_t(0).repeat(100_000), table));
    assert!(matches!(refusal, Refusal::Wbxml(error) if error.kind == ErrorKind::NotText));
}

#[test]
fn fifty_thousand_elements() {
    let tolerated = hex("29").repeat(49_000); // empty Status elements
    let mut device = Device::new();
    let accepted = device.accept(&Hand::message(alpha(), &tolerated).sealed(alpha()));
    assert!(accepted.commands.is_empty());
    let octets = Hand::message(alpha(), &hex("29").repeat(50_001)).octets();
    assert_eq!(limit(&octets), LimitExceeded::Elements(50_000));
}

#[test]
fn elements_a_hundred_thousand_deep() {
    assert_eq!(limit(&root(hex("5A").repeat(100_000), vec![])), LimitExceeded::Depth(64));
    let literals = hex("44 00").repeat(100_000);
    assert_eq!(limit(&root(literals, b"x\0".to_vec())), LimitExceeded::Depth(64));
    // In the text of an object too, whose reader is another one.
    for depth in [60, 100, 5_000] {
        let nodes = "<Node><NodeName>n</NodeName>".repeat(depth) + &"</Node>".repeat(depth);
        let object =
            format!("<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>");
        let command = tnds::command("Add", "1", "./Vendor", &object, Shape::Text);
        let mut device = Device::new();
        let octets = Message::new(alpha()).with(command).seal();
        let expected = if depth == 60 { 200 } else { 415 };
        assert_eq!(device.statuses(&octets), [expected], "{depth}");
    }
}

#[test]
fn names_by_reference_to_long_strings() {
    let table = vec![b'a'; 400_000];
    for token in ["04 00", "84 00 04 00 01"] {
        let octets = root(hex(token).repeat(100_000), table.clone());
        assert_eq!(limit(&octets), LimitExceeded::Text(4_000_000), "{token}");
    }
    let values = [hex("84 00 04 00"), str_t(0), hex("01")].concat();
    let octets = root(values.repeat(50_000), table);
    assert_eq!(limit(&octets), LimitExceeded::Text(4_000_000));
}

#[test]
fn ten_thousand_namespaces() {
    let mut table = b"x\0xmlns\0".to_vec();
    let mut content = Vec::new();
    for n in 0..10_000 {
        content.extend(hex("84 00 04 02"));
        content.extend(str_t(table.len()));
        content.push(1);
        table.extend(format!("urn:{n}\0").bytes());
    }
    let refusal = Device::new().refuse(&root(content, table));
    assert_eq!(refusal.stage(), Stage::Header, "{refusal}");
}

#[test]
fn attributes_without_end() {
    let mut table = b"x\0".to_vec();
    let mut content = hex("84 00");
    for n in 0..1_000 {
        content.push(4);
        content.extend(number(table.len()));
        table.extend(format!("a{n}\0").bytes());
    }
    content.push(1);
    assert_eq!(limit(&root(content, table)), LimitExceeded::Attributes(64));
}

#[test]
fn lengths_that_promise_more_than_there_is() {
    for length in ["7F", "87 FF 7F", "8F FF FF FF 7F"] {
        let octets = Hand::new(hex("6D C3").into_iter().chain(hex(length)).collect::<Vec<u8>>());
        let refusal = Device::new().refuse(&octets.octets());
        assert!(matches!(refusal, Refusal::Wbxml(error) if error.kind == ErrorKind::EndsEarly));
    }
}

#[test]
fn a_message_of_nothing_but_entities() {
    let many = entity(0x41).repeat((1 << 19) - 100);
    let refusal = Device::new().refuse(&root(many.clone(), vec![]));
    assert_eq!(refusal.stage(), Stage::Header, "text where elements belong: {refusal}");
    let hand = Hand::replace(alpha(), &[], &many[..400_000]);
    let mut device = Device::new();
    device.accept(&hand.sealed(alpha()));
    assert_eq!(device.text("./Vendor/Speed"), Some("A".repeat(200_000)));
}

#[test]
fn a_message_of_nothing_but_page_switches_or_empty_strings() {
    for filler in [hex("00 00"), str_i(""), hex("C3 00")] {
        let mut device = Device::new();
        let hand = Hand::replace(alpha(), &[], &[filler.repeat(200_000), str_i("2")].concat());
        device.accept(&hand.sealed(alpha()));
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"), "{filler:02x?}");
    }
}

#[test]
fn one_octet_too_many_is_never_read() {
    let octets = vec![0x6D; (1 << 20) + 1];
    assert_eq!(limit(&octets), LimitExceeded::Octets(1 << 20));
    assert_eq!(limit(&vec![0; 16 << 20]), LimitExceeded::Octets(1 << 20));
}

#[test]
fn a_value_a_tree_and_a_uri_have_their_own_limits() {
    let device = Device::new();
    let nodes = device.tree().count() + 10;
    let mut device = device.set(|settings| {
        settings.rules.limits.octets_of_a_value = 100;
        settings.rules.limits.nodes = nodes;
        settings.rules.limits.depth = 5;
        settings.rules.limits.segment_characters = 20;
    });
    let nodes = (0..40).map(|n| Node::leaf(format!("N{n}"), "x")).collect();
    let octets = Message::new(alpha())
        .with(command::replace("1", "./Vendor/Speed", &"x".repeat(101)))
        .with(command::replace("2", "./Vendor/Speed", &"x".repeat(100)))
        .with(command::add("3", "./Vendor/a/b/c/d/e", "x"))
        .with(command::add("4", &format!("./Vendor/{}", "x".repeat(21)), "x"))
        .with(tnds::command("Add", "5", "./Vendor", &tnds::text(nodes), Shape::InPlace))
        .seal();
    assert_eq!(device.statuses(&octets), [413, 200, 414, 414, 420]);
}

//! §2, the head of a document: version, public identifier, charset, string table.

use conformance::hand::{Hand, entity, hex, opaque, str_i, str_t};
use conformance::{Device, alpha, infoset};
use dm_client::{Refusal, Stage};
use dm_wbxml::ErrorKind;

use crate::{accepted, refused};

fn plain() -> Hand {
    Hand::replace(alpha(), &[], &str_i("2"))
}

/// With this text as the public identifier.
fn named(text: &str) -> Hand {
    let table = [text.as_bytes(), b"\0"].concat();
    Hand { public: hex("00 00"), ..plain().table(table) }
}

#[test]
fn versions_1_to_3_are_read_and_no_other() {
    for version in 0..=255 {
        let hand = Hand { version, ..plain() };
        if (1..=3).contains(&version) {
            assert_eq!(accepted(&hand), "2");
        } else {
            assert_eq!(refused(&hand.octets()), ErrorKind::Version(version));
        }
    }
}

#[test]
fn syncml_1_2_by_number_by_name_or_unknown() {
    for public in ["A4 01", "80 A4 01", "80 80 80 A4 01", "01"] {
        assert_eq!(accepted(&Hand { public: hex(public), ..plain() }), "2");
    }
    assert_eq!(accepted(&named("-//SYNCML//DTD SyncML 1.2//EN")), "2");
}

#[test]
fn older_syncml_is_rendered_and_refused_at_the_header() {
    for (number, name, namespace) in [
        ("9F 51", "-//SYNCML//DTD SyncML 1.0//EN", "SYNCML:SYNCML1.0"),
        ("9F 53", "-//SYNCML//DTD SyncML 1.1//EN", "SYNCML:SYNCML1.1"),
    ] {
        for hand in [Hand { public: hex(number), ..plain() }, named(name)] {
            let text = infoset(&hand.octets()).unwrap();
            assert!(text.starts_with(&format!("<SyncML xmlns=\"{namespace}\">")), "{text}");
            let refusal = Device::new().refuse(&hand.octets());
            assert!(matches!(refusal, Refusal::Header(_)), "{refusal}");
        }
    }
}

#[test]
fn other_languages_are_refused() {
    // DevInf 1.0 and 1.1, DevInf and MetInf 1.2, PROV, WML, and numbers of nothing.
    for public in ["9F 52", "9F 54", "A4 02", "A4 03", "0B", "02", "7F", "8F FF FF FF 7F"] {
        let hand = Hand { public: hex(public), ..plain() };
        assert_eq!(refused(&hand.octets()), ErrorKind::PublicIdentifier, "{public}");
    }
    for name in [
        "-//SYNCML//DTD DevInf 1.0//EN",
        "-//SYNCML//DTD DevInf 1.2//EN",
        "-//SYNCML//DTD MetInf 1.2//EN",
        "-//WAPFORUM//DTD PROV 1.0//EN",
    ] {
        assert_eq!(refused(&named(name).octets()), ErrorKind::PublicIdentifier, "{name}");
    }
}

#[test]
fn a_public_identifier_outside_the_string_table_is_refused() {
    let hand = Hand { public: hex("00 05"), ..plain().table("four\0") };
    assert_eq!(refused(&hand.octets()), ErrorKind::StringTable(5));
    let hand = Hand { public: hex("00 00"), ..plain() };
    assert_eq!(refused(&hand.octets()), ErrorKind::StringTable(0));
}

#[test]
fn charsets_utf_8_and_its_subset_and_latin_1() {
    let umlaut = |charset: &str, text: &[u8]| {
        let data = [&[3][..], text, &[0]].concat();
        Hand { charset: hex(charset), ..Hand::replace(alpha(), &[], &data) }
    };
    for charset in ["6A", "00", "80 6A"] {
        assert_eq!(accepted(&umlaut(charset, "ä€".as_bytes())), "ä€");
        assert_eq!(refused(&umlaut(charset, b"\xE4").octets()), ErrorKind::NotText);
        assert_eq!(refused(&umlaut(charset, b"\xED\xA0\x80").octets()), ErrorKind::NotText);
        assert_eq!(refused(&umlaut(charset, b"\xC0\x80").octets()), ErrorKind::NotText);
    }
    assert_eq!(accepted(&umlaut("04", b"\xE4\xFF")), "äÿ");
    assert_eq!(accepted(&umlaut("03", b"plain")), "plain");
    assert_eq!(refused(&umlaut("03", "ä".as_bytes()).octets()), ErrorKind::NotText);
    for (charset, number) in [("05", 5), ("87 68", 1000), ("87 77", 1015), ("11", 17)] {
        assert_eq!(refused(&umlaut(charset, b"2").octets()), ErrorKind::Charset(number));
    }
}

#[test]
fn latin_1_holds_for_the_string_table_and_not_for_opaque_or_entity() {
    let table = b"\xE4\xF6\0".to_vec();
    let data = [str_t(0), str_t(1), opaque("ü".as_bytes()), entity(0x20AC)].concat();
    let hand = Hand { charset: hex("04"), ..Hand::replace(alpha(), &[], &data).table(table) };
    assert_eq!(accepted(&hand), "äööü€");
}

#[test]
fn a_head_that_is_cut_off_is_refused() {
    let octets = plain().octets();
    for cut in 0..octets.len() {
        let refusal = Device::new().refuse(&octets[..cut]);
        assert_eq!(refusal.stage(), Stage::Wbxml, "{cut}: {refusal}");
    }
    let long_table = [&hex("02 A4 01 6A 7F")[..], &plain().body, &[1]].concat();
    assert_eq!(refused(&long_table[..40]), ErrorKind::EndsEarly);
    let huge_table = [&hex("02 A4 01 6A 8F FF FF FF 7F")[..], &plain().body, &[1]].concat();
    assert_eq!(refused(&huge_table), ErrorKind::EndsEarly);
}

#[test]
fn numbers_of_more_than_32_bits_are_refused() {
    for number in ["90 80 80 80 00", "FF FF FF FF 7F", "80 80 80 80 80 01"] {
        assert_eq!(refused(&Hand { public: hex(number), ..plain() }.octets()), ErrorKind::MbUInt32);
        assert_eq!(
            refused(&Hand { charset: hex(number), ..plain() }.octets()),
            ErrorKind::MbUInt32
        );
        let data = [&[0x83][..], &hex(number)].concat();
        let hand = Hand::replace(alpha(), &[], &data);
        assert_eq!(refused(&hand.octets()), ErrorKind::MbUInt32);
    }
}

//! Ambiguous octets: one spelling that the verifier reads in one way and the executor in another.
//! [profile §1, §2]
//!
//! There is one reader and one infoset. What could be read in two ways is refused; what may be spelled
//! in two ways is one message.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::hand::{entity, hex, opaque, str_i, str_t};
use conformance::tnds::{self, nap};
use conformance::{Device, Hand, Message, alpha, command, encode, forge};
use dm_client::Refusal;
use dm_syncml::media_type::DMTNDS_WBXML;
use dm_wbxml::{ErrorKind, Version};

use super::{SPEED, beaten, beaten_text, honest};

fn wbxml(octets: &[u8]) -> ErrorKind {
    match beaten(octets) {
        Refusal::Wbxml(error) => error.kind,
        other => panic!("{}: {other}", other.name()),
    }
}

/// Both are the same message: whichever comes first is carried out, the other is a replay.
fn one_message(one: &[u8], other: &[u8]) {
    assert_ne!(one, other);
    for [first, second] in [[one, other], [other, one]] {
        let mut device = Device::new();
        device.accept(first);
        assert_eq!(device.refuse(second), Refusal::Replayed);
    }
}

/// A message with this `Data`, by hand; its string table begins with `ä`.
fn hand(data: &[u8]) -> Hand {
    Hand::replace(alpha(), &[], data).table("ä\0")
}

#[test]
fn an_element_that_has_a_token_is_never_read_by_its_name() {
    let target = [hex("6E 57"), str_i(SPEED), hex("01 01")].concat();
    let item = [hex("54"), target, hex("4F"), str_i("9"), hex("01 01 01")].concat();
    for (table, tag) in [("Replace\0", "44 00"), ("xmlns\0Replace\0", "C4 06 04 00")] {
        let space = [str_i("SYNCML:SYNCML1.2"), hex("01")].concat();
        let declared = if tag.len() > 5 { &space[..] } else { &[] };
        let command = [&hex(tag)[..], declared, &hex("4B"), &str_i("1"), &hex("01"), &item];
        let hand = Hand::message(alpha(), &command.concat()).table(table);
        assert_eq!(wbxml(&hand.octets()), ErrorKind::LiteralHasToken);
    }
    // The body itself, in front of the one that is signed.
    let octets = Hand::message(alpha(), &hex("12")).octets();
    let body = forge::octets_swapped(&octets, &hex("6B 12"), &hex("44 00 01 6B 12"));
    let body = [&body[..4], &[9], b"SyncBody\0", &body[5..]].concat();
    assert_eq!(wbxml(&body), ErrorKind::LiteralHasToken);
}

#[test]
fn a_text_is_cut_between_characters_only() {
    for pieces in [
        [&b"\x03\xC3\0"[..], b"\x03\xA4\0"].concat(),
        [opaque(b"\xC3"), opaque(b"\xA4")].concat(),
        [opaque(b"\xC3"), b"\x03\xA4\0".to_vec()].concat(),
        [&b"\x03\xC3\0"[..], &str_t(1)].concat(),
    ] {
        assert_eq!(wbxml(&hand(&pieces).octets()), ErrorKind::NotText, "{pieces:02x?}");
    }
}

#[test]
fn a_string_of_the_table_begins_with_a_character() {
    assert_eq!(wbxml(&hand(&str_t(1)).octets()), ErrorKind::NotText, "inside of ä");
    let literal = Hand::message(alpha(), &hex("04 01")).table("ä\0");
    assert_eq!(wbxml(&literal.octets()), ErrorKind::NotText, "as a name");
    one_message(&hand(&str_t(0)).sealed(alpha()), &hand(&str_i("ä")).sealed(alpha()));
}

#[test]
fn another_charset_is_another_text_or_the_same_message() {
    let charset = |octets: &[u8], number: u8| {
        assert_eq!(octets[..4], [2, 0xA4, 1, 106]);
        [&octets[..3], &[number], &octets[4..]].concat()
    };
    let sealed = hand(&str_i("höher")).sealed(alpha());
    assert_eq!(beaten(&charset(&sealed, 4)), Refusal::DigestMismatch, "h\u{c3}\u{b6}her");
    assert_eq!(wbxml(&charset(&sealed, 3)), ErrorKind::NotText);
    one_message(&sealed, &charset(&sealed, 0));
    let plain = Hand::replace(alpha(), &[], &str_i("2")).sealed(alpha());
    for number in [0, 3, 4] {
        one_message(&plain, &charset(&plain, number));
    }
    for number in [5, 17, 111] {
        assert_eq!(wbxml(&charset(&plain, number)), ErrorKind::Charset(number.into()));
    }
}

#[test]
fn another_head_is_refused_or_the_same_message() {
    let sealed = Hand::replace(alpha(), &[], &str_i("2")).sealed(alpha());
    let head = |version: u8, public: &str| [&[version][..], &hex(public), &sealed[3..]].concat();
    for (version, public) in [(1, "A4 01"), (3, "A4 01"), (2, "01"), (2, "80 A4 01")] {
        one_message(&sealed, &head(version, public));
    }
    for public in ["0B", "A4 02", "A4 03", "9F 52", "7F"] {
        assert_eq!(wbxml(&head(2, public)), ErrorKind::PublicIdentifier, "{public}");
    }
    for version in [0, 4, 0x3C] {
        assert_eq!(wbxml(&head(version, "A4 01")), ErrorKind::Version(version));
    }
}

#[test]
fn an_attribute_stands_once() {
    let table = "Signature\0xmlns\0Id\0Id\0";
    for attributes in ["04 10 04 10", "04 10 04 13", "04 0A 04 0A"] {
        let content = [hex("84 00"), hex(attributes), hex("01")].concat();
        let hand = Hand::message(alpha(), &content).table(table);
        assert_eq!(wbxml(&hand.octets()), ErrorKind::AttributeTwice, "{attributes}");
    }
}

#[test]
fn nothing_stands_behind_the_document() {
    let evil = Message::new(alpha()).with(command::replace("1", SPEED, "9")).unsealed();
    let good = honest().seal();
    for extra in [&[0][..], &[1], &[3, 0], &evil, &good] {
        let behind = [&good[..], extra].concat();
        assert_eq!(wbxml(&behind), ErrorKind::ContentAfterRoot);
    }
}

#[test]
fn markup_in_a_text_is_text() {
    let text = "</Data></Item></Replace><Delete/>";
    let spelled: Vec<u8> = text.chars().flat_map(|character| entity(character.into())).collect();
    let mut device = Device::new();
    device.accept(&hand(&spelled).sealed(alpha()));
    assert_eq!(device.text(SPEED).as_deref(), Some(text));
    one_message(&hand(&spelled).sealed(alpha()), &hand(&str_i(text)).sealed(alpha()));
    // Signed as text, sent as an element; and the other way round.
    let escaped = honest().text().replace("<Data>2<", "<Data>&lt;Final/&gt;<");
    let element = escaped.replace("&lt;Final/&gt;", "<Final></Final>");
    for [signed, sent] in [[&escaped, &element], [&element, &escaped]] {
        let sealed = conformance::seal_text(signed, alpha());
        let content = |text: &String| forge::content(text, "Data").to_owned();
        let sent = forge::swapped(&sealed, &content(signed), &content(sent));
        assert_eq!(beaten_text(&sent), Refusal::DigestMismatch);
    }
}

#[test]
fn white_space_is_not_normalised() {
    let sealed = honest().with(command::replace("2", "./Vendor/Mode", "a\n b")).sealed_text();
    for other in ["a&#xD;\n b", "a&#xD; b", "a b", "a\n\tb", "a\n b ", "a\n\u{A0}b", "a\u{85} b"] {
        let changed = forge::swapped(&sealed, "a\n b", other);
        assert_eq!(beaten_text(&changed), Refusal::DigestMismatch, "{other:?}");
    }
}

#[test]
fn names_that_look_alike_are_others() {
    for alike in [
        "DM.alpha.example",
        "dm.alpha.example ",
        " dm.alpha.example",
        "dm.alpha.example.",
        "dm.\u{430}lpha.example",
        "dm.alpha\u{200B}.example",
        "dm.alpha.e\u{301}xample",
        "dm.alpha.example/",
        "dm.alpha",
    ] {
        let refusal = beaten(&Message::new(alpha()).claiming(alike).seal());
        assert_eq!(refusal, Refusal::NoAccount(alike.into()));
    }
}

/// A document inside the message: its octets are what is signed.
#[test]
fn the_octets_of_a_nested_document_are_signed() {
    let object = encode(&tnds::text(vec![nap("Work", "work.example")]), Version::default());
    let text = STANDARD.encode(&object);
    let carried = command::meta("xml", DMTNDS_WBXML) + &command::data(&text);
    let message = honest().with(command::one("Add", "2", &command::item("./Inbox", &carried)));
    let octets = message.seal();
    for at in (0..object.len()).step_by(7) {
        let mut other = object.clone();
        other[at] ^= 1;
        let forged = forge::octets_swapped(&octets, &object, &other);
        assert_eq!(beaten(&forged), Refusal::DigestMismatch, "octet {at}");
    }
    // Its base64 text is another spelling of the same octets, and so another spelling only.
    let as_text = forge::octets_swapped(&octets, &opaque(&object), &str_i(&text));
    one_message(&octets, &as_text);
}

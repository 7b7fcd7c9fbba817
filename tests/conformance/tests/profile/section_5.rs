//! §5: two spellings on the wire, one infoset; and what §2 says of private pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::hand::{hex, opaque, str_i};
use conformance::{Device, Message, alpha, command, forge};
use dm_client::{Refusal, Spellings};
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling};
use dm_wbxml::{ErrorKind, Strings, Version};
use dm_xml::{Limits, canonical, parse};

fn message() -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"))
}

/// XML text in this spelling, without a string table where names do not need one.
fn spell(text: &str, spelling: Spelling) -> Vec<u8> {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
    let encoder = wbxml::encoder_spelled(&document, spelling).strings(Strings::Inline);
    encoder.encode(&document, MetaRule::default()).expect("WBXML can carry it")
}

/// The message, sealed, in the compact spelling.
fn compact() -> Vec<u8> {
    spell(&message().sealed_text(), Spelling::Compact)
}

/// A device that takes both spellings.
fn device() -> Device {
    Device::new().set(|settings| settings.spellings = Spellings::Any)
}

/// The compact message with one place of it changed.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    let octets = compact();
    let mut places = octets.windows(from.len()).enumerate().filter(|(_, found)| *found == from);
    let (at, _) = places.next().expect("it is there");
    assert!(places.next().is_none(), "once");
    [&octets[..at], to, &octets[at + from.len()..]].concat()
}

/// The compact message with this string table and one place of it changed.
fn with_table(table: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let octets = with(from, to);
    assert_eq!(octets[3], 0, "it has no string table");
    let length = u8::try_from(table.len()).expect("short");
    [&octets[..3], &[length], table, &octets[4..]].concat()
}

fn is_let_in(octets: &[u8]) {
    let mut device = device();
    device.accept(octets);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
}

fn refused(octets: &[u8]) -> ErrorKind {
    match device().refuse(octets) {
        Refusal::Wbxml(error) => error.kind,
        other => panic!("{}: {other}", other.name()),
    }
}

/// The content of DigestValue, as octets.
fn digest() -> Vec<u8> {
    let text = message().sealed_text();
    let (_, digest) = text.split_once("<DigestValue>").expect("it is sealed");
    STANDARD.decode(digest.split_once('<').expect("it ends").0).expect("base64")
}

#[test]
fn the_compact_spelling_is_refused_unless_it_is_configured() {
    match Device::new().refuse(&compact()) {
        Refusal::Wbxml(error) => assert_eq!(error.kind, ErrorKind::UnknownPage),
        other => panic!("{}: {other}", other.name()),
    }
    is_let_in(&compact());
}

#[test]
fn a_device_that_takes_the_compact_spelling_takes_the_other_too() {
    is_let_in(&message().seal());
    is_let_in(&spell(&message().sealed_text(), Spelling::Interop));
}

#[test]
fn a_signature_stays_valid_in_either_direction() {
    let text = message().sealed_text();
    let mut octets = spell(&text, Spelling::Interop);
    for spelling in [Spelling::Compact, Spelling::Interop, Spelling::Compact] {
        let limits = Limits::default();
        let source = wbxml::open_spelled(&octets, Spellings::Any, &limits).expect("a head");
        let read = wbxml::decode(&source, &limits).expect("a body");
        assert_eq!(canonical::text(&read), text);
        let encoder = wbxml::encoder_spelled(&read, spelling);
        let respelled = encoder.encode(&read, MetaRule::default()).expect("it was read");
        is_let_in(&respelled);
        octets = respelled;
    }
}

#[test]
fn a_message_in_another_spelling_is_the_same_message() {
    let mut device = device();
    device.accept(&compact());
    let refusal = device.refuse(&spell(&message().sealed_text(), Spelling::Interop));
    assert_eq!(refusal.name(), "Replayed");
}

#[test]
fn a_changed_message_is_refused_in_the_compact_spelling_as_well() {
    let text = forge::swapped(&message().sealed_text(), "<Data>2</Data>", "<Data>3</Data>");
    let refusal = device().refuse(&spell(&text, Spelling::Compact));
    assert_eq!(refusal.name(), "DigestMismatch");
}

#[test]
fn every_version_and_public_identifier_may_have_private_pages() {
    for version in [Version::V1_1, Version::V1_2, Version::V1_3] {
        let mut octets = compact();
        octets[0] = version.octet();
        is_let_in(&octets);
        let registered = [&octets[..1], &hex("A4 01"), &octets[2..]].concat();
        is_let_in(&registered);
    }
}

#[test]
fn octets_of_a_private_token_may_also_be_base64_text() {
    let digest = digest();
    let text = STANDARD.encode(&digest);
    is_let_in(&with(&opaque(&digest), &str_i(&text)));
    let pieces = [str_i(&text[..5]), str_i(&text[5..])].concat();
    is_let_in(&with(&opaque(&digest), &pieces));
}

#[test]
fn octets_of_a_private_token_stand_alone() {
    let digest = digest();
    let (one, other) = (opaque(&digest[..15]), opaque(&digest[15..]));
    for content in [
        [one.clone(), other.clone()].concat(),
        [one.clone(), str_i("AAAA")].concat(),
        [str_i("AAAA"), one.clone()].concat(),
        [one, hex("50")].concat(),                // KeyName
        [hex("10"), other].concat(),              // KeyName, then octets
        [opaque(&digest), hex("02 41")].concat(), // ENTITY
    ] {
        let kind = refused(&with(&opaque(&digest), &content));
        assert_eq!(kind, ErrorKind::OctetsBesideContent, "{content:02x?}");
    }
}

#[test]
fn octets_of_a_literal_element_are_text() {
    let digest = digest();
    let token = [hex("4D"), opaque(&digest)].concat();
    let literal = |content: &[u8]| {
        let to = [&hex("44 00")[..], content].concat();
        with_table(b"DigestValue\0", &token, &to)
    };
    is_let_in(&literal(&opaque(STANDARD.encode(&digest).as_bytes())));
    is_let_in(&literal(&str_i(&STANDARD.encode(&digest))));
    let raw = [&[0xFF][..], &digest[1..]].concat(); // no UTF-8, whatever the digest is
    assert_eq!(refused(&literal(&opaque(&raw))), ErrorKind::NotText);
}

#[test]
fn attributes_of_private_tokens_may_come_by_name() {
    let value = "http://www.w3.org/2001/04/xmlenc#sha256";
    let by_name = [&hex("8C 04 00")[..], &str_i(value), &[1]].concat();
    is_let_in(&with_table(b"Algorithm\0", &hex("8C 0C 01"), &by_name));
    let in_pieces = [&hex("8C 0B")[..], &str_i("sha"), &str_i("256"), &[1]].concat();
    is_let_in(&with(&hex("8C 0C 01"), &in_pieces));
    let twice = [&hex("8C 0C 04 00")[..], &str_i(value), &[1]].concat();
    let twice = refused(&with_table(b"Algorithm\0", &hex("8C 0C 01"), &twice));
    assert_eq!(twice, ErrorKind::AttributeTwice);
    let octets = [&hex("8C 0B")[..], &opaque(b"sha256"), &[1]].concat();
    assert_eq!(refused(&with(&hex("8C 0C 01"), &octets)), ErrorKind::AttributeToken(0xC3));
    let unknown = refused(&with(&hex("8C 0C 01"), &hex("8C 7F 01")));
    assert_eq!(unknown, ErrorKind::AttributeToken(0x7F));
}

#[test]
fn a_literal_element_may_have_attributes_by_token() {
    let literal = with_table(b"DigestMethod\0", &hex("8C 0C 01"), &hex("84 00 0C 01"));
    is_let_in(&literal);
}

#[test]
fn an_xmlns_on_a_private_token_says_what_its_page_says() {
    let signature = hex("00 10 45 46");
    let declared = |namespace: &str| {
        let to = [&hex("00 10 C5 04 00")[..], &str_i(namespace), &hex("01 46")].concat();
        with_table(b"xmlns\0", &signature, &to)
    };
    is_let_in(&declared("http://www.w3.org/2000/09/xmldsig#"));
    assert_eq!(refused(&declared("urn:x")), ErrorKind::Namespace);
}

#[test]
fn the_standard_pages_stay_as_strict_as_they_are() {
    // Replace with Type="", which has a token; and by a literal name.
    let replace = [hex("60 4B"), str_i("1")].concat();
    let attributed = [hex("E0 2B 01 4B"), str_i("1")].concat();
    assert_eq!(refused(&with(&replace, &attributed)), ErrorKind::AttributeOnToken);
    let literal = [hex("44 00 4B"), str_i("1")].concat();
    let kind = refused(&with_table(b"Replace\0", &replace, &literal));
    assert_eq!(kind, ErrorKind::LiteralHasToken);
}

#[test]
fn a_private_page_has_the_tags_of_its_table_only() {
    assert_eq!(refused(&with(&hex("8C 0C 01"), &hex("BF 0C 01"))), ErrorKind::UnknownTag(0x3F));
    for page in [3, 15, 21, 255] {
        let elsewhere = with(&hex("00 10 45 46"), &[0, page, 0x45, 0x46]);
        assert_eq!(refused(&elsewhere), ErrorKind::UnknownPage, "page {page}");
    }
}

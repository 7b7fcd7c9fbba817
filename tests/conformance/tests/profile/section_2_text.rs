//! §2, text: characters, strings by reference, white space.

use conformance::hand::{Hand, entity, hex, opaque, str_i, str_t};
use conformance::{Device, Message, Speller, Style, alpha, command, encode, infoset, seal_text};
use dm_client::Refusal;
use dm_wbxml::{ErrorKind, Version};

use crate::{accepted, refused};

fn data(octets: &[u8]) -> Hand {
    Hand::replace(alpha(), &[], octets).table("table\0Speed\0")
}

#[test]
fn runs_of_text_are_joined() {
    let octets =
        [str_i("a"), str_t(0), entity(0xE4), str_t(2), opaque(b"o"), str_i(""), str_t(5)].concat();
    assert_eq!(accepted(&data(&octets)), "atableäbleo");
    assert_eq!(accepted(&data(&[])), "");
    let octets = [str_i("a"), hex("00 02 00 00"), str_i("b")].concat();
    assert_eq!(accepted(&data(&octets)), "ab", "a page switch on the way changes nothing");
}

#[test]
fn the_last_string_of_the_table_may_lack_its_nul() {
    let hand = Hand::replace(alpha(), &[], &str_t(3)).table("ab\0cd");
    assert!(infoset(&hand.octets()).unwrap().contains("<Data>cd</Data>"));
}

#[test]
fn strings_outside_the_table_are_refused() {
    assert_eq!(refused(&data(&str_t(12)).octets()), ErrorKind::StringTable(12));
    assert_eq!(refused(&data(&str_t(1 << 27)).octets()), ErrorKind::StringTable(1 << 27));
}

#[test]
fn a_string_without_its_end_is_refused() {
    // No NUL follows to the end of the document.
    let octets = Hand::replace(alpha(), &[], b"\x03abc").octets();
    let cut = octets.len() - 4;
    assert_eq!(refused(&octets[..cut]), ErrorKind::EndsEarly);
    assert_eq!(refused(&data(&hex("C3 8F FF FF FF 7F 61")).octets()), ErrorKind::EndsEarly);
}

#[test]
fn characters_that_xml_forbids_are_refused_in_every_spelling() {
    for character in [0, 1, 8, 0xB, 0xC, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x11_0000] {
        let octets = data(&entity(character)).octets();
        assert_eq!(refused(&octets), ErrorKind::Character(character));
    }
    for text in ["\u{1}", "a\u{B}", "\u{FFFE}", "\u{1F}"] {
        let character = text.chars().last().unwrap().into();
        let wrong = ErrorKind::Character(character);
        assert_eq!(refused(&data(&str_i(text)).octets()), wrong);
        assert_eq!(refused(&data(&opaque(text.as_bytes())).octets()), wrong);
        let table = Hand::replace(alpha(), &[], &str_t(0)).table(format!("{text}\0"));
        assert_eq!(refused(&table.octets()), wrong);
    }
    assert_eq!(refused(&data(&opaque(b"a\0b")).octets()), ErrorKind::Character(0));
    for character in ['\t', '\n', '\r', ' ', '\u{7F}', '\u{85}', '\u{FFFD}', '\u{10FFFF}'] {
        assert_eq!(accepted(&data(&entity(character.into()))), character.to_string());
    }
}

#[test]
fn white_space_between_elements_is_signed_and_ignored() {
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"));
    let spaced = message.text().replace("><", ">\n \t<");
    let octets = encode(&seal_text(&spaced, alpha()), Version::default());
    let text = infoset(&octets).unwrap();
    assert!(text.contains(">\n \t<SyncBody>"), "kept: {text}");
    let mut device = Device::new();
    assert_eq!(device.statuses(&octets), [200]);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));

    // Added afterwards, it is a change like any other.
    let added = message.sealed_text().replace("<SyncBody>", " <SyncBody>");
    let refusal = Device::new().refuse(&encode(&added, Version::default()));
    assert_eq!(refusal, Refusal::DigestMismatch);
}

#[test]
fn other_text_between_elements_is_refused() {
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"));
    for (place, stage) in [
        ("<SyncHdr>", "header"),
        ("<VerProto>", "header"),
        ("<LocURI>", "header"),
        ("<SyncBody>", "header"),
        ("<Replace>", "model"),
        ("<CmdID>", "model"),
        ("<Item>", "model"),
        ("<Target><LocURI>./", "model"),
        ("<Data>", "model"),
        ("<Final/>", "model"),
    ] {
        for text in ["x", "\u{A0}", "\u{FEFF}"] {
            let spoiled = message.text().replace(place, &format!("{text}{place}"));
            let octets = encode(&seal_text(&spoiled, alpha()), Version::default());
            let refusal = Device::new().refuse(&octets);
            assert_eq!(refusal.stage().as_str(), stage, "{text:?} before {place}: {refusal}");
        }
    }
}

#[test]
fn one_infoset_has_many_spellings_and_one_signature() {
    let commands = command::replace("1", "./Vendor/Speed", "höchst \u{1F680}  <&>");
    let message = Message::new(alpha()).emi("c=1").with(commands);
    let sealed = message.sealed_text();
    let mut spellings = Vec::new();
    for version in [1, 2, 3] {
        for style in Style::ALL {
            for (switches, declares) in [(false, false), (true, false), (false, true), (true, true)]
            {
                let speller = Speller { version, style, switches, declares, ..Speller::default() };
                spellings.push(speller.spell(&sealed));
            }
        }
    }
    for octets in &spellings {
        assert_eq!(infoset(octets).unwrap(), sealed);
        let mut device = Device::new();
        device.accept(octets);
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("höchst \u{1F680}  <&>"));
    }
    // To the replay protection all of them are one message.
    let mut device = Device::new();
    device.accept(&spellings[0]);
    assert!(spellings.iter().all(|octets| device.refuse(octets) == Refusal::Replayed));
}

#[test]
fn a_message_may_change_its_charset_on_the_way() {
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "höchst"));
    let sealed = message.sealed_text();
    for (charset, style) in
        [(4, Style::Plain), (4, Style::Table), (0, Style::Plain), (3, Style::Entities)]
    {
        let octets = Speller { charset, style, ..Speller::default() }.spell(&sealed);
        let mut device = Device::new();
        device.accept(&octets);
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("höchst"), "{charset}");
    }
}

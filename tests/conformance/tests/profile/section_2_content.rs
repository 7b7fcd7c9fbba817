//! §2, OPAQUE where octets are meant, nested documents, and limits.

use conformance::hand::{Hand, hex, opaque, str_i};
use conformance::tnds::{self, nap};
use conformance::{Device, Message, alpha, command, encode, infoset, seal_text};
use dm_client::{Refusal, Stage};
use dm_syncml::media_type::DMTNDS_WBXML;
use dm_tnds::Format;
use dm_wbxml::{ErrorKind, Version};
use dm_xml::LimitExceeded;

use crate::refused;

/// A field of Meta: a tag of page 1 with text, the page set back.
fn field(tag: &str, text: &str) -> Vec<u8> {
    [hex("00 01"), hex(tag), str_i(text), hex("01 00 00")].concat()
}

fn format(text: &str) -> Vec<u8> {
    field("47", text)
}

fn media(text: &str) -> Vec<u8> {
    field("53", text)
}

fn meta(fields: &[Vec<u8>]) -> Vec<u8> {
    [hex("5A"), fields.concat(), hex("01")].concat()
}

/// The content of `Data` in the infoset.
fn data_text(hand: &Hand) -> String {
    let text = infoset(&hand.octets()).expect("good octets");
    conformance::forge::content(&text, "Data").to_owned()
}

const OCTETS: &[u8] = &[0xFF, 0x00, 0x41];

#[test]
fn opaque_is_base64_where_format_or_type_says_octets() {
    for fields in [
        vec![format("bin")],
        vec![media("application/x+wbxml")],
        vec![media("application/X+WBXML")],
        vec![media("+wbxml")],
        vec![format("chr"), media("a/b+wbxml")],
        vec![format("bin"), media("text/plain")],
    ] {
        let hand = Hand::replace(alpha(), &meta(&fields), &opaque(OCTETS));
        assert_eq!(data_text(&hand), "/wBB", "{fields:02x?}");
    }
    let wrapped = [hex("5A 00 01 4E 47"), str_i("bin"), hex("01 01 00 00 01")].concat();
    let hand = Hand::replace(alpha(), &wrapped, &opaque(OCTETS));
    assert_eq!(data_text(&hand), "/wBB", "MetInf may stand around the fields");
}

#[test]
fn opaque_is_text_everywhere_else() {
    for fields in [
        vec![],
        vec![format("chr")],
        vec![format("b64")],
        vec![format("Bin")],
        vec![format(" bin")],
        vec![format("xml"), media("application/vnd.syncml.dmtnds+xml")],
        vec![media("wbxml")],
        vec![media("a+wbxml;x=1")],
    ] {
        let meta = if fields.is_empty() { vec![] } else { meta(&fields) };
        let good = Hand::replace(alpha(), &meta, &opaque("ä".as_bytes()));
        assert_eq!(data_text(&good), "ä", "{fields:02x?}");
        let bad = Hand::replace(alpha(), &meta, &opaque(OCTETS));
        assert_eq!(refused(&bad.octets()), ErrorKind::NotText, "{fields:02x?}");
    }
    // In an address, say: "./V" as OPAQUE.
    let location = [hex("60 54 6E 57"), opaque(b"./V"), hex("01 01 01 01")].concat();
    let text = infoset(&Hand::message(alpha(), &location).octets()).unwrap();
    assert!(text.contains("<Target><LocURI>./V</LocURI></Target>"), "{text}");
}

#[test]
fn the_meta_of_an_item_comes_first_and_that_of_the_command_fills_in() {
    let command = |outer: &[u8], inner: &[u8]| {
        let item = [hex("54"), inner.to_vec(), hex("4F"), opaque(b"AB"), hex("01 01 01")].concat();
        let all = [&hex("60 4B")[..], &str_i("1"), &hex("01"), outer, &item].concat();
        data_text(&Hand::message(alpha(), &all))
    };
    let (bin, chr) = (meta(&[format("bin")]), meta(&[format("chr")]));
    let (wbxml, plain) = (meta(&[media("a/b+wbxml")]), meta(&[media("text/plain")]));
    assert_eq!(command(&bin, &[]), "QUI=");
    assert_eq!(command(&bin, &chr), "AB", "field by field: the item's format");
    assert_eq!(command(&chr, &bin), "QUI=");
    assert_eq!(command(&wbxml, &[]), "QUI=");
    assert_eq!(command(&wbxml, &plain), "AB");
    assert_eq!(command(&wbxml, &chr), "QUI=", "the command's type, the item's format");
    assert_eq!(command(&[], &[]), "AB");
}

#[test]
fn meta_behind_data_and_two_of_a_kind_are_refused() {
    let good = command::meta("bin", "");
    for item in [
        format!("<Data>QUI=</Data>{good}"),
        format!("{good}{good}<Data>QUI=</Data>"),
        good.replace("</Meta>", "<Format xmlns=\"syncml:metinf\">chr</Format></Meta>")
            + "<Data>QUI=</Data>",
    ] {
        let message = Message::new(alpha()).with(command::one(
            "Replace",
            "1",
            &command::item("./Vendor/Speed", &item),
        ));
        let refusal = Device::new().refuse(&message.seal());
        assert!(matches!(refusal, Refusal::Model(_)), "{item}: {refusal}");
    }
    let behind = "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./Vendor/Speed</LocURI></Target>\
                  <Data>QUI=</Data></Item><Meta/></Replace>";
    let refusal = Device::new().refuse(&Message::new(alpha()).with(behind).seal());
    assert!(matches!(refusal, Refusal::Model(_)), "{refusal}");
    // An OPAQUE in front of its Meta is text: one forward pass decides.
    let early = [hex("60 54 4F"), opaque(OCTETS), hex("01"), meta(&[format("bin")]), hex("01 01")];
    let octets = Hand::message(alpha(), &early.concat()).octets();
    assert_eq!(refused(&octets), ErrorKind::NotText);
}

#[test]
fn a_value_of_an_object_is_octets_where_its_format_is_bin() {
    let node = |format: &str| {
        let properties = [hex("00 02 6F 5C"), hex(format), hex("01 01")].concat();
        let node = [hex("00 02 64"), properties, hex("76"), opaque(b"AB"), hex("01 01")].concat();
        let text = infoset(&Hand::message(alpha(), &node).octets()).unwrap();
        conformance::forge::content(&text, "Value").to_owned()
    };
    assert_eq!(node("09"), "QUI=", "bin");
    assert_eq!(node("08"), "AB", "b64 is written as text");
    assert_eq!(node("0B"), "AB", "chr");
}

#[test]
fn the_meta_of_cred_decides_about_its_data() {
    let cred = [hex("4E"), meta(&[format("bin")]), hex("4F"), opaque(b"AB"), hex("01 01")].concat();
    let text = infoset(&Hand::message(alpha(), &cred).octets()).unwrap();
    assert!(text.contains("<Data>QUI=</Data></Cred>"), "{text}");
}

#[test]
fn octets_stand_alone() {
    let bin = meta(&[format("bin")]);
    for content in [
        [opaque(b"A"), opaque(b"B")].concat(),
        [opaque(b"A"), str_i("QQ==")].concat(),
        [str_i("QQ=="), opaque(b"A")].concat(),
        [opaque(b"A"), hex("14")].concat(),
        [hex("14"), opaque(b"A")].concat(),
    ] {
        let found = Hand::replace(alpha(), &bin, &content);
        // An element beside octets is refused by the reader or, as mixed content, by the model.
        let refusal = match infoset(&found.octets()) {
            Ok(_) => Device::new().refuse(&found.sealed(alpha())),
            Err(_) => Device::new().refuse(&found.octets()),
        };
        let stages = [Stage::Wbxml, Stage::Model];
        assert!(stages.contains(&refusal.stage()), "{content:02x?}: {refusal}");
    }
    let hand = Hand::replace(alpha(), &bin, &[opaque(b"A"), str_i("Q")].concat());
    assert_eq!(refused(&hand.octets()), ErrorKind::OctetsBesideContent);
}

#[test]
fn opaque_and_base64_text_are_one_thing() {
    let bin = meta(&[format("bin")]);
    let stored = |data: &[u8]| {
        let mut device = Device::new();
        device.accept(&Hand::replace(alpha(), &bin, data).sealed(alpha()));
        let node = device.tree().get(&conformance::device::at("./Vendor/Speed")).unwrap();
        assert_eq!(node.format, Format::Bin);
        node.value.clone().unwrap()
    };
    assert_eq!(stored(&opaque(OCTETS)), OCTETS);
    assert_eq!(stored(&str_i("/wBB")), OCTETS);
    assert_eq!(stored(&[str_i("/w"), str_i("BB")].concat()), OCTETS);
    let mut device = Device::new();
    let wrong = Hand::replace(alpha(), &bin, &str_i("no base64"));
    assert_eq!(device.statuses(&wrong.sealed(alpha())), [415]);
    // The same infoset: signed as text, sent as octets.
    let as_text = Hand::replace(alpha(), &bin, &str_i("/wBB"));
    let as_octets = Hand::replace(alpha(), &bin, &opaque(OCTETS));
    assert_eq!(infoset(&as_text.octets()).unwrap(), infoset(&as_octets.octets()).unwrap());
}

#[test]
fn nested_documents_are_read_under_the_same_strict_rules() {
    let object = encode(&tnds::text(vec![nap("Work", "work.example")]), Version::default());
    let status = |object: &[u8]| {
        let data = [hex("4F"), opaque(object), hex("01 01 01")].concat();
        let meta = meta(&[media(DMTNDS_WBXML)]);
        let head = [hex("45 4B"), str_i("1"), hex("01 54 6E 57"), str_i("./Inbox"), hex("01 01")];
        let command = [head.concat(), meta, data].concat();
        let mut device = Device::new();
        device.statuses(&Hand::message(alpha(), &command).sealed(alpha()))
    };
    assert_eq!(status(&object), [200]);
    for version in [0, 4] {
        assert_eq!(status(&[&[version], &object[1..]].concat()), [415], "version {version}");
    }
    assert_eq!(status(&[&object[..], &[0]].concat()), [415], "octets behind its root");
    assert_eq!(status(&object[..object.len() - 1]), [415], "cut off");
    let at = object.iter().rposition(|&octet| octet == 1).unwrap();
    let instruction = [&object[..at], &hex("43 04 00 01"), &object[at..]].concat();
    assert_eq!(status(&instruction), [415], "a processing instruction");
}

#[test]
fn the_limits_of_the_gate_are_exact() {
    let body = |content: Vec<u8>| Hand::new([hex("6D"), content].concat()).octets();
    let too_large = |octets: &[u8], limit| match Device::new().refuse(octets) {
        Refusal::TooLarge(error) => assert_eq!(error.kind, ErrorKind::Limit(limit)),
        other => panic!("{other}"),
    };
    let others = |octets: &[u8]| {
        let refusal = Device::new().refuse(octets);
        assert_eq!(refusal.stage(), Stage::Header, "{refusal}");
    };
    let deep = |depth: usize| body([vec![0x5A; depth - 1], vec![1; depth - 1]].concat());
    others(&deep(64));
    too_large(&deep(65), LimitExceeded::Depth(64));
    others(&body(vec![0x12; 49_999]));
    too_large(&body(vec![0x12; 50_000]), LimitExceeded::Elements(50_000));
    let octets = body([&[3], &vec![b'a'; (1 << 20) - 9][..], &[0]].concat());
    assert_eq!(octets.len(), 1 << 20);
    others(&octets);
    too_large(&[&octets[..], &[1]].concat(), LimitExceeded::Octets(1 << 20));
    // 4,000,000 characters by reference to a string of 10,000.
    let table = vec![b'a'; 10_000];
    let uses = |times: usize| {
        Hand::new([hex("6D"), hex("83 00").repeat(times)].concat()).table(table.clone()).octets()
    };
    others(&uses(400));
    too_large(&uses(401), LimitExceeded::Text(4_000_000));
}

#[test]
fn configuration_lowers_limits() {
    let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"));
    let octets = encode(&seal_text(&message.text(), alpha()), Version::default());
    let mut device = Device::new().set(|settings| settings.limits.octets = octets.len() - 1);
    assert_eq!(device.refuse(&octets).stage(), Stage::Size);
    let mut device = Device::new().set(|settings| settings.limits.octets = octets.len());
    device.accept(&octets);
}

//! §2, tags and attributes: one spelling an element, and nothing that would vanish.

use conformance::hand::{Hand, hex, opaque, str_i};
use conformance::{Device, alpha, infoset};
use dm_client::Refusal;
use dm_wbxml::ErrorKind;

use crate::{accepted, refused};

/// `SyncML` with this content, whose string table begins with these strings at 0.
fn inside(table: &str, content: &[u8]) -> Vec<u8> {
    Hand::new([&[0x6D], content].concat()).table(table).octets()
}

/// The infoset inside `SyncML`.
fn rendered(table: &str, content: &[u8]) -> String {
    let text = infoset(&inside(table, content)).expect("good octets");
    let text = text.strip_prefix("<SyncML xmlns=\"SYNCML:SYNCML1.2\">").expect("the root");
    text.strip_suffix("</SyncML>").expect("its end").to_owned()
}

fn fault(table: &str, content: &[u8]) -> ErrorKind {
    refused(&inside(table, content))
}

#[test]
fn a_page_is_a_namespace() {
    let content = hex("20 00 01 06 00 02 20 00 00 3C");
    assert_eq!(
        rendered("", &content),
        "<Replace></Replace><EMI xmlns=\"syncml:metinf\"></EMI>\
         <MgmtTree xmlns=\"syncml:dmddf1.2\"></MgmtTree><Correlator></Correlator>"
    );
}

#[test]
fn a_literal_element_is_in_the_namespace_in_scope() {
    // Below SyncML, below MetInf's Meta, and below a literal that declares its own.
    let content = hex("44 00  44 00 01  01  00 01 47 04 00 01");
    let shown = rendered("Own\0", &content);
    let expected = "<Own><Own></Own></Own><Format xmlns=\"syncml:metinf\"><Own></Own></Format>";
    assert_eq!(shown, expected);
    let declared = [&hex("C4 00 04 04")[..], &str_i("urn:own"), &hex("01 04 00 01")].concat();
    let expected = "<Own xmlns=\"urn:own\"><Own></Own></Own>";
    assert_eq!(rendered("Own\0xmlns\0", &declared), expected);
}

#[test]
fn literal_names_are_ncnames() {
    for good in ["a", "_", "ä", "A-1.b"] {
        assert!(infoset(&inside(&format!("{good}\0"), &hex("04 00"))).is_ok(), "{good}");
    }
    for bad in ["", "1a", "a:b", ":a", "a b", "-a", "a<b", "a/", "\u{D7}", ".a", "a\u{37E}"] {
        assert_eq!(fault(&format!("{bad}\0"), &hex("04 00")), ErrorKind::LiteralName, "{bad:?}");
        let attribute = [&hex("84 02 04 04")[..], &str_i("v"), &hex("01")].concat();
        let table = format!("a\0L\0{bad}\0");
        let found = fault(&table, &attribute);
        assert_eq!(found, ErrorKind::LiteralName, "attribute {bad:?}");
    }
}

#[test]
fn a_literal_declares_an_absolute_namespace_or_none() {
    let declared = |uri: &str| [&hex("84 00 04 02")[..], &str_i(uri), &hex("01")].concat();
    for bad in [
        "",
        "relative",
        "http",
        ":x",
        "1a:b",
        "a b:c",
        "http://www.w3.org/XML/1998/namespace",
        "http://www.w3.org/2000/xmlns/",
    ] {
        assert_eq!(fault("L\0xmlns\0", &declared(bad)), ErrorKind::LiteralNamespace, "{bad:?}");
    }
    assert!(infoset(&inside("L\0xmlns\0", &declared("urn:x"))).is_ok());
    let root = Hand::new(hex("44 00")).table("SyncML\0");
    assert_eq!(refused(&root.octets()), ErrorKind::LiteralNamespace, "nothing in scope");
}

#[test]
fn an_element_that_has_a_token_is_not_spelled_out() {
    for name in ["Replace", "SyncHdr", "Correlator", "Data"] {
        assert_eq!(fault(&format!("{name}\0"), &hex("04 00")), ErrorKind::LiteralHasToken);
    }
    for (name, namespace) in [
        ("Format", "syncml:metinf"),
        ("EMI", "syncml:metinf"),
        ("MgmtTree", "syncml:dmddf1.2"),
        ("ACL", "syncml:dmddf1.2"),
        ("Replace", "SYNCML:SYNCML1.2"),
    ] {
        let table = format!("xmlns\0{name}\0");
        let content = [&hex("84 06 04 00")[..], &str_i(namespace), &hex("01")].concat();
        assert_eq!(fault(&table, &content), ErrorKind::LiteralHasToken, "{name}");
        let elsewhere = [&hex("84 06 04 00")[..], &str_i("urn:x"), &hex("01")].concat();
        assert!(infoset(&inside(&table, &elsewhere)).is_ok(), "{name} of another namespace");
    }
    // The root as well.
    let content = [&hex("C4 06 04 00")[..], &str_i("SYNCML:SYNCML1.2"), &hex("01")].concat();
    let root = Hand::new(content).table("xmlns\0SyncML\0");
    assert_eq!(refused(&root.octets()), ErrorKind::LiteralHasToken);
}

#[test]
fn literal_attributes_stand_on_literal_elements() {
    let content = [&hex("84 00 04 02")[..], &str_i("v"), &hex("83 02 02 26 04 04 01")].concat();
    assert_eq!(rendered("L\0a\0b\0", &content), "<L a=\"va&amp;\" b=\"\"></L>");
    let twice = [&hex("84 00 04 02")[..], &str_i("v"), &hex("04 02 01")].concat();
    assert_eq!(fault("L\0a\0", &twice), ErrorKind::AttributeTwice);
    let other_offset = [&hex("84 00 04 02")[..], &str_i("v"), &hex("04 04 01")].concat();
    assert_eq!(fault("L\0a\0a\0", &other_offset), ErrorKind::AttributeTwice);
    let octets = [&hex("84 00 04 02")[..], &opaque(b"v"), &hex("01")].concat();
    assert_eq!(fault("L\0a\0", &octets), ErrorKind::AttributeToken(0xC3));
    assert_eq!(fault("L\0a\0", &hex("84 00 05 01")), ErrorKind::AttributeToken(0x05));
    assert_eq!(fault("L\0a\0", &hex("84 00 04 02 85 01")), ErrorKind::AttributeToken(0x85));
    let before = [&hex("84 00")[..], &str_i("v"), &hex("01")].concat();
    assert_eq!(fault("L\0a\0", &before), ErrorKind::AttributeToken(0x03), "a value of nothing");
}

#[test]
fn a_token_element_may_repeat_its_namespace_and_has_no_attributes() {
    let declared = |tag: &str, uri: &str| [hex(tag), hex("04 00"), str_i(uri), hex("01")];
    let good = declared("A0", "SYNCML:SYNCML1.2").concat();
    assert_eq!(rendered("xmlns\0", &good), "<Replace></Replace>");
    let good = declared("00 01 86", "syncml:metinf").concat();
    assert_eq!(rendered("xmlns\0", &good), "<EMI xmlns=\"syncml:metinf\"></EMI>");
    for (tag, wrong) in [
        ("A0", "SYNCML:SYNCML1.1"),
        ("A0", "syncml:metinf"),
        ("A0", ""),
        ("A0", " SYNCML:SYNCML1.2"),
        ("00 01 86", "SYNCML:SYNCML1.2"),
    ] {
        assert_eq!(fault("xmlns\0", &declared(tag, wrong).concat()), ErrorKind::Namespace);
    }
    let other = declared("A0", "SYNCML:SYNCML1.2").concat();
    assert_eq!(fault("Id\0", &other), ErrorKind::AttributeOnToken);
    let twice = [&hex("A0 04 00")[..], &str_i("SYNCML:SYNCML1.2"), &hex("04 00 01")].concat();
    assert_eq!(fault("xmlns\0", &twice), ErrorKind::AttributeTwice);
}

#[test]
fn what_would_vanish_is_refused() {
    assert_eq!(fault("x\0", &hex("43 04 00 01")), ErrorKind::ProcessingInstruction);
    for token in [0x40, 0x41, 0x42, 0x80, 0x81, 0x82, 0xC0, 0xC1, 0xC2] {
        assert_eq!(fault("x\0", &[token, 0, 0]), ErrorKind::Extension(token));
        let attribute = [&hex("84 00 04 02")[..], &[token, 0, 0], &hex("01")].concat();
        let found = fault("L\0a\0", &attribute);
        assert_eq!(found, ErrorKind::AttributeToken(token), "in an attribute");
    }
    let before_root = [&hex("02 A4 01 6A 02 78 00 43 04 00 01")[..], &hex("6D 01")].concat();
    assert_eq!(refused(&before_root), ErrorKind::ProcessingInstruction);
}

#[test]
fn unknown_tags_and_pages_are_refused() {
    for content in ["30", "70", "B0 01", "3D", "3F", "00 01 17", "00 02 3D"] {
        let found = fault("", &hex(content));
        assert!(matches!(found, ErrorKind::UnknownTag(_)), "{content}: {found}");
    }
    for content in ["00 03 05", "00 10 05", "00 FF 6D"] {
        assert_eq!(fault("", &hex(content)), ErrorKind::UnknownPage, "{content}");
    }
    let switched = hex("00 FF 00 00 20");
    assert_eq!(rendered("", &switched), "<Replace></Replace>", "a page of which no tag is read");
}

#[test]
fn nothing_stands_behind_or_before_the_root() {
    let good = Hand::replace(alpha(), &[], &str_i("2"));
    assert_eq!(accepted(&good), "2");
    for extra in ["00", "01", "6D 01", "03 20 00", "00 00", "43 04 00 01", "FF"] {
        let octets = [good.sealed(alpha()), hex(extra)].concat();
        assert_eq!(refused(&octets), ErrorKind::ContentAfterRoot, "{extra}");
    }
    let before = |text: &str| [&hex("02 A4 01 6A 00")[..], &hex(text), &hex("6D 01")].concat();
    for first in ["01", "03 20 00", "C3 00", "02 20"] {
        assert_eq!(refused(&before(first)), ErrorKind::NoRoot, "{first}");
    }
}

#[test]
fn an_unsigned_literal_of_another_namespace_does_not_slip_through_the_model() {
    let literal = [&hex("C4 00 04 02")[..], &str_i("urn:x"), &hex("01 01")].concat();
    let hand = Hand::message(alpha(), &literal).table("L\0xmlns\0");
    let refusal = Device::new().refuse(&hand.sealed(alpha()));
    assert!(matches!(refusal, Refusal::Model(_)), "{refusal}");
}

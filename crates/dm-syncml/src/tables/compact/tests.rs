use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_wbxml::Strings;
use dm_xml::{Limits, canonical, parse};

use super::*;
use crate::MetaRule;
use crate::wbxml::{Spelling, Spellings, decode, encoder_spelled, open_spelled};

pub(in crate::tables) const DOCS: &str = include_str!("../../../../../docs/compact.md");
const JSON: &str = include_str!("../../../../../docs/compact.json");
const SMALL: &str = include_str!("../../../../../bench/messages/small.xml");

/// The rows of the table under this heading of the docs, without the code marks.
pub(in crate::tables) fn rows(heading: &str) -> Vec<Vec<String>> {
    let section =
        DOCS.split("\n## ").find_map(|part| part.strip_prefix(heading)?.strip_prefix('\n'));
    let lines = section.expect("the docs have the heading").lines();
    let lines = lines.filter(|line| line.starts_with("| ")).skip(2);
    lines.map(|line| line.split('|').map(|cell| cell.trim().to_string()).collect()).collect()
}

fn private() -> impl Iterator<Item = &'static CodePage> {
    SYNCML_COMPACT.pages.iter().filter(|page| page.is_private())
}

/// Page and token as the docs write them.
fn place(page: u8, token: u8) -> [String; 2] {
    [page.to_string(), format!("{token:02X}")]
}

/// The cells of a row, between the outer bars.
fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    let inner = cells.into_iter().map(ToString::to_string);
    [String::new()].into_iter().chain(inner).chain([String::new()]).collect()
}

#[test]
fn the_tags_in_the_docs_are_those_of_the_code() {
    let of_page = |page: &'static CodePage| {
        page.tokens().map(move |(token, name)| {
            let [number, token] = place(page.number(), token);
            row([&number, &token, name, page.namespace()])
        })
    };
    assert_eq!(private().flat_map(of_page).collect::<Vec<_>>(), rows("Tags"));
}

#[test]
fn the_octets_in_the_docs_are_those_of_the_code() {
    let of_page = |page: &'static CodePage| {
        let held = page.tokens().filter(|(token, _)| page.holds_octets(*token));
        held.map(move |(token, name)| {
            let [number, token] = place(page.number(), token);
            row([&number, &token, name])
        })
    };
    let in_docs: BTreeSet<_> = rows("Octets").into_iter().collect();
    assert_eq!(private().flat_map(of_page).collect::<BTreeSet<_>>(), in_docs);
}

#[test]
fn the_attributes_in_the_docs_are_those_of_the_code() {
    let [page] = &ATTRIBUTES;
    let starts = page.starts().map(|(token, name, value)| {
        let [number, token] = place(page.number(), token);
        row([&number, &token, name, value])
    });
    assert_eq!(starts.collect::<Vec<_>>(), rows("Attributes"));
    let values = page.values().map(|(token, text)| {
        let [number, token] = place(page.number(), token);
        row([&number, &token, text])
    });
    assert_eq!(values.collect::<Vec<_>>(), rows("Values"));
}

/// The whole file, as it must be.
fn json() -> String {
    let tag_page = |page: &CodePage| {
        let tags = page.tokens().map(|(token, name)| format!("\"{name}\": {token}"));
        let octets = page.tokens().filter(|(token, _)| page.holds_octets(*token));
        let mut octets: Vec<_> = octets.map(|(_, name)| format!("\"{name}\"")).collect();
        octets.sort();
        format!(
            "    {{\"page\": {}, \"namespace\": \"{}\",\n     \"tags\": {{{}}},\n     \
             \"octets\": [{}]}}",
            page.number(),
            page.namespace(),
            tags.collect::<Vec<_>>().join(", "),
            octets.join(", ")
        )
    };
    let [page] = &ATTRIBUTES;
    let starts = page.starts().map(|(token, name, value)| {
        format!("       {{\"token\": {token}, \"name\": \"{name}\", \"prefix\": \"{value}\"}}")
    });
    let values = page.values().map(|(token, text)| format!("       \"{text}\": {token}"));
    format!(
        "{{\n  \"tag_pages\": [\n{}\n  ],\n  \"attribute_pages\": [\n    {{\"page\": {},\n     \
         \"starts\": [\n{}\n     ],\n     \"values\": {{\n{}\n     }}}}\n  ],\n{}\n}}\n",
        private().map(tag_page).collect::<Vec<_>>().join(",\n"),
        page.number(),
        starts.collect::<Vec<_>>().join(",\n"),
        values.collect::<Vec<_>>().join(",\n"),
        shortest::tests::json()
    )
}

#[test]
fn the_tables_for_programs_are_those_of_the_code() {
    let expected = json();
    assert!(JSON == expected, "docs/compact.json must be:\n{expected}");
}

/// One text has one token, so what is written does not depend on the order of a table.
#[test]
fn no_text_has_two_tokens() {
    let [page] = &ATTRIBUTES;
    let starts: BTreeSet<_> = page.starts().map(|(_, name, value)| (name, value)).collect();
    assert_eq!(starts.len(), page.starts().count());
    let values: BTreeSet<_> = page.values().map(|(_, text)| text).collect();
    assert_eq!(values.len(), page.values().count());
}

/// The message of the worked example.
pub(in crate::tables) fn sealed() -> String {
    let algorithm = |element, uri| format!("<{element} Algorithm=\"{uri}\"/>");
    let more = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    let (enveloped, canonical) = (
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    );
    let signature = format!(
        "<Signature xmlns=\"{DS}\"><SignedInfo>{}{}<Reference URI=\"\"><Transforms>{}{}</Transforms>\
         {}<DigestValue>{}</DigestValue></Reference></SignedInfo><SignatureValue>{}</SignatureValue>\
         <KeyInfo><KeyName>k1</KeyName></KeyInfo></Signature></SyncML>",
        algorithm("CanonicalizationMethod", canonical),
        algorithm("SignatureMethod", more),
        algorithm("Transform", enveloped),
        algorithm("Transform", canonical),
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
        STANDARD.encode([0xDD; 32]),
        STANDARD.encode([0x55; 64]),
    );
    SMALL.trim_end().replace("</SyncML>", &signature)
}

/// Base64 text of this many octets.
pub(in crate::tables) fn base64(octets: usize) -> String {
    STANDARD.encode(vec![0xAB; octets])
}

/// The octets in the table under this heading.
pub(in crate::tables) fn example(heading: &str) -> Vec<u8> {
    let octet = |text: &str| u8::from_str_radix(text, 16).expect("hexadecimal");
    let run = |text: &str| match text.split_once('×') {
        Some((text, count)) => vec![octet(text); count.parse().expect("a number")],
        None => vec![octet(text)],
    };
    let cells = rows(heading).into_iter().map(|row| row[1].clone());
    cells.flat_map(|cell| cell.split(' ').flat_map(run).collect::<Vec<_>>()).collect()
}

#[test]
fn the_worked_example_is_what_is_written_and_what_is_read() {
    let example = example("Worked example");
    let (text, limits) = (sealed(), Limits::default());
    let document = parse(text.as_bytes(), &limits).unwrap();
    let encoder = encoder_spelled(&document, Spelling::Compact).strings(Strings::Inline);
    let octets = encoder.encode(&document, MetaRule::default()).unwrap();
    assert_eq!(octets[octets.len() - example.len()..], example);

    let source = open_spelled(&octets, Spellings::Any, &limits).unwrap();
    assert_eq!(canonical::text(&decode(&source, &limits).unwrap()), canonical::text(&document));
}

/// Algorithms are one octet, hexadecimal digits of names half of what they were, and no attribute
/// list changes the page.
#[test]
fn attributes_take_few_octets() {
    let x11 = "http://www.w3.org/2009/xmlenc11#";
    let wrap = "http://www.w3.org/2001/04/xmlenc#kw-aes128";
    let hex = |text: &str| {
        let digits = text.bytes().map(|octet| format!("{octet:02X}"));
        format!("00{}", digits.collect::<String>())
    };
    for (attributes, expected) in [
        (format!("Algorithm=\"{x11}aes128-gcm\""), 1),
        (format!("Algorithm=\"{x11}another\""), 1 + 9),
        ("Algorithm=\"urn:x\"".to_string(), 1 + 7),
        ("URI=\"\"".to_string(), 1),
        (format!("AlgorithmID=\"{}\"", hex(wrap)), 1),
        (format!("PartyUInfo=\"{}\"", hex("srv.example")), 1 + 11),
        (format!("PartyUInfo=\"{}\"", hex("com.example.dm.one.org")), 1 + 7 + 1 + 3 + 1),
        (format!("PartyVInfo=\"{}\"", hex("urn:imei:0049")), 1 + 4),
        (format!("PartyVInfo=\"{}\"", hex("urn:group:1")), 1 + 7),
        (format!("PartyVInfo=\"{}\"", hex("a\u{1}b")), 1 + 1 + 6),
    ] {
        let text = format!(
            "<SyncML xmlns=\"{SYNCML_1_2}\"><MGF xmlns=\"{XENC11}\"{} {attributes}/></SyncML>",
            ""
        );
        let document = parse(text.as_bytes(), &Limits::default()).unwrap();
        let encoder = encoder_spelled(&document, Spelling::Compact);
        let octets = encoder.encode(&document, MetaRule::default()).unwrap();
        let around = b"\x02\x01\x6A\x00\x6D\x00\x12\x87\x01\x01".len();
        assert_eq!(octets.len(), around + expected, "{attributes}");
    }
}

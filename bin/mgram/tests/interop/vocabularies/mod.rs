//! libwbxml's tables and ours: documents of every element and attribute that has a token.

mod dissected;
mod walk;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dm_prov::PROV;
use dm_syncml::tables::{ALL, DDF, METINF_1_0, METINF_1_1};
use dm_wbxml::{CodePage, Vocabulary};

use self::walk::{Piece, Walk, walk};
use crate::infoset::{elements, parse, root_of};
use crate::peer;
use crate::program::output;

/// A language that the tools do not know, and the one that is as good for its elements.
const UNKNOWN: (&Vocabulary, &Vocabulary) = (&METINF_1_0, &METINF_1_1);

/// What libwbxml spells otherwise: page, token, and why.
const MISSPELLED: [(u8, u8, &str); 2] = [(0, 0xB5, "TRETRA-SDS"), (0, 0xB6, "TRETRA-PACKET")];

#[test]
fn xml2wbxml_gives_each_element_our_token() {
    if !peer::all_here(&["xml2wbxml"]) {
        return;
    }
    let mut tokens = 0;
    for vocabulary in ALL {
        let (root, pages) = shape(vocabulary);
        let pages = pages.iter().map(|number| vocabulary.page(*number).expect("a page"));
        let of_page = |page: &'static CodePage| {
            page.tokens().map(|(_, name)| (page.namespace(), name)).collect::<Vec<_>>()
        };
        // A root inside a root begins another document.
        let mut all = vec![(namespace(vocabulary, root), root)];
        all.extend(pages.flat_map(of_page).filter(|(_, name)| *name != root));
        let body: String =
            all[1..].iter().map(|(space, name)| format!("<{name} xmlns=\"{space}\"/>")).collect();
        let known = if vocabulary.text == UNKNOWN.0.text { UNKNOWN.1 } else { vocabulary };
        let found = encoded(known, root, &format!(" xmlns=\"{}\"", all[0].0), &body);
        let names = found.tags.iter().map(|(page, token)| {
            let page = vocabulary.page(*page).expect("a page of ours");
            (page.namespace(), page.name(*token).unwrap_or("(reserved)"))
        });
        assert_eq!(names.collect::<Vec<_>>(), all, "{}", vocabulary.text);
        match known.number {
            0 => assert_eq!(found.text, known.text),
            number => assert_eq!(found.number, number, "{}", vocabulary.text),
        }
        tokens += found.tags.len();
    }
    eprintln!("{tokens} elements have the same token; {} as {}", UNKNOWN.0.text, UNKNOWN.1.text);
}

/// The root of a document, and the pages that libwbxml knows in it: none but its own in a DDF,
/// and not that of a DDF in a message.
fn shape(vocabulary: &Vocabulary) -> (&'static str, &'static [u8]) {
    if vocabulary.text == DDF.text {
        return ("MgmtTree", &[2]);
    }
    match vocabulary.text {
        text if text.contains("SyncML ") => ("SyncML", &[0, 1]),
        text if text.contains("MetInf ") => ("MetInf", &[1]),
        text if text.contains("DevInf ") => ("DevInf", &[0]),
        text => panic!("a vocabulary without a root: {text}"),
    }
}

fn namespace(vocabulary: &Vocabulary, root: &str) -> &'static str {
    let pages = vocabulary.pages.iter();
    pages.rev().find(|page| page.token(root).is_some()).expect("a page of the root").namespace()
}

/// The octets that xml2wbxml makes of a document, walked.
fn encoded(vocabulary: &Vocabulary, root: &str, attributes: &str, body: &str) -> Walk {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, octets) = (folder.path().join("text.xml"), folder.path().join("octets"));
    let doctype = format!("<!DOCTYPE {root} PUBLIC \"{}\" \"none.dtd\">", vocabulary.text);
    let document = format!("<?xml version=\"1.0\"?>{doctype}<{root}{attributes}>{body}</{root}>");
    fs::write(&text, document).expect("the text");
    output(Command::new("xml2wbxml").args(["-n", "-o"]).arg(&octets).arg(&text));
    walk(&fs::read(&octets).expect("the octets"))
}

#[test]
fn xml2wbxml_gives_each_attribute_our_tokens() {
    if !peer::all_here(&["xml2wbxml"]) {
        return;
    }
    let starts = PROV.attributes.iter().flat_map(|page| page.starts());
    let values = PROV.attributes.iter().flat_map(|page| page.values());
    let values = values.map(|(_, text)| ("value", text));
    let wanted: Vec<_> = starts.map(|(_, name, value)| (name, value)).chain(values).collect();
    let body: String =
        wanted.iter().map(|(name, value)| format!("<parm {name}=\"{value}\"/>")).collect();
    let found = encoded(&PROV, "wap-provisioningdoc", "", &body);
    assert_eq!(found.number, PROV.number);
    assert_eq!(found.tags[0], (0, 0x05));
    assert!(found.tags[1..].iter().all(|tag| *tag == (0, 0x07)), "{:?}", found.tags);

    let read: Vec<_> = found.attributes.iter().map(|pieces| attribute(pieces)).collect();
    let wanted: Vec<_> = wanted.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    assert_eq!(read, wanted);

    let pieces = found.attributes.iter().flatten();
    let seen: BTreeSet<_> = pieces
        .filter_map(|piece| match piece {
            Piece::Token(page, token) => Some((*page, *token)),
            Piece::Text(_) => None,
        })
        .collect();
    let unseen: BTreeSet<_> = tokens().filter(|token| !seen.contains(token)).collect();
    assert_eq!(unseen, unseen_by_rule());
    eprintln!("{} attribute tokens are the same, {} never written", seen.len(), unseen.len());
}

/// Page and token of every token of an attribute.
fn tokens() -> impl Iterator<Item = (u8, u8)> {
    PROV.attributes.iter().flat_map(|page| {
        let starts = page.starts().map(|(token, ..)| token);
        starts.chain(page.values().map(|(token, _)| token)).map(|token| (page.number(), token))
    })
}

/// xml2wbxml takes page 0 for what both pages have, and cannot write what it spells otherwise.
fn unseen_by_rule() -> BTreeSet<(u8, u8)> {
    let [page_0, page_1] = PROV.attributes else { panic!("two pages") };
    let on_both = page_1.starts().filter(|(_, name, value)| {
        page_0.starts().any(|(_, other, same)| (other, same) == (*name, *value))
    });
    let values = page_1.values().filter(|(_, text)| page_0.value_token(text).is_some());
    let on_both = on_both.map(|(token, ..)| token).chain(values.map(|(token, _)| token));
    let misspelled = MISSPELLED.iter().map(|(page, token, _)| (*page, *token));
    on_both.map(|token| (1, token)).chain(misspelled).collect()
}

/// Name and value of an attribute by our tables.
fn attribute(pieces: &[Piece]) -> (String, String) {
    let [Piece::Token(page, token), pieces @ ..] = pieces else { panic!("{pieces:?}") };
    let page_of = |number| PROV.attribute_page(number).expect("a page of ours");
    let (name, beginning) = page_of(*page).start(*token).expect("a start of ours");
    let mut value = beginning.to_owned();
    for piece in pieces {
        value += match piece {
            Piece::Token(page, token) => page_of(*page).value(*token).expect("a value of ours"),
            Piece::Text(text) => text,
        };
    }
    (name.to_owned(), value)
}

/// All of both pages, and the tags of page 1, which xml2wbxml never writes.
#[test]
fn wbxml2xml_reads_each_attribute_token_as_we_do() {
    if !peer::all_here(&["wbxml2xml"]) {
        return;
    }
    let mut octets = b"\x03\x0B\x6A\x00\x45\x00\x01\x06\x07\x00\x00".to_vec();
    let mut wanted = Vec::new();
    for (page, token) in tokens() {
        let found = PROV.attribute_page(page).expect("a page");
        octets.extend([0x87, 0x00, page]);
        if let Some((name, beginning)) = found.start(token) {
            octets.extend([token, 0x03, b'.', 0x00, 0x01]);
            wanted.push((name.to_owned(), format!("{beginning}.")));
        } else {
            let other = MISSPELLED.iter().find(|other| (other.0, other.1) == (page, token));
            let text = other.map(|other| other.2).or(found.value(token)).expect("a value");
            octets.extend([0x06, token, 0x01]);
            wanted.push(("value".to_owned(), text.to_owned()));
        }
    }
    octets.push(0x01);

    let folder = tempfile::tempdir().expect("a folder");
    let (text, file) = (folder.path().join("text.xml"), folder.path().join("octets"));
    fs::write(&file, &octets).expect("the octets");
    output(Command::new("wbxml2xml").args(["-m", "0", "-o"]).arg(&text).arg(&file));
    let text = fs::read_to_string(&text).expect("the text");
    // Our reader of messages takes no element without a namespace.
    let text = root_of(&text).replacen("doc>", "doc xmlns=\"urn:none\">", 1);
    let document = parse(&text);
    let names: Vec<_> = elements(&document).map(|element| element.local()).take(4).collect();
    assert_eq!(names, ["wap-provisioningdoc", "characteristic", "parm", "parm"]);
    let read: Vec<_> = elements(&document)
        .flat_map(|element| element.attributes().collect::<Vec<_>>())
        .map(|attribute| (attribute.name.to_string(), attribute.value.to_string()))
        .collect();
    assert_eq!(read, wanted);
    eprintln!("{} attribute tokens read alike", read.len());
}

//! tshark on unsigned messages, ours and others', in all our ways of writing: with references to
//! the string table in content, and without. [WBXML 1.3 §5.7]

use dm_syncml::MetaRule;
use dm_wbxml::{Encoder, Vocabulary};
use dm_xml::Element;

use crate::corpus::sample::Sample;
use crate::corpus::written::{STRINGS, VERSIONS};
use crate::dissector::{captured_all, names, tshark};
use crate::program::output;
use crate::{page, peer};

/// A reference to the string table in content.
const REFERENCE: &str = "STR_T (Tableref string)";

#[test]
fn tshark_sees_the_same_names_and_texts_in_all_our_ways_of_writing() {
    if !peer::all_here(&["tshark", "text2pcap"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut samples, is_complete) = Sample::all();
    // tshark knows the tags of messages only.
    samples.retain(|sample| sample.language.text.contains("DTD SyncML"));
    // A push of a message: identifier, type, one header, its media type in short form.
    let push = |octets: Vec<u8>| [b"\x00\x06\x01\xC2", &octets[..]].concat();
    let pushes: Vec<_> = samples.iter().flat_map(ways).map(push).collect();
    let seen = output(tshark(&captured_all(&pushes, folder.path())).arg("-V"));
    let tables: Vec<&str> = seen.split("\nFrame ").collect();
    assert_eq!(tables.len(), pushes.len(), "a table for each push");

    let (mut references, mut texts) = (0, 0);
    for (sample, tables) in samples.iter().zip(tables.chunks(WAYS)) {
        let (name, (wanted, wanted_texts)) = (&sample.name, expected(sample));
        for table in tables {
            assert_eq!(names(table), wanted, "{name}");
            if name == "thirty" || name == "groups" {
                let found = shown_texts(table);
                assert_eq!(found, wanted_texts, "{name}");
                texts += found.len();
            }
            references += table.matches(REFERENCE).count();
        }
    }
    let (alike, documents) = (tables.len(), samples.len());
    assert!(references > 100, "{references} references to the string table");
    let sum = format!(
        "{alike} encodings of {documents} messages: all names in order, {references} references to \
         the string table in content, and {texts} texts of messages that have nothing but short ones."
    );
    eprintln!("{sum}");
    if is_complete {
        page::check("tshark", &sum);
    }
}

/// How many ways of writing there are.
const WAYS: usize = VERSIONS.len() * STRINGS.len();

/// A document in each of them.
fn ways(sample: &Sample) -> Vec<Vec<u8>> {
    let all = VERSIONS.iter().flat_map(|version| STRINGS.map(|strings| (*version, strings)));
    let written = all.map(|(version, strings)| {
        let encoder = Encoder::new(sample.language).version(version).strings(strings);
        encoder.encode(&sample.document, MetaRule::default()).expect("it can be written")
    });
    written.collect()
}

/// The texts of a dissection, in order, their pieces put together.
fn shown_texts(table: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in table.lines() {
        let columns: Vec<&str> = line.splitn(5, '|').map(str::trim).collect();
        let &[_, "Tag", _, token, rendering] = columns.as_slice() else { continue };
        if !token.starts_with("STR_") {
            is_open = false;
            continue;
        }
        let piece = rendering.trim_matches('\'');
        match found.last_mut().filter(|_| is_open) {
            Some(text) => *text += piece,
            None => found.push(piece.to_owned()),
        }
        is_open = true;
    }
    found
}

/// The same by our own infoset: `xmlns` is an attribute where a name without a token changes it.
fn expected(sample: &Sample) -> (Vec<String>, Vec<String>) {
    let (mut names, mut texts) = (Vec::new(), Vec::new());
    walk(sample.document.root(), "", sample.language, &mut names, &mut texts);
    (names, texts)
}

fn walk(
    element: Element<'_>,
    above: &str,
    language: &Vocabulary,
    names: &mut Vec<String>,
    texts: &mut Vec<String>,
) {
    let space = element.namespace();
    let is_literal = language.token(space, element.local()).is_none();
    let is_shown = is_literal || language.pages[..2].iter().any(|page| page.namespace() == space);
    names.push(if is_shown { element.local() } else { "?" }.to_owned());
    if is_literal && space != above {
        names.push("xmlns".to_owned());
    }
    names.extend(element.attributes().map(|attribute| attribute.name.to_owned()));
    let text = element.text();
    if element.elements().next().is_none() && !text.is_empty() {
        texts.push(text.into_owned());
    }
    for child in element.elements() {
        walk(child, space, language, names, texts);
    }
}

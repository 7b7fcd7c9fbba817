//! What the writer writes is the same document, in the fewest octets that it promises.

mod attacks;
mod planner;
mod properties;

use dm_wbxml::{
    AttributePage, CodePage, Encoder, Languages, NoOctets, Source, Strings, Version, Vocabulary,
};
use dm_xml::{Document, Limits, canonical, parse};

static PAGES: [CodePage; 2] =
    [CodePage::new(0, "urn:x", &["All", "T", "U"]), CodePage::new(1, "urn:y", &["V"])];
static ATTRIBUTES: [AttributePage; 2] = [
    AttributePage::new(0, &[(0x05, "n", ""), (0x06, "n", "http://")], &[(0x85, ".com")]),
    AttributePage::new(1, &[(0x05, "m", "")], &[]),
];
static PLAIN: Vocabulary =
    Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
static NAMED: Vocabulary =
    Vocabulary { number: 0, text: "-//X//NAMED//EN", pages: &PAGES, attributes: &[] };
static ATTRIBUTED: Vocabulary =
    Vocabulary { number: 0x7E, text: "-//Y//EN", pages: &PAGES, attributes: &ATTRIBUTES };
static LANGUAGES: Languages = Languages { known: &[&PLAIN, &NAMED, &ATTRIBUTED], foreign: &[] };

fn read(text: &str) -> Document<'_> {
    parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML")
}

/// Writes it in every way, holds each to what must hold, and yields the fewest octets.
fn write(vocabulary: &'static Vocabulary, document: &Document<'_>) -> Vec<u8> {
    let text = canonical::text(document);
    let mut lengths = Vec::new();
    for strings in [Strings::Fewest, Strings::Inline] {
        for version in [Version::V1_1, Version::V1_2, Version::V1_3] {
            let encoder = Encoder::new(vocabulary).strings(strings).version(version);
            let octets = encoder.encode(document, NoOctets).expect("it can be written");
            assert_eq!(encoder.encoded_len(document, NoOctets), Ok(octets.len()), "{strings:?}");
            assert_eq!(encoder.encode(document, NoOctets).as_ref(), Ok(&octets), "{strings:?}");
            assert_eq!(octets[0], version.octet());
            let limits = Limits::generous();
            let source = Source::new(&octets, &LANGUAGES, &limits).expect("a head");
            assert_eq!(source.vocabulary().text, vocabulary.text);
            let again = source.decode(NoOctets, &limits).expect("a body");
            assert_eq!(canonical::text(&again), text, "{strings:?}");
            lengths.push(octets.len());
        }
    }
    assert!(lengths[0] <= lengths[3], "fewest {} inline {}", lengths[0], lengths[3]);
    Encoder::new(vocabulary).encode(document, NoOctets).expect("it can be written")
}

/// The strings of the table and the tokens of the body, as hexadecimal and text.
fn table(octets: &[u8]) -> (Vec<String>, usize) {
    let source = Source::new(octets, &LANGUAGES, &Limits::generous()).expect("a head");
    let body = source.tokens().offset();
    let mut strings = Vec::new();
    let mut at = 0;
    while let Some(string) = source.string(at) {
        strings.push(string.to_owned());
        at += u32::try_from(string.len()).expect("short") + 1;
    }
    (strings, body)
}

//! Octets to canonical text under both profiles, by way of a document.

use dm_syncml::MetaRule;
use dm_wbxml::{Error, ErrorKind, Source};
use dm_xml::{Lenient, Limits, canonical};

use crate::vectors::LANGUAGES;

pub fn strict(octets: &[u8]) -> Result<String, Error> {
    let limits = Limits::default();
    let source = Source::new(octets, &LANGUAGES, &limits)?;
    let document = source.decode(MetaRule::default(), &limits)?;
    Ok(canonical::text(&document))
}

/// With what deviates.
pub fn lenient(octets: &[u8]) -> Result<(String, Vec<Error>), Error> {
    let mut told = Lenient::default();
    let limits = Limits::default();
    let source = Source::new_lenient(octets, &LANGUAGES, &limits, &mut told)?;
    let document = source.decode(MetaRule::default(), &limits, &mut told)?;
    Ok((canonical::text(&document), told.into_deviations()))
}

/// Both profiles read this text, and the lenient one has nothing to say but of the string table.
pub fn both(octets: &[u8]) -> String {
    let text = strict(octets).expect("strict");
    let (shown, told) = lenient(octets).expect("lenient");
    assert_eq!(shown, text);
    assert!(told.iter().all(|deviation| deviation.kind == ErrorKind::StringTableEnd), "{told:?}");
    text
}

/// What both profiles refuse, with the same words.
pub fn neither(octets: &[u8]) -> (ErrorKind, usize) {
    let error = strict(octets).expect_err("strict");
    assert_eq!(lenient(octets), Err(error));
    (error.kind, error.offset)
}

/// What only the lenient profile reads: why the strict one does not, and the text.
pub fn only_lenient(octets: &[u8]) -> (ErrorKind, usize, String) {
    let error = strict(octets).expect_err("strict");
    let (text, told) = lenient(octets).expect("lenient");
    let met = |kind| told.iter().any(|deviation| deviation.kind == kind);
    assert!(met(error.kind), "{error} is not among {told:?}");
    (error.kind, error.offset, text)
}

/// Octets from hexadecimal digits; words in quotes are text.
pub fn hex(text: &str) -> Vec<u8> {
    let octet = |word: &str| u8::from_str_radix(word, 16).expect("hexadecimal");
    let piece = |word: &str| match word.strip_prefix('\'') {
        Some(text) => text.trim_end_matches('\'').into(),
        None => vec![octet(word)],
    };
    text.split_whitespace().flat_map(piece).collect()
}

/// A SyncML 1.2 document in UTF-8: string table and body.
pub fn syncml(table: &str, body: &str) -> Vec<u8> {
    let table = hex(table);
    let length = u8::try_from(table.len()).expect("short");
    [&hex("02 A4 01 6A")[..], &[length], &table, &hex(body)].concat()
}

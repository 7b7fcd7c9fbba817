//! Decode, encode, decode **what was written**: the same infoset, and written again the same octets.

use dm_syncml::wbxml;
use dm_wbxml::Version;
use dm_xml::{Document, Limits, canonical};

use crate::{choices, infoset};

/// Octets as a document, or a document of choices.
///
/// # Panics
/// When the written octets say anything else than the document, or are not the only ones.
pub fn check(octets: &[u8]) {
    if let Some(mut choices) = choices(octets) {
        if let Ok(document) = infoset::document(&mut choices) {
            written_reads_back(&document, Version::V1_3);
        }
        return;
    }
    let limits = Limits::default();
    let Ok(source) = wbxml::open(octets, &limits) else { return };
    let Ok(document) = wbxml::decode(&source, &limits) else { return };
    written_reads_back(&document, source.version());
}

/// Encodes the document, decodes the octets, compares, encodes again.
///
/// # Panics
/// When anything differs.
pub fn written_reads_back(document: &Document<'_>, version: Version) {
    let limits = Limits::generous(); // strings that were shared may be written out
    let octets = wbxml::encode(document, version).expect("what was read can be written");
    let source = wbxml::open(&octets, &limits).expect("the head we wrote");
    let again = wbxml::decode(&source, &limits).expect("the body we wrote");
    assert_eq!(source.version(), version);
    assert_eq!(canonical::text(&again), canonical::text(document), "the infoset is kept");
    let octets_again = wbxml::encode(&again, version).expect("what was written is read");
    assert_eq!(octets_again, octets, "there is one way to write an infoset");
}

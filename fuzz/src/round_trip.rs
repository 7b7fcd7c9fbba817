//! Decode, encode, decode **what was written**: the same infoset, and written again the same octets.

use dm_syncml::{MetaRule, wbxml};
use dm_wbxml::{Encoder, Strings, Version};
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

/// Writes the document with and without a string table, decodes each, compares, writes again.
///
/// # Panics
/// When anything differs, the table makes the document longer, or the length is not what was said.
pub fn written_reads_back(document: &Document<'_>, version: Version) {
    let encoder = wbxml::encoder(document).version(version);
    let fewest = both_ways(document, encoder);
    let inline = both_ways(document, encoder.strings(Strings::Inline));
    assert!(fewest <= inline, "{fewest} octets with shared strings, {inline} without");
    let octets = wbxml::encode(document, version).expect("as before");
    assert_eq!(octets.len(), fewest, "what is written when nothing is asked for");
    let source = wbxml::open(&octets, &Limits::generous()).expect("as before");
    assert_eq!(source.version(), version);
}

/// Yields how many octets were written.
fn both_ways(document: &Document<'_>, encoder: Encoder) -> usize {
    let limits = Limits::generous(); // strings that were shared may be written out
    let rule = MetaRule::default;
    let octets = encoder.encode(document, rule()).expect("what was read can be written");
    assert_eq!(encoder.encoded_len(document, rule()), Ok(octets.len()), "the length is known");
    let source = wbxml::open(&octets, &limits).expect("the head we wrote");
    let again = wbxml::decode(&source, &limits).expect("the body we wrote");
    assert_eq!(canonical::text(&again), canonical::text(document), "the infoset is kept");
    let octets_again = encoder.encode(&again, rule()).expect("what was written is read");
    assert_eq!(octets_again, octets, "there is one way to write an infoset");

    // From the reader into a writer, without a document in between.
    let inline = encoder.strings(Strings::Inline);
    let mut writer = inline.writer(rule());
    source.read(rule(), &limits, &mut writer).expect("what was written is read");
    let streamed = inline.finish(writer).expect("as large as before");
    assert_eq!(inline.encode(document, rule()), Ok(streamed), "a stream is written as a document");
    let mut in_pieces = Vec::new();
    let streamed =
        inline.stream(rule(), &mut in_pieces, |writer| source.read(rule(), &limits, writer));
    streamed.expect("as before");
    assert_eq!(inline.encode(document, rule()), Ok(in_pieces), "and in pieces");
    octets.len()
}

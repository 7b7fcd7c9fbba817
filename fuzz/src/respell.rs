//! Three spellings, one infoset: whatever is read with private pages is written in all, and read back.

use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling, Spellings};
use dm_wbxml::{Error, Strings, Version};
use dm_xml::{Document, Limits, canonical};

use crate::{choices, infoset};

/// Octets as a message of any spelling, or a document of choices.
///
/// # Panics
/// When a spelling says anything else than the document, is not the only one of our writer, or is
/// read by those who should not, or the other way round.
pub fn check(octets: &[u8]) {
    if let Some(mut choices) = choices(octets) {
        if let Ok(document) = infoset::document(&mut choices) {
            all_say_the_same(&document, Version::V1_3);
        }
        return;
    }
    let limits = Limits::default();
    let interop = read(octets, Spellings::Interop, &limits);
    let any = read(octets, Spellings::Any, &limits);
    if let Ok((text, _)) = &interop {
        let also = any.as_ref().map(|(text, _)| text);
        assert_eq!(also, Ok(text), "who takes any spelling takes this one, and reads the same");
    }
    if let Ok((text, _)) = &read(octets, Spellings::Compact, &limits) {
        let also = any.as_ref().map(|(text, _)| text);
        assert_eq!(also, Ok(text), "and so for the compact one");
    }
    if any.is_err() {
        return;
    }
    let source = wbxml::open_spelled(octets, Spellings::Any, &limits).expect("as before");
    let document = wbxml::decode(&source, &limits).expect("as before");
    all_say_the_same(&document, source.version());
}

fn all_say_the_same(document: &Document<'_>, version: Version) {
    let limits = Limits::generous(); // strings that were shared may be written out
    let text = canonical::text(document);
    let mut interop = write(document, Spelling::Interop, version);
    for _ in 0..2 {
        let (said, compact) = respelled(&interop, Spellings::Interop, Spelling::Compact, &limits);
        assert_eq!(said, text, "the interop spelling is the same infoset, without private pages");
        let (said, again) = respelled(&compact, Spellings::Any, Spelling::Interop, &limits);
        assert_eq!(said, text, "the compact spelling is the same infoset");
        interop = again;
    }
    let (_, compact) = respelled(&interop, Spellings::Any, Spelling::Compact, &limits);
    assert_eq!(compact, write(document, Spelling::Compact, version), "one way to write it");
    let (_, shortest) = respelled(&compact, Spellings::Compact, Spelling::Shortest, &limits);
    assert_eq!(shortest, write(document, Spelling::Shortest, version), "one way to write it");
    let (said, again) = respelled(&shortest, Spellings::Any, Spelling::Shortest, &limits);
    assert_eq!(said, text, "the shortest spelling is the same infoset");
    assert_eq!(again, shortest, "one way to write it, whatever it was read from");
}

/// What octets say, and how the same is written in another spelling.
fn respelled(octets: &[u8], from: Spellings, to: Spelling, limits: &Limits) -> (String, Vec<u8>) {
    let source = wbxml::open_spelled(octets, from, limits).expect("the head we wrote");
    let document = wbxml::decode(&source, limits).expect("the body we wrote");
    (canonical::text(&document), write(&document, to, source.version()))
}

fn write(document: &Document<'_>, spelling: Spelling, version: Version) -> Vec<u8> {
    let encoder = wbxml::encoder_spelled(document, spelling).version(version);
    let octets = encoder.encode(document, MetaRule::default()).expect("what was read is written");
    let length = encoder.encoded_len(document, MetaRule::default());
    assert_eq!(length, Ok(octets.len()), "the length is known");
    let inline = encoder.strings(Strings::Inline).encoded_len(document, MetaRule::default());
    assert!(inline.is_ok_and(|inline| octets.len() <= inline), "shared strings cost nothing");
    octets
}

fn read(octets: &[u8], spellings: Spellings, limits: &Limits) -> Result<(String, usize), Error> {
    let source = wbxml::open_spelled(octets, spellings, limits)?;
    let document = wbxml::decode(&source, limits)?;
    Ok((canonical::text(&document), document.len()))
}

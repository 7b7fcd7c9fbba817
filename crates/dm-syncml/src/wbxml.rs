//! Messages and objects as WBXML, in the languages of SyncML. [profile §2]

use alloc::vec::Vec;

use dm_wbxml::{Source, Version, Vocabulary, WriteError};
use dm_xml::{Document, Limits};

use crate::MetaRule;
use crate::tables::{
    DDF, LANGUAGES, SYNCML, SYNCML_1_0, SYNCML_1_1, SYNCML_OLD_1_0, SYNCML_OLD_1_1,
};

/// Reads the head of a WBXML document of SyncML, or of an object inside one.
///
/// # Errors
/// As [`Source::new`].
pub fn open<'a>(octets: &'a [u8], limits: &Limits) -> Result<Source<'a>, dm_wbxml::Error> {
    Source::new(octets, &LANGUAGES, limits)
}

/// Reads the body.
///
/// # Errors
/// As [`Source::decode`].
///
/// ```
/// use dm_syncml::wbxml;
/// use dm_xml::{Limits, canonical};
/// let octets = b"\x02\xA4\x01\x6A\x00\x6D\x2B\x01"; // SyncML with an empty SyncBody
/// let source = wbxml::open(octets, &Limits::default()).unwrap();
/// let document = wbxml::decode(&source, &Limits::default()).unwrap();
/// assert_eq!(
///     canonical::text(&document),
///     r#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody></SyncBody></SyncML>"#
/// );
/// ```
pub fn decode<'s>(
    source: &'s Source<'_>,
    limits: &Limits,
) -> Result<Document<'s>, dm_wbxml::Error> {
    source.decode(MetaRule::default(), limits)
}

/// Writes a document; its root tells the language.
///
/// # Errors
/// As [`dm_wbxml::encode`].
pub fn encode(document: &Document<'_>, version: Version) -> Result<Vec<u8>, WriteError> {
    dm_wbxml::encode(document, vocabulary(document), version, MetaRule::default())
}

fn vocabulary(document: &Document<'_>) -> &'static Vocabulary {
    match document.root().namespace() {
        SYNCML_1_1 => &SYNCML_OLD_1_1,
        SYNCML_1_0 => &SYNCML_OLD_1_0,
        dm_tnds::tables::NAMESPACE => &DDF,
        _ => &SYNCML,
    }
}

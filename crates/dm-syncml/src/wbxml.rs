//! Messages and objects as WBXML, in the languages of SyncML. [profile §2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_wbxml::{Encoder, Source, Version, Vocabulary, WriteError};
use dm_xml::{Document, Limits, Sink, ToInfoset};

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

/// Writes a document, or any value that is one, in the fewest octets; its root tells the language.
///
/// # Errors
/// As [`Encoder::encode`].
pub fn encode(value: &impl ToInfoset, version: Version) -> Result<Vec<u8>, WriteError> {
    encoder(value).version(version).encode(value, MetaRule::default())
}

/// How [`encode`] writes this value, to be told otherwise.
#[must_use]
pub fn encoder(value: &impl ToInfoset) -> Encoder {
    let mut root = Root(&SYNCML);
    let _ = value.write(&mut root); // it stops at the root
    Encoder::new(root.0)
}

/// Looks at the root, and no further.
struct Root(&'static Vocabulary);

/// The root was seen.
struct Seen;

impl<'a> Sink<'a> for Root {
    type Error = Seen;

    fn start(&mut self, namespace: Cow<'a, str>, _: &'a str) -> Result<(), Seen> {
        self.0 = vocabulary(&namespace);
        Err(Seen)
    }

    fn attribute(&mut self, _: &'a str, _: Cow<'a, str>) -> Result<(), Seen> {
        Ok(())
    }

    fn text(&mut self, _: Cow<'a, str>) -> Result<(), Seen> {
        Ok(())
    }

    fn octets(&mut self, _: Cow<'a, [u8]>) -> Result<(), Seen> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Seen> {
        Ok(())
    }
}

/// The language of documents whose root is in this namespace.
#[must_use]
pub fn vocabulary(namespace: &str) -> &'static Vocabulary {
    match namespace {
        SYNCML_1_1 => &SYNCML_OLD_1_1,
        SYNCML_1_0 => &SYNCML_OLD_1_0,
        dm_tnds::tables::NAMESPACE => &DDF,
        _ => &SYNCML,
    }
}

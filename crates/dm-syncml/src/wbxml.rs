//! Messages and objects as WBXML, in the languages of SyncML. [profile §2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_wbxml::{Encoder, Languages, Source, Version, Vocabulary, WriteError};
use dm_xml::{Document, Limits, Sink, ToInfoset};

use crate::MetaRule;
use crate::tables::{
    ANY_SPELLING, COMPACT_OR_INTEROP, DDF, LANGUAGES, SYNCML, SYNCML_1_0, SYNCML_1_1,
    SYNCML_COMPACT, SYNCML_OLD_1_0, SYNCML_OLD_1_1, SYNCML_SHORTEST,
};

/// How the names of XML signature and encryption are written: one infoset, and so one signature,
/// in all. [profile §5]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// By tokens of private code pages, with digests, signatures and ciphertexts as octets: few
    /// octets, for devices that are configured for it.
    Compact,
    /// By name, so that every WBXML reader can follow.
    #[default]
    Interop,
    /// As [`Compact`](Self::Compact), but a signature or encrypted data of the usual shape is one
    /// token with what varies in it: the fewest octets, for devices that are configured for it.
    Shortest,
}

/// The spellings that a reader takes. [profile §5]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spellings {
    /// All.
    Any,
    /// [`Spelling::Compact`] and [`Spelling::Interop`]: a token of a whole element is on an unknown
    /// page.
    Compact,
    /// [`Spelling::Interop`] only: a private code page is an unknown page.
    #[default]
    Interop,
}

impl Spellings {
    /// The languages of messages in these spellings.
    #[must_use]
    pub fn languages(self) -> &'static Languages {
        match self {
            Self::Any => &ANY_SPELLING,
            Self::Compact => &COMPACT_OR_INTEROP,
            Self::Interop => &LANGUAGES,
        }
    }
}

/// Reads the head of a WBXML document of SyncML, or of an object inside one, in the interop
/// spelling.
///
/// # Errors
/// As [`Source::new`].
pub fn open<'a>(octets: &'a [u8], limits: &Limits) -> Result<Source<'a>, dm_wbxml::Error> {
    open_spelled(octets, Spellings::Interop, limits)
}

/// Reads the head of a message in one of these spellings.
///
/// # Errors
/// As [`Source::new`].
///
/// ```
/// use dm_syncml::wbxml::{self, Spelling, Spellings};
/// use dm_xml::{Limits, canonical, parse};
/// let text = r#"<SyncML xmlns="SYNCML:SYNCML1.2"><DigestValue xmlns=
///     "http://www.w3.org/2000/09/xmldsig#">AAEC</DigestValue></SyncML>"#;
/// let limits = Limits::default();
/// let message = parse(text.as_bytes(), &limits).unwrap().without_white_space();
/// let encoder = wbxml::encoder_spelled(&message, Spelling::Compact);
/// let octets = encoder.encode(&message, dm_syncml::MetaRule::default()).unwrap();
/// assert_eq!(octets, b"\x02\x01\x6A\0\x6D\0\x10\x4D\xC3\x03\0\x01\x02\x01\x01");
///
/// let source = wbxml::open_spelled(&octets, Spellings::Any, &limits).unwrap();
/// let again = wbxml::decode(&source, &limits).unwrap();
/// assert_eq!(canonical::text(&again), canonical::text(&message));
/// let source = wbxml::open(&octets, &limits).unwrap();
/// assert!(wbxml::decode(&source, &limits).is_err(), "page 16 is private");
/// ```
pub fn open_spelled<'a>(
    octets: &'a [u8],
    spellings: Spellings,
    limits: &Limits,
) -> Result<Source<'a>, dm_wbxml::Error> {
    Source::new(octets, spellings.languages(), limits)
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
    encoder_spelled(value, Spelling::Interop)
}

/// How this value is written in the fewest octets of this spelling. Documents other than
/// messages of SyncML 1.2 have the interop spelling only.
#[must_use]
pub fn encoder_spelled(value: &impl ToInfoset, spelling: Spelling) -> Encoder {
    let mut root = Root(&SYNCML);
    let _ = value.write(&mut root); // it stops at the root
    let with_private_pages = match spelling {
        _ if root.0.number != SYNCML.number => None,
        Spelling::Compact => Some(&SYNCML_COMPACT),
        Spelling::Interop => None,
        Spelling::Shortest => Some(&SYNCML_SHORTEST),
    };
    match with_private_pages {
        // It is not the registered language, so it does not claim to be.
        Some(vocabulary) => Encoder::new(vocabulary).anonymous(),
        None => Encoder::new(root.0),
    }
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

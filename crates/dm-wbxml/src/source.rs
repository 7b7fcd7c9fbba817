//! A document's head: version, public identifier, charset, string table. [WBXML 1.3 §5.4-5.7]

use dm_xml::{Document, LimitExceeded, Limits};

use crate::reader::Reader;
use crate::string_table::StringTable;
use crate::{Charset, Error, ErrorKind, Languages, MbUInt32, OctetRule, Version, Vocabulary};

/// Octets whose head has been read. The document that is decoded borrows from it.
#[derive(Debug)]
pub struct Source<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) body: usize,
    pub(crate) table: StringTable<'a>,
    pub(crate) charset: Charset,
    pub(crate) vocabulary: &'static Vocabulary,
    version: Version,
}

impl<'a> Source<'a> {
    /// Reads the head of a document.
    ///
    /// # Errors
    /// When it is too long, no WBXML 1.1 to 1.3, of another language, of an unknown charset, or
    /// cut off.
    pub fn new(octets: &'a [u8], languages: &Languages, limits: &Limits) -> Result<Self, Error> {
        let stop = |kind, offset| Error { kind, offset, page: 0 };
        if octets.len() > limits.octets.min(u32::MAX as usize) {
            return Err(stop(LimitExceeded::Octets(limits.octets).into(), 0));
        }
        let &first = octets.first().ok_or(stop(ErrorKind::EndsEarly, 0))?;
        let version = Version::from_octet(first).ok_or(stop(ErrorKind::Version(first), 0))?;
        let mut at = 1;
        let identifier_at = at;
        let identifier = number(octets, &mut at)?;
        let identifier_offset = if identifier == 0 { Some(number(octets, &mut at)?) } else { None };
        let charset_at = at;
        let mib_enum = number(octets, &mut at)?;
        let charset = Charset::from_mib_enum(mib_enum)
            .ok_or(stop(ErrorKind::Charset(mib_enum), charset_at))?;
        let length = number(octets, &mut at)? as usize;
        let rest = &octets[at..];
        let table = rest.get(..length).ok_or(stop(ErrorKind::EndsEarly, at))?;
        let table = StringTable::new(table, charset);
        let vocabulary = match identifier_offset {
            None => languages.by_number(identifier),
            Some(offset) => {
                let octets = table.octets(offset);
                let octets = octets.ok_or(stop(ErrorKind::StringTable(offset), identifier_at))?;
                let text = table.text(octets).ok_or(stop(ErrorKind::NotText, identifier_at))?;
                languages.by_text(text)
            }
        };
        let vocabulary = vocabulary.ok_or(stop(ErrorKind::PublicIdentifier, identifier_at))?;
        Ok(Self { octets, body: at + length, table, charset, vocabulary, version })
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The language.
    #[must_use]
    pub fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is malformed, spelled in a way that the profile refuses, or passes a limit.
    pub fn decode(&self, rule: impl OctetRule, limits: &Limits) -> Result<Document<'_>, Error> {
        Reader::new(self, rule, limits).document()
    }
}

/// The number at `at`, which moves behind it.
pub(crate) fn number(octets: &[u8], at: &mut usize) -> Result<u32, Error> {
    let rest = octets.get(*at..).unwrap_or_default();
    match MbUInt32::decode(rest) {
        Some((MbUInt32(value), length)) => {
            *at += length;
            Ok(value)
        }
        None => {
            let cut_off = rest.len() < 5 && rest.iter().all(|octet| octet & 0x80 != 0);
            let kind = if cut_off { ErrorKind::EndsEarly } else { ErrorKind::MbUInt32 };
            Err(Error { kind, offset: *at, page: 0 })
        }
    }
}

//! A document's head: version, public identifier, charset, string table. [WBXML 1.3 §5.4-5.7]

use core::marker::PhantomData;

use dm_xml::{Assembly, Document, Lenient, LimitExceeded, Limits, Profile, Sink, Stopped, Strict};

use crate::reader::Reader;
use crate::string_table::StringTable;
use crate::{
    Charset, Error, ErrorKind, Languages, MbUInt32, OctetRule, Tokens, Version, Vocabulary,
};

/// Octets whose head has been read, under a profile: what was opened leniently cannot be decoded
/// strictly, nor the other way round. The document that is decoded borrows from it.
#[derive(Debug)]
pub struct Source<'a, P = Strict> {
    pub(crate) octets: &'a [u8],
    pub(crate) body: usize,
    pub(crate) table: StringTable<'a>,
    pub(crate) charset: Charset,
    pub(crate) vocabulary: &'static Vocabulary,
    version: u8,
    profile: PhantomData<P>,
}

impl<'a> Source<'a> {
    /// Reads the head of a document.
    ///
    /// # Errors
    /// When it is too long, no WBXML 1.1 to 1.3, of another language, of an unknown charset, or
    /// cut off.
    pub fn new(octets: &'a [u8], languages: &Languages, limits: &Limits) -> Result<Self, Error> {
        Self::head(octets, languages, limits, &mut Strict)
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::from_octet(self.version).unwrap_or_default() // no other one was let in
    }

    /// Reads the body.
    ///
    /// # Errors
    /// When it is malformed, spelled in a way that the profile refuses, or passes a limit.
    pub fn decode(&self, rule: impl OctetRule, limits: &Limits) -> Result<Document<'_>, Error> {
        self.document(rule, limits, &mut Strict)
    }

    /// Reads the body into a sink: the events of the infoset, without a document in between and
    /// without an allocation for a message that nests no deeper than sixteen elements.
    ///
    /// # Errors
    /// As [`Source::decode`], or what the sink says.
    pub fn read<'s, S: Sink<'s>>(
        &'s self,
        rule: impl OctetRule,
        limits: &Limits,
        sink: &mut S,
    ) -> Result<(), Stopped<Error, S::Error>> {
        Reader::new(self, rule, limits, &mut Strict, sink).document()
    }
}

impl<'a> Source<'a, Lenient<Error>> {
    /// Reads the head of a document as far as it can be read, and keeps what deviates: WBXML 1.0,
    /// unknown languages and charsets, a string table that is cut off or lacks its last NUL.
    ///
    /// # Errors
    /// When it is too long, no WBXML at all, or ends within the head.
    pub fn new_lenient(
        octets: &'a [u8],
        languages: &Languages,
        limits: &Limits,
        lenient: &mut Lenient<Error>,
    ) -> Result<Self, Error> {
        Self::head(octets, languages, limits, lenient)
    }

    /// The version as it is written: `00` is 1.0, `03` is 1.3.
    #[must_use]
    pub fn version_octet(&self) -> u8 {
        self.version
    }

    /// Reads the body as far as it can be read, and keeps what deviates.
    ///
    /// # Errors
    /// When there is no root element, a number is no number, or a limit is passed.
    pub fn decode(
        &self,
        rule: impl OctetRule,
        limits: &Limits,
        lenient: &mut Lenient<Error>,
    ) -> Result<Document<'_>, Error> {
        self.document(rule, limits, lenient)
    }

    /// Reads the body into a sink.
    ///
    /// # Errors
    /// As [`Source::decode`](Source::<Lenient<Error>>::decode), or what the sink says.
    pub fn read<'s, S: Sink<'s>>(
        &'s self,
        rule: impl OctetRule,
        limits: &Limits,
        lenient: &mut Lenient<Error>,
        sink: &mut S,
    ) -> Result<(), Stopped<Error, S::Error>> {
        Reader::new(self, rule, limits, lenient, sink).document()
    }
}

impl<'a, P: Profile<Error>> Source<'a, P> {
    fn head(
        octets: &'a [u8],
        languages: &Languages,
        limits: &Limits,
        profile: &mut P,
    ) -> Result<Self, Error> {
        let stop = |kind, offset| Error { kind, offset, page: 0 };
        if octets.len() > limits.octets.min(u32::MAX as usize) {
            return Err(stop(LimitExceeded::Octets(limits.octets).into(), 0));
        }
        let &version = octets.first().ok_or(stop(ErrorKind::EndsEarly, 0))?;
        if Version::from_octet(version).is_none() {
            profile.met(stop(ErrorKind::Version(version), 0))?;
            if version > HIGHEST {
                return Err(stop(ErrorKind::Version(version), 0));
            }
        }
        let mut at = 1;
        let identifier = number(octets, &mut at)?;
        let identifier_offset = if identifier == 0 { Some(number(octets, &mut at)?) } else { None };
        let charset_at = at;
        // WBXML 1.0 has no charset.
        let mib_enum = if version == 0 { 0 } else { number(octets, &mut at)? };
        let charset = match Charset::from_mib_enum(mib_enum) {
            Some(charset) => charset,
            None => {
                profile.met(stop(ErrorKind::Charset(mib_enum), charset_at))?;
                Charset::Utf8
            }
        };
        let length = number(octets, &mut at)? as usize;
        let rest = &octets[at..];
        let table = match rest.get(..length) {
            Some(table) => table,
            None => {
                profile.met(stop(ErrorKind::EndsEarly, at))?;
                rest
            }
        };
        let body = at + table.len();
        if table.last().is_some_and(|&last| last != 0) {
            profile.tolerated(stop(ErrorKind::StringTableEnd, body - 1));
        }
        let table = StringTable::new(table, charset);
        let vocabulary = vocabulary(languages, identifier, identifier_offset, &table);
        let vocabulary = match (vocabulary, languages.known.first()) {
            (Ok(vocabulary), _) => vocabulary,
            (Err(kind), first) => {
                profile.met(stop(kind, 1))?;
                first.ok_or(stop(kind, 1))?
            }
        };
        Ok(Self { octets, body, table, charset, vocabulary, version, profile: PhantomData })
    }

    /// The language.
    #[must_use]
    pub fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// The charset of all text but OPAQUE.
    #[must_use]
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// The tokens of the body.
    #[must_use]
    pub fn tokens(&self) -> Tokens<'a> {
        Tokens::new(self.octets, self.body)
    }

    /// The string at this offset of the string table, if it is text.
    #[must_use]
    pub fn string(&self, offset: u32) -> Option<&str> {
        self.table.text(self.table.octets(offset)?)
    }

    fn document(
        &self,
        rule: impl OctetRule,
        limits: &Limits,
        profile: &mut P,
    ) -> Result<Document<'_>, Error> {
        // The leaf of a message is some eight octets an entry, and two where its text is in the table;
        // room for that is not moved while it grows.
        let octets = (self.octets.len() - self.body).min(1 << 16);
        let room = if self.table.is_empty() { octets / 3 } else { octets / 4 * 3 } + 8;
        let mut assembly = Assembly::with_capacity(room);
        let reader = Reader::new(self, rule, limits, profile, &mut assembly);
        reader.document().map_err(Stopped::into_input)?;
        let early = Error { kind: ErrorKind::EndsEarly, offset: self.octets.len(), page: 0 };
        assembly.finish().ok_or(early)
    }
}

/// The highest version octet that can be read at all: all of WBXML 1 have the layout of 1.3.
const HIGHEST: u8 = 0x0F;

fn vocabulary(
    languages: &Languages,
    identifier: u32,
    offset: Option<u32>,
    table: &StringTable<'_>,
) -> Result<&'static Vocabulary, ErrorKind> {
    let found = match offset {
        None => languages.by_number(identifier),
        Some(offset) => {
            let octets = table.octets(offset).ok_or(ErrorKind::StringTable(offset))?;
            languages.by_text(table.text(octets).ok_or(ErrorKind::NotText)?)
        }
    };
    found.ok_or(ErrorKind::PublicIdentifier)
}

/// The number at `at`, which moves behind it.
#[inline]
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

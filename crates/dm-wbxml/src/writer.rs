//! Infoset to octets. [WBXML 1.3 §5], [profile §2, §5 `interop`]
//!
//! Every name that has a token is written by it; other names are literal, each once in the string
//! table. Text is STR_I or refers to the string table, octets are OPAQUE. The same document gives
//! the same octets, always.

mod body;
mod fixed;
mod part;
mod plan;
mod prefix;
mod skeleton;
mod table;

use alloc::vec::Vec;

use dm_xml::canonical::Output;
use dm_xml::{Stopped, ToInfoset};

pub use body::Writer;
pub use fixed::Fixed;
pub use part::Part;
pub use plan::TablePlan;
use table::Table;

use crate::{MbUInt32, OctetRule, Version, Vocabulary, WriteError};

/// UTF-8, the only charset that is written.
const UTF_8: u32 = 106;

/// The public identifier that says nothing.
const UNKNOWN: u32 = 1;

/// What the string table is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strings {
    /// Besides literal names, whatever makes the document smallest: texts and attribute values
    /// that occur more than once, and what they begin or end with.
    #[default]
    Fewest,
    /// Literal names only; all text stands in place. The fastest to write.
    Inline,
}

/// How a document is written: the language, the version, the use of the string table.
///
/// ```
/// use dm_wbxml::{CodePage, Encoder, NoOctets, Strings, Vocabulary};
/// use dm_xml::{Limits, parse};
/// static PAGES: [CodePage; 1] = [CodePage::new(0, "urn:x", &["Uri", "All"])];
/// static X: Vocabulary =
///     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
/// let text = "<All xmlns='urn:x'><Uri>./Vendor/One/A</Uri><Uri>./Vendor/One/B</Uri></All>";
/// let document = parse(text.as_bytes(), &Limits::default()).unwrap();
/// let inline = Encoder::new(&X).strings(Strings::Inline);
/// let fewest = Encoder::new(&X);
/// assert_eq!(inline.encode(&document, NoOctets).unwrap().len(), 42);
/// assert_eq!(fewest.encoded_len(&document, NoOctets), Ok(34));
/// assert_eq!(fewest.encode(&document, NoOctets).unwrap().len(), 34);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Encoder {
    vocabulary: &'static Vocabulary,
    version: Version,
    strings: Strings,
    is_anonymous: bool,
}

impl Encoder {
    /// The smallest document of this language, as WBXML 1.2.
    #[must_use]
    pub fn new(vocabulary: &'static Vocabulary) -> Self {
        Self {
            vocabulary,
            version: Version::default(),
            strings: Strings::default(),
            is_anonymous: false,
        }
    }

    /// The same in this version.
    #[must_use]
    pub fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// The same with the public identifier 1, "unknown or missing", in place of a registered
    /// number: an octet less, for a reader that knows the language otherwise. [WBXML 1.3 §5.5]
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self { is_anonymous: true, ..self }
    }

    /// The same with this use of the string table.
    #[must_use]
    pub fn strings(self, strings: Strings) -> Self {
        Self { strings, ..self }
    }

    /// Writes a document, or any value that is one.
    ///
    /// Base64 text where `rule` says that octets are meant becomes OPAQUE: the same infoset.
    ///
    /// # Errors
    /// When an element that has a token has attributes and the language has no tokens for them,
    /// an element without a token is in no namespace (but not inside one that is in none), or the
    /// document is larger than WBXML allows.
    pub fn encode(
        &self,
        value: &impl ToInfoset,
        rule: impl OctetRule + Clone,
    ) -> Result<Vec<u8>, WriteError> {
        let (table, in_place) = self.table(value, rule.clone())?;
        let octets = self.write(value, rule.clone(), table)?;
        if octets.len() <= in_place {
            return Ok(octets);
        }
        // Where offsets are long, references can cost more than the plan expects.
        self.write(value, rule, Table::new(self.vocabulary))
    }

    /// The string table of this document, for others like it.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn plan(
        &self,
        value: &impl ToInfoset,
        rule: impl OctetRule,
    ) -> Result<TablePlan, WriteError> {
        let gathering = Table::gathering(self.vocabulary);
        let (gathered, _) = self.measure(value, rule, gathering)?;
        plan::keep(gathered, self.vocabulary, self.strings)
    }

    /// How many octets [`Encoder::encode`] would write, without writing them.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encoded_len(
        &self,
        value: &impl ToInfoset,
        rule: impl OctetRule + Clone,
    ) -> Result<usize, WriteError> {
        let (table, in_place) = self.table(value, rule.clone())?;
        let (table, body) = self.measure(value, rule, table)?;
        Ok(self.total(&table, body)?.min(in_place))
    }

    /// How many octets this value takes as a part of the body of a document: a command, an item, a
    /// node. Its texts stand in place, and code page 0 is in force where it begins.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn part_len(
        &self,
        value: &impl ToInfoset,
        rule: impl OctetRule,
    ) -> Result<usize, WriteError> {
        let (_, body) = self.measure(value, rule, Table::new(self.vocabulary))?;
        Ok(body)
    }

    /// The table with which this document becomes smallest, and how many octets it would have with
    /// all texts in place, if that is another table.
    fn table<'d>(
        &self,
        value: &'d impl ToInfoset,
        rule: impl OctetRule + Clone,
    ) -> Result<(Table<'d>, usize), WriteError> {
        if self.strings == Strings::Inline {
            return Ok((Table::new(self.vocabulary), usize::MAX));
        }
        let gathering = Table::gathering(self.vocabulary);
        let (gathered, body) = self.measure(value, rule, gathering)?;
        let in_place = self.total(&gathered, body)?;
        Ok((plan::plan(gathered, self.vocabulary)?, in_place))
    }

    /// The document with this table.
    fn write<'d>(
        &self,
        value: &'d impl ToInfoset,
        rule: impl OctetRule,
        table: Table<'d>,
    ) -> Result<Vec<u8>, WriteError> {
        let mut writer = Writer::new(self.vocabulary, table, rule, Vec::new());
        skeleton::feed(value, &mut writer)?;
        self.finish(writer)
    }

    /// Octets of the body with this table.
    fn measure<'d>(
        &self,
        value: &'d impl ToInfoset,
        rule: impl OctetRule,
        table: Table<'d>,
    ) -> Result<(Table<'d>, usize), WriteError> {
        let mut writer = Writer::new(self.vocabulary, table, rule, Count::default());
        skeleton::feed(value, &mut writer)?;
        let (table, Count(body)) = writer.into_parts();
        Ok((table, body))
    }

    /// Octets of the document with this table and a body of this many.
    fn total(&self, table: &Table<'_>, body: usize) -> Result<usize, WriteError> {
        let mut head = Vec::with_capacity(16);
        self.head(table, &mut head)?;
        Ok(head.len() + table.octets().len() + body)
    }

    /// A sink that writes what is pushed into it, with the texts in place: a reader feeds it
    /// without a document in between. [`Encoder::finish`] ends it. It has no second look at what it
    /// wrote, so it writes no tokens of whole elements.
    pub fn writer<'d, R: OctetRule>(&self, rule: R) -> Writer<'d, R, Vec<u8>> {
        Writer::new(self.vocabulary, Table::new(self.vocabulary), rule, Vec::new())
    }

    /// A sink like that of [`Encoder::writer`], with a string table that was planned for another
    /// document of this language. What is not in the table stands in place.
    ///
    /// ```
    /// use dm_wbxml::{CodePage, Encoder, NoOctets, Vocabulary};
    /// use dm_xml::{Limits, ToInfoset, parse};
    /// static PAGES: [CodePage; 1] = [CodePage::new(0, "urn:x", &["Uri", "All"])];
    /// static X: Vocabulary =
    ///     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
    /// let text = |name| format!("<All xmlns='urn:x'><Uri>{name}</Uri><Uri>{name}</Uri></All>");
    /// let [one, other] = ["./Vendor/One", "./Vendor/Two"].map(text);
    /// let encoder = Encoder::new(&X);
    /// let one = parse(one.as_bytes(), &Limits::default()).unwrap();
    /// let plan = encoder.plan(&one, NoOctets).unwrap();
    /// let planned = |document: &dm_xml::Document<'_>| {
    ///     let mut writer = encoder.planned_writer(&plan, NoOctets);
    ///     document.write(&mut writer).unwrap();
    ///     encoder.finish(writer).unwrap().len()
    /// };
    /// assert_eq!(planned(&one), encoder.encode(&one, NoOctets).unwrap().len());
    /// let other = parse(other.as_bytes(), &Limits::default()).unwrap();
    /// assert_eq!(planned(&other), planned(&one) + 2 * (1 + 12 + 1) - 2 * 2);
    /// ```
    pub fn planned_writer<'d, R: OctetRule>(
        &self,
        plan: &'d TablePlan,
        rule: R,
    ) -> Writer<'d, R, Vec<u8>> {
        Writer::new(self.vocabulary, Table::of_plan(plan), rule, Vec::new())
    }

    /// The document that was pushed into the writer.
    ///
    /// # Errors
    /// When it is larger than WBXML allows.
    pub fn finish<R: OctetRule>(
        &self,
        writer: Writer<'_, R, Vec<u8>>,
    ) -> Result<Vec<u8>, WriteError> {
        let (table, body) = writer.into_parts();
        let mut octets = Vec::with_capacity(16 + table.octets().len() + body.len());
        self.head(&table, &mut octets)?;
        octets.extend_from_slice(table.octets());
        octets.extend_from_slice(&body);
        Ok(octets)
    }

    /// Writes what `feed` pushes to `output`, in pieces of a few kilobytes, with the texts in place.
    ///
    /// The string table stands before the body, so `feed` is called twice and must push the same
    /// both times. Memory does not grow with the document.
    ///
    /// # Errors
    /// What `feed` says.
    ///
    /// ```
    /// use dm_wbxml::{CodePage, Encoder, NoOctets, Vocabulary};
    /// use dm_xml::{Limits, Strict, read};
    /// static PAGES: [CodePage; 1] = [CodePage::new(0, "urn:x", &["A"])];
    /// static X: Vocabulary =
    ///     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
    /// let text = b"<A xmlns='urn:x'><B>b</B></A>";
    /// let mut octets = Vec::new();
    /// let outcome = Encoder::new(&X).stream(NoOctets, &mut octets, |writer| {
    ///     read(text, &Limits::default(), &mut Strict, writer)
    /// });
    /// assert!(outcome.is_ok());
    /// assert_eq!(octets, b"\x02\x7F\x6A\x02B\0\x45\x44\x00\x03b\0\x01\x01");
    /// ```
    pub fn stream<'d, R: OctetRule + Clone, E>(
        &self,
        rule: R,
        output: &mut dyn Output,
        mut feed: impl for<'o> FnMut(
            &mut Writer<'d, R, &'o mut dyn Output>,
        ) -> Result<(), Stopped<E, WriteError>>,
    ) -> Result<(), Stopped<E, WriteError>> {
        let mut count = Count::default();
        let table = Table::new(self.vocabulary);
        let mut names =
            Writer::new(self.vocabulary, table, rule.clone(), &mut count as &mut dyn Output);
        feed(&mut names)?;
        let (table, _) = names.into_parts();
        let mut head = Vec::with_capacity(16);
        self.head(&table, &mut head).map_err(Stopped::Sink)?;
        output.write(&head);
        output.write(table.octets());
        let mut writer = Writer::new(self.vocabulary, table, rule, output);
        feed(&mut writer)?;
        writer.into_parts();
        Ok(())
    }

    fn head(&self, table: &Table<'_>, octets: &mut Vec<u8>) -> Result<(), WriteError> {
        octets.push(self.version.octet());
        let is_anonymous = self.is_anonymous && self.vocabulary.number != 0;
        MbUInt32(if is_anonymous { UNKNOWN } else { self.vocabulary.number }).encode(octets);
        if self.vocabulary.number == 0 {
            MbUInt32(0).encode(octets); // its text stands first in the string table
        }
        MbUInt32(UTF_8).encode(octets);
        number(table.octets().len())?.encode(octets);
        Ok(())
    }
}

/// Counts what is written.
#[derive(Debug, Default)]
struct Count(usize);

impl Output for Count {
    fn write(&mut self, octets: &[u8]) {
        self.0 += octets.len();
    }
}

fn number(value: usize) -> Result<MbUInt32, WriteError> {
    u32::try_from(value).map(MbUInt32).map_err(|_| WriteError::TooLarge)
}

#[cfg(test)]
mod tests;

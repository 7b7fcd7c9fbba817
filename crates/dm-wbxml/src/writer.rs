//! Infoset to octets. [WBXML 1.3 §5], [profile §2, §5 `interop`]
//!
//! Every name that has a token is written by it; other names are literal, each once in the string
//! table, as are attribute values used more than once. Text is STR_I, octets are OPAQUE.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Document, Event};

use crate::token::{END, HAS_ATTRIBUTES, HAS_CONTENT, LITERAL, OPAQUE, STR_I, STR_T, SWITCH_PAGE};
use crate::{MbUInt32, OctetRule, Version, Vocabulary, WriteError};

/// UTF-8, the only charset that is written.
const UTF_8: u32 = 106;

/// Writes a document in this language and version.
///
/// Base64 text where `rule` says that octets are meant becomes OPAQUE: the same infoset.
///
/// # Errors
/// When an element that has a token has attributes, or the document is larger than WBXML allows.
pub fn encode(
    document: &Document<'_>,
    vocabulary: &Vocabulary,
    version: Version,
    rule: impl OctetRule,
) -> Result<Vec<u8>, WriteError> {
    let strings = Strings::collect(document, vocabulary)?;
    let mut octets = Vec::with_capacity(document.len() * 8 + strings.table.len() + 16);
    octets.push(version.octet());
    MbUInt32(vocabulary.number).encode(&mut octets);
    if vocabulary.number == 0 {
        MbUInt32(0).encode(&mut octets); // its text stands first in the string table
    }
    MbUInt32(UTF_8).encode(&mut octets);
    number(strings.table.len(), &mut octets)?;
    octets.extend_from_slice(&strings.table);
    let mut writer = Writer {
        octets,
        strings,
        rule,
        page: 0,
        open: Vec::new(),
        string_end: None,
        pending: None,
    };
    for event in document.events() {
        writer.event(event)?;
    }
    Ok(writer.octets)
}

/// The string table, and how each name is written, in document order.
struct Strings<'d> {
    table: Vec<u8>,
    tags: std::vec::IntoIter<Tag>,
    /// Attributes: the offset of the name.
    attributes: std::vec::IntoIter<u32>,
    /// Attribute values that are used more than once.
    repeated: Index<'d>,
    /// The offset of the name `xmlns`, if it is needed.
    xmlns: u32,
}

/// How a tag is written.
#[derive(Clone, Copy)]
enum Tag {
    Literal { name: u32 },
    Token { page: u8, identity: u8 },
}

/// Strings by content with their offsets. The first few, which is all of a usual message, are
/// compared one by one.
#[derive(Default)]
struct Index<'d> {
    first: Vec<(&'d str, u32)>,
    others: BTreeMap<&'d str, u32>,
}

impl<'d> Index<'d> {
    const FIRST: usize = 24;

    fn get(&self, string: &str) -> Option<u32> {
        let is_equal = |known: &str| core::ptr::eq(known, string) || known == string;
        let first = self.first.iter().find(|(known, _)| is_equal(known));
        first.map(|&(_, offset)| offset).or_else(|| {
            if self.others.is_empty() { None } else { self.others.get(string).copied() }
        })
    }

    fn insert(&mut self, string: &'d str, offset: u32) {
        if self.first.len() < Self::FIRST {
            self.first.push((string, offset));
        } else {
            self.others.insert(string, offset);
        }
    }

    fn get_or_push(&mut self, string: &'d str, table: &mut Vec<u8>) -> Result<u32, WriteError> {
        if let Some(offset) = self.get(string) {
            return Ok(offset);
        }
        let offset = push(table, string)?;
        self.insert(string, offset);
        Ok(offset)
    }
}

impl<'d> Strings<'d> {
    fn collect(document: &'d Document<'_>, vocabulary: &Vocabulary) -> Result<Self, WriteError> {
        let mut table = Vec::with_capacity(256);
        if vocabulary.number == 0 {
            push(&mut table, vocabulary.text)?;
        }
        let (mut names, mut seen, mut repeated) =
            (Index::default(), Index::default(), Index::default());
        let (mut tags, mut attributes) = (Vec::with_capacity(64), Vec::new());
        let mut open = vec![""];
        let mut element = "";
        let mut xmlns = 0;
        let mut again = Vec::new();
        for event in document.events() {
            match event {
                Event::Start { namespace, local } => {
                    element = local;
                    tags.push(match vocabulary.token(namespace, local) {
                        Some((page, identity)) => Tag::Token { page, identity },
                        None => Tag::Literal { name: names.get_or_push(local, &mut table)? },
                    });
                    if matches!(tags.last(), Some(Tag::Literal { .. }))
                        && open.last() != Some(&namespace)
                    {
                        xmlns = names.get_or_push("xmlns", &mut table)?;
                    }
                    open.push(namespace);
                }
                Event::Attribute { name: attribute, value } => {
                    if let Some(Tag::Token { .. }) = tags.last() {
                        let (element, attribute) = (element.into(), attribute.into());
                        return Err(WriteError::AttributeOnToken { element, attribute });
                    }
                    attributes.push(names.get_or_push(attribute, &mut table)?);
                    match seen.get(value) {
                        Some(_) if value.len() > 3 => again.push(value),
                        Some(_) => {}
                        None => seen.insert(value, 0),
                    }
                }
                Event::Text(_) | Event::Octets(_) => {}
                Event::End => drop(open.pop()),
            }
        }
        for value in again {
            repeated.get_or_push(value, &mut table)?;
        }
        let (tags, attributes) = (tags.into_iter(), attributes.into_iter());
        Ok(Self { table, tags, attributes, repeated, xmlns })
    }
}

/// Appends a string with its NUL; yields its offset.
fn push(table: &mut Vec<u8>, string: &str) -> Result<u32, WriteError> {
    let offset = u32::try_from(table.len()).map_err(|_| WriteError::TooLarge)?;
    table.extend_from_slice(string.as_bytes());
    table.push(0);
    Ok(offset)
}

fn number(value: usize, octets: &mut Vec<u8>) -> Result<(), WriteError> {
    MbUInt32(u32::try_from(value).map_err(|_| WriteError::TooLarge)?).encode(octets);
    Ok(())
}

struct Writer<'d, R> {
    octets: Vec<u8>,
    strings: Strings<'d>,
    rule: R,
    page: u8,
    open: Vec<Open<'d>>,
    /// Where the string that was written last ends, if nothing came after it.
    string_end: Option<usize>,
    /// Text of the innermost element where octets are meant, until it is known to be all of it.
    pending: Option<Cow<'d, str>>,
}

struct Open<'d> {
    namespace: &'d str,
    /// Where its tag stands, whose bits are set when attributes and content turn up.
    tag: usize,
    in_attributes: bool,
    has_content: bool,
}

impl<'d, R: OctetRule> Writer<'d, R> {
    fn event(&mut self, event: Event<'d>) -> Result<(), WriteError> {
        match event {
            Event::Start { namespace, local } => self.start(namespace, local),
            Event::Attribute { value, .. } => {
                let name = self.strings.attributes.next().unwrap_or_default();
                self.attribute(name, value);
                Ok(())
            }
            Event::Text(text) => {
                self.content();
                self.rule.text(text);
                if self.rule.is_octets() {
                    match &mut self.pending {
                        Some(pending) => pending.to_mut().push_str(text),
                        None => self.pending = Some(Cow::Borrowed(text)),
                    }
                } else {
                    self.inline(text);
                }
                Ok(())
            }
            Event::Octets(octets) => {
                self.content();
                if self.rule.is_octets() && self.pending.is_none() {
                    return self.opaque(octets);
                }
                let text = STANDARD.encode(octets);
                self.rule.text(&text);
                self.inline(&text);
                Ok(())
            }
            Event::End => self.end(),
        }
    }

    fn start(&mut self, namespace: &'d str, local: &'d str) -> Result<(), WriteError> {
        if let Some(text) = self.pending.take() {
            self.inline(&text); // beside an element it is no octets
        }
        self.content();
        self.rule.start(namespace, local);
        let inherits = self.open.last().is_some_and(|open| open.namespace == namespace);
        // A tag was collected for every element.
        let tag = self.strings.tags.next().unwrap_or(Tag::Literal { name: 0 });
        if let Tag::Token { page, .. } = tag
            && page != self.page
        {
            self.octets.extend_from_slice(&[SWITCH_PAGE, page]);
            self.page = page;
        }
        let at = self.octets.len();
        self.open.push(Open { namespace, tag: at, in_attributes: false, has_content: false });
        match tag {
            Tag::Token { identity, .. } => self.octets.push(identity),
            Tag::Literal { name } => {
                self.octets.push(LITERAL);
                MbUInt32(name).encode(&mut self.octets);
                if !inherits {
                    self.attribute(self.strings.xmlns, namespace);
                }
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: u32, value: &str) {
        if let Some(open) = self.open.last_mut() {
            self.octets[open.tag] |= HAS_ATTRIBUTES;
            open.in_attributes = true;
        }
        self.octets.push(LITERAL);
        MbUInt32(name).encode(&mut self.octets);
        match self.strings.repeated.get(value) {
            Some(offset) => {
                self.octets.push(STR_T);
                MbUInt32(offset).encode(&mut self.octets);
            }
            None if value.is_empty() => {}
            None => self.inline(value),
        }
    }

    /// The innermost element has content: its tag says so and its attributes end.
    fn content(&mut self) {
        if let Some(open) = self.open.last_mut()
            && !open.has_content
        {
            open.has_content = true;
            self.octets[open.tag] |= HAS_CONTENT;
            if open.in_attributes {
                self.octets.push(END);
            }
        }
    }

    fn end(&mut self) -> Result<(), WriteError> {
        if let Some(text) = self.pending.take() {
            match STANDARD.decode(text.as_bytes()) {
                Ok(octets) if !octets.is_empty() => self.opaque(&octets)?,
                _ => self.inline(&text),
            }
        }
        self.rule.end();
        if let Some(open) = self.open.pop()
            && (open.has_content || open.in_attributes)
        {
            self.octets.push(END);
        }
        Ok(())
    }

    fn inline(&mut self, text: &str) {
        if self.string_end == Some(self.octets.len()) {
            self.octets.pop(); // a run of text that came in pieces is one string
        } else {
            self.octets.push(STR_I);
        }
        self.octets.extend_from_slice(text.as_bytes());
        self.octets.push(0);
        self.string_end = Some(self.octets.len());
    }

    fn opaque(&mut self, octets: &[u8]) -> Result<(), WriteError> {
        self.octets.push(OPAQUE);
        number(octets.len(), &mut self.octets)?;
        self.octets.extend_from_slice(octets);
        Ok(())
    }
}

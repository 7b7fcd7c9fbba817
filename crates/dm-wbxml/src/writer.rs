//! Infoset to octets. [WBXML 1.3 §5], [profile §2, §5 `interop`]
//!
//! Every name that has a token is written by it; other names are literal, each once in the string
//! table, as are attribute values used more than once. Text is STR_I, octets are OPAQUE.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
    let mut writer = Writer { octets, strings, rule, page: 0, open: Vec::new(), pending: None };
    for event in document.events() {
        writer.event(event)?;
    }
    Ok(writer.octets)
}

/// The string table and where its strings stand.
struct Strings<'d> {
    table: Vec<u8>,
    names: BTreeMap<&'d str, u32>,
    /// Attribute values; an offset for those used more than once.
    values: BTreeMap<&'d str, Option<u32>>,
    /// Page and token of each element in document order, none for a literal one.
    tokens: std::vec::IntoIter<Option<(u8, u8)>>,
}

impl<'d> Strings<'d> {
    fn collect(document: &'d Document<'_>, vocabulary: &Vocabulary) -> Result<Self, WriteError> {
        let mut table = Vec::new();
        if vocabulary.number == 0 {
            push(&mut table, vocabulary.text)?;
        }
        let mut names = BTreeMap::new();
        let mut values: BTreeMap<&str, Option<u32>> = BTreeMap::new();
        let mut tokens = Vec::new();
        let mut repeated = Vec::new();
        let mut spaces = vec![""];
        let mut element = "";
        for event in document.events() {
            match event {
                Event::Start { namespace, local } => {
                    let token = vocabulary.token(namespace, local);
                    tokens.push(token);
                    element = local;
                    if token.is_none() {
                        name(&mut table, &mut names, local)?;
                        if spaces.last() != Some(&namespace) {
                            name(&mut table, &mut names, "xmlns")?;
                        }
                    }
                    spaces.push(namespace);
                }
                Event::Attribute { name: attribute, value } => {
                    if tokens.last().copied().flatten().is_some() {
                        return Err(WriteError::AttributeOnToken {
                            element: element.into(),
                            attribute: attribute.into(),
                        });
                    }
                    name(&mut table, &mut names, attribute)?;
                    match values.entry(value) {
                        Entry::Vacant(first) => drop(first.insert(None)),
                        Entry::Occupied(_) if value.len() > 3 => repeated.push(value),
                        Entry::Occupied(_) => {}
                    }
                }
                Event::Text(_) | Event::Octets(_) => {}
                Event::End => drop(spaces.pop()),
            }
        }
        for value in repeated {
            if let Some(offset @ None) = values.get_mut(value) {
                *offset = Some(push(&mut table, value)?);
            }
        }
        Ok(Self { table, names, values, tokens: tokens.into_iter() })
    }
}

fn name<'d>(
    table: &mut Vec<u8>,
    names: &mut BTreeMap<&'d str, u32>,
    name: &'d str,
) -> Result<(), WriteError> {
    if let Entry::Vacant(new) = names.entry(name) {
        new.insert(push(table, name)?);
    }
    Ok(())
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
            Event::Attribute { name, value } => {
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
        let token = self.strings.tokens.next().flatten();
        if let Some((page, _)) = token
            && page != self.page
        {
            self.octets.extend_from_slice(&[SWITCH_PAGE, page]);
            self.page = page;
        }
        let inherits = self.open.last().is_some_and(|open| open.namespace == namespace);
        let tag = self.octets.len();
        self.open.push(Open { namespace, tag, in_attributes: false, has_content: false });
        if let Some((_, identity)) = token {
            self.octets.push(identity);
        } else {
            self.octets.push(LITERAL);
            self.reference(local);
            if !inherits {
                self.attribute("xmlns", namespace);
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if let Some(open) = self.open.last_mut() {
            self.octets[open.tag] |= HAS_ATTRIBUTES;
            open.in_attributes = true;
        }
        self.octets.push(LITERAL);
        self.reference(name);
        match self.strings.values.get(value) {
            Some(Some(offset)) => {
                self.octets.push(STR_T);
                MbUInt32(*offset).encode(&mut self.octets);
            }
            _ if value.is_empty() => {}
            _ => self.inline(value),
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

    fn reference(&mut self, name: &str) {
        let offset = self.strings.names.get(name).copied().unwrap_or_default();
        MbUInt32(offset).encode(&mut self.octets);
    }

    fn inline(&mut self, text: &str) {
        self.octets.push(STR_I);
        self.octets.extend_from_slice(text.as_bytes());
        self.octets.push(0);
    }

    fn opaque(&mut self, octets: &[u8]) -> Result<(), WriteError> {
        self.octets.push(OPAQUE);
        number(octets.len(), &mut self.octets)?;
        self.octets.extend_from_slice(octets);
        Ok(())
    }
}

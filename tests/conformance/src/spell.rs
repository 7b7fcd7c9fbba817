//! A second writer of WBXML, which can spell one infoset in many ways.
//!
//! It shares nothing with the writer of the product but the code pages.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_syncml::MetaRule;
use dm_syncml::tables::SYNCML;
use dm_wbxml::{MbUInt32, OctetRule};
use dm_xml::{Document, Event, Limits, parse};

/// How text is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A character an ENTITY.
    Entities,
    /// STR_I, a character each.
    Letters,
    /// OPAQUE.
    Opaque,
    /// STR_I.
    Plain,
    /// STR_T.
    Table,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 5] =
        [Self::Entities, Self::Letters, Self::Opaque, Self::Plain, Self::Table];
}

/// How a document is spelled.
#[derive(Clone, Debug)]
pub struct Speller {
    /// The version octet.
    pub version: u8,
    /// The octets of the public identifier.
    pub public: Vec<u8>,
    /// The MIBenum of the charset.
    pub charset: u32,
    /// What stands first in the string table.
    pub table: Vec<u8>,
    /// How text is spelled.
    pub style: Style,
    /// Whether base64 text is OPAQUE where octets are meant.
    pub octets: bool,
    /// Whether a code page is switched to before every tag.
    pub switches: bool,
    /// Whether elements that have a token declare their namespace all the same.
    pub declares: bool,
}

impl Default for Speller {
    fn default() -> Self {
        Self {
            version: 2,
            public: vec![0xA4, 0x01],
            charset: 106,
            table: Vec::new(),
            style: Style::Plain,
            octets: true,
            switches: false,
            declares: false,
        }
    }
}

impl Speller {
    /// Spells XML text.
    #[must_use]
    pub fn spell(&self, text: &str) -> Vec<u8> {
        let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
        let (body, table) = self.body(&document);
        self.whole(&table, &body)
    }

    /// A body, and the string table that it refers to.
    #[must_use]
    pub fn body(&self, document: &Document<'_>) -> (Vec<u8>, Vec<u8>) {
        let mut run = Run {
            speller: self,
            table: self.table.clone(),
            offsets: BTreeMap::new(),
            body: Vec::new(),
            page: 0,
            spaces: vec![String::new()],
            rule: MetaRule::default(),
        };
        let mut events = document.events().peekable();
        let mut first = false; // whether nothing stands in the innermost element yet
        while let Some(event) = events.next() {
            let mut run_of_text = match event {
                Event::Start { namespace, local } => {
                    let mut attributes = Vec::new();
                    while let Some(Event::Attribute { name, value }) = events.peek() {
                        attributes.push((*name, *value));
                        events.next();
                    }
                    run.start(namespace, local, &attributes);
                    first = true;
                    continue;
                }
                Event::Text(text) => text.to_owned(),
                Event::Octets(octets) => STANDARD.encode(octets),
                Event::End => {
                    run.end();
                    first = false;
                    continue;
                }
                Event::Attribute { .. } => continue,
            };
            while let Some(Event::Text(more)) = events.peek() {
                run_of_text.push_str(more);
                events.next();
            }
            run.text(&run_of_text, first && events.peek() == Some(&Event::End));
            first = false;
        }
        (run.body, run.table)
    }

    /// Head, table and body together.
    #[must_use]
    pub fn whole(&self, table: &[u8], body: &[u8]) -> Vec<u8> {
        let mut octets = vec![self.version];
        octets.extend(&self.public);
        MbUInt32(self.charset).encode(&mut octets);
        octets.extend(number(table.len()));
        [&octets[..], table, body].concat()
    }
}

/// The octets of a length or offset.
#[must_use]
pub fn number(value: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    MbUInt32(u32::try_from(value).expect("small")).encode(&mut octets);
    octets
}

struct Run<'s> {
    speller: &'s Speller,
    table: Vec<u8>,
    offsets: BTreeMap<String, usize>,
    body: Vec<u8>,
    page: u8,
    spaces: Vec<String>,
    rule: MetaRule,
}

impl Run<'_> {
    fn start(&mut self, namespace: &str, local: &str, attributes: &[(&str, &str)]) {
        self.rule.start(namespace, local);
        let token = SYNCML.token(namespace, local);
        let inherits = self.spaces.last().is_some_and(|space| space == namespace);
        let declares = if token.is_some() { self.speller.declares } else { !inherits };
        let attributed = if declares || !attributes.is_empty() { 0x80 } else { 0 };
        match token {
            Some((page, token)) => {
                if page != self.page || self.speller.switches {
                    self.body.extend([0, page]);
                    self.page = page;
                }
                self.body.push(token | 0x40 | attributed);
            }
            None => {
                self.body.push(0x44 | attributed);
                self.reference(local);
            }
        }
        if declares {
            self.attribute("xmlns", namespace);
        }
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        if attributed != 0 {
            self.body.push(1);
        }
        self.spaces.push(namespace.to_owned());
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.body.push(4);
        self.reference(name);
        if self.speller.style == Style::Opaque {
            self.string(value, Style::Plain); // OPAQUE is not for attributes
        } else {
            self.string(value, self.speller.style);
        }
    }

    /// `alone`: it is all that the element holds.
    fn text(&mut self, text: &str, alone: bool) {
        self.rule.text(text);
        match STANDARD.decode(text) {
            Ok(octets) if self.speller.octets && alone && self.rule.is_octets() => {
                self.opaque(&octets);
            }
            // OPAQUE would be octets here, so the base64 text needs another style.
            _ if self.rule.is_octets() => self.string(text, Style::Plain),
            _ => self.string(text, self.speller.style),
        }
    }

    fn end(&mut self) {
        self.rule.end();
        self.spaces.pop();
        self.body.push(1);
    }

    fn string(&mut self, text: &str, style: Style) {
        match style {
            Style::Entities => {
                for character in text.chars() {
                    self.body.push(2);
                    MbUInt32(character.into()).encode(&mut self.body);
                }
            }
            Style::Letters => {
                for character in text.chars() {
                    self.body.push(3);
                    let letter = self.in_charset(&character.to_string());
                    self.body.extend(letter);
                    self.body.push(0);
                }
            }
            Style::Opaque => self.opaque(text.as_bytes()),
            Style::Plain => {
                self.body.push(3);
                let text = self.in_charset(text);
                self.body.extend(text);
                self.body.push(0);
            }
            Style::Table => {
                self.body.push(0x83);
                self.reference(text);
            }
        }
    }

    fn opaque(&mut self, octets: &[u8]) {
        self.body.push(0xC3);
        self.body.extend(number(octets.len()));
        self.body.extend(octets);
    }

    fn reference(&mut self, text: &str) {
        let known = self.offsets.get(text).copied();
        let offset = known.unwrap_or(self.table.len());
        if known.is_none() {
            self.offsets.insert(text.to_owned(), offset);
            let octets = self.in_charset(text);
            self.table.extend(octets);
            self.table.push(0);
        }
        self.body.extend(number(offset));
    }

    fn in_charset(&self, text: &str) -> Vec<u8> {
        if self.speller.charset == 4 {
            let narrow = |character| u8::try_from(u32::from(character)).expect("Latin-1");
            return text.chars().map(narrow).collect();
        }
        text.as_bytes().to_vec()
    }
}

//! WBXML, token by token. [WBXML 1.3 §5, §7]
//!
//! The tokens are those of `dm-wbxml`'s lens; this file follows pages and open elements, so that
//! each token can be shown beside what it stands for.

mod element;
mod head;
mod whole;

use std::borrow::Cow;
use std::collections::VecDeque;

use dm_syncml::MetaRule;
use dm_wbxml::{Charset, Token, Tokens, Vocabulary, WithPages};

use self::whole::Whole;
use super::octets::OctetRows;
use super::xml::XmlRows;
use super::{Frame, Row, RowKind, Step};
use crate::recognise::{is_xml, wbxml};

/// Open elements whose content is shown: as many as the reader takes.
const DEEPEST: usize = 256;
/// Characters of a namespace that are kept with each element, and octets of a string of the string
/// table that are shown where it is referred to: its own row shows all of it, once.
const LONGEST: usize = 256;

/// Rows of a WBXML document.
#[derive(Debug)]
pub(super) struct WbxmlRows<'a> {
    octets: &'a [u8],
    /// Where the document begins in the message.
    base: usize,
    depth: usize,
    /// Rows that are known and were not asked for yet: those of the head at first.
    waiting: VecDeque<Row<'a>>,
    tokens: Tokens<'a>,
    table: &'a [u8],
    /// How much of the string table was shown.
    table_shown: usize,
    charset: Charset,
    vocabulary: &'static Vocabulary,
    tag_page: u8,
    attribute_page: u8,
    rule: WithPages<MetaRule>,
    open: Vec<Open<'a>>,
    /// The element whose attributes are being read.
    begun: Option<Begun<'a>>,
    /// Whether a processing instruction is being read.
    in_instruction: bool,
    had_root: bool,
    /// The whole element whose token is open, as far as it was shown.
    whole: Option<Whole>,
}

#[derive(Clone, Debug)]
struct Open<'a> {
    namespace: Cow<'a, str>,
    local: Cow<'a, str>,
    /// Whether its code page says that it holds octets.
    holds_octets: bool,
}

#[derive(Debug)]
struct Begun<'a> {
    element: Open<'a>,
    has_content: bool,
    attribute: Cow<'a, str>,
    xmlns: String,
}

impl<'a> WbxmlRows<'a> {
    /// Rows of the document in these octets, which begin at `base` of the message; none if its
    /// head cannot be read.
    pub(super) fn new(octets: &'a [u8], base: usize, depth: usize) -> Option<Self> {
        let head = head::read(octets, base, depth)?;
        Some(Self {
            octets,
            base,
            depth,
            waiting: head.rows,
            tokens: Tokens::new(octets, head.body),
            table: head.table,
            table_shown: 0,
            charset: head.charset,
            vocabulary: head.vocabulary,
            tag_page: 0,
            attribute_page: 0,
            rule: WithPages::default(),
            open: Vec::new(),
            begun: None,
            in_instruction: false,
            had_root: false,
            whole: None,
        })
    }

    /// The next row, and the document that begins in it, if there is one and one may.
    pub(super) fn step(&mut self, may_nest: bool) -> Option<Step<'a>> {
        if let Some(row) = self.waiting.pop_front() {
            return Some(row.into());
        }
        if let Some(row) = self.table_string() {
            return Some(row.into());
        }
        let start = self.tokens.offset();
        if self.tokens.is_at_end() {
            return None;
        }
        let is_over = self.had_root && self.open.is_empty() && self.begun.is_none();
        if is_over && !self.in_instruction {
            return Some(self.rest(start, "octets behind the root element"));
        }
        if self.open.len() >= DEEPEST {
            return Some(self.rest(start, "elements nested deeper than 256"));
        }
        let in_attributes = self.tokens.is_in_attributes();
        let Ok(token) = self.tokens.next() else {
            return Some(self.rest(start, "a token that is cut off"));
        };
        Some(self.token(start, token, in_attributes, may_nest))
    }

    /// The next string of the string table.
    fn table_string(&mut self) -> Option<Row<'a>> {
        let rest = self.table.get(self.table_shown..).filter(|rest| !rest.is_empty())?;
        let octets = rest.split_inclusive(|&octet| octet == 0).next().unwrap_or(rest);
        let text = self.decoded(octets.strip_suffix(&[0]).unwrap_or(octets));
        let shown = self.table_shown;
        self.table_shown += octets.len();
        Some(Row {
            // The body follows the table.
            offset: self.base + self.tokens.offset() - self.table.len() + shown,
            octets,
            token: format!("STRTBL {shown}").into(),
            depth: self.depth,
            text: quoted(&text).into(),
            kind: RowKind::Head,
        })
    }

    /// All that is left, as octets.
    fn rest(&mut self, start: usize, what: &'static str) -> Step<'a> {
        let rest = self.octets.get(start..).unwrap_or_default();
        self.tokens = Tokens::new(self.octets, self.octets.len());
        let (octets, base) = (rest.get(..0).unwrap_or_default(), self.base + start);
        let text = Cow::Owned(format!("{what}: {}", rest.len()));
        let (depth, kind) = (self.depth, RowKind::Fault);
        let row = Row { offset: base, octets, token: Cow::Borrowed("?"), depth, text, kind };
        Step { row, inner: Some(Frame::Octets(OctetRows::new(rest, base, depth))) }
    }

    fn token(
        &mut self,
        start: usize,
        token: Token<'a>,
        in_attributes: bool,
        may_nest: bool,
    ) -> Step<'a> {
        use RowKind::{Attribute, Other, Text};
        if let Some(row) = self.of_whole(start, token) {
            return row.into();
        }
        let kind = if in_attributes { Attribute } else { Text };
        match token {
            Token::Tag { .. } | Token::LiteralTag { .. } => self.start(start, token).into(),
            Token::End => self.end(start, in_attributes).into(),
            Token::AttributeStart(_) | Token::LiteralAttribute(_) | Token::AttributeValue(_) => {
                self.attribute(start, token).into()
            }
            Token::SwitchPage(page) => self.switch(start, page, in_attributes).into(),
            Token::ProcessingInstruction => {
                self.in_instruction = true;
                self.row(start, "PI", "<?".into(), Other).into()
            }
            Token::Entity(code) => {
                let text = char::from_u32(code).map_or_else(String::new, String::from);
                let shown = quoted(&text);
                self.text(&text, in_attributes);
                self.row(start, format!("ENTITY {code}"), shown.into(), kind).into()
            }
            Token::StrT(offset) => {
                let (text, shown) = match self.string(offset) {
                    Some(text) => (text.clone(), quoted(&text)),
                    None => ("".into(), "outside the string table".to_owned()),
                };
                self.text(&text, in_attributes);
                self.row(start, format!("STR_T {offset}"), shown.into(), kind).into()
            }
            Token::StrI(octets) => self.inline(start, octets, in_attributes, may_nest),
            Token::Opaque(octets) => self.opaque(start, octets, in_attributes, may_nest),
            Token::Ext(token) => {
                self.row(start, format!("EXT_{}", token & 3), "extension".into(), Other).into()
            }
            Token::ExtI(token, octets) => {
                let shown = quoted(&self.decoded(octets));
                self.row(start, format!("EXT_I_{}", token & 3), shown.into(), Other).into()
            }
            Token::ExtT(token, value) => {
                let shown = value.to_string().into();
                self.row(start, format!("EXT_T_{}", token & 3), shown, Other).into()
            }
        }
    }

    fn inline(
        &mut self,
        start: usize,
        octets: &'a [u8],
        in_attributes: bool,
        may_nest: bool,
    ) -> Step<'a> {
        if may_nest && !in_attributes && is_xml(octets) {
            return self.nested(start, "STR_I", octets, 1);
        }
        let text = self.decoded(octets);
        let shown = quoted(&text);
        self.text(&text, in_attributes);
        let kind = if in_attributes { RowKind::Attribute } else { RowKind::Text };
        self.row(start, "STR_I", shown.into(), kind).into()
    }

    fn opaque(
        &mut self,
        start: usize,
        octets: &'a [u8],
        in_attributes: bool,
        may_nest: bool,
    ) -> Step<'a> {
        let token = format!("OPAQUE {}", octets.len());
        let may_nest = may_nest && !in_attributes && !self.rule.is_octets_by_page();
        if may_nest && (is_xml(octets) || wbxml(octets, true).is_some()) {
            return self.nested(start, token, octets, 0);
        }
        if in_attributes {
            let shown = quoted(&String::from_utf8_lossy(octets));
            return self.row(start, token, shown.into(), RowKind::Attribute).into();
        }
        let text = core::str::from_utf8(octets).ok().filter(|_| !self.rule.is_octets());
        if let Some(text) = text {
            self.text(text, false);
            return self.row(start, token, quoted(text).into(), RowKind::Text).into();
        }
        let what = format!("{} octets", octets.len()).into();
        self.row(start, token, what, RowKind::Octets).into()
    }

    /// A row of the token's own octets; those of the document inside follow.
    fn nested(
        &mut self,
        start: usize,
        token: impl Into<Cow<'static, str>>,
        octets: &'a [u8],
        closing: usize,
    ) -> Step<'a> {
        let at = self.tokens.offset() - octets.len() - closing;
        let (base, depth) = (self.base + at, self.depth + self.open.len() + 1);
        let is_text = is_xml(octets);
        let inner = match WbxmlRows::new(octets, base, depth) {
            Some(rows) if !is_text => Frame::Wbxml(Box::new(rows)),
            _ => Frame::Xml(XmlRows::new(octets, base, depth)),
        };
        let what = if is_text { "XML text inside" } else { "a WBXML document inside" };
        let row = Row {
            offset: self.base + start,
            octets: self.octets.get(start..at).unwrap_or_default(),
            token: token.into(),
            depth: depth - 1,
            text: format!("{what}, {} octets:", octets.len()).into(),
            kind: RowKind::Other,
        };
        if closing > 0 {
            let end = self.tokens.offset() - closing;
            let nul = self.row(end, "STR_I end", "NUL".into(), RowKind::Other);
            self.waiting.push_back(nul);
        }
        Step { row, inner: Some(inner) }
    }

    fn switch(&mut self, start: usize, page: u8, in_attributes: bool) -> Row<'a> {
        let what = if in_attributes {
            self.attribute_page = page;
            format!("attribute page {page}")
        } else {
            self.tag_page = page;
            let known = self.vocabulary.page(page);
            let what = match known.map(dm_wbxml::CodePage::namespace) {
                Some("") => "tokens of whole elements",
                Some(namespace) => namespace,
                None => "not defined",
            };
            format!("page {page}: {what}")
        };
        self.row(start, format!("SWITCH_PAGE {page}"), what.into(), RowKind::Other)
    }

    /// Text of an element or of an attribute value.
    fn text(&mut self, text: &str, in_attributes: bool) {
        match &mut self.begun {
            Some(begun) if in_attributes => {
                if begun.attribute == "xmlns" && begun.xmlns.len() < LONGEST {
                    begun.xmlns.extend(text.chars().take(LONGEST));
                }
            }
            _ if in_attributes => {}
            _ => self.rule.text(text),
        }
    }

    /// The octets from `start` to where the lens is.
    fn row(
        &self,
        start: usize,
        token: impl Into<Cow<'static, str>>,
        text: Cow<'a, str>,
        kind: RowKind,
    ) -> Row<'a> {
        Row {
            offset: self.base + start,
            octets: self.octets.get(start..self.tokens.offset()).unwrap_or_default(),
            token: token.into(),
            depth: self.depth + self.open.len() + usize::from(kind == RowKind::Attribute),
            text,
            kind,
        }
    }

    fn decoded(&self, octets: &'a [u8]) -> Cow<'a, str> {
        self.charset.decode(octets).unwrap_or_else(|_| String::from_utf8_lossy(octets))
    }

    /// The string of the table at this offset; of a long one its beginning, for a document refers
    /// to it as often as it likes.
    fn string(&self, offset: u32) -> Option<Cow<'a, str>> {
        let rest =
            self.table.get(usize::try_from(offset).ok()?..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().take(LONGEST + 1).position(|&octet| octet == 0);
        let end = end.unwrap_or(rest.len());
        if end <= LONGEST {
            return Some(self.decoded(&rest[..end]));
        }
        // Not within a character of UTF-8.
        let is_start = |at: &usize| rest[*at] & 0xC0 != 0x80;
        let end = (LONGEST - 3..=LONGEST).rev().find(is_start).unwrap_or(LONGEST);
        Some(Cow::Owned(self.decoded(&rest[..end]).into_owned() + "\u{2026}"))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

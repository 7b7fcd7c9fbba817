//! The body of a document: tokens to infoset. [WBXML 1.3 §5.8], [profile §2]

use std::borrow::Cow;

use dm_xml::character::{forbidden, is_allowed, is_namespace, is_ncname};
use dm_xml::{Builder, Document, LimitExceeded, Limits};

use crate::source::number;
use crate::token::{
    END, ENTITY, EXT, EXT_I, EXT_T, HAS_ATTRIBUTES, HAS_CONTENT, IDENTITY, LITERAL, OPAQUE, PI,
    STR_I, STR_T, SWITCH_PAGE,
};
use crate::{Charset, Error, ErrorKind, OctetRule, Source};

/// Reads one body. Depth is a number, never the call stack.
pub(crate) struct Reader<'s, R> {
    source: &'s Source<'s>,
    octets: &'s [u8],
    at: usize,
    /// Where the token that is being read begins.
    here: usize,
    tag_page: u8,
    limits: Limits,
    builder: Builder<'s>,
    rule: R,
    open: Vec<Frame>,
    attributes: Vec<(&'s str, Cow<'s, str>)>,
    /// Octets of literal names and attribute values so far. They are rendered too, and a name by
    /// reference is the cheapest way to ask for much work.
    markup: usize,
}

/// What the content of an open element has had so far.
#[derive(Clone, Copy, Default)]
struct Frame {
    octets: bool,
    other: bool,
}

impl<'s, R: OctetRule> Reader<'s, R> {
    pub(crate) fn new(source: &'s Source<'_>, rule: R, limits: &Limits) -> Self {
        Self {
            source,
            octets: source.octets,
            at: source.body,
            here: source.body,
            tag_page: 0,
            limits: *limits,
            builder: Builder::new(*limits),
            rule,
            open: Vec::with_capacity(16),
            attributes: Vec::new(),
            markup: 0,
        }
    }

    pub(crate) fn document(mut self) -> Result<Document<'s>, Error> {
        while !self.builder.is_complete() {
            self.here = self.at;
            self.token().map_err(|kind| self.error(kind))?;
        }
        self.here = self.at;
        if self.at != self.octets.len() {
            return Err(self.error(ErrorKind::ContentAfterRoot));
        }
        let page = self.tag_page;
        let early = Error { kind: ErrorKind::EndsEarly, offset: self.at, page };
        self.builder.finish().ok_or(early)
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { kind, offset: self.here, page: self.tag_page }
    }

    fn token(&mut self) -> Result<(), ErrorKind> {
        let token = self.octet()?;
        match token {
            SWITCH_PAGE => self.tag_page = self.octet()?,
            PI => return Err(ErrorKind::ProcessingInstruction),
            _ if EXT_I.contains(&token) || EXT_T.contains(&token) || EXT.contains(&token) => {
                return Err(ErrorKind::Extension(token));
            }
            END | ENTITY | STR_I | STR_T | OPAQUE if self.open.is_empty() => {
                return Err(ErrorKind::NoRoot);
            }
            END => self.end(),
            ENTITY => {
                let text = self.entity()?;
                self.text(text.into())?;
            }
            STR_I => {
                let text = self.inline_string()?;
                self.text(text)?;
            }
            STR_T => {
                let text = self.table_string()?;
                self.text(text.into())?;
            }
            OPAQUE => self.opaque()?,
            _ => self.element(token)?,
        }
        Ok(())
    }

    // ------------------------------------------------------------------ elements

    fn element(&mut self, token: u8) -> Result<(), ErrorKind> {
        let identity = token & IDENTITY;
        if identity == LITERAL {
            self.literal_element(token & HAS_ATTRIBUTES != 0)?;
        } else {
            self.token_element(identity, token & HAS_ATTRIBUTES != 0)?;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.other = true;
        }
        self.open.push(Frame::default());
        if token & HAS_CONTENT == 0 {
            self.end();
        }
        Ok(())
    }

    fn end(&mut self) {
        self.builder.end();
        self.rule.end();
        self.open.pop();
    }

    fn token_element(&mut self, identity: u8, has_attributes: bool) -> Result<(), ErrorKind> {
        let page = self.source.vocabulary.page(self.tag_page).ok_or(ErrorKind::UnknownPage)?;
        let local = page.name(identity).ok_or(ErrorKind::UnknownTag(identity))?;
        if has_attributes {
            self.attributes()?;
            for (name, value) in self.attributes.drain(..) {
                if name != "xmlns" {
                    return Err(ErrorKind::AttributeOnToken);
                }
                if value != page.namespace() {
                    return Err(ErrorKind::Namespace);
                }
            }
        }
        self.builder.start(page.namespace(), local)?;
        self.rule.start(page.namespace(), local);
        Ok(())
    }

    fn literal_element(&mut self, has_attributes: bool) -> Result<(), ErrorKind> {
        let local = self.name()?;
        if has_attributes {
            self.attributes()?;
        }
        let declared = self.attributes.iter().position(|(name, _)| *name == "xmlns");
        let declared = declared.map(|at| self.attributes.remove(at).1);
        let namespace = match &declared {
            Some(uri) if is_namespace(uri) => uri,
            Some(_) => return Err(ErrorKind::LiteralNamespace),
            None => self.builder.namespace().ok_or(ErrorKind::LiteralNamespace)?,
        };
        if self.source.vocabulary.token(namespace, local).is_some() {
            return Err(ErrorKind::LiteralHasToken);
        }
        self.rule.start(namespace, local);
        match declared {
            Some(uri) => self.builder.start(uri, local)?,
            None => self.builder.start_inheriting(local)?,
        }
        for (name, value) in self.attributes.drain(..) {
            self.builder.attribute(name, value)?;
        }
        Ok(())
    }

    fn name(&mut self) -> Result<&'s str, ErrorKind> {
        let name = self.table_string()?;
        self.charge_markup(name.len())?;
        if is_ncname(name) { Ok(name) } else { Err(ErrorKind::LiteralName) }
    }

    /// Reads an attribute list into `self.attributes`.
    fn attributes(&mut self) -> Result<(), ErrorKind> {
        self.attributes.clear();
        loop {
            let token = self.octet()?;
            let piece: Cow<'s, str> = match token {
                END => return Ok(()),
                // No language here has attribute tokens, so the page does not matter.
                SWITCH_PAGE => {
                    self.octet()?;
                    continue;
                }
                LITERAL => {
                    let name = self.name()?;
                    if self.attributes.iter().any(|(known, _)| *known == name) {
                        return Err(ErrorKind::AttributeTwice);
                    }
                    if self.attributes.len() >= self.limits.attributes {
                        return Err(LimitExceeded::Attributes(self.limits.attributes).into());
                    }
                    self.attributes.push((name, Cow::Borrowed("")));
                    continue;
                }
                STR_I => self.inline_string()?,
                STR_T => self.table_string()?.into(),
                ENTITY => self.entity()?.into(),
                _ => return Err(ErrorKind::AttributeToken(token)),
            };
            self.charge_markup(piece.len())?;
            let (_, value) = self.attributes.last_mut().ok_or(ErrorKind::AttributeToken(token))?;
            if value.is_empty() {
                *value = piece;
            } else {
                value.to_mut().push_str(&piece);
            }
        }
    }

    fn charge_markup(&mut self, octets: usize) -> Result<(), ErrorKind> {
        self.markup += octets;
        if self.markup > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text).into());
        }
        Ok(())
    }

    // ---------------------------------------------------------------------- text

    fn text(&mut self, text: Cow<'s, str>) -> Result<(), ErrorKind> {
        if let Some(frame) = self.open.last_mut()
            && !text.is_empty()
        {
            if frame.octets {
                return Err(ErrorKind::OctetsBesideContent);
            }
            frame.other = true;
        }
        self.rule.text(&text);
        Ok(self.builder.text(text)?)
    }

    fn opaque(&mut self) -> Result<(), ErrorKind> {
        let length = self.number()? as usize;
        let octets = self.octets[self.at..].get(..length).ok_or(ErrorKind::EndsEarly)?;
        self.at += length;
        if !self.rule.is_octets() {
            let text = Charset::Utf8.decode(octets).map_err(|_| ErrorKind::NotText)?;
            check(&text)?;
            return self.text(text);
        }
        if let Some(frame) = self.open.last_mut()
            && !octets.is_empty()
        {
            if frame.octets || frame.other {
                return Err(ErrorKind::OctetsBesideContent);
            }
            frame.octets = true;
        }
        Ok(self.builder.octets(octets)?)
    }

    fn entity(&mut self) -> Result<String, ErrorKind> {
        let code = self.number()?;
        match char::from_u32(code) {
            Some(character) if is_allowed(character) => Ok(character.into()),
            _ => Err(ErrorKind::Character(code)),
        }
    }

    fn inline_string(&mut self) -> Result<Cow<'s, str>, ErrorKind> {
        let rest = &self.octets[self.at..];
        let length = rest.iter().position(|&octet| octet == 0).ok_or(ErrorKind::EndsEarly)?;
        self.at += length + 1;
        let text = self.source.charset.decode(&rest[..length]).map_err(|_| ErrorKind::NotText)?;
        check(&text)?;
        Ok(text)
    }

    fn table_string(&mut self) -> Result<&'s str, ErrorKind> {
        let offset = self.number()?;
        let table = &self.source.table;
        let octets = table.octets(offset).ok_or(ErrorKind::StringTable(offset))?;
        // A character has at most four octets: refuse before looking at them.
        if octets.len() / 4 > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text).into());
        }
        let text = table.text(octets).ok_or(ErrorKind::NotText)?;
        check(text)?;
        Ok(text)
    }

    // -------------------------------------------------------------------- octets

    fn octet(&mut self) -> Result<u8, ErrorKind> {
        let &octet = self.octets.get(self.at).ok_or(ErrorKind::EndsEarly)?;
        self.at += 1;
        Ok(octet)
    }

    fn number(&mut self) -> Result<u32, ErrorKind> {
        number(self.octets, &mut self.at).map_err(|error| error.kind)
    }
}

fn check(text: &str) -> Result<(), ErrorKind> {
    match forbidden(text) {
        Some((_, character)) => Err(ErrorKind::Character(character.into())),
        None => Ok(()),
    }
}

//! The body of a document: tokens to infoset, under a profile. [WBXML 1.3 §5.8], [profile §2]
//!
//! Every deviation from the signed profile goes through `deviates`. A strict reader ends there;
//! what stands behind it is what the lenient one makes of the deviation.

mod attribute;
mod content;
mod element;
mod leaf;
mod skeleton;

use alloc::borrow::Cow;

use dm_xml::{LimitExceeded, Limits, Meter, Profile, Sink, Stopped};
use smallvec::SmallVec;

use self::leaf::Known;
use crate::string_table::StringTable;
use crate::token::{END, HAS_ATTRIBUTES, IDENTITY, LITERAL, STR_I, STR_T};
use crate::{
    Charset, CodePage, Error, ErrorKind, OctetRule, Source, Token, Tokens, Vocabulary, WithPages,
};

/// Reads one body. Depth is a number, never the call stack.
pub(crate) struct Reader<'s, 'p, R, P, S> {
    tokens: Tokens<'s>,
    known: Known<'s>,
    table: &'s StringTable<'s>,
    charset: Charset,
    vocabulary: &'static Vocabulary,
    /// Where the token that is being read begins.
    here: usize,
    tag_page: u8,
    /// The tag page, looked up when it changes.
    page: Option<&'static CodePage>,
    attribute_page: u8,
    limits: Limits,
    meter: Meter,
    rule: WithPages<R>,
    /// The namespace of the innermost element, and at which depth it became that; 0 outside of the
    /// root.
    around: (usize, Namespace<'s>),
    /// The same of the places further out where the namespace changes.
    further_out: SmallVec<[(usize, Namespace<'s>); 8]>,
    /// Whether the innermost element has had octets, and anything else. After a child it has had
    /// something else.
    has_octets: bool,
    has_other: bool,
    attributes: SmallVec<[(&'s str, Cow<'s, str>); 4]>,
    /// Namespaces whose declarations came in pieces.
    joined: SmallVec<[Cow<'s, str>; 1]>,
    /// Octets of literal names, attribute values and inherited namespaces so far. They are
    /// rendered too, and a name by reference is the cheapest way to ask for much work.
    markup: usize,
    profile: &'p mut P,
    sink: &'p mut S,
}

#[derive(Clone, Copy)]
enum Namespace<'s> {
    Whole(&'s str),
    Joined(usize),
}

impl Namespace<'_> {
    #[inline]
    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => core::ptr::eq(one, other),
            (Self::Joined(one), Self::Joined(other)) => one == other,
            _ => false,
        }
    }
}

/// Why a token was not read: the octets, or the sink.
enum Stop<E> {
    Octets(ErrorKind),
    Sink(E),
}

impl<E> From<ErrorKind> for Stop<E> {
    fn from(kind: ErrorKind) -> Self {
        Self::Octets(kind)
    }
}

impl<E> From<LimitExceeded> for Stop<E> {
    fn from(limit: LimitExceeded) -> Self {
        Self::Octets(limit.into())
    }
}

impl<'s, 'p, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, 'p, R, P, S> {
    pub(crate) fn new(
        source: &'s Source<'_, P>,
        rule: R,
        limits: &Limits,
        profile: &'p mut P,
        sink: &'p mut S,
    ) -> Self {
        Self {
            tokens: source.tokens(),
            known: Known::new(source.octets, !source.table.is_empty()),
            table: &source.table,
            charset: source.charset,
            vocabulary: source.vocabulary,
            here: source.body,
            tag_page: 0,
            page: source.vocabulary.page(0),
            attribute_page: 0,
            limits: *limits,
            meter: Meter::new(*limits),
            rule: WithPages::new(rule),
            around: (0, Namespace::Whole("")),
            further_out: SmallVec::new(),
            has_octets: false,
            has_other: false,
            attributes: SmallVec::new(),
            joined: SmallVec::new(),
            markup: 0,
            profile,
            sink,
        }
    }

    pub(crate) fn document(mut self) -> Result<(), Stopped<Error, S::Error>> {
        loop {
            self.here = self.tokens.offset();
            if let Err(stop) = self.token() {
                self.ends_early(stop)?;
            }
            if self.meter.depth() == 0 && self.is_complete() {
                break;
            }
        }
        self.here = self.tokens.offset();
        if !self.tokens.is_at_end() {
            self.deviates(ErrorKind::ContentAfterRoot).map_err(|stop| self.stopped(stop))?;
        }
        Ok(())
    }

    /// Whether that was the end of the root element. Asked once or twice in a document.
    #[cold]
    #[inline(never)]
    fn is_complete(&self) -> bool {
        self.meter.is_complete()
    }

    /// A document that is cut off after its root has begun can still be shown.
    fn ends_early(&mut self, stop: Stop<S::Error>) -> Result<(), Stopped<Error, S::Error>> {
        if !matches!(stop, Stop::Octets(ErrorKind::EndsEarly)) || self.meter.depth() == 0 {
            return Err(self.stopped(stop));
        }
        self.deviates(ErrorKind::EndsEarly).map_err(|stop| self.stopped(stop))?;
        self.tokens.skip_all();
        while self.meter.depth() > 0 {
            self.end_here().map_err(|stop| self.stopped(stop))?;
        }
        Ok(())
    }

    fn stopped(&self, stop: Stop<S::Error>) -> Stopped<Error, S::Error> {
        match stop {
            Stop::Octets(kind) => Stopped::Input(self.error(kind)),
            Stop::Sink(error) => Stopped::Sink(error),
        }
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { kind, offset: self.here, page: self.tag_page }
    }

    /// Something that the signed profile refuses, at the token that is being read.
    fn deviates(&mut self, kind: ErrorKind) -> Result<(), Stop<S::Error>> {
        let deviation = self.error(kind);
        self.profile.met(deviation).map_err(|refused| Stop::Octets(refused.kind))
    }

    /// Reads the next token, and what belongs to it.
    #[inline(always)]
    fn token(&mut self) -> Result<(), Stop<S::Error>> {
        // Nearly all tokens are tags without attributes, ends, and text.
        let Some(octet) = self.tokens.peek() else { return self.other_token() };
        if octet & HAS_ATTRIBUTES == 0 && octet & IDENTITY > LITERAL {
            return self.plain_tag(octet);
        }
        if self.meter.depth() > 0 {
            match octet {
                END => {
                    self.tokens.skip();
                    return self.end();
                }
                STR_I | STR_T => return self.string(),
                _ => {}
            }
        }
        self.other_token()
    }

    #[inline(never)]
    fn other_token(&mut self) -> Result<(), Stop<S::Error>> {
        let token = self.tokens.next()?;
        match token {
            Token::SwitchPage(page) => {
                self.tag_page = page;
                self.page = self.vocabulary.page(page);
                Ok(())
            }
            Token::Tag { identity, has_attributes, has_content } => {
                self.tag(identity, has_attributes, has_content)
            }
            Token::LiteralTag { name, has_attributes, has_content } => {
                self.literal(name, has_attributes, has_content)
            }
            Token::ProcessingInstruction => self.instruction(),
            _ if self.meter.depth() == 0 => self.deviates(ErrorKind::NoRoot),
            Token::End => self.end_here(),
            Token::StrI(octets) => self.inline_string(octets),
            Token::StrT(offset) => self.table_string(offset),
            Token::Opaque(octets) => self.opaque(octets),
            Token::Entity(code) => self.entity(code),
            Token::Ext(octet) => self.deviates(ErrorKind::Extension(octet)),
            Token::ExtI(octet, octets) => {
                self.deviates(ErrorKind::Extension(octet))?;
                self.inline_string(octets)
            }
            Token::ExtT(octet, offset) => {
                self.deviates(ErrorKind::Extension(octet))?;
                self.table_string(offset)
            }
            // The lens yields them in attribute lists only, which are read as a whole.
            Token::AttributeStart(octet) | Token::AttributeValue(octet) => {
                self.deviates(ErrorKind::AttributeToken(octet))
            }
            Token::LiteralAttribute(_) => self.deviates(ErrorKind::AttributeToken(0x04)),
        }
    }
}

#[cfg(test)]
mod tests;

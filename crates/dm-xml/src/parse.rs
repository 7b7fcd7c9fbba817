//! XML text to an infoset. No DTD, no entities beyond the five, no processing instructions.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::attributes::{Attribute, Attributes};
use quick_xml::events::{BytesDecl, BytesRef, Event};

use crate::character::{forbidden, is_allowed, is_ncname, is_white_space};
use crate::namespace::Scope;
use crate::{Builder, Document, LimitExceeded, Limits, XmlError, XmlErrorKind};

/// Reads XML text. Prefixes are resolved and forgotten, comments are dropped.
///
/// # Errors
/// When the text is not well-formed UTF-8 XML, has something that the infoset of a message cannot
/// carry (DTD, processing instruction, attribute in a namespace, element without a namespace), or
/// passes a limit. The error says where.
pub fn parse<'a>(octets: &'a [u8], limits: &Limits) -> Result<Document<'a>, XmlError> {
    if octets.len() > limits.octets.min(u32::MAX as usize) {
        return Err(error(0, LimitExceeded::Octets(limits.octets)));
    }
    let text = core::str::from_utf8(octets)
        .map_err(|invalid| error(invalid.valid_up_to(), XmlErrorKind::Encoding))?;
    if let Some((offset, character)) = forbidden(text) {
        return Err(error(offset, XmlErrorKind::Character(character)));
    }
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if body.starts_with('\u{FEFF}') {
        return Err(error(text.len() - body.len(), XmlErrorKind::Root)); // only one is a mark
    }
    let parser = Parser {
        text: body,
        here: 0,
        limits,
        builder: Builder::new(*limits),
        scope: Scope::default(),
    };
    parser.run().map_err(|(kind, here)| error(here + text.len() - body.len(), kind))
}

fn error(offset: usize, kind: impl Into<XmlErrorKind>) -> XmlError {
    XmlError { kind: kind.into(), offset }
}

struct Parser<'a, 'l> {
    text: &'a str,
    /// Where the event that is being read begins.
    here: usize,
    limits: &'l Limits,
    builder: Builder<'a>,
    scope: Scope<'a>,
}

impl<'a> Parser<'a, '_> {
    fn run(mut self) -> Result<Document<'a>, (XmlErrorKind, usize)> {
        let mut reader = Reader::from_str(self.text);
        loop {
            self.here = position(&reader);
            let event = reader.read_event().map_err(|e| (syntax(&e), position(&reader)))?;
            let raw = self.text.get(self.here..position(&reader)).unwrap_or_default();
            if matches!(event, Event::Eof) {
                break;
            }
            self.event(event, raw).map_err(|kind| (kind, self.here))?;
        }
        let end = self.text.len();
        let open = self.builder.depth() > 0;
        self.builder
            .finish()
            .ok_or((if open { XmlErrorKind::Syntax } else { XmlErrorKind::Root }, end))
    }

    fn event(&mut self, event: Event<'a>, raw: &'a str) -> Result<(), XmlErrorKind> {
        match event {
            Event::Start(start) => self.start(inside(raw, ">")?, start.name().0.len()),
            Event::Empty(start) => {
                self.start(inside(raw, "/>")?, start.name().0.len())?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                if text.contains("]]>") {
                    return Err(XmlErrorKind::Syntax);
                }
                self.characters(text.xml10_content())
            }
            Event::CData(text) => {
                if self.builder.depth() == 0 {
                    return Err(XmlErrorKind::Root);
                }
                self.characters(text.xml10_content())
            }
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Comment(_) | Event::Eof => Ok(()),
            Event::Decl(declaration) => self.declaration(&declaration),
            Event::PI(_) => Err(XmlErrorKind::ProcessingInstruction),
            Event::DocType(_) => Err(XmlErrorKind::DocumentType),
        }
    }

    /// `tag` is what stands between `<` and `>`: names and values are taken from it, not from the
    /// event, because only it lives as long as the input.
    fn start(&mut self, tag: &'a str, name: usize) -> Result<(), XmlErrorKind> {
        if self.builder.is_complete() {
            return Err(XmlErrorKind::Root);
        }
        let qualified = tag.get(..name).ok_or(XmlErrorKind::Syntax)?;
        if tag.ends_with('/') {
            return Err(XmlErrorKind::Syntax);
        }
        let mut attributes = Vec::new();
        self.scope.enter();
        // The library's own search for duplicates is quadratic; ours sorts.
        for attribute in Attributes::new(tag, name).with_checks(false) {
            let attribute = attribute.map_err(|_| XmlErrorKind::Syntax)?;
            if attributes.len() >= self.limits.attributes {
                return Err(LimitExceeded::Attributes(self.limits.attributes).into());
            }
            attributes.push((attribute.key.0, value(&attribute)?));
        }
        let mut names: Vec<&str> = attributes.iter().map(|&(name, _)| name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(XmlErrorKind::AttributeTwice);
        }
        let attributes: Vec<_> =
            attributes.into_iter().filter_map(|attribute| self.scope.declare(attribute)).collect();
        self.scope.check()?;
        let (namespace, local) = self.scope.resolve(qualified)?;
        if !is_ncname(local) {
            return Err(XmlErrorKind::Name);
        }
        self.builder.start(namespace, local)?;
        for (name, value) in attributes {
            if name.contains(':') {
                return Err(XmlErrorKind::AttributeWithNamespace);
            }
            if !is_ncname(name) {
                return Err(XmlErrorKind::Name);
            }
            self.builder.attribute(name, value)?;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.builder.end();
        self.scope.leave();
    }

    fn characters(&mut self, text: Cow<'a, str>) -> Result<(), XmlErrorKind> {
        if self.builder.depth() == 0 {
            return if is_white_space(&text) { Ok(()) } else { Err(XmlErrorKind::Root) };
        }
        Ok(self.builder.text(text)?)
    }

    fn reference(&mut self, reference: &BytesRef<'a>) -> Result<(), XmlErrorKind> {
        if self.builder.depth() == 0 {
            return Err(XmlErrorKind::Root);
        }
        let character = match &**reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let resolved = reference.resolve_char_ref().map_err(|_| XmlErrorKind::Entity)?;
                resolved.ok_or(XmlErrorKind::Entity)?
            }
        };
        if !is_allowed(character) {
            return Err(XmlErrorKind::Character(character));
        }
        Ok(self.builder.text(String::from(character))?)
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), XmlErrorKind> {
        if self.here != 0 {
            return Err(XmlErrorKind::ProcessingInstruction);
        }
        let version = declaration.version().map_err(|_| XmlErrorKind::Syntax)?;
        if version != "1.0" {
            return Err(XmlErrorKind::Syntax);
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name))
                if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii") =>
            {
                Ok(())
            }
            Some(_) => Err(XmlErrorKind::Encoding),
        }
    }
}

/// What a tag holds between `<` and its end.
fn inside<'a>(raw: &'a str, end: &str) -> Result<&'a str, XmlErrorKind> {
    raw.strip_prefix('<').and_then(|tag| tag.strip_suffix(end)).ok_or(XmlErrorKind::Syntax)
}

/// The value of an attribute, normalised.
fn value<'a>(attribute: &Attribute<'a>) -> Result<Cow<'a, str>, XmlErrorKind> {
    if attribute.value.contains('<') {
        return Err(XmlErrorKind::Syntax);
    }
    let value =
        attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| XmlErrorKind::Entity)?;
    match forbidden(&value) {
        Some((_, character)) => Err(XmlErrorKind::Character(character)),
        None => Ok(value),
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn syntax(error: &quick_xml::Error) -> XmlErrorKind {
    match error {
        quick_xml::Error::Encoding(_) => XmlErrorKind::Encoding,
        quick_xml::Error::Escape(_) => XmlErrorKind::Entity,
        _ => XmlErrorKind::Syntax,
    }
}

#[cfg(test)]
mod tests;

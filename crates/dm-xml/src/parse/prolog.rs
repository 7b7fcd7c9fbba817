//! What may stand before the root element: the XML declaration, and the document type declaration
//! that only the lenient profile skips. [XML 1.0 §2.8]

use super::{Parser, Stop};
use crate::{Profile, Sink, XmlError, XmlErrorKind};

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    /// A document type declaration: skipped with its internal subset, where the profile lets it
    /// pass. Nothing in it is looked at, so an entity that it defines stays unknown.
    pub(super) fn document_type(&mut self) -> Result<(), Stop<S::Error>> {
        let rest = &self.text[self.at..];
        if !rest.starts_with("<!DOCTYPE") {
            return Err(XmlErrorKind::Syntax.into());
        }
        self.deviates(XmlErrorKind::DocumentType)?;
        if self.has_document_type || self.meter.depth() > 0 || self.meter.is_complete() {
            return Err(XmlErrorKind::Root.into());
        }
        if !rest["<!DOCTYPE".len()..].starts_with(WHITE_SPACE) {
            return Err(XmlErrorKind::Syntax.into());
        }
        self.at += document_type_length(rest).ok_or(XmlErrorKind::Syntax)?;
        self.has_document_type = true;
        Ok(())
    }
}

/// How long the document type declaration at the start of this text is.
fn document_type_length(text: &str) -> Option<usize> {
    let octets = text.as_bytes();
    let mut at = "<!DOCTYPE".len();
    let mut in_subset = false;
    loop {
        let skip = |opening: &str, closing: &str| {
            text[at..].starts_with(opening).then(|| {
                let from = at + opening.len();
                text[from..].find(closing).map(|length| from + length + closing.len())
            })
        };
        if let Some(end) = skip("<!--", "-->").or_else(|| skip("<?", "?>")) {
            at = end?;
            continue;
        }
        match octets.get(at)? {
            quote @ (b'"' | b'\'') => {
                let length = octets[at + 1..].iter().position(|octet| octet == quote)?;
                at += length + 1;
            }
            b'[' => in_subset = true,
            b']' => in_subset = false,
            b'>' if !in_subset => return Some(at + 1),
            _ => {}
        }
        at += 1;
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Checks what an XML declaration says: version 1.0, UTF-8 or its subset, standalone or not.
pub(super) fn declaration(content: &str) -> Result<(), XmlErrorKind> {
    let mut rest = content;
    let version = pseudo_attribute(&mut rest, "version")?.ok_or(XmlErrorKind::Syntax)?;
    if version != "1.0" {
        return Err(XmlErrorKind::Syntax);
    }
    if let Some(encoding) = pseudo_attribute(&mut rest, "encoding")?
        && !encoding.eq_ignore_ascii_case("utf-8")
        && !encoding.eq_ignore_ascii_case("us-ascii")
    {
        return Err(XmlErrorKind::Encoding);
    }
    if let Some(standalone) = pseudo_attribute(&mut rest, "standalone")?
        && standalone != "yes"
        && standalone != "no"
    {
        return Err(XmlErrorKind::Syntax);
    }
    if rest.trim_start_matches(WHITE_SPACE).is_empty() { Ok(()) } else { Err(XmlErrorKind::Syntax) }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The value of ` name = "value"`, if that stands at the start of `rest`, which moves behind it.
fn pseudo_attribute<'t>(rest: &mut &'t str, name: &str) -> Result<Option<&'t str>, XmlErrorKind> {
    let spaced = rest.trim_start_matches(WHITE_SPACE);
    let Some(after) = spaced.strip_prefix(name) else { return Ok(None) };
    if spaced.len() == rest.len() {
        return Err(XmlErrorKind::Syntax); // no white space before it
    }
    let after = after.trim_start_matches(WHITE_SPACE).strip_prefix('=');
    let value = after.ok_or(XmlErrorKind::Syntax)?.trim_start_matches(WHITE_SPACE);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let quote = quote.ok_or(XmlErrorKind::Syntax)?;
    let value = &value[quote.len_utf8()..];
    let end = value.find(quote).ok_or(XmlErrorKind::Syntax)?;
    *rest = &value[end + 1..];
    Ok(Some(&value[..end]))
}

//! References: the five entities of XML, and characters by number. [XML 1.0 §4.1, §4.6]

use alloc::borrow::Cow;
use alloc::string::String;

use super::{Parser, Stop};
use crate::character::is_allowed;
use crate::{Profile, Sink, XmlError, XmlErrorKind};

/// No reference that may be used is longer than this: `&#x0010FFFF;` and a few more zeros.
const LONGEST: usize = 32;

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    /// A reference in the content of an element.
    pub(super) fn reference(&mut self) -> Result<(), Stop<S::Error>> {
        if self.open.is_empty() {
            return Err(XmlErrorKind::Root.into());
        }
        let (text, length) = resolve(&self.text[self.at..])?;
        self.at += length;
        self.emit(text)
    }
}

/// What the reference at the start of this text stands for, and how long it is.
pub(super) fn resolve<'t>(text: &str) -> Result<(Cow<'t, str>, usize), XmlErrorKind> {
    let end = text.bytes().take(LONGEST).position(|octet| octet == b';');
    let end = end.ok_or(XmlErrorKind::Entity)?;
    let resolved = match &text[1..end] {
        "amp" => Cow::Borrowed("&"),
        "lt" => Cow::Borrowed("<"),
        "gt" => Cow::Borrowed(">"),
        "quot" => Cow::Borrowed("\""),
        "apos" => Cow::Borrowed("'"),
        other => Cow::Owned(String::from(character(other)?)),
    };
    Ok((resolved, end + 1))
}

fn character(reference: &str) -> Result<char, XmlErrorKind> {
    let digits = reference.strip_prefix('#').ok_or(XmlErrorKind::Entity)?;
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // from_str_radix would take a sign.
    if digits.starts_with(['+', '-']) {
        return Err(XmlErrorKind::Entity);
    }
    let code = u32::from_str_radix(digits, radix).map_err(|_| XmlErrorKind::Entity)?;
    match char::from_u32(code) {
        None | Some('\0') => Err(XmlErrorKind::Entity),
        Some(character) if is_allowed(character) => Ok(character),
        Some(character) => Err(XmlErrorKind::Character(character)),
    }
}

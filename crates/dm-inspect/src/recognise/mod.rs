//! What octets are, by their content. The order of the questions is that of the crate's table.

mod base64_text;
mod hex_text;

use dm_capture::Packets;
use dm_push::sms::{Pdu, ShortMessage, Udhi};
use dm_push::wsp::{PDU_TYPE_PUSH, Push};
use dm_wbxml::{ErrorKind, Source, Token};
use dm_xml::{Lenient, Limits};

use crate::language::LANGUAGES;

/// What octets can be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Base64 text, of anything else.
    Base64,
    /// A packet capture.
    Capture,
    /// Hexadecimal text, of anything else.
    Hex,
    /// User data of a short message as SMPP carries it, with a header.
    ShortMessage,
    /// An SMS-DELIVER or SMS-SUBMIT.
    Tpdu,
    /// A WBXML document.
    Wbxml,
    /// A WSP push.
    Wsp,
    /// XML text.
    Xml,
}

impl Form {
    /// All forms, by name, as people write them.
    pub const ALL: [(&'static str, Self); 8] = [
        ("wbxml", Self::Wbxml),
        ("xml", Self::Xml),
        ("hex", Self::Hex),
        ("base64", Self::Base64),
        ("wsp", Self::Wsp),
        ("tpdu", Self::Tpdu),
        ("short-message", Self::ShortMessage),
        ("pcap", Self::Capture),
    ];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }
}

/// What octets were taken for, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The form.
    pub form: Form,
    /// Why, in a few words.
    pub why: String,
}

fn taken(form: Form, why: impl Into<String>) -> Option<Recognised> {
    Some(Recognised { form, why: why.into() })
}

/// What these octets are, if anything can be said.
///
/// ```
/// use dm_inspect::{Form, recognise};
/// assert_eq!(recognise(b"<SyncML/>").map(|it| it.form), Some(Form::Xml));
/// assert_eq!(recognise(b"02 A4 01").map(|it| it.form), Some(Form::Hex));
/// assert_eq!(recognise(b"good morning"), None);
/// ```
#[must_use]
pub fn recognise(octets: &[u8]) -> Option<Recognised> {
    text(octets).or_else(|| binary(octets))
}

/// Forms that are text.
pub(crate) fn text(octets: &[u8]) -> Option<Recognised> {
    if is_xml(octets) {
        return taken(Form::Xml, "it begins with <");
    }
    let is_text = |octet: &u8| matches!(octet, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let text = core::str::from_utf8(octets).ok().filter(|_| octets.iter().all(is_text))?;
    if hex_text::is_hex(text) {
        return taken(Form::Hex, "nothing but hexadecimal digits");
    }
    base64_text::is_base64(text).then_some(())?;
    taken(Form::Base64, "nothing but base64")
}

/// Whether this looks like XML text.
pub(crate) fn is_xml(octets: &[u8]) -> bool {
    let octets = octets.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(octets);
    let mut rest = octets.trim_ascii_start().iter();
    rest.next() == Some(&b'<')
        && rest.next().is_some_and(|&next| {
            matches!(next, b'?' | b'!' | b':' | b'_') || next.is_ascii_alphabetic() || next >= 0x80
        })
}

/// Forms that are octets.
fn binary(octets: &[u8]) -> Option<Recognised> {
    if octets.len() >= 4 && Packets::read(octets).is_ok() {
        return taken(Form::Capture, "its magic number");
    }
    if let Some(why) = wbxml(octets, true) {
        return taken(Form::Wbxml, why);
    }
    if octets.get(1) == Some(&PDU_TYPE_PUSH) && Push::read(octets).is_ok() {
        return taken(Form::Wsp, "PDU type 06");
    }
    if ShortMessage::read(octets, Udhi::Unknown).is_ok_and(|message| message.header.is_some()) {
        return taken(Form::ShortMessage, "a user data header");
    }
    if Pdu::read(octets).is_ok() {
        return taken(Form::Tpdu, "every octet fits");
    }
    taken(Form::Wbxml, wbxml(octets, false)?)
}

/// Why this is WBXML, if it is: with a head in order, or with any head.
pub(crate) fn wbxml(octets: &[u8], in_order: bool) -> Option<String> {
    let mut lenient = Lenient::default();
    let limits = Limits::generous();
    let source = Source::new_lenient(octets, &LANGUAGES, &limits, &mut lenient).ok()?;
    let is_strange = |error: &dm_wbxml::Error| !matches!(error.kind, ErrorKind::StringTableEnd);
    let strange = lenient.deviations().iter().any(is_strange);
    if source.version_octet() > 3 || (in_order && strange) {
        return None;
    }
    let mut tokens = source.tokens();
    loop {
        match tokens.next().ok()? {
            Token::SwitchPage(_) => {}
            Token::ProcessingInstruction if !in_order => break,
            Token::Tag { identity, .. } if identity >= 5 => break,
            Token::LiteralTag { .. } => break,
            _ => return None,
        }
    }
    let version = source.version_octet();
    Some(if strange {
        format!("version {version:02x} and a root element; its head is not in order")
    } else {
        format!("version {version:02x}, its head is in order")
    })
}

/// Octets that a text stands for, and the line where it begins.
pub(crate) struct Decoded {
    pub(crate) line: usize,
    pub(crate) octets: Vec<u8>,
}

/// What hexadecimal or base64 text stands for: one thing, or a list, which it may be known to be.
/// Empty: it is no such text.
pub(crate) fn decode_text(octets: &[u8], form: Form, is_list: bool) -> Vec<Decoded> {
    let Ok(text) = core::str::from_utf8(octets) else { return Vec::new() };
    let found = match form {
        Form::Hex => hex_text::decode(text, is_list),
        _ => base64_text::decode(text, is_list),
    };
    found.unwrap_or_default()
}

/// Lines that are a list, when each is something by itself; or else one thing in several lines.
fn list_or_one(lines: Vec<Decoded>, is_list: bool) -> Vec<Decoded> {
    let are_something = || lines.iter().all(|line| binary(&line.octets).is_some());
    if is_list || lines.len() < 2 || are_something() {
        return lines;
    }
    let line = lines[0].line;
    vec![Decoded { line, octets: lines.into_iter().flat_map(|line| line.octets).collect() }]
}

#[cfg(test)]
mod tests;

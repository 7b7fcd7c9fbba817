//! Exclusive canonical XML as a stream, into a digest or a string. [Exclusive C14N 1.0], [profile §3]
//!
//! An infoset without prefixes and without attributes in namespaces needs only four of the rules:
//! a default namespace is declared where it differs from the one declared above, attributes are
//! sorted, a few characters are escaped, and every element has an end tag. So the canonical form
//! is also the XML text that the project writes.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smallvec::SmallVec;

use crate::character::is_same;
use crate::{Event, Sink, ToInfoset};

/// Where canonical text goes, piece by piece: a digest, a string, a count.
pub trait Output {
    /// Takes the next octets; always UTF-8 text when all pieces are joined.
    fn write(&mut self, octets: &[u8]);
}

impl Output for Vec<u8> {
    fn write(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }
}

impl Output for &mut dyn Output {
    fn write(&mut self, octets: &[u8]) {
        (**self).write(octets);
    }
}

/// Writes the canonical form of these events to `output`, in pieces of a few kilobytes.
///
/// The events are those of a document, of an element, or of a document without an element, which
/// is how an enveloped signature is left out.
pub fn write<'a>(events: impl Iterator<Item = Event<'a>>, output: &mut impl Output) {
    let mut writer = Writer::new(output);
    for event in events {
        let Ok(()) = writer.event(event);
    }
    writer.finish();
}

/// The canonical form of a document, or of any value that is one, as text.
#[must_use]
pub fn text(value: &impl ToInfoset) -> String {
    let mut octets = Vec::new();
    let mut writer = Writer::new(&mut octets);
    let Ok(()) = value.write(&mut writer);
    writer.finish();
    joined(octets)
}

/// The canonical form of these events as text.
#[must_use]
pub fn text_of<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut octets = Vec::new();
    write(events, &mut octets);
    joined(octets)
}

fn joined(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("canonical form is made of strings only")
}

/// Octets gathered before they are handed on.
const PIECE: usize = 4096;

/// Writes the canonical form of the document that is pushed into it.
#[derive(Debug)]
pub struct Writer<'a, 'o, O: Output> {
    output: &'o mut O,
    buffer: Vec<u8>,
    /// Name and namespace of each open element.
    open: SmallVec<[(&'a str, Cow<'a, str>); 16]>,
    /// Attributes of the start tag being written, in document order.
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    in_tag: bool,
}

impl<'a, 'o, O: Output> Writer<'a, 'o, O> {
    /// Writes to `output`, in pieces of a few kilobytes.
    pub fn new(output: &'o mut O) -> Self {
        Self {
            output,
            buffer: Vec::with_capacity(PIECE + PIECE / 4),
            open: SmallVec::new(),
            attributes: Vec::new(),
            in_tag: false,
        }
    }

    /// Hands on what is left.
    pub fn finish(self) {
        self.output.write(&self.buffer);
    }

    #[inline]
    fn hand_on(&mut self) {
        if self.buffer.len() >= PIECE {
            self.output.write(&self.buffer);
            self.buffer.clear();
        }
    }

    #[inline]
    fn close_tag(&mut self) {
        if self.in_tag {
            self.in_tag = false;
            if !self.attributes.is_empty() {
                self.attributes();
            }
            self.buffer.push(b'>');
        }
    }

    #[inline]
    fn open_tag(&mut self, namespace: &str, local: &str) {
        self.close_tag();
        self.hand_on();
        self.buffer.push(b'<');
        self.buffer.extend_from_slice(local.as_bytes());
        // Namespaces are interned by readers, so equal ones mostly are the same string.
        let above = self.open.last().map_or("", |(_, above)| above);
        if !is_same(above, namespace) {
            attribute(&mut self.buffer, "xmlns", namespace);
        }
    }

    #[inline]
    fn end_tag(&mut self, local: &str) {
        self.buffer.extend_from_slice(b"</");
        self.buffer.extend_from_slice(local.as_bytes());
        self.buffer.push(b'>');
        self.hand_on();
    }

    fn attributes(&mut self) {
        let mut attributes = core::mem::take(&mut self.attributes);
        attributes.sort_unstable_by_key(|&(name, _)| name);
        for (name, value) in &attributes {
            attribute(&mut self.buffer, name, value);
        }
        attributes.clear();
        self.attributes = attributes;
    }

    fn base64(&mut self, octets: &[u8]) {
        // Three octets are four characters, so pieces of a multiple of three need no padding.
        for piece in octets.chunks(PIECE / 4 * 3) {
            let start = self.buffer.len();
            self.buffer.resize(start + piece.len().div_ceil(3) * 4, 0);
            let _ = STANDARD.encode_slice(piece, &mut self.buffer[start..]);
            self.hand_on();
        }
    }
}

impl<'a, O: Output> Sink<'a> for Writer<'a, '_, O> {
    type Error = Infallible;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        self.open_tag(&namespace, local);
        self.open.push((local, namespace));
        self.in_tag = true;
        Ok(())
    }

    #[inline]
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Infallible> {
        self.attributes.push((name, value));
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Infallible> {
        self.close_tag();
        escape(&mut self.buffer, &text, Place::Text);
        Ok(())
    }

    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Infallible> {
        self.close_tag();
        self.base64(&octets);
        Ok(())
    }

    #[inline]
    fn end(&mut self) -> Result<(), Infallible> {
        self.close_tag();
        if let Some((local, _)) = self.open.pop() {
            self.end_tag(local);
        }
        Ok(())
    }

    #[inline]
    fn leaf(
        &mut self,
        namespace: &'a str,
        local: &'a str,
        text: &'a str,
    ) -> Result<(), Infallible> {
        self.open_tag(namespace, local);
        self.buffer.push(b'>');
        escape(&mut self.buffer, text, Place::Text);
        self.end_tag(local);
        Ok(())
    }
}

fn attribute(buffer: &mut Vec<u8>, name: &str, value: &str) {
    buffer.push(b' ');
    buffer.extend_from_slice(name.as_bytes());
    buffer.extend_from_slice(b"=\"");
    escape(buffer, value, Place::Attribute);
    buffer.push(b'"');
}

/// Where a character must be written as a reference.
#[derive(Clone, Copy)]
enum Place {
    Attribute = 1,
    Text = 2,
}

/// For each octet, the places where it must be escaped.
const SPECIAL: [u8; 256] = {
    let mut special = [0; 256];
    special[b'&' as usize] = Place::Attribute as u8 | Place::Text as u8;
    special[b'<' as usize] = Place::Attribute as u8 | Place::Text as u8;
    special[b'\r' as usize] = Place::Attribute as u8 | Place::Text as u8;
    special[b'>' as usize] = Place::Text as u8;
    special[b'"' as usize] = Place::Attribute as u8;
    special[b'\t' as usize] = Place::Attribute as u8;
    special[b'\n' as usize] = Place::Attribute as u8;
    special
};

/// Appends `text` with its special characters replaced by references.
#[inline]
fn escape(buffer: &mut Vec<u8>, text: &str, place: Place) {
    let place = place as u8;
    // One pass without a branch an octet: nearly all text has nothing to escape.
    let found = text.bytes().fold(0, |found, octet| found | SPECIAL[usize::from(octet)]);
    if found & place == 0 {
        buffer.extend_from_slice(text.as_bytes());
        return;
    }
    let is_special = |octet: &u8| SPECIAL[usize::from(*octet)] & place != 0;
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(is_special) {
        buffer.extend_from_slice(&rest[..at]);
        buffer.extend_from_slice(reference(rest[at]));
        rest = &rest[at + 1..];
    }
    buffer.extend_from_slice(rest);
}

fn reference(octet: u8) -> &'static [u8] {
    match octet {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&quot;",
        b'\t' => b"&#x9;",
        b'\n' => b"&#xA;",
        _ => b"&#xD;",
    }
}

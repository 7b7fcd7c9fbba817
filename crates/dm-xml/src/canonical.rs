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

use crate::character::is_same;
use crate::{Element, Event, Gather, Sink, ToInfoset};

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

impl<O: Output + ?Sized> Output for &mut O {
    fn write(&mut self, octets: &[u8]) {
        (**self).write(octets);
    }
}

/// Writes the canonical form of these events to `output`, in pieces of a kilobyte or two.
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
    let mut writer = Writer::new(Vec::new());
    let Ok(()) = value.write(&mut writer);
    joined(writer.finish())
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

/// Octets gathered before they are handed on: enough for a digest to be busy, and so few that room
/// for them is made at once.
const PIECE: usize = 1536;

/// Writes the canonical form of the document that is pushed into it.
#[derive(Debug)]
pub struct Writer<'a, O: Output> {
    output: O,
    gather: Gather,
    /// The name of each open element, and whether it declares the namespace it is in.
    open: Vec<(&'a str, bool)>,
    /// The namespace that is in force for children of the innermost element.
    in_force: Cow<'a, str>,
    /// Those that were in force before it, further out.
    further_out: Vec<Cow<'a, str>>,
    /// Attributes of the start tag that was written last, in document order: they are sorted and
    /// written when all are known. Few elements have any.
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a, O: Output> Writer<'a, O> {
    /// Writes to `output`, in pieces of a kilobyte or two.
    pub fn new(output: O) -> Self {
        Self {
            output,
            gather: Gather::with_capacity(PIECE + PIECE / 4),
            open: Vec::with_capacity(16),
            in_force: Cow::Borrowed(""),
            further_out: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// Hands on what is left; yields the output.
    pub fn finish(mut self) -> O {
        self.output.write(self.gather.octets());
        self.output
    }

    /// The canonical form of an element as the next child of the innermost element. It is the same
    /// wherever the same namespace is in force, and may be [`put`](Writer::put) there.
    #[must_use]
    pub fn canonical_here(&self, element: Element<'_>) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        writer.in_force = Cow::Borrowed(self.in_force());
        let Ok(()) = writer.element(element);
        writer.finish()
    }

    /// Puts octets that are canonical form: whole elements.
    pub fn put(&mut self, octets: &[u8]) {
        self.close_tag();
        self.output.write(self.gather.octets());
        self.gather.clear();
        self.output.write(octets);
    }

    /// The namespace that is in force for children of the innermost element.
    #[inline]
    #[must_use]
    pub fn in_force(&self) -> &str {
        &self.in_force
    }

    #[cold]
    #[inline(never)]
    fn hand_on(&mut self) {
        self.output.write(self.gather.octets());
        self.gather.clear();
    }

    /// The start tag is complete.
    #[inline]
    fn close_tag(&mut self) {
        if !self.attributes.is_empty() {
            self.write_attributes();
        }
    }

    /// A tag may be written; whether the namespace of its element is in force.
    #[inline(always)]
    fn begin(&mut self, namespace: &str) -> bool {
        self.close_tag();
        if self.gather.len() >= PIECE {
            self.hand_on();
        }
        // Namespaces are interned by readers, so equal ones mostly are the same string.
        is_same(self.in_force(), namespace)
    }

    /// The start tag of an element whose namespace has to be declared.
    #[inline(never)]
    fn declaring_tag(&mut self, namespace: &str, local: &str) {
        self.gather.enclosed(*b"<", local.as_bytes(), []);
        attribute(&mut self.gather, "xmlns", namespace);
        self.gather.push(b'>');
    }

    #[inline]
    fn end_tag(&mut self, local: &str) {
        self.gather.enclosed(*b"</", local.as_bytes(), *b">");
    }

    #[cold]
    #[inline(never)]
    fn write_attributes(&mut self) {
        let mut attributes = core::mem::take(&mut self.attributes);
        attributes.sort_unstable_by_key(|&(name, _)| name);
        self.gather.pop(); // the bracket of the tag
        for (name, value) in &attributes {
            attribute(&mut self.gather, name, value);
        }
        self.gather.push(b'>');
        attributes.clear();
        self.attributes = attributes;
    }

    /// Characters that nobody needs to lend for long.
    #[inline]
    pub fn characters(&mut self, text: &str) {
        self.close_tag();
        escape(&mut self.gather, text, Place::Text);
    }

    /// The base64 text of octets that nobody needs to lend for long.
    pub fn base64(&mut self, octets: &[u8]) {
        self.close_tag();
        // Three octets are four characters, so pieces of a multiple of three need no padding.
        for piece in octets.chunks(PIECE / 4 * 3) {
            let place = self.gather.appended(piece.len().div_ceil(3) * 4);
            let _ = STANDARD.encode_slice(piece, place);
            if self.gather.len() >= PIECE {
                self.hand_on();
            }
        }
    }
}

impl<'a, O: Output> Sink<'a> for Writer<'a, O> {
    type Error = Infallible;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        let declares = !self.begin(&namespace);
        if declares {
            self.declaring_tag(&namespace, local);
            self.further_out.push(core::mem::replace(&mut self.in_force, namespace));
        } else {
            self.gather.enclosed(*b"<", local.as_bytes(), *b">");
        }
        self.open.push((local, declares));
        Ok(())
    }

    #[inline]
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Infallible> {
        self.attributes.push((name, value));
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Infallible> {
        self.characters(&text);
        Ok(())
    }

    #[inline]
    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Infallible> {
        self.base64(&octets);
        Ok(())
    }

    #[inline]
    fn end(&mut self) -> Result<(), Infallible> {
        self.close_tag();
        if let Some((local, declares)) = self.open.pop() {
            self.end_tag(local);
            if declares {
                self.in_force = self.further_out.pop().unwrap_or_default();
            }
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
        if self.begin(namespace) {
            if self.gather.plain_element(local, text) {
                return Ok(()); // as nearly every leaf is
            }
            self.gather.enclosed(*b"<", local.as_bytes(), *b">");
        } else {
            self.declaring_tag(namespace, local);
        }
        escape(&mut self.gather, text, Place::Text);
        self.end_tag(local);
        Ok(())
    }
}

fn attribute(gather: &mut Gather, name: &str, value: &str) {
    gather.enclosed(*b" ", name.as_bytes(), *b"=\"");
    escape(gather, value, Place::Attribute);
    gather.push(b'"');
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
fn escape(gather: &mut Gather, text: &str, place: Place) {
    if !gather.extend_plain(text) {
        replace(gather, text.as_bytes(), place as u8);
    }
}

/// Appends text that may have special characters. Few texts have.
#[inline(never)]
fn replace(gather: &mut Gather, mut rest: &[u8], place: u8) {
    let is_special = |octet: &u8| SPECIAL[usize::from(*octet)] & place != 0;
    while let Some(at) = rest.iter().position(is_special) {
        gather.extend(&rest[..at]);
        gather.extend(reference(rest[at]));
        rest = &rest[at + 1..];
    }
    gather.extend(rest);
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

//! Encrypting parts of a message, before it is signed, or the whole, after. [profile §6]

use alloc::vec::Vec;

use dm_xml::canonical::Output;
use dm_xml::{Builder, Child, Document, Element, Event, Limits, Sink, canonical};
use zeroize::Zeroizing;

use super::{Chance, EncryptError, Envelope, Kind, Secret};
use crate::Provider;
use crate::algorithm::{DS, XENC};

/// Encrypts the content of each `Data` that is chosen.
///
/// # Errors
/// When the message is signed or has encrypted content, or encryption fails.
pub fn encrypt_data<'d>(
    document: &'d Document<'_>,
    is_chosen: impl Fn(Element<'_>) -> bool,
    envelope: &Envelope<'_, impl Provider>,
    chance: &mut dyn Chance,
) -> Result<Document<'d>, EncryptError> {
    check_untouched(document)?;
    let mut builder = Builder::new(Limits::generous());
    copy(document.root(), &mut builder, &mut |element, builder| {
        if !element.is(document.root().namespace(), "Data") || !is_chosen(element) {
            return Ok(false);
        }
        let plaintext = content_of(element);
        builder.start(element.namespace(), element.local())?;
        envelope.write(builder, &plaintext, Kind::Content, chance)?;
        builder.end();
        Ok(true)
    })?;
    builder.finish().ok_or(EncryptError::NoBody)
}

/// Encrypts `SyncBody`, the second child of the root.
///
/// # Errors
/// When there is none, the message is signed or has encrypted content, or encryption fails.
pub fn encrypt_body<'d>(
    document: &'d Document<'_>,
    envelope: &Envelope<'_, impl Provider>,
    chance: &mut dyn Chance,
) -> Result<Document<'d>, EncryptError> {
    check_untouched(document)?;
    let second = document.root().elements().nth(1);
    let body = second.filter(|second| second.local() == "SyncBody").ok_or(EncryptError::NoBody)?;
    let mut builder = Builder::new(Limits::generous());
    copy(document.root(), &mut builder, &mut |element, builder| {
        if !element.is_same(body) {
            return Ok(false);
        }
        let plaintext = gathered(|mut output| canonical::write(element.events(), &mut output));
        envelope.write(builder, &plaintext, Kind::Element, chance)?;
        Ok(true)
    })?;
    builder.finish().ok_or(EncryptError::NoBody)
}

/// Encrypts a signed message: its WBXML octets become the content of the document that is sent.
///
/// # Errors
/// When encryption fails.
pub fn encrypt_message(
    octets: &[u8],
    envelope: &Envelope<'_, impl Provider>,
    chance: &mut dyn Chance,
) -> Result<Document<'static>, EncryptError> {
    let mut builder = Builder::new(Limits::generous());
    envelope.write(&mut builder, octets, Kind::Message, chance)?;
    builder.finish().ok_or(EncryptError::NoBody)
}

fn check_untouched(document: &Document<'_>) -> Result<(), EncryptError> {
    for element in document.root().walk() {
        match element.namespace() {
            DS => return Err(EncryptError::Signed),
            XENC => return Err(EncryptError::AlreadyEncrypted),
            _ => {}
        }
    }
    Ok(())
}

/// Copies an element, but for those that `replace` writes in another way.
fn copy<'d>(
    root: Element<'d>,
    builder: &mut Builder<'d>,
    replace: &mut impl FnMut(Element<'d>, &mut Builder<'d>) -> Result<bool, EncryptError>,
) -> Result<(), EncryptError> {
    // Not by recursion: a tool takes documents that are nested deeply.
    let mut elements = root.walk();
    let mut skipped = 0_usize; // depth inside an element that was written in another way
    for event in root.events() {
        match event {
            Event::Start { .. } => {
                let Some(element) = elements.next() else { break };
                if skipped > 0 || replace(element, builder)? {
                    skipped += 1;
                    continue;
                }
            }
            Event::End if skipped > 0 => {
                skipped -= 1;
                continue;
            }
            _ if skipped > 0 => continue,
            _ => {}
        }
        Sink::event(builder, event)?;
    }
    Ok(())
}

/// The canonical text of what an element holds: each child element declares its namespace.
fn content_of(element: Element<'_>) -> Secret {
    gathered(|mut output| {
        for child in element.children() {
            match child {
                Child::Element(child) => canonical::write(child.events(), &mut output),
                Child::Text(text) => canonical::write([Event::Text(text)].into_iter(), &mut output),
                Child::Octets(octets) => {
                    canonical::write([Event::Octets(octets)].into_iter(), &mut output);
                }
            }
        }
    })
}

/// What is written; counted first, for octets that grow leave copies behind that nobody wipes.
fn gathered(write: impl Fn(&mut dyn Output)) -> Secret {
    let mut length = Length(0);
    write(&mut length);
    let mut octets = Zeroizing::new(Vec::with_capacity(length.0));
    write(&mut *octets);
    octets
}

/// Counts octets.
struct Length(usize);

impl Output for Length {
    fn write(&mut self, octets: &[u8]) {
        self.0 += octets.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plaintext_never_grows() {
        let text = "<Data xmlns=\"SYNCML:SYNCML1.2\"><b xmlns=\"urn:x\">a &lt; b</b></Data>";
        let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
        let plaintext = content_of(document.root());
        assert_eq!(&*plaintext, b"<b xmlns=\"urn:x\">a &lt; b</b>");
        assert_eq!(plaintext.capacity(), plaintext.len());
    }
}

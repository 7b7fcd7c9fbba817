//! Stage `decrypt-part`: encrypted parts of a message that is verified and fresh. [profile §6]
//!
//! First each part is decrypted, then all are read into the message, within the limits of the gate
//! for all of it together. The model is read from what comes out.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use dm_seal::Provider;
use dm_seal::algorithm::XENC;
use dm_seal::encryption::{DeviceKeys, EncryptedData, EncryptionError, Kind, Plaintext, Secret};
use dm_syncml::SyncBody;
use dm_syncml::tables::SYNCML_1_2;
use dm_xml::{Builder, Child, Document, Element, Event, Limits, Sink};

use super::insertion::read;
use super::{Fresh, Header, Opener};
use crate::Refusal;

impl Fresh<'_> {
    /// Stage `decrypt-part`, first half: each part decrypted, none of it read.
    ///
    /// # Errors
    /// When a part is not in the one shape, stands in a wrong place, is bound to another server
    /// or device, or cannot be decrypted.
    pub fn decipher<P: Provider>(&self, opener: &Opener<'_, P>) -> Result<Deciphered<'_>, Refusal> {
        let message = self.message.get();
        let root = message.document.root();
        // The body stands second. Nothing else counts: what KeyInfo holds is not signed.
        let body = root.elements().nth(1);
        let is_encrypted = |element: &Element<'_>| element.is(XENC, "EncryptedData");
        let count = match message.document.may_have_namespace(XENC) {
            true => body.into_iter().flat_map(Element::walk).filter(is_encrypted).count(),
            false => 0,
        };
        let Some(body) = body.filter(|_| count > 0) else {
            return Ok(Deciphered { document: &message.document, body, parts: Vec::new() });
        };
        let keys = opener.keys.ok_or(Refusal::EncryptedPart)?;
        let mut parts = Vec::with_capacity(count);
        for (place, element) in places(body, count).map_err(Refusal::PartNotDecrypted)? {
            let part = decrypted((place, element), keys, &message.header, opener);
            parts.push(part.map_err(Refusal::PartNotDecrypted)?);
        }
        Ok(Deciphered { document: &message.document, body: Some(body), parts })
    }
}

/// The decrypted octets of each part of a message that is verified and fresh.
pub struct Deciphered<'f> {
    document: &'f Document<'f>,
    body: Option<Element<'f>>,
    parts: Vec<Part<'f>>,
}

impl fmt::Debug for Deciphered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deciphered").field("parts", &self.parts.len()).finish_non_exhaustive()
    }
}

/// The text that stands for an element of the message: `Data`, or the body's `EncryptedData`.
struct Part<'f> {
    place: Element<'f>,
    text: Secret,
    /// Whether it names nobody that it is bound to.
    is_unbound: bool,
}

/// What a plaintext stands in: so its namespace is in scope, and its text is that of one element.
const DATA: [&[u8]; 2] = [b"<Data xmlns=\"SYNCML:SYNCML1.2\">", b"</Data>"];
const ROOT: [&[u8]; 2] = [b"<SyncML xmlns=\"SYNCML:SYNCML1.2\">", b"</SyncML>"];

/// Each `EncryptedData`, with the element that is replaced: itself in place of `SyncBody`, or the
/// `Data` whose only child it is.
fn places<'d>(
    body: Element<'d>,
    count: usize,
) -> Result<Vec<(Element<'d>, Element<'d>)>, EncryptionError> {
    let is_encrypted = |element: &Element<'_>| element.is(XENC, "EncryptedData");
    let mut places = Vec::with_capacity(count);
    for element in body.walk() {
        if element.is_same(body) && is_encrypted(&body) {
            places.push((body, body));
        }
        if element.is(SYNCML_1_2, "Data") {
            let mut children = element.children();
            if let (Some(Child::Element(only)), None) = (children.next(), children.next())
                && is_encrypted(&only)
            {
                places.push((element, only));
            }
        }
    }
    if places.len() == count {
        return Ok(places);
    }
    let mut known = places.iter().peekable(); // in document order, too
    let mut all = body.walk().filter(is_encrypted);
    let stray = all.find(|element| known.next_if(|(_, known)| known.is_same(*element)).is_none());
    let stray = stray.unwrap_or(body);
    Err(EncryptionError::Misplaced(stray.path()))
}

/// The text of one part, with the element around it that it stands in: nothing in it can reach
/// beyond.
fn decrypted<'f, P: Provider>(
    (place, element): (Element<'f>, Element<'f>),
    keys: &DeviceKeys,
    header: &Header,
    opener: &Opener<'_, P>,
) -> Result<Part<'f>, EncryptionError> {
    let data = EncryptedData::read(element)?;
    let is_body = place.is_same(element);
    if data.kind() != (if is_body { Kind::Element } else { Kind::Content }) {
        return Err(EncryptionError::Misplaced(element.path()));
    }
    let accepts = opener.settings.accepts;
    data.check_server(&header.server_id, accepts)?;
    let is_meant = |id: &str| id == opener.settings.device_id || id == header.target;
    data.check_device(is_meant, accepts)?;
    let text = data.decrypt(keys, opener.provider)?;
    let [before, behind] = if is_body { ROOT } else { DATA };
    let mut wrapped = Secret::new(Vec::with_capacity(text.len() + before.len() + behind.len()));
    for piece in [before, &text, behind] {
        wrapped.extend_from_slice(piece);
    }
    Ok(Part { place, text: wrapped, is_unbound: data.transport().is_unbound() })
}

impl Deciphered<'_> {
    /// Whether a part of it is bound to nobody, which the device's owner must have allowed.
    #[must_use]
    pub fn has_unbound(&self) -> bool {
        self.parts.iter().any(|part| part.is_unbound)
    }

    /// Stage `decrypt-part`, second half: the infoset with each part in its place. The limits of
    /// the gate hold for all of it together.
    ///
    /// # Errors
    /// When a plaintext is not XML of one element, holds encryption or a signature, or a limit is
    /// passed.
    pub fn infoset(&self, limits: &Limits) -> Result<Plain<'_>, Refusal> {
        let Some(body) = self.body.filter(|_| !self.parts.is_empty()) else {
            return Ok(Plain(Cow::Borrowed(self.document)));
        };
        let replaced = self.replace(body, limits);
        let replaced = replaced
            .map_err(|error| Refusal::PartNotDecrypted(EncryptionError::Plaintext(error)))?;
        Ok(Plain(Cow::Owned(replaced)))
    }

    /// The root with its body and nothing else.
    fn replace<'p>(
        &'p self,
        body: Element<'p>,
        limits: &Limits,
    ) -> Result<Document<'p>, Plaintext> {
        let mut builder = Builder::new(*limits);
        builder.start(SYNCML_1_2, "SyncML")?;
        let mut elements = body.walk();
        let mut parts = self.parts.iter().peekable();
        let mut skipped = 0_usize; // depth inside a part
        for event in body.events() {
            if let Event::Start { .. } = event
                && let Some(element) = elements.next()
            {
                if let Some(part) = parts.next_if(|part| part.place.is_same(element)) {
                    let is_body = element.is_same(body);
                    read(&part.text, is_body, limits, &mut builder)?;
                    skipped += 1;
                    continue;
                }
                skipped += usize::from(skipped > 0);
            }
            if skipped == 0 {
                Sink::event(&mut builder, event)?;
            } else if event == Event::End {
                skipped -= 1;
            }
        }
        builder.end();
        builder.finish().ok_or(Plaintext::NotXml)
    }
}

/// A verified and fresh message with all its parts in the clear.
pub struct Plain<'p>(Cow<'p, Document<'p>>);

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").finish_non_exhaustive() // its values may be secrets
    }
}

impl Plain<'_> {
    /// Stage `model`: exactly one body, its commands well formed.
    ///
    /// # Errors
    /// When the body is malformed.
    pub fn body(&self) -> Result<SyncBody<'_>, Refusal> {
        SyncBody::read(self.0.root()).map_err(Refusal::Model)
    }
}

//! The text of a decrypted part, read into the message it is a part of. [profile §2, §6]

use alloc::borrow::Cow;

use dm_seal::algorithm::{DS, XENC};
use dm_seal::encryption::Plaintext;
use dm_syncml::tables::{METINF, SYNCML_1_2};
use dm_xml::{Builder, Limits, Sink, Stopped, Strict, XmlError, XmlErrorKind};

/// Reads the text of a part into the message.
pub(super) fn read<'p>(
    text: &'p [u8],
    is_body: bool,
    limits: &Limits,
    builder: &mut Builder<'p>,
) -> Result<(), Plaintext> {
    let mut insertion = Insertion { builder, is_body, depth: 0, bodies: 0, has_tokens: true };
    dm_xml::read(text, limits, &mut Strict, &mut insertion).map_err(|stopped| match stopped {
        Stopped::Input(XmlError { kind, .. }) => match kind {
            XmlErrorKind::DocumentType => Plaintext::DocumentType,
            XmlErrorKind::Limit(limit) => Plaintext::Limit(limit),
            XmlErrorKind::ProcessingInstruction => Plaintext::ProcessingInstruction,
            _ => Plaintext::NotXml,
        },
        Stopped::Sink(error) => error,
    })
}

/// A part on its way into the message. What was put around a body stays outside: the root is there.
struct Insertion<'b, 'p> {
    builder: &'b mut Builder<'p>,
    is_body: bool,
    depth: usize,
    bodies: usize,
    /// Whether the element that has just begun is in a namespace of the code pages.
    has_tokens: bool,
}

impl Insertion<'_, '_> {
    /// Whether what comes stands directly in what was put around a body.
    fn is_beside_body(&self) -> bool {
        self.is_body && self.depth == 1
    }
}

impl<'p> Sink<'p> for Insertion<'_, 'p> {
    type Error = Plaintext;

    fn start(&mut self, namespace: Cow<'p, str>, local: &'p str) -> Result<(), Plaintext> {
        if namespace == DS || namespace == XENC {
            return Err(Plaintext::Nested);
        }
        if self.is_beside_body() {
            self.bodies += 1;
            if self.bodies > 1 || namespace != SYNCML_1_2 || local != "SyncBody" {
                return Err(Plaintext::NotBody);
            }
        }
        self.has_tokens = [SYNCML_1_2, METINF, dm_tnds::tables::NAMESPACE].contains(&&*namespace);
        self.depth += 1;
        match self.is_body && self.depth == 1 {
            true => Ok(()),
            false => Ok(self.builder.start(namespace, local)?),
        }
    }

    fn attribute(&mut self, name: &'p str, value: Cow<'p, str>) -> Result<(), Plaintext> {
        if self.has_tokens {
            return Err(Plaintext::Attribute); // as on a token element [profile §2]
        }
        Ok(self.builder.attribute(name, value)?)
    }

    fn text(&mut self, text: Cow<'p, str>) -> Result<(), Plaintext> {
        if self.is_beside_body() {
            return Err(Plaintext::NotBody);
        }
        Ok(self.builder.text(text)?)
    }

    fn octets(&mut self, octets: Cow<'p, [u8]>) -> Result<(), Plaintext> {
        Ok(self.builder.octets(octets)?) // text never yields any
    }

    fn end(&mut self) -> Result<(), Plaintext> {
        self.depth = self.depth.saturating_sub(1);
        match (self.is_body && self.depth == 0, self.bodies) {
            (true, 0) => return Err(Plaintext::NotBody),
            (true, _) => {}
            (false, _) => self.builder.end(),
        }
        Ok(())
    }
}

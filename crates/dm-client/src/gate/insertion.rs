//! The text of a decrypted part, read into the message it is a part of. [profile §2, §6]

use alloc::borrow::Cow;

use dm_seal::algorithm::{DS, XENC};
use dm_seal::encryption::Plaintext;
use dm_syncml::tables::SYNCML_1_2;
use dm_xml::{Builder, Limits, Sink, Stopped, Strict, XmlError, XmlErrorKind};

/// Reads the text of a part into the message.
pub(super) fn read<'p>(
    text: &'p [u8],
    is_body: bool,
    limits: &Limits,
    builder: &mut Builder<'p>,
) -> Result<(), Plaintext> {
    // An XML declaration is none of canonical form; the reader would let it pass.
    if is_body && text.starts_with(b"<?") {
        return Err(Plaintext::ProcessingInstruction);
    }
    let mut insertion = Insertion { builder, is_body, depth: 0 };
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

/// A part on its way into the message.
struct Insertion<'b, 'p> {
    builder: &'b mut Builder<'p>,
    is_body: bool,
    depth: usize,
}

impl<'p> Sink<'p> for Insertion<'_, 'p> {
    type Error = Plaintext;

    fn start(&mut self, namespace: Cow<'p, str>, local: &'p str) -> Result<(), Plaintext> {
        if namespace == DS || namespace == XENC {
            return Err(Plaintext::Nested);
        }
        if self.is_body && self.depth == 0 && (namespace != SYNCML_1_2 || local != "SyncBody") {
            return Err(Plaintext::NotBody);
        }
        self.depth += 1;
        Ok(self.builder.start(namespace, local)?)
    }

    fn attribute(&mut self, name: &'p str, value: Cow<'p, str>) -> Result<(), Plaintext> {
        Ok(self.builder.attribute(name, value)?)
    }

    fn text(&mut self, text: Cow<'p, str>) -> Result<(), Plaintext> {
        Ok(self.builder.text(text)?)
    }

    fn octets(&mut self, octets: Cow<'p, [u8]>) -> Result<(), Plaintext> {
        Ok(self.builder.octets(octets)?)
    }

    fn end(&mut self) -> Result<(), Plaintext> {
        self.depth -= 1;
        self.builder.end();
        Ok(())
    }
}

//! Sealing: the signature over a message, and the message with its signature. [profile §3]
//!
//! No document is needed: the message pushes itself into the digest, and whoever writes the sealed
//! message has it pushed once more, followed by the signature.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::canonical::Output;
use dm_xml::{Sink, ToInfoset};

use crate::algorithm::{DS, ENVELOPED, EXC_C14N};
use crate::digesting::{Digesting, Stray, already_signed};
use crate::{Digest, DigestMethod, Hasher, Provider, SealError, Shown, SignatureMethod, Signer};

/// A message and the signature over it: an infoset like any other, whose root ends with
/// `Signature`.
#[derive(Clone, Debug)]
pub struct Sealed<'k, M> {
    message: M,
    signature: Signature<'k>,
}

/// A `Signature` of the one shape: enveloped, over the whole message. [XMLDSIG §4.1]
#[derive(Clone, Debug)]
pub struct Signature<'k> {
    signed_info: SignedInfo,
    value: Vec<u8>,
    shown: Shown<'k>,
}

/// What is signed: the method, and the digest of the message. [XMLDSIG §4.3]
#[derive(Clone, Copy, Debug)]
pub struct SignedInfo {
    method: SignatureMethod,
    digest: Digest,
}

/// Signs a message: digest over the whole of it, `SignedInfo` signed, the key's name shown, or
/// whatever else is to be [`Shown`].
///
/// The message must be what is sent: white space between elements is signed like any text.
///
/// # Errors
/// When the message already has elements of a signature, or the signer fails.
pub fn seal<'k, M: ToInfoset>(
    message: M,
    shown: impl Into<Shown<'k>>,
    signer: &(impl Signer + ?Sized),
    provider: &impl Provider,
) -> Result<Sealed<'k, M>, SealError> {
    let signed_info = SignedInfo::of(&message, signer.method(), provider)?;
    let value = signer.sign_info(&signed_info)?;
    Ok(Sealed { message, signature: Signature::new(signed_info, value, shown.into()) })
}

impl<'k> Signature<'k> {
    /// The value of `SignatureValue`.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    pub(crate) fn new(signed_info: SignedInfo, value: Vec<u8>, shown: Shown<'k>) -> Self {
        Self { signed_info, value, shown }
    }
}

impl SignedInfo {
    /// The `SignedInfo` of a message with this digest.
    pub(crate) fn new(method: SignatureMethod, digest: Digest) -> Self {
        Self { method, digest }
    }

    /// Digests a message that is to be signed by this method.
    ///
    /// # Errors
    /// When the message already has elements of a signature.
    pub fn of(
        message: &impl ToInfoset,
        method: SignatureMethod,
        provider: &impl Provider,
    ) -> Result<Self, SealError> {
        let mut digesting = Digesting::new(provider.hasher(DigestMethod::Sha256));
        match message.write(&mut digesting) {
            Ok(()) => Ok(Self { method, digest: digesting.finish().finish() }),
            Err(Stray) => Err(already_signed(message)),
        }
    }

    /// Puts a signature that was made elsewhere beside the message it is for.
    ///
    /// The digest is not computed anew and the value is not checked: whoever takes it from others
    /// verifies what comes out with [`verify()`](crate::verify()) before handing it on.
    #[must_use]
    pub fn attach<'k, M: ToInfoset>(
        self,
        message: M,
        value: Vec<u8>,
        shown: impl Into<Shown<'k>>,
    ) -> Sealed<'k, M> {
        Sealed { message, signature: Signature::new(self, value, shown.into()) }
    }

    /// How it is to be signed.
    #[must_use]
    pub fn method(&self) -> SignatureMethod {
        self.method
    }

    /// The digest of the message.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The canonical form: the octets that are signed.
    ///
    /// Of all its text only the method and the digest vary, so it is written down; a test holds it
    /// against the infoset.
    pub fn canonical(&self, output: &mut impl Output) {
        Self::beginning(self.method, output);
        self.rest(output);
    }

    /// The [canonical form](Self::canonical), in one piece.
    #[must_use]
    pub fn to_canonical(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(1024);
        self.canonical(&mut octets);
        octets
    }

    /// What the canonical form begins with: the same in all messages that are signed by a method,
    /// so a signer needs to digest it once only.
    pub fn beginning(method: SignatureMethod, output: &mut impl Output) {
        for piece in [BEFORE_METHOD, method.uri(), BEFORE_DIGEST] {
            output.write(piece.as_bytes());
        }
    }

    /// What follows in the canonical form.
    pub fn rest(&self, output: &mut impl Output) {
        let mut rest = [0; DIGITS + BEHIND_DIGEST.len()];
        let length = STANDARD.encode_slice(self.digest.as_octets(), &mut rest[..DIGITS]);
        let length = length.unwrap_or(0); // no digest is too long
        let end = length + BEHIND_DIGEST.len();
        rest[length..end].copy_from_slice(BEHIND_DIGEST.as_bytes());
        output.write(&rest[..end]); // at once: each write costs a digest a call
    }
}

/// The characters of the longest digest: of 64 octets.
const DIGITS: usize = 88;

const BEFORE_METHOD: &str = "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\
    <CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
    </CanonicalizationMethod><SignatureMethod Algorithm=\"";
const BEFORE_DIGEST: &str = "\"></SignatureMethod><Reference URI=\"\"><Transforms>\
    <Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform>\
    <Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform></Transforms>\
    <DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod>\
    <DigestValue>";
const BEHIND_DIGEST: &str = "</DigestValue></Reference></SignedInfo>";

impl ToInfoset for SignedInfo {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(DS.into(), "SignedInfo")?;
        algorithm(sink, "CanonicalizationMethod", EXC_C14N)?;
        algorithm(sink, "SignatureMethod", self.method.uri())?;
        sink.start(DS.into(), "Reference")?;
        sink.attribute("URI", "".into())?;
        sink.start(DS.into(), "Transforms")?;
        algorithm(sink, "Transform", ENVELOPED)?;
        algorithm(sink, "Transform", EXC_C14N)?;
        sink.end()?;
        algorithm(sink, "DigestMethod", DigestMethod::Sha256.uri())?;
        sink.start(DS.into(), "DigestValue")?;
        sink.octets(self.digest.as_octets().into())?;
        sink.end()?;
        sink.end()?;
        sink.end()
    }
}

fn algorithm<'s, S: Sink<'s>>(
    sink: &mut S,
    local: &'static str,
    uri: &'static str,
) -> Result<(), S::Error> {
    sink.start(DS.into(), local)?;
    sink.attribute("Algorithm", uri.into())?;
    sink.end()
}

impl ToInfoset for Signature<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(DS.into(), "Signature")?;
        self.signed_info.write(sink)?;
        sink.start(DS.into(), "SignatureValue")?;
        sink.octets(Cow::Borrowed(&self.value))?;
        sink.end()?;
        self.shown.write(sink)?;
        sink.end()
    }
}

impl<'k, M> Sealed<'k, M> {
    /// The digest of the message.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.signature.signed_info.digest
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &Signature<'k> {
        &self.signature
    }
}

impl<M: ToInfoset> ToInfoset for Sealed<'_, M> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        let last = |sink: &mut S| self.signature.write(sink);
        self.message.write(&mut Enveloping { sink, depth: 0, last })
    }
}

/// Hands on an infoset, and a last child of its root.
struct Enveloping<'p, S, L> {
    sink: &'p mut S,
    depth: usize,
    /// Writes the last child.
    last: L,
}

impl<'s, S: Sink<'s>, L: FnMut(&mut S) -> Result<(), S::Error>> Sink<'s> for Enveloping<'_, S, L> {
    type Error = S::Error;

    #[inline]
    fn start(&mut self, namespace: Cow<'s, str>, local: &'s str) -> Result<(), S::Error> {
        self.depth += 1;
        self.sink.start(namespace, local)
    }

    #[inline]
    fn attribute(&mut self, name: &'s str, value: Cow<'s, str>) -> Result<(), S::Error> {
        self.sink.attribute(name, value)
    }

    #[inline]
    fn text(&mut self, text: Cow<'s, str>) -> Result<(), S::Error> {
        self.sink.text(text)
    }

    #[inline]
    fn octets(&mut self, octets: Cow<'s, [u8]>) -> Result<(), S::Error> {
        self.sink.octets(octets)
    }

    #[inline]
    fn leaf(&mut self, namespace: &'s str, local: &'s str, text: &'s str) -> Result<(), S::Error> {
        self.sink.leaf(namespace, local, text)
    }

    #[inline]
    fn end(&mut self) -> Result<(), S::Error> {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            (self.last)(self.sink)?;
        }
        self.sink.end()
    }
}

#[cfg(test)]
mod tests {
    use dm_xml::canonical;

    use super::*;

    #[test]
    fn the_written_canonical_form_is_that_of_the_infoset() {
        for method in SignatureMethod::ALL {
            let signed_info = SignedInfo { method, digest: Digest::new(&[0xA5; 32]) };
            assert_eq!(signed_info.to_canonical(), canonical::text(&signed_info).into_bytes());
        }
    }
}

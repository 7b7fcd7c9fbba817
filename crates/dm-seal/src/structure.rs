//! The one shape a signature may have. [profile §3], stage `structure`
//!
//! No cryptography happens here, and nothing is left to interpretation: exactly these elements,
//! these attributes, these algorithms.

use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::character::is_same;
use dm_xml::{Document, Element, brief};
use smallvec::SmallVec;

use crate::algorithm::{DS, ENVELOPED, EXC_C14N, XENC};
use crate::base64_value::{Octets, octets_of};
use crate::certificate::Material;
use crate::{Accepts, DigestMethod, OrSha1, SignatureMethod, StructureError};

/// A signature whose shape has been checked; whether it holds is not known yet.
#[derive(Clone, Debug)]
pub struct Structure<'d> {
    pub(crate) signature: Element<'d>,
    pub(crate) signed_info: Element<'d>,
    pub(crate) method: OrSha1<SignatureMethod>,
    pub(crate) digest_method: OrSha1<DigestMethod>,
    pub(crate) digest_value: Vec<u8>,
    pub(crate) signature_value: Vec<u8>,
    pub(crate) key_info: KeyInfo,
    /// Whether the `SignedInfo` is, entry by entry, what [`SignedInfo`](crate::SignedInfo) writes.
    pub(crate) is_as_written: bool,
}

/// How many entries a `SignedInfo` has that is nothing but what must be there: nine elements, each
/// with its end, six attributes and the digest.
const ENTRIES: usize = 25;

/// What `KeyInfo` shows. It only selects among the pinned keys; it never brings trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyInfo {
    /// A certificate, or the bare key in its place.
    Certificate(Material),
    /// The name of a key.
    KeyName(String),
    /// Nothing: every pinned key is tried.
    Nothing,
}

impl<'d> Structure<'d> {
    /// Checks the shape of the signature of a message.
    ///
    /// # Errors
    /// When there is none, a second one, one elsewhere, or any detail differs from the profile.
    pub fn read(document: &'d Document<'_>) -> Result<Self, StructureError> {
        Self::read_accepting(document, Accepts::LISTED)
    }

    /// As [`read`](Self::read), with what the owner of a device accepts beside the closed list.
    ///
    /// # Errors
    /// As those of [`read`](Self::read).
    pub fn read_accepting(
        document: &'d Document<'_>,
        accepts: Accepts,
    ) -> Result<Self, StructureError> {
        let signature = the_signature(document)?;
        let [signed_info, value, rest @ ..] = &content(signature)?[..] else {
            return Err(shape(signature));
        };
        let (signed_info, value) = (*signed_info, *value);
        named(signed_info, "SignedInfo")?;
        named(value, "SignatureValue")?;
        let key_info = match rest {
            [] => KeyInfo::Nothing,
            [key_info] => read_key_info(*key_info)?,
            _ => return Err(shape(signature)),
        };
        let [canonicalization, method, reference] = content(signed_info)?[..] else {
            return Err(shape(signed_info));
        };
        named(canonicalization, "CanonicalizationMethod")?;
        algorithm(canonicalization, |uri| (uri == EXC_C14N).then_some(()))?;
        named(method, "SignatureMethod")?;
        let method = algorithm(method, |uri| accepts.signature_method(uri))?;
        let (digest_method, digest) = read_reference(reference, accepts)?;
        // Every element is one that must be there, with the one attribute that it must have; if
        // there are no other entries, there is no white space between them either.
        let is_as_written = digest_method == OrSha1::Listed(DigestMethod::Sha256)
            && digest.is_exact
            && signed_info.entry_count() == ENTRIES;
        let (digest_value, signature_value) = (digest.octets, octets(value)?.octets);
        Ok(Self {
            signature,
            signed_info,
            method,
            digest_method,
            digest_value,
            signature_value,
            key_info,
            is_as_written,
        })
    }

    /// What `KeyInfo` shows.
    #[must_use]
    pub fn key_info(&self) -> &KeyInfo {
        &self.key_info
    }

    /// The method it was signed with.
    #[must_use]
    pub fn method(&self) -> OrSha1<SignatureMethod> {
        self.method
    }

    /// Whether SHA-1 was used, for the digest or the signature.
    #[must_use]
    pub fn uses_sha1(&self) -> bool {
        matches!(self.method, OrSha1::Sha1(_)) || matches!(self.digest_method, OrSha1::Sha1(_))
    }
}

/// The `Signature` that is the last node of the root; nowhere else may signature elements stand,
/// but for the names that encryption borrows.
fn the_signature<'d>(document: &'d Document<'_>) -> Result<Element<'d>, StructureError> {
    let root = document.root();
    let mut children = root.elements();
    let header_and_body = [children.next(), children.next()]; // as the header stage saw them
    let third = children.next().filter(|third| third.is(DS, "Signature"));
    let ([Some(_), Some(_)], Some(signature)) = (header_and_body, third) else {
        return Err(StructureError::NotSigned);
    };
    if let Some(further) = children.next() {
        return Err(StructureError::StraySignature(further.path()));
    }
    if let Some(inner) = signature.walk().skip(1).find(|element| element.is(DS, "Signature")) {
        return Err(StructureError::StraySignature(inner.path()));
    }
    let text_behind = root.children().last().is_some_and(
        |last| !matches!(last, dm_xml::Child::Element(element) if element.is_same(signature)),
    );
    if text_behind {
        return Err(shape(signature));
    }
    if !document.has_namespace_without(DS, signature) {
        return Ok(signature); // as nearly every message is
    }
    let mut encrypted = 0_usize; // depth inside EncryptedData
    let stray = document.events_without(signature).any(|event| match event {
        dm_xml::Event::Start { namespace, local } => {
            let enters = encrypted > 0 || (namespace == XENC && local == "EncryptedData");
            encrypted += usize::from(enters);
            namespace == DS && (encrypted == 0 || local == "Signature")
        }
        dm_xml::Event::End => {
            encrypted = encrypted.saturating_sub(1);
            false
        }
        _ => false,
    });
    if stray {
        return Err(StructureError::StraySignature(first_stray(root, signature).path()));
    }
    Ok(signature)
}

/// The element that is out of place; looked for once it is known that there is one.
fn first_stray<'d>(root: Element<'d>, signature: Element<'d>) -> Element<'d> {
    let in_place = root.elements().filter(|child| !child.is_same(signature));
    let mut all = in_place.flat_map(Element::walk);
    all.find(|element| element.namespace() == DS).unwrap_or(root)
}

fn read_reference(
    reference: Element<'_>,
    accepts: Accepts,
) -> Result<(OrSha1<DigestMethod>, Octets), StructureError> {
    named(reference, "Reference")?;
    let mut attributes = reference.attributes();
    let whole_document =
        attributes.next().is_some_and(|first| first.name == "URI" && first.value.is_empty());
    if !whole_document || attributes.next().is_some() {
        return Err(shape(reference));
    }
    let [transforms, method, value] = content_of(reference)?[..] else {
        return Err(shape(reference));
    };
    named(transforms, "Transforms")?;
    named(method, "DigestMethod")?;
    named(value, "DigestValue")?;
    let [enveloped, canonical] = content(transforms)?[..] else { return Err(shape(transforms)) };
    named(enveloped, "Transform")?;
    named(canonical, "Transform")?;
    algorithm(enveloped, |uri| (uri == ENVELOPED).then_some(()))?;
    algorithm(canonical, |uri| (uri == EXC_C14N).then_some(()))?;
    Ok((algorithm(method, |uri| accepts.digest_method(uri))?, octets(value)?))
}

fn read_key_info(key_info: Element<'_>) -> Result<KeyInfo, StructureError> {
    named(key_info, "KeyInfo")?;
    let mut shown = KeyInfo::Nothing;
    for child in content(key_info)? {
        let found = match child.local() {
            "KeyName" if child.elements().next().is_none() => {
                no_attributes(child)?;
                KeyInfo::KeyName(child.text().into_owned())
            }
            "X509Data" => {
                let [certificate] = content(child)?[..] else { return Err(shape(child)) };
                named(certificate, "X509Certificate")?;
                let der = octets(certificate)?.octets;
                let material = Material::from_der(&der).map_err(|_| StructureError::Certificate)?;
                KeyInfo::Certificate(material)
            }
            "KeyValue" | "RetrievalMethod" => continue, // shown, never used
            _ => return Err(shape(child)),
        };
        if core::mem::replace(&mut shown, found) != KeyInfo::Nothing {
            return Err(shape(child));
        }
    }
    Ok(shown)
}

// ------------------------------------------------------------------------- details

fn shape(element: Element<'_>) -> StructureError {
    StructureError::Shape(element.path())
}

/// Whether an element, of which it is known that it is of the signature's namespace, is the right one.
fn named(element: Element<'_>, local: &str) -> Result<(), StructureError> {
    if is_same(element.local(), local) { Ok(()) } else { Err(shape(element)) }
}

fn no_attributes(element: Element<'_>) -> Result<(), StructureError> {
    if element.attributes().next().is_none() { Ok(()) } else { Err(shape(element)) }
}

/// The child elements of one of the signature.
type Few<'d> = SmallVec<[Element<'d>; 3]>;

/// The child elements of a signature element without attributes and without text.
fn content(element: Element<'_>) -> Result<Few<'_>, StructureError> {
    no_attributes(element)?;
    content_of(element)
}

/// The child elements, few, all of the signature's namespace, without text beside them.
fn content_of(element: Element<'_>) -> Result<Few<'_>, StructureError> {
    element.content(DS).collect::<Result<_, _>>().map_err(|_| shape(element))
}

/// The algorithm that an element names; the attribute is its only one, and it has no content.
fn algorithm<T>(
    element: Element<'_>,
    accept: impl Fn(&str) -> Option<T>,
) -> Result<T, StructureError> {
    let mut attributes = element.attributes();
    let uri = attributes.next().filter(|first| first.name == "Algorithm").map(|first| first.value);
    let (Some(uri), None, None) = (uri, attributes.next(), element.children().next()) else {
        return Err(shape(element));
    };
    accept(uri).ok_or_else(|| StructureError::Algorithm {
        element: element.local().into(),
        uri: brief(uri),
    })
}

/// The octets of an exact base64 value; white space is let through.
fn octets(element: Element<'_>) -> Result<Octets, StructureError> {
    no_attributes(element)?;
    let plain = Some(element).filter(|element| element.elements().next().is_none());
    plain.and_then(octets_of).ok_or_else(|| StructureError::Base64(element.path()))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use dm_xml::{Limits, canonical, parse};

    use super::*;
    use crate::{Digest, SignedInfo};

    fn sealed(method: SignatureMethod) -> String {
        let message = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr/><SyncBody/></SyncML>"#;
        let message = parse(message, &Limits::default()).unwrap();
        let signed_info = SignedInfo::new(method, Digest::new(&[0xA5; 32]));
        canonical::text(&signed_info.attach(&message, vec![1; 64], "key"))
    }

    fn is_as_written(text: &str) -> bool {
        let document = parse(text.as_bytes(), &Limits::default()).unwrap();
        Structure::read(&document).unwrap().is_as_written
    }

    #[test]
    fn what_is_sealed_here_is_as_it_is_written_and_no_white_space_is() {
        for method in SignatureMethod::ALL {
            assert!(is_as_written(&sealed(method)));
        }
        let text = sealed(SignatureMethod::Ed25519);
        for tag in ["<SignedInfo>", "<Transforms>", "</Transform>", "<DigestValue>", "</Reference>"]
        {
            let (at, _) = text.match_indices(tag).last().unwrap();
            let (before, behind) = text.split_at(at + tag.len());
            assert!(!is_as_written(&alloc::format!("{before}\n{behind}")), "{tag}");
        }
        let sha_512 = text.replace("xmlenc#sha256", "xmlenc#sha512");
        assert!(!is_as_written(&sha_512));
    }
}

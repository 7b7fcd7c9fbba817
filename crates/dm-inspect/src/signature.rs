//! How a message is signed, as far as its shape tells; whether the signature holds needs a key.
//! [XMLDSIG §3], [profile §3]

use dm_seal::algorithm::{DS, XENC};
use dm_seal::{Provider, Structure, StructureError};
use dm_xml::{Document, Element};

/// What can be seen of a signature without a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Whether there is an element `Signature` of XML signatures anywhere.
    pub is_there: bool,
    /// Whether it has the one shape that a device accepts.
    pub is_well_shaped: bool,
    /// Whether its digest is that of the message, which says nothing of who signed; none if it is
    /// not well shaped.
    pub digest_holds: Option<bool>,
    /// The algorithms that it names, with the elements that name them, in document order.
    pub algorithms: Vec<(String, String)>,
    /// How it names its key.
    pub keys: Vec<KeyHint>,
    /// Octets of the digest and of the signature value.
    pub octets: (usize, usize),
    /// The elements that it lacks.
    pub missing: Vec<&'static str>,
    /// How many parts are encrypted; the whole message is one.
    pub encrypted: usize,
}

/// How a signature names the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyHint {
    /// A certificate, or a bare key in its place: the names in it.
    Certificate(Vec<String>),
    /// A name.
    Name(String),
    /// Another child of `KeyInfo`.
    Other(String),
}

/// What the signature of this document looks like, and the refusal of its shape.
pub(crate) fn look(
    document: &Document<'_>,
    provider: &impl Provider,
) -> (Signature, Option<StructureError>) {
    let root = document.root();
    let mut found = Signature::default();
    for element in root.walk() {
        found.encrypted += usize::from(element.is(XENC, "EncryptedData"));
        found.is_there |= element.is(DS, "Signature");
    }
    let structure = Structure::read(document);
    if let Some(signature) = root.walk().find(|element| element.is(DS, "Signature")) {
        describe(signature, &mut found);
    }
    match structure {
        Ok(structure) => {
            found.is_well_shaped = true;
            found.digest_holds = Some(structure.digest_holds(provider));
            (found, None)
        }
        Err(error) => (found, Some(error)),
    }
}

/// Algorithms that one signature could name, at most: a hostile one names more.
const MOST: usize = 16;

fn describe(signature: Element<'_>, found: &mut Signature) {
    let mut seen = Vec::new();
    for element in signature.walk() {
        if let Some(uri) = element.attribute("Algorithm")
            && found.algorithms.len() < MOST
        {
            found.algorithms.push((element.local().to_owned(), uri.to_owned()));
        }
        match element.local() {
            "DigestValue" => found.octets.0 = octets(element),
            "SignatureValue" => found.octets.1 = octets(element),
            "KeyInfo" => found.keys.extend(element.elements().take(MOST).map(hint)),
            _ => {}
        }
        seen.push(element.local());
    }
    for part in [
        "SignedInfo",
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
        "DigestMethod",
        "DigestValue",
        "SignatureValue",
    ] {
        if !seen.contains(&part) {
            found.missing.push(part);
        }
    }
}

fn hint(element: Element<'_>) -> KeyHint {
    match element.local() {
        "KeyName" => KeyHint::Name(element.text().into_owned()),
        "X509Data" => {
            let der = element.elements().next().map(|certificate| raw(certificate));
            let material = der.and_then(|der| dm_seal::Material::from_der(&der).ok());
            let names = material.and_then(|material| material.names).unwrap_or_default();
            KeyHint::Certificate(names.iter().map(|name| name.as_str().to_owned()).collect())
        }
        other => KeyHint::Other(other.to_owned()),
    }
}

fn octets(element: Element<'_>) -> usize {
    raw(element).len()
}

/// The octets that the base64 text of an element stands for; none if it is none.
fn raw(element: Element<'_>) -> Vec<u8> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    if let Some(octets) = element.octets() {
        return octets.to_vec();
    }
    let text: String = element.text().split_ascii_whitespace().collect();
    STANDARD.decode(text).unwrap_or_default()
}

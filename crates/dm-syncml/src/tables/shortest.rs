//! The page of the shortest spelling: signatures and encrypted data of the usual shapes, each by
//! one token. [profile §3, §5, §6]
//!
//! `docs/compact.md` and `docs/compact.json` show them; a test holds the three together. A token
//! that is given keeps its meaning for ever; new ones are appended.

use dm_wbxml::{Bone, Shape, Skeleton, Step, Value};

use super::{DS, DSIG11, XENC, XENC11};

const CONTENT: &str = "http://www.w3.org/2001/04/xmlenc#Content";
const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const AES_128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
const AES_256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const KW_128: &str = "http://www.w3.org/2001/04/xmlenc#kw-aes128";
const KW_256: &str = "http://www.w3.org/2001/04/xmlenc#kw-aes256";
/// `AlgorithmID` of these: `00` and the hexadecimal digits of the identifier.
const ID_128: &str =
    "00687474703A2F2F7777772E77332E6F72672F323030312F30342F786D6C656E63236B772D616573313238";
const ID_256: &str =
    "00687474703A2F2F7777772E77332E6F72672F323030312F30342F786D6C656E63236B772D616573323536";
const ES256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const ES384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
const ED25519: &str = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519";
const RS256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const PS256: &str = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";

/// The tokens of page 20, from 05 on.
pub(super) static SKELETONS: [Skeleton; 16] = [
    signature(&SIGNATURE_NAMED, &[ES256]),
    signature(&SIGNATURE_NAMED, &[ES384]),
    signature(&SIGNATURE_NAMED, &[ED25519]),
    signature(&SIGNATURE_NAMED, &[RS256]),
    signature(&SIGNATURE_NAMED, &[PS256]),
    signature(&SIGNATURE, &[ES256]),
    signature(&SIGNATURE, &[ES384]),
    signature(&SIGNATURE, &[ED25519]),
    signature(&SIGNATURE, &[RS256]),
    signature(&SIGNATURE, &[PS256]),
    // A point that is not compressed, and a wrapped key.
    encrypted(&MESSAGE, &[ELEMENT, AES_128, KW_128, ID_128], &[65, 24]),
    encrypted(&MESSAGE, &[ELEMENT, AES_256, KW_256, ID_256], &[65, 40]),
    encrypted(&PART, &[CONTENT, AES_128, KW_128, ID_128], &[65, 24]),
    encrypted(&PART, &[CONTENT, AES_256, KW_256, ID_256], &[65, 40]),
    encrypted(&PART, &[ELEMENT, AES_128, KW_128, ID_128], &[65, 24]),
    encrypted(&PART, &[ELEMENT, AES_256, KW_256, ID_256], &[65, 40]),
];

/// A signature with a digest of 32 octets.
const fn signature(shape: &'static Shape, values: &'static [&'static str]) -> Skeleton {
    Skeleton { shape, values, lengths: &[32] }
}

const fn encrypted(
    shape: &'static Shape,
    values: &'static [&'static str],
    lengths: &'static [usize],
) -> Skeleton {
    Skeleton { shape, values, lengths }
}

const fn bone(
    namespace: &'static str,
    local: &'static str,
    attributes: &'static [(&'static str, Value)],
) -> Bone {
    Bone { namespace, local, attributes }
}

const fn start(namespace: &'static str, local: &'static str) -> Step {
    Step::Start(bone(namespace, local, &[]))
}

const fn with(
    namespace: &'static str,
    local: &'static str,
    attributes: &'static [(&'static str, Value)],
) -> Step {
    Step::Start(bone(namespace, local, attributes))
}

use Step::{End, Octets, Text};
use Value::{Given, Hexadecimal, Is};

static SIGNATURE: Shape = Shape {
    name: "Signature",
    root: bone(DS, "Signature", &[]),
    steps: SIGNED.split_at(SIGNED.len() - 5).0,
};

static SIGNATURE_NAMED: Shape =
    Shape { name: "Signature with KeyName", root: bone(DS, "Signature", &[]), steps: SIGNED };

/// The content of `Signature`; the last five steps are `KeyInfo`.
#[rustfmt::skip]
const SIGNED: &[Step] = &[
    start(DS, "SignedInfo"),
    with(DS, "CanonicalizationMethod", &[("Algorithm", Is("http://www.w3.org/2001/10/xml-exc-c14n#"))]), End,
    with(DS, "SignatureMethod", &[("Algorithm", Given(0))]), End,
    with(DS, "Reference", &[("URI", Is(""))]),
    start(DS, "Transforms"),
    with(DS, "Transform", &[("Algorithm", Is("http://www.w3.org/2000/09/xmldsig#enveloped-signature"))]), End,
    with(DS, "Transform", &[("Algorithm", Is("http://www.w3.org/2001/10/xml-exc-c14n#"))]), End,
    End,
    with(DS, "DigestMethod", &[("Algorithm", Is(SHA_256))]), End,
    start(DS, "DigestValue"), Octets, End,
    End, End,
    start(DS, "SignatureValue"), Octets, End,
    start(DS, "KeyInfo"), start(DS, "KeyName"), Text, End, End,
];

static MESSAGE: Shape = Shape {
    name: "EncryptedData of a message",
    root: bone(
        XENC,
        "EncryptedData",
        &[("Type", Given(0)), ("MimeType", Is("application/vnd.syncml.dm+wbxml"))],
    ),
    steps: ENCRYPTED,
};

static PART: Shape = Shape {
    name: "EncryptedData of a part",
    root: bone(XENC, "EncryptedData", &[("Type", Given(0))]),
    steps: ENCRYPTED,
};

/// The content of `EncryptedData`: a key agreement on P-256.
#[rustfmt::skip]
const ENCRYPTED: &[Step] = &[
    with(XENC, "EncryptionMethod", &[("Algorithm", Given(1))]), End,
    start(DS, "KeyInfo"),
    start(XENC, "EncryptedKey"),
    with(XENC, "EncryptionMethod", &[("Algorithm", Given(2))]), End,
    start(DS, "KeyInfo"),
    with(XENC, "AgreementMethod", &[("Algorithm", Is("http://www.w3.org/2009/xmlenc11#ECDH-ES"))]),
    with(XENC11, "KeyDerivationMethod", &[("Algorithm", Is("http://www.w3.org/2009/xmlenc11#ConcatKDF"))]),
    with(XENC11, "ConcatKDFParams", &[("AlgorithmID", Given(3)), ("PartyUInfo", Hexadecimal), ("PartyVInfo", Hexadecimal)]),
    with(DS, "DigestMethod", &[("Algorithm", Is(SHA_256))]), End,
    End, End,
    start(XENC, "OriginatorKeyInfo"), start(DS, "KeyValue"), start(DSIG11, "ECKeyValue"),
    with(DSIG11, "NamedCurve", &[("URI", Is("urn:oid:1.2.840.10045.3.1.7"))]), End,
    start(DSIG11, "PublicKey"), Octets, End,
    End, End, End,
    start(XENC, "RecipientKeyInfo"), start(DS, "KeyName"), Text, End, End,
    End, End,
    start(XENC, "CipherData"), start(XENC, "CipherValue"), Octets, End, End,
    End, End,
    start(XENC, "CipherData"), start(XENC, "CipherValue"), Octets, End, End,
];

#[cfg(test)]
pub(super) mod tests;

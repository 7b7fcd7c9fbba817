//! Public keys: the method is bound to the kind of key. [profile §3]

use std::borrow::Cow;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use dm_seal::DigestMethod::{Sha256, Sha384, Sha512};
use dm_seal::danger::Sha1;
use dm_seal::{SignatureMethod, SignedInfo, VerifyingKey};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::begun::Begun;

/// A public key that signatures can be checked with.
#[derive(Clone, Debug)]
pub struct PublicKey {
    kind: Kind,
    /// The key as the methods take it: an EC point, an Ed25519 key, an RSAPublicKey.
    octets: Vec<u8>,
    /// Parsed for the method that keys of this kind are used with as a rule.
    usual: ParsedPublicKey,
    /// The digest of what every `SignedInfo` for that method begins with, where the library lets
    /// the digest be computed apart.
    begun: Option<Begun>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa,
}

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

impl Kind {
    fn usual(self) -> SignatureMethod {
        match self {
            Self::Ed25519 => SignatureMethod::Ed25519,
            Self::P256 => SignatureMethod::Ecdsa(Sha256),
            Self::P384 => SignatureMethod::Ecdsa(Sha384),
            Self::Rsa => SignatureMethod::Rsa(Sha256),
        }
    }

    /// The digest that the usual method signs, where the library takes one.
    fn digest(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::P256 => Some(&digest::SHA256),
            Self::P384 => Some(&digest::SHA384),
            Self::Ed25519 | Self::Rsa => None,
        }
    }

    /// The check for this method; none when the method is not for this kind of key. Those of EC keys
    /// take r and s as ASN.1.
    fn algorithm(self, method: SignatureMethod) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (self, method) {
            (Self::P256, SignatureMethod::Ecdsa(Sha256)) => &ECDSA_P256_SHA256_ASN1,
            (Self::P256, SignatureMethod::Ecdsa(Sha384)) => &ECDSA_P256_SHA384_ASN1,
            (Self::P256, SignatureMethod::Ecdsa(Sha512)) => &ECDSA_P256_SHA512_ASN1,
            (Self::P384, SignatureMethod::Ecdsa(Sha256)) => &ECDSA_P384_SHA256_ASN1,
            (Self::P384, SignatureMethod::Ecdsa(Sha384)) => &ECDSA_P384_SHA384_ASN1,
            (Self::P384, SignatureMethod::Ecdsa(Sha512)) => &ECDSA_P384_SHA512_ASN1,
            (Self::Ed25519, SignatureMethod::Ed25519) => &ED25519,
            (Self::Rsa, SignatureMethod::Rsa(Sha256)) => &RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa, SignatureMethod::Rsa(Sha384)) => &RSA_PKCS1_2048_8192_SHA384,
            (Self::Rsa, SignatureMethod::Rsa(Sha512)) => &RSA_PKCS1_2048_8192_SHA512,
            (Self::Rsa, SignatureMethod::RsaPss(Sha256)) => &RSA_PSS_2048_8192_SHA256,
            (Self::Rsa, SignatureMethod::RsaPss(Sha384)) => &RSA_PSS_2048_8192_SHA384,
            (Self::Rsa, SignatureMethod::RsaPss(Sha512)) => &RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }

    /// The signature as its check takes it.
    fn signature(self, signature: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::P256 => asn_1_signature(signature, 32).map(Cow::Owned),
            Self::P384 => asn_1_signature(signature, 48).map(Cow::Owned),
            Self::Ed25519 | Self::Rsa => Some(Cow::Borrowed(signature)),
        }
    }
}

impl PublicKey {
    /// The key in a DER SubjectPublicKeyInfo.
    pub(crate) fn from_spki(der: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        let curve = || spki.algorithm.parameters_oid().ok();
        let kind = match spki.algorithm.oid {
            ED25519_ID => Kind::Ed25519,
            EC if curve() == Some(P256) => Kind::P256,
            EC if curve() == Some(P384) => Kind::P384,
            RSA => Kind::Rsa,
            _ => return None,
        };
        let octets = spki.subject_public_key.as_bytes()?.to_vec();
        let algorithm = kind.algorithm(kind.usual())?;
        let usual = ParsedPublicKey::new(algorithm, &octets).ok()?;
        let begun = kind.digest().map(|digest| Begun::new(digest, kind.usual()));
        Some(Self { kind, octets, usual, begun })
    }
}

impl VerifyingKey for PublicKey {
    fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool {
        let Some(algorithm) = self.kind.algorithm(method) else { return false };
        let Some(signature) = self.kind.signature(signature) else { return false };
        if method == self.kind.usual() {
            return self.usual.verify_sig(octets, &signature).is_ok();
        }
        UnparsedPublicKey::new(algorithm, &self.octets).verify(octets, &signature).is_ok()
    }

    fn verifies_info(&self, signed_info: &SignedInfo, signature: &[u8]) -> bool {
        if let Some(begun) = &self.begun
            && signed_info.method() == self.kind.usual()
        {
            let digest = begun.finish(signed_info);
            return (self.kind.signature(signature)).is_some_and(|signature| {
                self.usual.verify_digest_sig(&digest, &signature).is_ok()
            });
        }
        let mut octets = Vec::with_capacity(1024);
        signed_info.canonical(&mut octets);
        self.verifies(signed_info.method(), &octets, signature)
    }

    fn verifies_rsa_sha1(&self, _permission: Sha1, octets: &[u8], signature: &[u8]) -> bool {
        let algorithm = &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
        let key = UnparsedPublicKey::new(algorithm, &self.octets);
        self.kind == Kind::Rsa && key.verify(octets, signature).is_ok()
    }
}

/// r and s of fixed width as the ASN.1 sequence that the library takes: it makes the same one of
/// them where it takes them as they are, by way of a dozen allocations.
fn asn_1_signature(signature: &[u8], width: usize) -> Option<Vec<u8>> {
    if signature.len() != 2 * width {
        return None;
    }
    let mut sequence = Vec::with_capacity(2 + 2 * (3 + width));
    sequence.extend([SEQUENCE, 0]);
    for number in signature.chunks_exact(width) {
        let zeros = number.iter().take(width - 1).take_while(|&&octet| octet == 0).count();
        let number = &number[zeros..];
        let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        sequence.extend([INTEGER, u8::try_from(sign.len() + number.len()).ok()?]);
        sequence.extend_from_slice(sign);
        sequence.extend_from_slice(number);
    }
    sequence[1] = u8::try_from(sequence.len() - 2).ok()?; // below 0x80: one octet
    Some(sequence)
}

/// Tags of DER. [X.690 §8.3, §8.9]
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    use x509_cert::der::Encode;
    use x509_cert::der::asn1::UintRef;

    use super::*;

    #[test]
    fn numbers_of_any_length_are_the_integers_of_der() {
        for width in [32, 48] {
            for (zeros, first) in (0..=width).flat_map(|zeros| [(zeros, 0x7F), (zeros, 0x80)]) {
                let r: Vec<u8> = (0..width).map(|at| if at < zeros { 0 } else { first }).collect();
                let s = vec![1; width];
                let expected = [UintRef::new(&r), UintRef::new(&s)].map(Result::unwrap).to_vec();
                let signature = [r.as_slice(), s.as_slice()].concat();
                assert_eq!(asn_1_signature(&signature, width).unwrap(), expected.to_der().unwrap());
                assert_eq!(asn_1_signature(&signature[1..], width), None);
            }
        }
    }
}

//! Public keys: the method is bound to the kind of key. [profile §3]

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA512_ASN1, ED25519,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use dm_seal::DigestMethod::{Sha256, Sha384, Sha512};
use dm_seal::danger::Sha1;
use dm_seal::{SignatureMethod, SignedInfo, VerifyingKey};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Encode};
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

    /// The check for this method, and whether it takes r and s as ASN.1; none when the method is
    /// not for this kind of key.
    fn algorithm(
        self,
        method: SignatureMethod,
    ) -> Option<(&'static dyn VerificationAlgorithm, bool)> {
        Some(match (self, method) {
            (Self::P256, SignatureMethod::Ecdsa(Sha256)) => (&ECDSA_P256_SHA256_FIXED, false),
            (Self::P256, SignatureMethod::Ecdsa(Sha384)) => (&ECDSA_P256_SHA384_ASN1, true),
            (Self::P256, SignatureMethod::Ecdsa(Sha512)) => (&ECDSA_P256_SHA512_ASN1, true),
            (Self::P384, SignatureMethod::Ecdsa(Sha256)) => (&ECDSA_P384_SHA256_ASN1, true),
            (Self::P384, SignatureMethod::Ecdsa(Sha384)) => (&ECDSA_P384_SHA384_FIXED, false),
            (Self::P384, SignatureMethod::Ecdsa(Sha512)) => (&ECDSA_P384_SHA512_ASN1, true),
            (Self::Ed25519, SignatureMethod::Ed25519) => (&ED25519, false),
            (Self::Rsa, SignatureMethod::Rsa(Sha256)) => (&RSA_PKCS1_2048_8192_SHA256, false),
            (Self::Rsa, SignatureMethod::Rsa(Sha384)) => (&RSA_PKCS1_2048_8192_SHA384, false),
            (Self::Rsa, SignatureMethod::Rsa(Sha512)) => (&RSA_PKCS1_2048_8192_SHA512, false),
            (Self::Rsa, SignatureMethod::RsaPss(Sha256)) => (&RSA_PSS_2048_8192_SHA256, false),
            (Self::Rsa, SignatureMethod::RsaPss(Sha384)) => (&RSA_PSS_2048_8192_SHA384, false),
            (Self::Rsa, SignatureMethod::RsaPss(Sha512)) => (&RSA_PSS_2048_8192_SHA512, false),
            _ => return None,
        })
    }

    /// Octets of r, and of s.
    fn width(self) -> usize {
        if self == Self::P384 { 48 } else { 32 }
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
        let (algorithm, _) = kind.algorithm(kind.usual())?;
        let usual = ParsedPublicKey::new(algorithm, &octets).ok()?;
        let begun = kind.digest().map(|digest| Begun::new(digest, kind.usual()));
        Some(Self { kind, octets, usual, begun })
    }
}

impl VerifyingKey for PublicKey {
    fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool {
        if method == self.kind.usual() {
            return self.usual.verify_sig(octets, signature).is_ok();
        }
        let Some((algorithm, asn_1)) = self.kind.algorithm(method) else { return false };
        let key = UnparsedPublicKey::new(algorithm, &self.octets);
        if asn_1 {
            asn_1_signature(signature, self.kind.width())
                .is_some_and(|signature| key.verify(octets, &signature).is_ok())
        } else {
            key.verify(octets, signature).is_ok()
        }
    }

    fn verifies_info(&self, signed_info: &SignedInfo, signature: &[u8]) -> bool {
        if let Some(begun) = &self.begun
            && signed_info.method() == self.kind.usual()
        {
            return self.usual.verify_digest_sig(&begun.finish(signed_info), signature).is_ok();
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

/// r and s of fixed width as the ASN.1 sequence that the library takes for unusual pairs.
fn asn_1_signature(signature: &[u8], width: usize) -> Option<Vec<u8>> {
    if signature.len() != 2 * width {
        return None;
    }
    let (r, s) = signature.split_at(width);
    [UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_vec().to_der().ok()
}

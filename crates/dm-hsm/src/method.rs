//! Which mechanism of a token makes which signature. [profile §3], [PKCS 11 v3.0 §2.1, §2.3]

use std::borrow::Cow;

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use dm_crypto::AwsLc;
use dm_seal::DigestMethod::{Sha256, Sha384, Sha512};
use dm_seal::{DigestMethod, Hasher, Provider, SignatureMethod};
use dm_xml::canonical::Output;

/// The kinds of key that sign messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Ed25519,
    P256,
    P384,
    /// Of so many octets.
    Rsa(usize),
}

impl KeyKind {
    /// The methods for such a key; the first is its default.
    pub(crate) fn methods(self) -> &'static [SignatureMethod] {
        match self {
            Self::Ed25519 => &[SignatureMethod::Ed25519],
            Self::P256 => &[SignatureMethod::Ecdsa(Sha256)],
            Self::P384 => &[SignatureMethod::Ecdsa(Sha384)],
            Self::Rsa(_) => &SignatureMethod::OF_RSA,
        }
    }

    /// The octets of its signatures.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Ed25519 | Self::P256 => 64,
            Self::P384 => 96,
            Self::Rsa(width) => width,
        }
    }
}

/// How a token is asked for a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    method: SignatureMethod,
    /// Whether the token takes a digest, and does not make it.
    is_digested: bool,
}

impl Way {
    /// The way of a token that has these mechanisms. Where it digests RSA's input itself it shall:
    /// tokens under strict rules sign nothing else. ECDSA takes a digest from everybody.
    pub(crate) fn of(method: SignatureMethod, there: &[MechanismType]) -> Option<Self> {
        let first = matches!(method, SignatureMethod::Ecdsa(_));
        let ways = [first, !first].map(|is_digested| Self { method, is_digested });
        ways.into_iter().find(|way| there.contains(&way.mechanism().mechanism_type()))
    }

    pub(crate) fn method(self) -> SignatureMethod {
        self.method
    }

    pub(crate) fn mechanism(self) -> Mechanism<'static> {
        match (self.method, self.is_digested) {
            (SignatureMethod::Ecdsa(_), true) => Mechanism::Ecdsa,
            (SignatureMethod::Ecdsa(Sha256), false) => Mechanism::EcdsaSha256,
            (SignatureMethod::Ecdsa(Sha384), false) => Mechanism::EcdsaSha384,
            (SignatureMethod::Ecdsa(Sha512), false) => Mechanism::EcdsaSha512,
            (SignatureMethod::Ed25519, _) => {
                Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure))
            }
            (SignatureMethod::Rsa(_), true) => Mechanism::RsaPkcs,
            (SignatureMethod::Rsa(Sha256), false) => Mechanism::Sha256RsaPkcs,
            (SignatureMethod::Rsa(Sha384), false) => Mechanism::Sha384RsaPkcs,
            (SignatureMethod::Rsa(Sha512), false) => Mechanism::Sha512RsaPkcs,
            (SignatureMethod::RsaPss(digest), true) => Mechanism::RsaPkcsPss(pss(digest)),
            (SignatureMethod::RsaPss(Sha256), false) => Mechanism::Sha256RsaPkcsPss(pss(Sha256)),
            (SignatureMethod::RsaPss(Sha384), false) => Mechanism::Sha384RsaPkcsPss(pss(Sha384)),
            (SignatureMethod::RsaPss(Sha512), false) => Mechanism::Sha512RsaPkcsPss(pss(Sha512)),
        }
    }

    /// What the token gets.
    pub(crate) fn input(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self.method {
            SignatureMethod::Ecdsa(method) | SignatureMethod::RsaPss(method)
                if self.is_digested =>
            {
                Cow::Owned(digest(method, octets))
            }
            SignatureMethod::Rsa(method) if self.is_digested => {
                Cow::Owned([digest_info(method), &digest(method, octets)].concat())
            }
            _ => Cow::Borrowed(octets),
        }
    }
}

fn digest(method: DigestMethod, octets: &[u8]) -> Vec<u8> {
    let mut hasher = AwsLc.hasher(method);
    hasher.write(octets);
    hasher.finish().as_octets().to_vec()
}

/// What stands before the digest in a DigestInfo. [RFC 8017 §9.2, note 1]
fn digest_info(method: DigestMethod) -> &'static [u8] {
    match method {
        Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}

/// The same digest everywhere; the salt is as long as it.
fn pss(digest: DigestMethod) -> PkcsPssParams {
    let (hash_alg, mgf, octets) = match digest {
        Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32),
        Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
    };
    PkcsPssParams { hash_alg, mgf, s_len: octets.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_asked_in_the_way_that_it_knows() {
        let way = |method, there: &[MechanismType]| {
            Way::of(method, there).map(|way| way.mechanism().mechanism_type())
        };
        let both = [MechanismType::RSA_PKCS, MechanismType::SHA384_RSA_PKCS];
        let rsa = SignatureMethod::Rsa(Sha384);
        assert_eq!(way(rsa, &both), Some(MechanismType::SHA384_RSA_PKCS));
        assert_eq!(way(rsa, &both[..1]), Some(MechanismType::RSA_PKCS));
        assert_eq!(way(rsa, &[MechanismType::SHA256_RSA_PKCS]), None);
        let both = [MechanismType::ECDSA_SHA256, MechanismType::ECDSA];
        let ecdsa = SignatureMethod::Ecdsa(Sha256);
        assert_eq!(way(ecdsa, &both), Some(MechanismType::ECDSA));
        assert_eq!(way(ecdsa, &both[..1]), Some(MechanismType::ECDSA_SHA256));
        assert_eq!(way(SignatureMethod::Ed25519, &both), None);
    }

    #[test]
    fn a_token_that_digests_gets_all_and_another_the_digest() {
        let input = |method, there| Way::of(method, &[there]).unwrap().input(b"abc").into_owned();
        let rsa = SignatureMethod::Rsa(Sha256);
        assert_eq!(input(rsa, MechanismType::SHA256_RSA_PKCS), b"abc");
        let info = input(rsa, MechanismType::RSA_PKCS);
        assert_eq!((info.len(), info[1]), (51, 49)); // a sequence of 49 octets
        for (digest, octets) in [(Sha256, 32), (Sha384, 48), (Sha512, 64)] {
            let pss = SignatureMethod::RsaPss(digest);
            assert_eq!(input(pss, MechanismType::RSA_PKCS_PSS).len(), octets);
            let info = input(SignatureMethod::Rsa(digest), MechanismType::RSA_PKCS);
            assert_eq!(usize::from(info[1]) + 2, info.len());
            assert_eq!(usize::from(info[18]), octets);
        }
    }
}

//! What the seal needs from cryptography: a digest, a check, a signature.
//!
//! The traits stand here, the primitives on a higher floor: this crate has no random source and
//! binds no library.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dm_xml::canonical::Output;
use thiserror::Error;

use crate::{DigestMethod, SignatureMethod, SignedInfo, danger};

/// Digests and public keys.
pub trait Provider {
    /// A digest that takes its input in pieces.
    type Hasher: Hasher;
    /// A public key, ready to check signatures.
    type Key: VerifyingKey;

    /// Begins a digest.
    fn hasher(&self, method: DigestMethod) -> Self::Hasher;

    /// Begins a digest by SHA-1; none where the provider has no SHA-1, which is the default.
    fn sha1_hasher(&self, permission: danger::Sha1) -> Option<Self::Hasher> {
        let _ = permission;
        None
    }

    /// The key in this DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// When it is malformed or of an unknown kind. Weak keys never come here.
    fn key(&self, spki: &[u8]) -> Result<Self::Key, UnusableKey>;
}

/// A digest in progress.
pub trait Hasher: Output {
    /// Ends the digest.
    fn finish(self) -> Digest;
}

/// A public key. The method is bound to the kind of key: an RSA key never checks ECDSA.
pub trait VerifyingKey {
    /// Whether `signature` over `octets` was made with this key by this method.
    fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool;

    /// Whether `signature` over the canonical form of this `SignedInfo` was made with this key by
    /// the method in it. A key that digested its beginning before goes on from there.
    fn verifies_info(&self, signed_info: &SignedInfo, signature: &[u8]) -> bool {
        let mut octets = Vec::with_capacity(1024);
        signed_info.canonical(&mut octets);
        self.verifies(signed_info.method(), &octets, signature)
    }

    /// Whether `signature` over `octets` was made with this key by RSASSA-PKCS1-v1_5 with SHA-1;
    /// never where the provider has no SHA-1, which is the default.
    fn verifies_rsa_sha1(&self, permission: danger::Sha1, octets: &[u8], signature: &[u8]) -> bool {
        let _ = (permission, octets, signature);
        false
    }
}

/// A private key, or whatever can sign in its place.
pub trait Signer {
    /// The method this signer uses.
    fn method(&self) -> SignatureMethod;

    /// Signs these octets: the canonical form of `SignedInfo`.
    ///
    /// # Errors
    /// When the key cannot be used or the device that holds it fails.
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed>;

    /// Signs the canonical form of this `SignedInfo`. A signer that digested its beginning before
    /// goes on from there.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    fn sign_info(&self, signed_info: &SignedInfo) -> Result<Vec<u8>, SigningFailed> {
        self.sign(&signed_info.to_canonical())
    }
}

/// A public key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the public key is malformed or of an unknown kind")]
pub struct UnusableKey;

/// Signing did not happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
#[error("the key could not sign{}{}", if reason.is_empty() { "" } else { ": " }, reason)]
pub struct SigningFailed {
    reason: Box<str>,
}

impl SigningFailed {
    /// For this reason: a sentence that tells, after its last semicolon, what to do next.
    #[must_use]
    pub fn new(reason: impl Into<Box<str>>) -> Self {
        Self { reason: reason.into() }
    }

    /// The reason, as far as the signer gives one.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A digest value, at most 64 octets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    octets: [u8; 64],
    length: usize,
}

impl Digest {
    /// A digest of these octets.
    ///
    /// # Panics
    /// When there are more than 64: no digest of the closed list has more.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        let mut octets = [0; 64];
        octets[..value.len()].copy_from_slice(value);
        Self { octets, length: value.len() }
    }

    /// The octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.octets[..self.length]
    }

    /// Overwrites the octets: a digest may be a key that was derived.
    pub(crate) fn zeroize(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.octets);
    }
}

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_octets().iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_signer_says_why_if_it_knows() {
        assert_eq!(SigningFailed::default().to_string(), "the key could not sign");
        let failed = SigningFailed::new("no token; plug it in");
        assert_eq!(failed.to_string(), "the key could not sign: no token; plug it in");
    }
}

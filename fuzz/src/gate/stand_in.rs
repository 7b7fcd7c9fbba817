//! Cryptography that anyone can do: digests are real, signatures are digests under a known prefix.
//!
//! A fuzzer would never find a signature; here the target can sign what it likes, and still tell
//! what was signed from what was not.

use dm_seal::{
    Digest, DigestMethod, Hasher, Provider, SignatureMethod, Signer, SigningFailed, UnusableKey,
    VerifyingKey,
};
use dm_xml::canonical::Output;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The provider, the signer and the key.
#[derive(Clone, Copy, Debug)]
pub struct StandIn;

/// A SubjectPublicKeyInfo of Ed25519.
pub const PUBLIC_KEY: [u8; 44] = {
    let head = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];
    let mut key = [0x5A; 44];
    let mut at = 0;
    while at < head.len() {
        key[at] = head[at];
        at += 1;
    }
    key
};

/// What stands for the signature of these octets.
#[must_use]
pub fn signature(octets: &[u8]) -> Vec<u8> {
    Sha512::new().chain_update(b"signed:").chain_update(octets).finalize().to_vec()
}

impl Signer for StandIn {
    fn method(&self) -> SignatureMethod {
        SignatureMethod::Ed25519
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Ok(signature(octets))
    }
}

impl VerifyingKey for StandIn {
    fn verifies(&self, method: SignatureMethod, octets: &[u8], value: &[u8]) -> bool {
        method == SignatureMethod::Ed25519 && value == signature(octets)
    }
}

impl Provider for StandIn {
    type Hasher = Sha2;
    type Key = Self;

    fn hasher(&self, method: DigestMethod) -> Sha2 {
        match method {
            DigestMethod::Sha256 => Sha2::Sha256(Sha256::new()),
            DigestMethod::Sha384 => Sha2::Sha384(Sha384::new()),
            DigestMethod::Sha512 => Sha2::Sha512(Sha512::new()),
        }
    }

    fn key(&self, spki: &[u8]) -> Result<Self, UnusableKey> {
        if spki == PUBLIC_KEY { Ok(Self) } else { Err(UnusableKey) }
    }
}

/// A digest in progress.
pub enum Sha2 {
    /// Of 32 octets.
    Sha256(Sha256),
    /// Of 48 octets.
    Sha384(Sha384),
    /// Of 64 octets.
    Sha512(Sha512),
}

impl Output for Sha2 {
    fn write(&mut self, octets: &[u8]) {
        match self {
            Self::Sha256(digest) => digest.update(octets),
            Self::Sha384(digest) => digest.update(octets),
            Self::Sha512(digest) => digest.update(octets),
        }
    }
}

impl Hasher for Sha2 {
    fn finish(self) -> Digest {
        match self {
            Self::Sha256(digest) => Digest::new(&digest.finalize()),
            Self::Sha384(digest) => Digest::new(&digest.finalize()),
            Self::Sha512(digest) => Digest::new(&digest.finalize()),
        }
    }
}

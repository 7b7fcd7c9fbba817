//! The provider of a device without `std`: RustCrypto, and of it what checks ECDSA on P-256.
//! [profile §3]
//!
//! A device only checks: there is no private key and no random source here. RSA and Ed25519 are
//! left out; a pin of such a key is left out too, as one of an unknown kind.

use dm_seal::{Digest, DigestMethod, Hasher, Provider, SignatureMethod, UnusableKey, VerifyingKey};
use dm_xml::canonical::Output;
use p256::ecdsa;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use sha2::Digest as _;

/// Digests by `sha2`, keys by `p256`.
#[derive(Clone, Copy, Debug)]
pub struct RustCrypto;

impl Provider for RustCrypto {
    type Hasher = Sha;
    type Key = P256;

    fn hasher(&self, method: DigestMethod) -> Sha {
        Sha::new(method)
    }

    fn key(&self, spki: &[u8]) -> Result<P256, UnusableKey> {
        ecdsa::VerifyingKey::from_public_key_der(spki).map(P256).map_err(|_| UnusableKey)
    }
}

/// A digest in progress.
pub enum Sha {
    /// SHA-256.
    Of256(sha2::Sha256),
    /// SHA-384.
    Of384(sha2::Sha384),
    /// SHA-512.
    Of512(sha2::Sha512),
}

impl Sha {
    fn new(method: DigestMethod) -> Self {
        match method {
            DigestMethod::Sha256 => Self::Of256(sha2::Sha256::new()),
            DigestMethod::Sha384 => Self::Of384(sha2::Sha384::new()),
            DigestMethod::Sha512 => Self::Of512(sha2::Sha512::new()),
        }
    }
}

impl Output for Sha {
    fn write(&mut self, octets: &[u8]) {
        match self {
            Self::Of256(state) => state.update(octets),
            Self::Of384(state) => state.update(octets),
            Self::Of512(state) => state.update(octets),
        }
    }
}

impl Hasher for Sha {
    fn finish(self) -> Digest {
        match self {
            Self::Of256(state) => Digest::new(&state.finalize()),
            Self::Of384(state) => Digest::new(&state.finalize()),
            Self::Of512(state) => Digest::new(&state.finalize()),
        }
    }
}

/// A public key on P-256.
#[derive(Clone, Debug)]
pub struct P256(ecdsa::VerifyingKey);

impl VerifyingKey for P256 {
    fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool {
        let SignatureMethod::Ecdsa(digest) = method else { return false };
        let Ok(signature) = ecdsa::Signature::from_slice(signature) else { return false };
        let mut hasher = Sha::new(digest);
        hasher.write(octets);
        self.0.verify_prehash(hasher.finish().as_octets(), &signature).is_ok()
    }
}

//! What encryption needs from cryptography: a cipher, the two sides of a key, and chance.
//!
//! The traits stand here, the primitives on a higher floor.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use super::{ContentMethod, KeyWrapMethod, OaepMethod};

/// Octets that are overwritten when they are dropped: a key, a plaintext.
pub type Secret = Zeroizing<Vec<u8>>;

/// AES, as content and as keys need it.
pub trait ContentCipher {
    /// Encrypts in place and appends the tag of 16 octets.
    ///
    /// # Errors
    /// When the key has a wrong length, or the library fails.
    fn encrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &mut Vec<u8>,
    ) -> Result<(), CipherFailed>;

    /// The plaintext of a ciphertext with its tag.
    ///
    /// # Errors
    /// When the key has a wrong length or the tag does not hold.
    fn decrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &[u8],
    ) -> Result<Secret, CipherFailed>;

    /// Wraps a key. [RFC 3394]
    ///
    /// # Errors
    /// When a key has a wrong length, or the library fails.
    fn wrap(&self, method: KeyWrapMethod, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed>;

    /// Unwraps a key. [RFC 3394]
    ///
    /// # Errors
    /// When it was not wrapped with this key.
    fn unwrap(
        &self,
        method: KeyWrapMethod,
        kek: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed>;
}

/// How a kind of key takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportKind {
    /// P-256: both sides agree on a wrapping key.
    Agreement,
    /// RSA: the content key is encrypted.
    Oaep,
}

/// A private key of the device, or whatever can decrypt in its place.
pub trait Recipient {
    /// The name by which `KeyName` selects it.
    fn name(&self) -> &str;

    /// How this kind of key takes part.
    fn kind(&self) -> TransportKind;

    /// The shared secret with this public key, an uncompressed point: 32 octets.
    ///
    /// # Errors
    /// When the point is not on the curve, or the key is not of that kind; and when the key cannot
    /// be used now, as [`CipherFailed::Unavailable`].
    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed>;

    /// The content key that was encrypted under this label.
    ///
    /// # Errors
    /// When it was not encrypted to this key under this label, or the key is not of that kind; and
    /// when the key cannot be used now, as [`CipherFailed::Unavailable`].
    fn unwrap_oaep(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed>;
}

/// The public key of a device.
pub trait RecipientKey {
    /// How this kind of key takes part.
    fn kind(&self) -> TransportKind;

    /// Agrees on a secret by this ephemeral private key: 32 octets of chance.
    ///
    /// # Errors
    /// When the octets are no private key, which chance makes nearly impossible, or the key is
    /// not of that kind.
    fn agree(&self, ephemeral: &[u8; 32]) -> Result<Agreed, CipherFailed>;

    /// Encrypts a content key under a label, with SHA-256 and MGF1 with SHA-256.
    ///
    /// # Errors
    /// When the key is not of that kind, or the library fails.
    fn wrap_oaep(&self, label: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed>;
}

/// What an agreement yields to the originator.
pub struct Agreed {
    /// The ephemeral public key: an uncompressed point, 65 octets.
    pub public: Vec<u8>,
    /// The shared secret: 32 octets.
    pub secret: Secret,
}

/// A source of octets that nobody can guess.
pub trait Chance {
    /// Fills these octets.
    ///
    /// # Errors
    /// When there is no chance to be had.
    fn fill(&mut self, octets: &mut [u8]) -> Result<(), NoChance>;
}

/// A primitive failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CipherFailed {
    /// Why is not told.
    #[error("the cryptographic operation failed")]
    Failed,
    /// The key is somewhere else and cannot be used now, whatever the octets are: what its keeper
    /// said. Nothing is known of the octets, and the same may work later.
    #[error("the key cannot be used now: {0}")]
    Unavailable(Box<str>),
}

/// The source of chance failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no source of random octets")]
pub struct NoChance;

/// The keys that a device decrypts with, and the cipher.
pub struct DeviceKeys {
    keys: Vec<Box<dyn Recipient + Send + Sync>>,
    cipher: Box<dyn ContentCipher + Send + Sync>,
}

impl DeviceKeys {
    /// No key yet.
    #[must_use]
    pub fn new(cipher: impl ContentCipher + Send + Sync + 'static) -> Self {
        Self { keys: Vec::new(), cipher: Box::new(cipher) }
    }

    /// One key more. Of two with one name the first is used.
    pub fn add(&mut self, key: impl Recipient + Send + Sync + 'static) {
        self.keys.push(Box::new(key));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.name())
    }

    pub(super) fn find(&self, name: &str) -> Option<&dyn Recipient> {
        self.keys.iter().find(|key| key.name() == name).map(|key| &**key as &dyn Recipient)
    }

    pub(super) fn cipher(&self) -> &dyn ContentCipher {
        &*self.cipher
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

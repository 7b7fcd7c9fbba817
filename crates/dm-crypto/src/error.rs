//! Why a key or certificate could not be used or made.

use thiserror::Error;

/// A key or certificate was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is encrypted, and there is no passphrase.
    #[error("the key is encrypted, and there is no passphrase for it")]
    Encrypted,
    /// It is encrypted by other means than PBES2, or at a cost that nobody pays.
    #[error(
        "the key is encrypted in a way that is not supported: only PBES2 is, with PBKDF2 or scrypt"
    )]
    Encryption,
    /// The library could not make the key or certificate.
    #[error("the key or certificate could not be made")]
    Generation,
    /// A method that is not for this kind of key.
    #[error("the key cannot sign by this method: it is of another kind")]
    Method,
    /// The ServerID, or the device id, cannot be a name in a certificate.
    #[error("the ServerID or device id cannot be a SubjectAltName: only ASCII characters can")]
    NotAscii,
    /// A bare public key, where a certificate is needed.
    #[error("not a certificate (BEGIN CERTIFICATE), in PEM or DER")]
    NotCertificate,
    /// The certificate is of another key.
    #[error("the certificate is not that of the key")]
    NotOfKey,
    /// No private key.
    #[error(
        "not a private key (BEGIN PRIVATE KEY, BEGIN ENCRYPTED PRIVATE KEY, BEGIN EC PRIVATE KEY, \
         BEGIN RSA PRIVATE KEY), in PEM or DER"
    )]
    NotPrivate,
    /// No certificate and no public key.
    #[error("not a certificate or public key (BEGIN CERTIFICATE, BEGIN PUBLIC KEY), in PEM or DER")]
    NotPublic,
    /// The passphrase is another one, or the key is damaged.
    #[error("the passphrase is wrong, or the key is damaged")]
    Passphrase,
    /// Where a private key is needed, there is a public one.
    #[error("the key is public: it verifies, and cannot sign")]
    Public,
    /// A kind or size of key that is not supported for signing.
    #[error("the key is none of ECDSA P-256, ECDSA P-384, Ed25519 and RSA of 2048 to 4096 bits")]
    Unsupported,
}

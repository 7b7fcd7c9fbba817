//! Why a key or certificate could not be used or made.

use thiserror::Error;

/// A key or certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The ServerID cannot be a name in a certificate.
    #[error("the ServerID cannot be a SubjectAltName: only ASCII characters can")]
    NotAscii,
    /// No PEM of a private key in PKCS #8 form.
    #[error(
        "not a PEM private key in PKCS #8 form (BEGIN PRIVATE KEY); \
         `openssl pkcs8 -topk8 -nocrypt` converts other forms"
    )]
    NotPkcs8,
    /// No PEM of a certificate or a public key.
    #[error("not a PEM certificate or public key (BEGIN CERTIFICATE, BEGIN PUBLIC KEY)")]
    NotPublic,
    /// The library could not make the key or certificate.
    #[error("the key or certificate could not be made")]
    Generation,
    /// A kind or size of key that is not supported for signing.
    #[error("the key is neither ECDSA P-256 nor RSA of 2048 bits or more")]
    Unsupported,
}

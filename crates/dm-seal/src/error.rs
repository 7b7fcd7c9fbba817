//! Why a seal was refused or could not be made.

use alloc::boxed::Box;

use dm_wbxml::WriteError;
use dm_xml::ElementPath;
use thiserror::Error;

use crate::SigningFailed;

/// The signature does not have the one shape that is accepted. [profile §3], stage `structure`
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StructureError {
    /// An algorithm that is not on the closed list.
    #[error("{element} names the algorithm {uri:?}, which is not accepted")]
    Algorithm {
        /// The element that names it.
        element: Box<str>,
        /// Its identifier.
        uri: Box<str>,
    },
    /// A value that is not base64.
    #[error("{0} is not base64")]
    Base64(ElementPath),
    /// A certificate in KeyInfo that cannot be read.
    #[error("the certificate in KeyInfo cannot be read")]
    Certificate,
    /// Something else than the profile's shape.
    #[error("the signature's shape is wrong at {0}")]
    Shape(ElementPath),
    /// No signature where it belongs.
    #[error("the message is not signed: Signature is not the last child of SyncML")]
    NotSigned,
    /// More than one signature, or one in the wrong place.
    #[error("a second Signature, or a part of one, at {0}")]
    StraySignature(ElementPath),
}

/// The signature does not hold. [profile §3, §4], stage `signature`
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The pinned certificate names another server.
    #[error("the pinned certificate {0:?} does not name the account's ServerID")]
    CertificateNamesOther(Box<str>),
    /// The message is not what was signed.
    #[error("the digest does not match: the message was changed after it was signed")]
    DigestMismatch,
    /// No pinned key is the one that KeyInfo shows.
    #[error("no pinned key has the name or certificate that KeyInfo shows ({0:?})")]
    KeyNotPinned(Box<str>),
    /// The account has no usable pinned key at all.
    #[error("the account has no usable pinned key")]
    NoPinnedKey,
    /// The signature value was not made with a pinned key.
    #[error("the signature was not made with a pinned key of this account")]
    SignatureInvalid,
}

/// A message could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// It is signed already, or has elements of a signature.
    #[error("the message already has elements of a signature at {0}")]
    AlreadySigned(ElementPath),
    /// The signer made a signature of another length than before.
    #[error("the signer made a signature of another length than before")]
    Length,
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SigningFailed),
    /// WBXML cannot carry the message.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Material that an account cannot pin. [profile §4.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PinError {
    /// Neither a DER certificate nor a DER SubjectPublicKeyInfo.
    #[error("neither a DER certificate nor a DER public key")]
    NotDer,
    /// A public key that cannot be used.
    #[error(transparent)]
    Key(#[from] crate::UnusableKey),
    /// An RSA key under 2048 bits, or with an exponent that is even or under 3. [profile §3]
    #[error("an RSA key under 2048 bits, or with an exponent that is even or under 3")]
    WeakKey,
}

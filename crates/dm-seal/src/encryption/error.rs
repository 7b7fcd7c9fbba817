//! Why encrypted content was refused. [profile §6], stages `decrypt-whole` and `decrypt-part`
//!
//! Nothing here says anything about a key or a plaintext beyond its shape.

use alloc::boxed::Box;

use dm_xml::{ElementPath, LimitExceeded};
use thiserror::Error;

use super::CipherFailed;

/// Encrypted content was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// An algorithm that is not on the closed list.
    #[error("{element} names the algorithm {uri:?}, which is not accepted")]
    Algorithm {
        /// The element that names it.
        element: Box<str>,
        /// Its identifier.
        uri: Box<str>,
    },
    /// `AlgorithmID` is something else than the identifier of the key wrap: octets could be
    /// shifted between it and the names that the key is bound to.
    #[error("AlgorithmID is not exactly the identifier of the key wrap algorithm")]
    AlgorithmId,
    /// A value that is not base64.
    #[error("{0} is not base64")]
    Base64(ElementPath),
    /// Decryption failed. What exactly failed is not told: the key agreement, the key wrap, the
    /// length of a key, the tag.
    #[error("the content cannot be decrypted with this device's key")]
    Failed,
    /// An attribute of the key derivation that is not hexadecimal with a leading 00.
    #[error("{0} of ConcatKDFParams is not whole octets: hexadecimal that begins with 00")]
    PartyInfo(&'static str),
    /// Encrypted content in a place where none may stand.
    #[error("EncryptedData stands where none may stand, or beside other content: {0}")]
    Misplaced(ElementPath),
    /// The originator's key is no uncompressed point of P-256.
    #[error("the originator's key is not an uncompressed point")]
    OriginatorKey,
    /// The ciphertext is bound to another device or group.
    #[error("the ciphertext is bound to another device")]
    OtherDevice,
    /// The ciphertext is bound to another server: somebody else encrypted it.
    #[error("the ciphertext is bound to another server than the one that sends it")]
    OtherServer,
    /// What was decrypted is not what may stand there.
    #[error("the decrypted content {0}")]
    Plaintext(Plaintext),
    /// No key of this device has the name that is shown.
    #[error("it is encrypted to the key {0:?}, which is none of this device's")]
    Recipient(Box<str>),
    /// Something else than the profile's shape.
    #[error("the shape is wrong at {0}")]
    Shape(ElementPath),
    /// The ciphertext names no server or no device that it is bound to: any other server could send
    /// it as its own. An owner may allow it: [`Unbound`](crate::danger::Unbound).
    #[error("the ciphertext is not bound to a server and a device")]
    Unbound,
    /// A way to transport the key that is not for the kind of key that is named.
    #[error("the key {0:?} is not of the kind that the key transport needs")]
    Transport(Box<str>),
    /// The key is somewhere else and cannot be used now. That says nothing about the content, which
    /// may come again.
    #[error("the device key cannot be used now: {0}")]
    Unavailable(Box<str>),
}

impl From<CipherFailed> for EncryptionError {
    fn from(failed: CipherFailed) -> Self {
        match failed {
            CipherFailed::Failed => Self::Failed,
            CipherFailed::Unavailable(said) => Self::Unavailable(said),
        }
    }
}

/// What is wrong with decrypted content. It says where nothing is: the content is confidential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Plaintext {
    /// An attribute on an element that has none in a message.
    #[error("has an attribute on an element of SyncML")]
    Attribute,
    /// A document type declaration.
    #[error("has a document type declaration")]
    DocumentType,
    /// It passes a limit, all parts together.
    #[error("passes a limit: {0}")]
    Limit(#[from] LimitExceeded),
    /// Encryption or a signature inside it.
    #[error("has elements of encryption or of a signature in it")]
    Nested,
    /// Something else than one `SyncBody` in its place.
    #[error("is not one SyncBody, and stands in its place")]
    NotBody,
    /// The message is no WBXML as the profile wants it.
    #[error("is not a WBXML document as the profile wants it")]
    NotWbxml,
    /// Not well-formed XML, or more than the content of one element.
    #[error("is not well-formed XML that fits into one element")]
    NotXml,
    /// A processing instruction.
    #[error("has a processing instruction or an XML declaration")]
    ProcessingInstruction,
}

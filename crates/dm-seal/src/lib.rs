//! The XML signature and encryption of a sessionless message. [XMLDSIG §3], [Sessionless §5.2], [profile §3, §4]
//!
//! One shape and no other: an enveloped signature as the last child of `SyncML`, over the whole
//! document, by exclusive canonical XML. [`seal`] makes it; [`verify()`] checks it under the keys
//! that an account has pinned and yields [`Verified`], the only way to a body.
//!
//! Cryptography comes in through [`Provider`] and [`Signer`]. [`encryption`] stands beside it: parts
//! are encrypted before they are signed, the whole message after. [`counters`] says which number a
//! message has.

#![no_std]

extern crate alloc;

pub mod algorithm;
mod base64_value;
mod certificate;
mod chain;
pub mod counters;
pub mod danger;
mod digesting;
mod directory_name;
pub mod encryption;
mod error;
mod name_constraints;
mod pin;
mod provider;
mod sealer;
mod sealing;
mod shown;
mod sign;
mod structure;
mod verify;
mod witness;

pub use algorithm::{DigestMethod, SignatureMethod};
pub use certificate::{AltName, Material};
pub use danger::{Accepts, OrSha1};
pub use error::{ChainError, PinError, SealError, StructureError, VerifyError};
pub use pin::Pin;
pub use provider::{Digest, Hasher, Provider, Signer, SigningFailed, UnusableKey, VerifyingKey};
pub use sealer::Sealer;
pub use shown::Shown;
pub use sign::{Sealed, Signature, SignedInfo, seal};
pub use structure::{KeyInfo, Structure};
pub use verify::{MOST_TRIED, OpenError, Signed, Trust, TrustPolicy, verify};
pub use witness::Verified;

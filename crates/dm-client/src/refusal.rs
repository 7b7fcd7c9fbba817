//! Why a message was refused: one variant per rule. [profile §8], [Sessionless §5]

use alloc::boxed::Box;

use dm_seal::encryption::{EncryptionError, Plaintext};
use dm_seal::{ChainError, StructureError, VerifyError};
use thiserror::Error;

use crate::freshness::EmiError;

/// The stage of the gate at which a message was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Octets and everything else that has a limit.
    Size,
    /// WBXML, strictly.
    Wbxml,
    /// A message that is encrypted as a whole.
    DecryptWhole,
    /// `SyncHdr`.
    Header,
    /// Exactly one account.
    Account,
    /// This device, or a group it belongs to.
    Target,
    /// The shape of the signature.
    Structure,
    /// Digest, key, signature.
    Signature,
    /// Counter, expiry, replay.
    Freshness,
    /// Encrypted parts.
    DecryptPart,
    /// The commands, well formed.
    Model,
}

impl Stage {
    /// The name as the profile spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Wbxml => "wbxml",
            Self::DecryptWhole => "decrypt-whole",
            Self::Header => "header",
            Self::Account => "account",
            Self::Target => "target",
            Self::Structure => "structure",
            Self::Signature => "signature",
            Self::Freshness => "freshness",
            Self::DecryptPart => "decrypt-part",
            Self::Model => "model",
        }
    }
}

/// A message was refused. Nothing of it was carried out, and nothing is ever answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A pinned certificate names another server.
    #[error("the certificate pinned as {key:?} does not name {server_id:?}")]
    CertificateNamesOther {
        /// The name of the pinned key.
        key: Box<str>,
        /// The account's ServerID.
        server_id: Box<str>,
    },
    /// The account's policy is `chain`, and no pinned authority stands behind the signature.
    #[error("{0}")]
    Chain(ChainError),
    /// The counter was used before.
    #[error("the counter {0} was used before")]
    CounterUsed(u64),
    /// The counter is below the window.
    #[error("the counter {counter} is more than 64 below the highest, {highest}")]
    CounterTooOld {
        /// The message's counter.
        counter: u64,
        /// The highest counter accepted so far.
        highest: u64,
    },
    /// A counter is required and there is none.
    #[error("there is no counter, and this device requires one")]
    CounterMissing,
    /// The message is not what was signed.
    #[error("the digest does not match: the message was changed after it was signed")]
    DigestMismatch,
    /// The freshness of the message is malformed.
    #[error("{0}")]
    Emi(#[from] EmiError),
    /// The message is encrypted as a whole, and the device has no key to decrypt with.
    #[error("the message is encrypted as a whole, and this device has no key to decrypt with")]
    EncryptedMessage,
    /// A part of the message is encrypted, and the device has no key to decrypt with.
    #[error("a part of the message is encrypted, and this device has no key to decrypt with")]
    EncryptedPart,
    /// The message has expired.
    #[error("the message expired at {expiry}; it is now {now} (seconds since 1970)")]
    Expired {
        /// When it expired.
        expiry: u64,
        /// The device's clock.
        now: u64,
    },
    /// The header is not as it must be.
    #[error("{0}")]
    Header(dm_syncml::Error),
    /// KeyInfo names a key that is not pinned.
    #[error("no key of the account has the name or certificate that KeyInfo shows: {0:?}")]
    KeyNotPinned(Box<str>),
    /// The commands are not well formed.
    #[error("{0}")]
    Model(dm_syncml::Error),
    /// No account has this ServerID.
    #[error("no account has the ServerID {0:?}")]
    NoAccount(Box<str>),
    /// The account has no usable pinned key.
    #[error("the account of {0:?} has no usable pinned key")]
    NoPinnedKey(Box<str>),
    /// The message is not signed.
    #[error("the message is not signed: Signature is not the last child of SyncML")]
    NotSigned,
    /// Another device is meant.
    #[error("another device is meant: Target is {0:?}")]
    OtherTarget(Box<str>),
    /// An encrypted part was refused.
    #[error("an encrypted part: {0}")]
    PartNotDecrypted(EncryptionError),
    /// The very same message was accepted before.
    #[error("this message was accepted before")]
    Replayed,
    /// More than one account has this ServerID.
    #[error("{count} accounts have the ServerID {server_id:?}")]
    SeveralAccounts {
        /// The ServerID.
        server_id: Box<str>,
        /// How many.
        count: usize,
    },
    /// The signature was not made with a key of the account.
    #[error("the signature was not made with a pinned key of {0:?}")]
    SignatureInvalid(Box<str>),
    /// The signature does not have the one accepted shape.
    #[error("{0}")]
    Structure(StructureError),
    /// A limit was passed.
    #[error("{0}")]
    TooLarge(dm_wbxml::Error),
    /// The octets are no WBXML as the profile wants it.
    #[error("{0}")]
    Wbxml(dm_wbxml::Error),
    /// A message that is encrypted as a whole was refused.
    #[error("the encrypted message: {0}")]
    WholeNotDecrypted(EncryptionError),
}

impl Refusal {
    /// The name of the variant: a label for metrics and journals.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row().0
    }

    /// The stage at which it is found.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.row().1
    }

    /// The clause that it breaks: a requirement of the draft (`R1` to `R31`) with its section, or
    /// a section of the signing profile.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        self.row().2
    }

    /// What whoever sent or configured this can do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().3
    }

    /// Octet offset, where the octets themselves are at fault.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::TooLarge(error) | Self::Wbxml(error) => Some(error.offset),
            _ => None,
        }
    }

    /// Name, stage, clause and remedy of each variant: the catalogue of refusals.
    fn row(&self) -> (&'static str, Stage, &'static str, &'static str) {
        const PAGE: &str = "for a message in the compact or the shortest spelling, configure spelling = \"any\", or let a gateway \
    `mgram respell` it";
        const SIGN_AGAIN: &str = "seal the message again and send it unchanged";
        match self {
            Self::TooLarge(_) => (
                "TooLarge",
                Stage::Size,
                "profile §2, limits",
                "split the message into smaller ones",
            ),
            Self::Wbxml(error) => {
                let clause = match error.kind {
                    dm_wbxml::ErrorKind::Version(_) => "R9, Sessionless §5.2",
                    _ => "profile §2",
                };
                let remedy = match error.kind {
                    dm_wbxml::ErrorKind::UnknownPage => PAGE,
                    _ => "write WBXML 1.1, 1.2 or 1.3 as the profile says; `mgram encode` does",
                };
                ("Wbxml", Stage::Wbxml, clause, remedy)
            }
            Self::EncryptedMessage => (
                "EncryptedMessage",
                Stage::DecryptWhole,
                "profile §6",
                "give the device a key (`mgram provision --device-key`), or send it unencrypted",
            ),
            Self::WholeNotDecrypted(error) => {
                let (clause, remedy) = of_encryption(error);
                ("WholeNotDecrypted", Stage::DecryptWhole, clause, remedy)
            }
            Self::Header(_) => (
                "Header",
                Stage::Header,
                "R14, Sessionless §5.2",
                "give SyncHdr each of VerDTD, VerProto, SessionID, MsgID, Target, Source once",
            ),
            Self::NoAccount(_) => (
                "NoAccount",
                Stage::Account,
                "R5, R6, Sessionless §5.1.2",
                "bootstrap the device with a DMAcc for this server, or correct Source/LocURI",
            ),
            Self::SeveralAccounts { .. } => (
                "SeveralAccounts",
                Stage::Account,
                "R22, Sessionless §5.5",
                "leave exactly one DMAcc with this ServerID on the device",
            ),
            Self::OtherTarget(_) => (
                "OtherTarget",
                Stage::Target,
                "profile §8",
                "address the device's DevId, or a group that its configuration lists",
            ),
            Self::NotSigned => {
                ("NotSigned", Stage::Structure, "R12, Sessionless §5.2", "sign it: `mgram seal`")
            }
            Self::Structure(_) => (
                "Structure",
                Stage::Structure,
                "profile §3",
                "make the signature in the one accepted shape; `mgram seal` does",
            ),
            Self::DigestMismatch => {
                ("DigestMismatch", Stage::Signature, "R8, R12, Sessionless §5.1.2", SIGN_AGAIN)
            }
            Self::KeyNotPinned(_) => (
                "KeyNotPinned",
                Stage::Signature,
                "profile §3",
                "use the name of a key that is pinned below the account's AppAuth",
            ),
            Self::NoPinnedKey(_) => (
                "NoPinnedKey",
                Stage::Signature,
                "profile §4",
                "pin a key: AppAuth/x with AAuthLevel SRVCRED and AAuthType X509",
            ),
            Self::CertificateNamesOther { .. } => (
                "CertificateNamesOther",
                Stage::Signature,
                "profile §4.4",
                "pin a certificate whose SubjectAltName is the ServerID",
            ),
            Self::Chain(error) => ("Chain", Stage::Signature, "profile §4.3", of_chain(error)),
            Self::SignatureInvalid(_) => (
                "SignatureInvalid",
                Stage::Signature,
                "R6, R8, Sessionless §5.1.2",
                "sign with a key that is pinned to this account",
            ),
            Self::Emi(_) => (
                "Emi",
                Stage::Freshness,
                "profile §7",
                "write EMI once, as c=<counter>;x=<seconds since 1970>, in decimal",
            ),
            Self::Replayed => ("Replayed", Stage::Freshness, "profile §7", NEW_MESSAGE),
            Self::CounterUsed(_) => ("CounterUsed", Stage::Freshness, "profile §7", NEW_MESSAGE),
            Self::CounterTooOld { .. } => {
                ("CounterTooOld", Stage::Freshness, "profile §7", NEW_MESSAGE)
            }
            Self::CounterMissing => {
                ("CounterMissing", Stage::Freshness, "profile §7", "seal it with a counter")
            }
            Self::Expired { .. } => (
                "Expired",
                Stage::Freshness,
                "profile §7",
                "seal it again with a later expiry, or correct the device's clock",
            ),
            Self::EncryptedPart => (
                "EncryptedPart",
                Stage::DecryptPart,
                "profile §6",
                "give the device a key (`mgram provision --device-key`), or send it unencrypted",
            ),
            Self::PartNotDecrypted(error) => {
                let (clause, remedy) = of_encryption(error);
                ("PartNotDecrypted", Stage::DecryptPart, clause, remedy)
            }
            Self::Model(_) => (
                "Model",
                Stage::Model,
                "R18, Sessionless §5.5",
                "give the message exactly one SyncBody with well-formed commands",
            ),
        }
    }
}

/// What to do about a certificate that no pinned authority stands behind.
fn of_chain(error: &ChainError) -> &'static str {
    match error {
        ChainError::NoCertificate => "show the certificate: `mgram seal --show-certificate`",
        ChainError::NotYetValid { .. } | ChainError::Expired { .. } => {
            "use a certificate that is valid now, or correct the device's clock"
        }
        ChainError::NotIssued(_) | ChainError::IssuerIsNoAuthority => {
            "pin the certificate of the authority that issued it, directly"
        }
        ChainError::Algorithm(_) | ChainError::IssuerSignature => {
            "have it signed by the pinned authority, with SHA-256 or better"
        }
        _ => "have the authority issue one for signatures, whose SubjectAltName is the ServerID",
    }
}

/// Clause and remedy of what is wrong with encrypted content.
fn of_encryption(error: &EncryptionError) -> (&'static str, &'static str) {
    let remedy = match error {
        EncryptionError::OtherServer => {
            "encrypt it on behalf of the server that signs and sends it"
        }
        EncryptionError::OtherDevice => {
            "encrypt it for the device, or the group, that Target names"
        }
        EncryptionError::Recipient(_) | EncryptionError::Transport(_) => {
            "encrypt it to the key of this device, by the name that the device knows it by"
        }
        EncryptionError::Unavailable(_) => {
            "see that the token of the key works, then send it again"
        }
        EncryptionError::Plaintext(Plaintext::Limit(_)) => {
            return ("profile §2, limits", "split the message into smaller ones");
        }
        _ => "encrypt it again in the one accepted shape; `mgram seal --encrypt-to` does",
    };
    ("profile §6", remedy)
}

const NEW_MESSAGE: &str = "seal a new message with a counter above all used before";

impl Refusal {
    /// What was said of a device key that cannot be used now.
    pub(crate) fn unavailable(&self) -> Option<&str> {
        match self {
            Self::WholeNotDecrypted(EncryptionError::Unavailable(said))
            | Self::PartNotDecrypted(EncryptionError::Unavailable(said)) => Some(said),
            _ => None,
        }
    }

    /// What the seal found, as a refusal by the account of this server.
    pub(crate) fn of_verify(error: VerifyError, server_id: &str) -> Self {
        match error {
            VerifyError::CertificateNamesOther(key) => {
                Self::CertificateNamesOther { key, server_id: server_id.into() }
            }
            VerifyError::Chain(error) => Self::Chain(error),
            VerifyError::DigestMismatch => Self::DigestMismatch,
            VerifyError::KeyNotPinned(shown) => Self::KeyNotPinned(shown),
            VerifyError::NoPinnedKey => Self::NoPinnedKey(server_id.into()),
            // `VerifyError` may grow; whatever is not named here is a signature that fails.
            _ => Self::SignatureInvalid(server_id.into()),
        }
    }

    /// What the WBXML reader found.
    pub(crate) fn of_wbxml(error: dm_wbxml::Error) -> Self {
        match error.kind {
            dm_wbxml::ErrorKind::Limit(_) => Self::TooLarge(error),
            _ => Self::Wbxml(error),
        }
    }
}

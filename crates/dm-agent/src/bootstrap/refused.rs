//! Why a bootstrap document was not taken.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::BootstrapError;
use crate::persist::PersistError;
use crate::settings::SettingsError;

/// A document was not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refused {
    /// The device has an account, and `bootstrap.again` is not set.
    #[error("the device has an account already; bootstrap.again is not set")]
    Again,
    /// The document does not fit into the tree, or the state is not this device's.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// The push is none, or is not of a bootstrap document.
    #[error("not a push of a bootstrap document: {0}")]
    Push(String),
    /// The MAC is wrong, or missing.
    #[error("the MAC is wrong")]
    Mac,
    /// The document brings no account.
    #[error("the document brings no account with a ServerID{}", LeftOut(.0))]
    NoAccount(
        /// What was left out of it.
        Vec<String>,
    ),
    /// Two accounts have one ServerID, or an ACL could not name it.
    #[error("the ServerID {0:?} is taken or unusable")]
    ServerId(String),
    /// An account has no pin: nobody could be verified by it.
    #[error("the account of {0:?} has no pinned key: no message of that server could be verified")]
    NoPin(String),
    /// A pin of an account is no key that this device takes, or a certificate of others.
    #[error("the pin {0:?} is no key of a kind and size that is accepted, or names another server")]
    Pin(String),
    /// `SEC` is missing or unknown, or the device has no secret for it.
    #[error("SEC is missing or unknown, or this device has no secret for it")]
    Sec,
    /// The document came already within a minute, or others did.
    #[error("this push, or sixteen others, were judged within the last minute")]
    Rate,
    /// The file of a secret cannot be used.
    #[error("{0}: not readable, or no secret")]
    Secret(PathBuf),
    /// The configuration is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// DevInfo in the document is that of another device.
    #[error("the document is for device {0:?}")]
    OtherDevice(String),
    /// Too many MACs were wrong.
    #[error("too many wrong MACs: bootstrap from a file")]
    Tries,
    /// The octets are no TNDS document of the device's size.
    #[error("not a bootstrap document: {0}")]
    Unreadable(String),
}

impl From<PersistError> for Refused {
    fn from(error: PersistError) -> Self {
        Self::Bootstrap(error.into())
    }
}

impl Refused {
    /// What the device's owner can do.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Again => Some("set bootstrap.again, or give the device a new state folder"),
            Self::Bootstrap(BootstrapError::Persist(error)) => Some(error.remedy()),
            Self::Sec | Self::Secret(_) => {
                Some("name readable files in bootstrap.netwpin and bootstrap.userpin")
            }
            Self::NoAccount(left_out) if !left_out.is_empty() => {
                Some("see `supported` and `inbox` in the section `tree` of the configuration")
            }
            Self::ServerId(_) => Some(
                "give another ServerID; with bootstrap.again, a document from a file replaces the \
                 account of its ServerID, and one by push does not",
            ),
            Self::NoAccount(_) | Self::NoPin(_) | Self::Pin(_) | Self::Unreadable(_) => {
                Some("make the document with `mgram bootstrap`")
            }
            _ => None,
        }
    }

    /// Whether the document was looked at: then the refusal is in the journal. One that could come
    /// again and again is not.
    #[must_use]
    pub fn is_journalled(&self) -> bool {
        let is_failure = matches!(self, Self::Bootstrap(BootstrapError::Persist(_)));
        !is_failure && !matches!(self, Self::Rate | Self::Settings(_) | Self::Tries)
    }
}

/// Notes behind a sentence, where there are any.
struct LeftOut<'n>(&'n [String]);

impl fmt::Display for LeftOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

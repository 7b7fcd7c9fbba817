//! What came of a message. Kept on the device; there is no way to send it. [Sessionless §5.5], R19

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use dm_tree::{Changes, Failure, Note, Octets, Status, TargetError};
use dm_xml::brief;
use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::gate::Header;

/// What came of a message.
#[derive(Debug)]
pub enum Outcome {
    /// The gate opened and the commands ran, each with its own outcome.
    Accepted(Box<Accepted>),
    /// The gate stayed shut and nothing of the message was carried out.
    Refused(Box<Refused>),
}

/// A message that was let in.
#[derive(Debug)]
pub struct Accepted {
    /// What its header says.
    pub header: Arc<Header>,
    /// The name of the pinned key that verified it.
    pub key_name: String,
    /// SHA-256 of the canonical message without its signature.
    pub digest: [u8; 32],
    /// What of it the device's owner must have allowed.
    pub dangers: Dangers,
    /// Each command, inner ones before the group they are in.
    pub commands: Vec<CommandOutcome>,
    /// What was skipped, renamed or rewritten on the way.
    pub notes: Vec<Note>,
    /// What is different in the tree now.
    pub changes: Changes,
    /// What is to be set going, now that everything is durable.
    pub execs: Vec<Exec>,
    /// Whether the device shall open a session with the account of the server, and something on it
    /// does. (R20)
    pub session: bool,
    /// The number of the [`Consequence`](crate::Consequence) that is remembered, if something on the
    /// device follows.
    pub consequence: Option<u64>,
}

/// What proves less than it says, and is let in because the owner of the device allows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dangers {
    /// Its digest or signature is of SHA-1.
    pub sha1: bool,
    /// It has ciphertext that is bound to no server or no device.
    pub unbound: bool,
}

/// A message that was refused.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// What its header claimed, when it was read. Not verified before stage `signature`.
    pub claims: Option<Arc<Header>>,
}

/// The outcome of one command.
#[derive(Clone, Debug)]
pub struct CommandOutcome {
    /// `CmdID`.
    pub cmd_id: CmdId,
    /// The element name.
    pub name: &'static str,
    /// The status that a session would have reported.
    pub status: Status,
    /// Why, when it failed.
    pub failure: Option<CommandFailure>,
}

/// `CmdID`, a text. One of a few characters, as they are, takes no memory of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct CmdId(Octets);

impl Deref for CmdId {
    type Target = str;

    fn deref(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default() // it came from text
    }
}

impl From<&str> for CmdId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for CmdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for CmdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFailure {
    /// The command itself is wrong, or not for a message without a session.
    Command {
        /// The status.
        status: Status,
        /// What it was about: a target, an element.
        place: Box<str>,
        /// What is wrong.
        why: &'static str,
    },
    /// Its target names no node.
    Target {
        /// The text.
        text: Box<str>,
        /// What is wrong with it.
        error: TargetError,
    },
    /// The tree did not allow it.
    Tree(Failure),
}

impl CommandFailure {
    pub(crate) fn new(status: Status, place: &str, why: &'static str) -> Self {
        Self::Command { status, place: brief(place), why }
    }

    pub(crate) fn of_target(error: TargetError, text: &str) -> Self {
        Self::Target { text: brief(text), error }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Command { status, .. } => *status,
            Self::Target { error, .. } => Failure::from(*error).status(),
            Self::Tree(failure) => failure.status(),
        }
    }
}

impl fmt::Display for CommandFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { status, place, why } => write!(f, "{status}: {why}: {place}"),
            Self::Target { text, error } => write!(f, "{}: {error}: {text:?}", self.status()),
            Self::Tree(failure) => failure.fmt(f),
        }
    }
}

impl From<Failure> for CommandFailure {
    fn from(failure: Failure) -> Self {
        Self::Tree(failure)
    }
}

/// An `Exec` that was allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    /// The node.
    pub uri: String,
    /// Its data.
    pub data: String,
    /// `Correlator`, for a report in a later session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub correlator: Option<String>,
}

impl Outcome {
    /// The message, when it was let in.
    #[must_use]
    pub fn accepted(&self) -> Option<&Accepted> {
        match self {
            Self::Accepted(accepted) => Some(accepted),
            Self::Refused(_) => None,
        }
    }

    /// The refusal, when it was refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(refused) => Some(&refused.refusal),
        }
    }
}

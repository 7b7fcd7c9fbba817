//! Why a message does not fit the model.

use dm_xml::{Element, ElementPath, Misplaced};
use thiserror::Error;

/// A part of a message was refused by the model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} at {path}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The element.
    pub path: ElementPath,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, element: Element<'_>) -> Self {
        Self { kind, path: element.path() }
    }
}

impl From<Misplaced<'_>> for Error {
    fn from(misplaced: Misplaced<'_>) -> Self {
        match misplaced {
            Misplaced::Mixed(element) => Self::new(ErrorKind::MixedContent, element),
            Misplaced::Foreign(element) => Self::new(ErrorKind::Unexpected, element),
        }
    }
}

/// What is wrong. [REP 1.2 §4.1], [profile §2, §8]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `CmdID` is empty, `0`, or already taken in this message.
    #[error("CmdID is empty, 0, or already taken")]
    CmdId,
    /// An element that must have text has none.
    #[error("an element without text")]
    Empty,
    /// `Meta` stands behind the `Data` that it describes.
    #[error("Meta behind Data")]
    MetaBehindData,
    /// A mandatory element is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Text where only elements belong, or elements where only text belongs.
    #[error("text beside elements, or elements beside text")]
    MixedContent,
    /// The root is not `SyncML` of SyncML 1.2.
    #[error("the root is not SyncML of SYNCML:SYNCML1.2")]
    NotSyncMl,
    /// An element that may stand once stands twice.
    #[error("an element given twice")]
    Twice,
    /// A text of the header that is longer than any address, or has control characters.
    #[error("a text of over 1,024 octets, or with control characters")]
    Unreasonable,
    /// An element that does not belong there.
    #[error("an element that does not belong there")]
    Unexpected,
    /// `VerDTD` is not 1.2.
    #[error("VerDTD is not 1.2")]
    VerDtd,
    /// `VerProto` is neither DM/1.2 nor DM/1.3.
    #[error("VerProto is neither DM/1.2 nor DM/1.3")]
    VerProto,
}

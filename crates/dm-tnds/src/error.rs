//! Why a serialized object could not be read.

use dm_xml::{Element, ElementPath, Misplaced};
use thiserror::Error;

/// A `MgmtTree` was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} at {path}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The element, counted from the root of its document.
    pub path: ElementPath,
    /// Its number in the order of the document; see [`Element::number`].
    pub element: usize,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, element: Element<'_>) -> Self {
        Self { kind, path: element.path(), element: element.number() }
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

/// What is wrong with a `MgmtTree`. [TNDS 1.2 §9.2], [DDF 1.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An element that may stand once stands twice.
    #[error("an element given twice")]
    Twice,
    /// An element that does not belong there.
    #[error("an element that does not belong there")]
    Unexpected,
    /// Text where only elements belong, or elements where only text belongs.
    #[error("text beside elements, or elements beside text")]
    MixedContent,
    /// `Format` names none of the formats.
    #[error("an unknown format")]
    UnknownFormat,
    /// The root is not `MgmtTree` of `syncml:dmddf1.2`.
    #[error("not a MgmtTree of syncml:dmddf1.2")]
    NotMgmtTree,
    /// An element that a description must have is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An element that is a choice holds none.
    #[error("an element that must hold one other holds none")]
    NoChoice,
    /// `ZeroOrN` or `OneOrN` without a number from 1 to 65,536.
    #[error("ZeroOrN or OneOrN without a number from 1 to 65536")]
    NoNumber,
    /// `VerDTD` is missing or not 1.2.
    #[error("VerDTD is not 1.2")]
    VerDtd,
}

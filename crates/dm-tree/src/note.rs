//! `Note`: what a command did otherwise than asked, and why it may.

use core::fmt;

use crate::Uri;

/// Something that the device left out or changed, although the command succeeded.
///
/// None of this is silent: the caller writes the notes of a transaction into its journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// An item of an `Ext` sub-tree that this device does not know was skipped.
    ExtSkipped {
        /// Where it would stand.
        uri: Uri,
    },
    /// An older version of a management object was skipped for a newer one.
    MoOlder {
        /// The object inside the delivery.
        uri: Uri,
    },
    /// A delivered management object stands under another name than its own.
    MoRenamed {
        /// Where it stands.
        uri: Uri,
        /// The object inside the delivery.
        asked: Uri,
    },
    /// A management object that this device does not support was skipped.
    MoUnsupported {
        /// The object inside the delivery.
        uri: Uri,
    },
    /// A connectivity reference is empty, as its object was left out.
    ReferenceEmptied {
        /// The leaf that would hold it.
        uri: Uri,
    },
    /// A connectivity reference was rewritten to where the object stands.
    ReferenceRewritten {
        /// The leaf that holds it.
        uri: Uri,
    },
}

impl Note {
    /// The node that the note is about.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        match self {
            Note::ExtSkipped { uri }
            | Note::MoOlder { uri }
            | Note::MoRenamed { uri, .. }
            | Note::MoUnsupported { uri }
            | Note::ReferenceEmptied { uri }
            | Note::ReferenceRewritten { uri } => uri,
        }
    }

    /// The requirement that permits it. All of them are from [Sessionless §5.5].
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self {
            Note::ExtSkipped { .. } => "R29",
            Note::MoOlder { .. } => "R31",
            Note::MoRenamed { .. } => "R24",
            Note::MoUnsupported { .. } | Note::ReferenceEmptied { .. } => "R30",
            Note::ReferenceRewritten { .. } => "R25",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::ExtSkipped { uri } => write!(f, "unknown extension skipped: {uri}"),
            Note::MoOlder { uri } => write!(f, "older version of an object skipped: {uri}"),
            Note::MoRenamed { uri, asked } => write!(f, "object {asked} stands at {uri}"),
            Note::MoUnsupported { uri } => write!(f, "unsupported object skipped: {uri}"),
            Note::ReferenceEmptied { uri } => {
                write!(f, "reference to a skipped object emptied: {uri}")
            }
            Note::ReferenceRewritten { uri } => write!(f, "reference rewritten: {uri}"),
        }
    }
}

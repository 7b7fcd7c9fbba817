//! Why a node is no such object.

use dm_tree::{Uri, UriError};

/// An object cannot be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoError {
    /// A node that the object must have is not there, or has no text.
    #[error("{0} is missing or has no text")]
    Missing(Uri),
    /// The Type of the root is that of another object.
    #[error("{uri} has the type {found:?}, not {wanted}")]
    OtherObject {
        /// The root.
        uri: Uri,
        /// Its Type.
        found: alloc::string::String,
        /// The identifier that was looked for.
        wanted: &'static str,
    },
    /// A value is not of the kind that the object has there.
    #[error("{uri} holds no {wanted}")]
    Value {
        /// The node.
        uri: Uri,
        /// What it should hold.
        wanted: &'static str,
    },
    /// A name is none.
    #[error("malformed name")]
    Uri(#[from] UriError),
}

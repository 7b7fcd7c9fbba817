//! The status codes of commands on the tree. [REP 1.2 §10]
//!
//! Nothing is ever answered [Sessionless §5.5]; the codes go to the journal.

use core::fmt;

/// A SyncML status code that a command on the tree, or its container, can end with.
///
/// ```
/// use dm_tree::Status;
/// assert_eq!(Status::PermissionDenied.code(), 425);
/// assert_eq!(Status::PermissionDenied.to_string(), "425 permission denied");
/// assert!(Status::Accepted.is_success());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Status {
    /// The command was done.
    Ok = 200,
    /// The command was taken over and is being done: `Exec`.
    Accepted = 202,
    /// The user said no.
    OperationCancelled = 214,
    /// Not done, because of what happened before it.
    NotExecuted = 215,
    /// Done and undone again with its `Atomic`.
    AtomicRolledBack = 216,
    /// Malformed.
    BadRequest = 400,
    /// Never allowed to a server, or not in this way.
    Forbidden = 403,
    /// There is no such node.
    NotFound = 404,
    /// This node does not take this command.
    NotAllowed = 405,
    /// The device does not support this.
    NotSupported = 406,
    /// A part of the command is missing.
    IncompleteCommand = 412,
    /// The value is too large.
    TooLarge = 413,
    /// The URI is too long, or has too many segments.
    UriTooLong = 414,
    /// The media type or format does not fit, or the data does not fit the format.
    UnsupportedFormat = 415,
    /// There is such a node already.
    AlreadyExists = 418,
    /// The tree is full.
    DeviceFull = 420,
    /// The ACL gives the server no such right.
    PermissionDenied = 425,
    /// The command failed.
    CommandFailed = 500,
    /// A command inside the `Atomic` failed.
    AtomicFailed = 507,
}

impl Status {
    /// All statuses, in the order of their codes.
    pub const ALL: [Status; 19] = [
        Status::Ok,
        Status::Accepted,
        Status::OperationCancelled,
        Status::NotExecuted,
        Status::AtomicRolledBack,
        Status::BadRequest,
        Status::Forbidden,
        Status::NotFound,
        Status::NotAllowed,
        Status::NotSupported,
        Status::IncompleteCommand,
        Status::TooLarge,
        Status::UriTooLong,
        Status::UnsupportedFormat,
        Status::AlreadyExists,
        Status::DeviceFull,
        Status::PermissionDenied,
        Status::CommandFailed,
        Status::AtomicFailed,
    ];

    /// The status of this code, if it is one of them.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// The code as the standard numbers it.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }

    /// Whether the command did what it says.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Status::Ok | Status::Accepted)
    }

    /// A few words for the journal.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Status::Ok => "done",
            Status::Accepted => "accepted",
            Status::OperationCancelled => "cancelled by the user",
            Status::NotExecuted => "not executed",
            Status::AtomicRolledBack => "rolled back",
            Status::BadRequest => "bad request",
            Status::Forbidden => "forbidden",
            Status::NotFound => "not found",
            Status::NotAllowed => "command not allowed",
            Status::NotSupported => "not supported",
            Status::IncompleteCommand => "incomplete command",
            Status::TooLarge => "too large",
            Status::UriTooLong => "URI too long",
            Status::UnsupportedFormat => "unsupported media type or format",
            Status::AlreadyExists => "already exists",
            Status::DeviceFull => "device full",
            Status::PermissionDenied => "permission denied",
            Status::CommandFailed => "command failed",
            Status::AtomicFailed => "atomic failed",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.phrase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_listed_once_in_order_and_read_back() {
        assert!(Status::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::from_code(299), None);
    }
}

//! What can be wrong with a push, and at which octet.

/// A push could not be read, or one of its parts could not be made.
///
/// ```
/// use dm_push::{ErrorKind, wsp::Push};
/// let error = Push::read(&[0x01, 0x06, 0x09, 0xC2]).unwrap_err();
/// assert_eq!(error.kind, ErrorKind::Truncated { missing: 8 });
/// assert_eq!(error.to_string(), "8 octets are missing at octet 3");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at octet {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Octets before the fault, counted from the start of the datagram or of the given text.
    pub offset: usize,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// The kinds of fault in a push. [WSP §8.2.4, §8.4]
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The application id was given as an ordinary header; it has a field of its own.
    #[error("the application id is not an ordinary header, use Push::application_id")]
    ApplicationIdAsHeader,
    /// A second X-Wap-Application-Id.
    #[error("a second X-Wap-Application-Id")]
    ApplicationIdRepeated,
    /// A number, or the octets of an application id or media type, is none.
    #[error("neither a number of at most 32 bits nor text")]
    BadCode,
    /// A header or parameter name is neither a code nor visible ASCII.
    #[error("octet {octet:#04x} in a name; a name is a code or visible ASCII")]
    BadName {
        /// The octet found.
        octet: u8,
    },
    /// A shift to another header code page; only page 1 is read.
    #[error("a shift to header code page {page}; only the default page 1 is supported")]
    CodePageShift {
        /// The page asked for.
        page: u8,
    },
    /// A confirmed push (0x07), which exists only in connection mode and asks for an answer.
    #[error("a confirmed push (0x07), which needs a connection and an answer")]
    ConfirmedPush,
    /// The header block ends before a content type, or the content type is empty.
    #[error("the content type is missing")]
    ContentTypeMissing,
    /// The PDU is not a push.
    #[error("PDU type {pdu_type:#04x} is not a push (0x06)")]
    NotAPush {
        /// The type found.
        pdu_type: u8,
    },
    /// Text holds an octet that it may not hold, a NUL for instance.
    #[error("octet {octet:#04x} in text")]
    NotText {
        /// The octet found.
        octet: u8,
    },
    /// A text string without its closing NUL.
    #[error("text without its closing NUL")]
    TextUnterminated,
    /// More headers or parameters than any real push has.
    #[error("more than {limit} headers or parameters")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The octets end too early.
    #[error("{missing} octets are missing")]
    Truncated {
        /// How many more were announced.
        missing: usize,
    },
    /// A uintvar of more than five octets, or above 32 bits.
    #[error("a uintvar of more than 32 bits")]
    UintvarTooLong,
    /// A content-type parameter whose value has a form of its own: Q (0x00).
    #[error("parameter {code:#04x} has no place in the content type of a push")]
    UnsupportedParameter {
        /// The parameter's code.
        code: u32,
    },
}

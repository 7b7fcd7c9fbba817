//! Why a document was refused, where, and on which code page.

use alloc::boxed::Box;

use dm_xml::LimitExceeded;
use thiserror::Error;

/// WBXML octets were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{kind} at octet {offset} (code page {page})")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in octets from the start of the document.
    pub offset: usize,
    /// The tag code page in force there.
    pub page: u8,
}

/// What is wrong with a WBXML document. [profile §2]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An attribute on an element that has a token; only a redundant `xmlns` is let through.
    #[error("an attribute on an element that has a token")]
    AttributeOnToken,
    /// The same attribute twice.
    #[error("an attribute given twice")]
    AttributeTwice,
    /// A token that no attribute value may have.
    #[error("token {0:#04x} in an attribute list")]
    AttributeToken(u8),
    /// A character that XML forbids, or that does not exist.
    #[error("character {0:#x} is not allowed")]
    Character(u32),
    /// A charset that is not UTF-8, US-ASCII or ISO-8859-1.
    #[error("charset {0} is not supported")]
    Charset(u32),
    /// Octets after the root element.
    #[error("octets after the root element")]
    ContentAfterRoot,
    /// The document ends before it is complete.
    #[error("the document ends early")]
    EndsEarly,
    /// An extension token.
    #[error("extension token {0:#04x}")]
    Extension(u8),
    /// A limit was passed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A literal name for an element that has a token: a second spelling.
    #[error("a literal name for an element that has a token")]
    LiteralHasToken,
    /// A literal name that is no NCName.
    #[error("a literal name that is not a name without prefix")]
    LiteralName,
    /// A namespace that may not be declared, or none at all.
    #[error("a literal element without an absolute namespace")]
    LiteralNamespace,
    /// A number of more than five octets or 32 bits.
    #[error("a number longer than five octets or over 32 bits")]
    MbUInt32,
    /// An `xmlns` that differs from the namespace of the code page.
    #[error("xmlns differs from the namespace of the code page")]
    Namespace,
    /// Text that is not of the charset.
    #[error("octets that are no text of the charset")]
    NotText,
    /// No element where the root belongs.
    #[error("no root element")]
    NoRoot,
    /// Octets beside other content of the same element.
    #[error("octets beside other content of the element")]
    OctetsBesideContent,
    /// A processing instruction.
    #[error("a processing instruction")]
    ProcessingInstruction,
    /// The public identifier of another language.
    #[error("the public identifier of another language")]
    PublicIdentifier,
    /// The token of a whole element, whose content is not what the element leaves open: an OPAQUE
    /// that is long enough, and its texts, each in one piece.
    #[error("the token of a whole element without the octets and texts that it leaves open")]
    Skeleton,
    /// An offset outside the string table.
    #[error("offset {0} is outside the string table")]
    StringTable(u32),
    /// The last string of the table has no NUL; the end of the table ends it. Both profiles read
    /// it, the lenient one tells.
    #[error("the last string of the string table has no NUL")]
    StringTableEnd,
    /// A code page that the language does not have.
    #[error("the code page is not defined")]
    UnknownPage,
    /// A tag that the code page does not have.
    #[error("tag {0:#04x} is not defined")]
    UnknownTag(u8),
    /// A version other than 1.1, 1.2 and 1.3, or no WBXML at all.
    #[error("version octet {0:#04x} is not WBXML 1.1, 1.2 or 1.3")]
    Version(u8),
}

/// An infoset that WBXML cannot carry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// An attribute on an element that has a token.
    #[error("attribute {attribute:?} on {element:?}, which has a token")]
    AttributeOnToken {
        /// The element.
        element: Box<str>,
        /// The attribute.
        attribute: Box<str>,
    },
    /// An element without a token and without a namespace, where it cannot inherit that: there is
    /// no way to declare it.
    #[error("{element:?} is in no namespace and has no token")]
    NoNamespace {
        /// The element.
        element: Box<str>,
    },
    /// A part that is written once has a name that is not in the string table of its plan.
    #[error("a name of the part is not in the planned string table")]
    NotPlanned,
    /// More than 4 GiB of strings or octets.
    #[error("the document is larger than a WBXML document can be")]
    TooLarge,
}

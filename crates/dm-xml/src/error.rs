//! What can be wrong with XML text, and where.

use thiserror::Error;

/// A limit of [`Limits`](crate::Limits) was passed; the number is the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitExceeded {
    /// Too many attributes on one element.
    #[error("an element has more than {0} attributes")]
    Attributes(usize),
    /// Elements nested too deeply.
    #[error("elements are nested deeper than {0}")]
    Depth(usize),
    /// Too many elements.
    #[error("there are more than {0} elements")]
    Elements(usize),
    /// Documents nested too deeply.
    #[error("documents are nested too deeply (limit reached, {0} left)")]
    Nested(usize),
    /// Too many octets.
    #[error("the input is longer than {0} octets")]
    Octets(usize),
    /// Too much text, each use of a string counted.
    #[error("the text is longer than {0} characters in all")]
    Text(usize),
}

/// XML text was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} at octet {offset}")]
pub struct XmlError {
    /// What is wrong.
    pub kind: XmlErrorKind,
    /// Where, in octets from the start of the text.
    pub offset: usize,
}

/// What is wrong with XML text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum XmlErrorKind {
    /// The same attribute twice on one element.
    #[error("attribute given twice")]
    AttributeTwice,
    /// An attribute in a namespace; the infoset of a message has none.
    #[error("attribute with a namespace prefix")]
    AttributeWithNamespace,
    /// A character that XML forbids.
    #[error("character U+{:04X} is not allowed in XML", *.0 as u32)]
    Character(char),
    /// A document type declaration.
    #[error("a document type declaration is not allowed")]
    DocumentType,
    /// An encoding other than UTF-8.
    #[error("the encoding is not UTF-8 (convert the text first)")]
    Encoding,
    /// An entity beyond the five of XML, or a malformed reference.
    #[error("an entity other than the five of XML, or a malformed reference")]
    Entity,
    /// A limit was passed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A name that is no NCName.
    #[error("malformed name")]
    Name,
    /// A namespace that may not be declared, or a prefix that was not.
    #[error("an element without a namespace, an undeclared prefix or forbidden namespace")]
    Namespace,
    /// No root element, a second one, or text beside it.
    #[error("not exactly one root element")]
    Root,
    /// A processing instruction.
    #[error("a processing instruction is not allowed")]
    ProcessingInstruction,
    /// Not well-formed.
    #[error("not well-formed XML")]
    Syntax,
}

//! `Node`: one node of the tree with its run-time properties. [TND 1.2 §7.4, §7.7]

use alloc::string::String;

mod encoding;
mod node_type;
mod octets;
mod value;

use dm_tnds::Format;

use crate::{Acl, MoId, Reason};

pub use node_type::NodeType;
pub use octets::Octets;

/// A node: interior without a value, or a leaf with one.
///
/// ```
/// use dm_tree::Node;
/// let leaf = Node::text("7");
/// assert_eq!(Node::decode(&leaf.encode()), Ok(leaf));
/// assert!(Node::interior("urn:oma:mo:oma-connmo-nap:1.0").is_interior());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// `Format`: [`Format::Node`] for an interior node, and for no other.
    pub format: Format,
    /// `Type`: a media type, or on an interior node the object identifier or nothing.
    pub r#type: NodeType,
    /// The value of a leaf; `None` on an interior node, and on no other.
    pub value: Option<Octets>,
    /// `ACL`; empty: the node inherits.
    pub acl: Acl,
    /// `Title`: a text for people.
    pub title: String,
    /// `VerNo`: counts changes, and wraps. [TND 1.2 §7.7.9]
    pub ver_no: u16,
    /// `TStamp`: when it changed last, in seconds since 1970, if the device had a clock then.
    pub t_stamp: Option<u64>,
}

impl Node {
    /// An interior node; `type` is its object identifier, or empty.
    #[must_use]
    pub fn interior(r#type: impl Into<NodeType>) -> Self {
        Self { format: Format::Node, r#type: r#type.into(), value: None, ..Self::text("") }
    }

    /// A leaf. Format `b64` becomes `bin`: the value is octets already.
    #[must_use]
    pub fn leaf(format: Format, r#type: impl Into<NodeType>, octets: impl Into<Octets>) -> Self {
        Self {
            format: stored(format),
            r#type: r#type.into(),
            value: Some(octets.into()),
            acl: Acl::default(),
            title: String::new(),
            ver_no: 0,
            t_stamp: None,
        }
    }

    /// A leaf of format `chr` and type `text/plain`.
    #[must_use]
    pub fn text(text: impl Into<Octets>) -> Self {
        Self::leaf(Format::Chr, "text/plain", text)
    }

    /// The same node with this ACL.
    #[must_use]
    pub fn with_acl(self, acl: Acl) -> Self {
        Self { acl, ..self }
    }

    /// Octets of what it says; each node counts for some more, so that none is free.
    pub(crate) fn octets(&self) -> usize {
        let value = self.value.as_ref().map_or(0, |value| value.len());
        64 + value + self.r#type.len() + self.title.len() + self.acl.text_octets()
    }

    /// Whether it may have children.
    #[must_use]
    pub fn is_interior(&self) -> bool {
        self.value.is_none()
    }

    /// Whether it is the root of an account. [STD 1.2 §7.1.3.1]
    #[must_use]
    pub fn is_account(&self) -> bool {
        MoId::is_account(&self.r#type)
    }

    /// The value as text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        self.value.as_deref().and_then(|octets| core::str::from_utf8(octets).ok())
    }

    /// Whether both have the same format, type, value, ACL and title; the version number and the
    /// time stamp are not content.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.format == other.format
            && self.r#type == other.r#type
            && self.value == other.value
            && self.acl == other.acl
            && self.title == other.title
    }

    /// Whether format or type differ.
    pub(crate) fn is_other_kind(&self, other: &Self) -> bool {
        self.format != other.format || self.r#type != other.r#type
    }

    /// Whether format and value fit, and the value is one of the format. [TND 1.2 §7.7.3]
    pub(crate) fn check(&self) -> Result<(), Reason> {
        match &self.value {
            None if self.format == Format::Node => Ok(()),
            Some(value) if self.format != Format::Node => check_plain(self.format, value),
            _ => Err(Reason::Shape),
        }
    }
}

/// `b64` says how a value was written, not what it is.
pub(crate) fn stored(format: Format) -> Format {
    if format == Format::B64 { Format::Bin } else { format }
}

/// Numbers and truth values, whoever describes them or not.
fn check_plain(format: Format, value: &[u8]) -> Result<(), Reason> {
    if format.is_octets() {
        return Ok(());
    }
    // Most values are US-ASCII, which is told at a glance.
    let is_text = || value.is_ascii() || core::str::from_utf8(value).is_ok();
    let is_int = || core::str::from_utf8(value).is_ok_and(|text| text.parse::<i32>().is_ok());
    let fits = match format {
        Format::Bool => matches!(value, b"true" | b"false"),
        Format::Int => is_int(),
        _ => is_text(),
    };
    if fits { Ok(()) } else { Err(Reason::Format) }
}

/// Every format, where a description asks for it. [TND 1.2 §7.7.3]
pub(crate) fn check_value(format: Format, value: &[u8]) -> Result<(), Reason> {
    check_plain(format, value)?;
    let text = core::str::from_utf8(value).unwrap_or_default(); // octets are of no other format
    let fits = match format {
        Format::Float => value::is_float(text),
        Format::Date => value::is_date(text),
        Format::Time => value::is_time(text),
        Format::Null => value.is_empty(),
        _ => true,
    };
    if fits { Ok(()) } else { Err(Reason::Format) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_truth_values_are_exact() {
        let fits = |format, value: &str| check_plain(format, value.as_bytes()).is_ok();
        for good in ["0", "-7", "+7", "2147483647", "-2147483648", "007"] {
            assert!(fits(Format::Int, good), "{good}");
        }
        for bad in ["", "-", "+-7", " 7", "7 ", "2147483648", "-2147483649", "7.0", "0x7", "٧"] {
            assert!(!fits(Format::Int, bad), "{bad}");
        }
        assert!(fits(Format::Bool, "true") && fits(Format::Bool, "false"));
        for bad in ["", "True", "TRUE", "1", " true"] {
            assert!(!fits(Format::Bool, bad), "{bad}");
        }
    }

    #[test]
    fn text_is_utf8_and_octets_are_anything() {
        for format in Format::ALL.into_iter().filter(|f| *f != Format::Node) {
            let node = Node::leaf(format, "x/y", [0xFF]);
            assert_eq!(node.check().is_ok(), format.is_octets(), "{format}");
        }
        assert_eq!(Node::leaf(Format::B64, "", []).format, Format::Bin);
    }

    #[test]
    fn a_node_is_interior_or_a_leaf() {
        let interior = Node { value: None, ..Node::text("x") };
        assert_eq!(interior.check(), Err(Reason::Shape));
        let leaf = Node { format: Format::Node, ..Node::text("x") };
        assert_eq!(leaf.check(), Err(Reason::Shape));
        assert_eq!(Node::interior("").check(), Ok(()));
    }
}

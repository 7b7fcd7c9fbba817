//! `Node` and its `Value`. [TNDS 1.2 §9.2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::RtProperties;

/// One node of a serialized sub-tree. Recursive; a `Value` ends the recursion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node<'a> {
    /// `NodeName`. Empty: the last segment of the command's Target. Absent: the receiver may name it.
    pub node_name: Option<Cow<'a, str>>,
    /// `Path`: where the node stands, without its own name. Only top-level nodes should have one.
    pub path: Option<Cow<'a, str>>,
    /// `RTProperties`; mandatory by the letter, missing in the standard's own example.
    pub rt_properties: Option<RtProperties<'a>>,
    /// `Value`, of a leaf.
    pub value: Option<Value<'a>>,
    /// The children, in document order.
    pub nodes: Vec<Node<'a>>,
}

/// The content of `Value`, as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Characters. For the formats `bin` and `b64` they are base64 text.
    Text(Cow<'a, str>),
    /// Octets that came as OPAQUE where octets are meant; in the infoset they are base64 text.
    Octets(Cow<'a, [u8]>),
}

//! `Node` and its `Value`. [TNDS 1.2 §9.2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::RtProperties;
use crate::rt_properties::owned;

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

impl Node<'_> {
    /// The node with all below it, borrowing from no document.
    #[must_use]
    pub fn into_owned(self) -> Node<'static> {
        Node {
            node_name: owned(self.node_name),
            path: owned(self.path),
            rt_properties: self.rt_properties.map(RtProperties::into_owned),
            value: self.value.map(|value| match value {
                Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
                Value::Octets(octets) => Value::Octets(Cow::Owned(octets.into_owned())),
            }),
            nodes: self.nodes.into_iter().map(Node::into_owned).collect(),
        }
    }
}

/// The content of `Value`, as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Characters. For the formats `bin` and `b64` they are base64 text.
    Text(Cow<'a, str>),
    /// Octets that came as OPAQUE where octets are meant; in the infoset they are base64 text.
    Octets(Cow<'a, [u8]>),
}

//! `MgmtTree`: a serialized sub-tree. [TNDS 1.2 §9.2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::rt_properties::owned;
use crate::{Node, Value};

/// A serialized sub-tree: version, the device it came from, and its top-level nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MgmtTree<'a> {
    /// `VerDTD`; the one value is `1.2`.
    pub ver_dtd: Cow<'a, str>,
    /// `Man`: the manufacturer of the device that the object came from.
    pub man: Option<Cow<'a, str>>,
    /// `Mod`: the model of the device that the object came from.
    pub r#mod: Option<Cow<'a, str>>,
    /// The top-level nodes, in document order.
    pub nodes: Vec<Node<'a>>,
}

impl<'a> MgmtTree<'a> {
    /// An object with these top-level nodes.
    #[must_use]
    pub fn new(nodes: Vec<Node<'a>>) -> Self {
        Self { ver_dtd: Cow::Borrowed("1.2"), man: None, r#mod: None, nodes }
    }

    /// The object, borrowing from no document.
    #[must_use]
    pub fn into_owned(self) -> MgmtTree<'static> {
        MgmtTree {
            ver_dtd: Cow::Owned(self.ver_dtd.into_owned()),
            man: owned(self.man),
            r#mod: owned(self.r#mod),
            nodes: self.nodes.into_iter().map(Node::into_owned).collect(),
        }
    }
}

impl<'a> Node<'a> {
    /// An interior node: `DDFName` is its management object identifier, or empty.
    #[must_use]
    pub fn interior(name: impl Into<Cow<'a, str>>, ddf_name: impl Into<Cow<'a, str>>) -> Self {
        let mut node = Self { node_name: Some(name.into()), ..Self::default() };
        node.rt_properties_mut().format = Some(crate::Format::Node);
        node.rt_properties_mut().r#type = Some(crate::Type::DdfName(ddf_name.into()));
        node
    }

    /// A leaf of format `chr` and type `text/plain`.
    #[must_use]
    pub fn leaf(name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        let mut node = Self { node_name: Some(name.into()), ..Self::default() };
        node.rt_properties_mut().format = Some(crate::Format::Chr);
        node.rt_properties_mut().r#type = Some(crate::Type::Mime(Cow::Borrowed("text/plain")));
        node.value = Some(Value::Text(value.into()));
        node
    }

    /// The same node with this child behind its others.
    #[must_use]
    pub fn with(mut self, child: Node<'a>) -> Self {
        self.nodes.push(child);
        self
    }

    fn rt_properties_mut(&mut self) -> &mut crate::RtProperties<'a> {
        self.rt_properties.get_or_insert_default()
    }
}

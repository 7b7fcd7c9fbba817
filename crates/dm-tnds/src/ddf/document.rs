//! `Ddf`: a description, its nodes in document order. [DDF 1.2]

use alloc::string::String;
use alloc::vec::Vec;

use super::DfProperties;

/// A device description document.
///
/// The nodes stand in one list, parents before children. A node's URI is put together when it is
/// asked for: a long name high up would otherwise be kept once for each node below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ddf {
    /// `VerDTD`; the one value is `1.2`.
    pub ver_dtd: String,
    /// `Man`: the manufacturer of the device.
    pub man: Option<String>,
    /// `Mod`: the model of the device.
    pub r#mod: Option<String>,
    pub(crate) nodes: Vec<DdfNode>,
}

/// A node of a description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DdfNode {
    /// `NodeName`; empty: a name is chosen when the node is made.
    pub name: String,
    /// `Path` of a top-level node: where it stands, without its own name. None: anywhere.
    pub path: Option<String>,
    /// `DFProperties`.
    pub properties: DfProperties,
    /// The node above; none of a top-level node.
    pub parent: Option<NodeId>,
    /// The nodes below, in document order.
    pub children: Vec<NodeId>,
}

/// The place of a node in its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Its position in document order, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Ddf {
    /// All nodes, in document order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &DdfNode)> {
        (0..).map(NodeId).zip(&self.nodes)
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is described.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The top-level nodes.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(|(_, node)| node.parent.is_none()).map(|(id, _)| id)
    }

    /// The node at this place.
    ///
    /// # Panics
    /// When the place is one of another, larger description.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &DdfNode {
        &self.nodes[id.index()]
    }

    /// Where the node stands: `./Vendor/Acme/*/Name`, with `*` for a name that is chosen later.
    ///
    /// Takes time in the length of what it yields.
    #[must_use]
    pub fn uri(&self, id: NodeId) -> String {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let node = self.node(id);
            chain.push(node);
            next = node.parent;
        }
        let mut uri = String::from(".");
        for node in chain.iter().rev() {
            let path = node.path.as_deref().unwrap_or_default();
            for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
                uri.push('/');
                uri.push_str(name);
            }
            match node.name.as_str() {
                "." => {} // the root of the tree
                name => {
                    uri.push('/');
                    uri.push_str(if name.is_empty() { "*" } else { name });
                }
            }
        }
        uri
    }
}

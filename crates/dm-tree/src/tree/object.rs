//! A sub-tree written as an object. [TNDS 1.2 §9]

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use dm_tnds::{MgmtTree, RtProperties, Type, Value};

use super::Tree;
use crate::{Node, Uri};

impl Tree {
    /// The sub-tree below `uri` as a TNDS object, ACLs included; for the root, all nodes below
    /// it. An object of no nodes when there is none of this URI.
    ///
    /// ```
    /// use dm_tree::{Node, Tree, Uri};
    /// let uri = Uri::parse("./A")?;
    /// let tree = Tree::from_nodes([(uri.clone(), Node::text("x"))])?;
    /// assert_eq!(tree.object(&uri).nodes[0].node_name.as_deref(), Some("A"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object(&self, uri: &Uri) -> MgmtTree<'static> {
        // Backwards, every node comes after those below it.
        let mut pending: BTreeMap<Uri, Vec<dm_tnds::Node<'static>>> = BTreeMap::new();
        let mut done = Vec::new();
        let all: Vec<_> = self.subtree(uri).collect();
        for (at, node) in all.into_iter().rev() {
            let mut children = pending.remove(at).unwrap_or_default();
            children.reverse();
            if at.is_root() {
                done = children;
            } else if at == uri {
                done = vec![serialized(at, node, children)];
            } else if let Some(parent) = at.parent() {
                pending.entry(parent).or_default().push(serialized(at, node, children));
            }
        }
        MgmtTree::new(done)
    }
}

fn serialized(
    uri: &Uri,
    node: &Node,
    children: Vec<dm_tnds::Node<'static>>,
) -> dm_tnds::Node<'static> {
    let r#type = node.r#type.to_string().into();
    let properties = RtProperties {
        acl: (!node.acl.is_empty()).then(|| node.acl.to_string().into()),
        format: Some(node.format),
        title: (!node.title.is_empty()).then(|| node.title.clone().into()),
        r#type: Some(if node.is_interior() { Type::DdfName(r#type) } else { Type::Mime(r#type) }),
        ..RtProperties::default()
    };
    let value = node.value.as_ref().map(|octets| match node.as_text() {
        Some(text) if !node.format.is_octets() => Value::Text(text.to_owned().into()),
        _ => Value::Octets(octets.to_vec().into()),
    });
    dm_tnds::Node {
        node_name: Some(uri.name().to_owned().into()),
        path: None,
        rt_properties: Some(properties),
        value,
        nodes: children,
    }
}

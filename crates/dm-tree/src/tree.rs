//! `Tree`: all nodes of a device, in memory. [TND 1.2 §7]

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use core::ops::Bound;

use crate::{Acl, AclCommand, Changes, Node, TreeError, Uri};

mod object;

/// The nodes of a device by their URIs. There is always a root, with an ACL, and every node but
/// the root stands below an interior node.
///
/// It is read here and changed by a [`Transaction`](crate::Transaction).
///
/// ```
/// use dm_tree::{Acl, AclCommand, Node, Tree, Uri};
/// let uri = Uri::parse("./A")?;
/// let acl = Acl::parse("Get=*&Replace=srv.example")?;
/// let tree = Tree::from_nodes([(uri.clone(), Node::text("x").with_acl(acl))])?;
/// assert!(tree.allows("srv.example", AclCommand::Replace, &uri));
/// assert_eq!(tree.effective_acl(&Uri::root()).to_string(), "Add=*&Get=*");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<Uri, Node>,
    /// The nodes whose type says that they are accounts.
    accounts: BTreeSet<Uri>,
    /// Octets of all nodes and their URIs.
    octets: usize,
}

impl Tree {
    /// A tree of nothing but the root, whose ACL is `Add=*&Get=*`. [TND 1.2 §7.7.1.3]
    #[must_use]
    pub fn new() -> Self {
        let mut tree = Self { nodes: BTreeMap::new(), accounts: BTreeSet::new(), octets: 0 };
        tree.set(Uri::root(), Some(default_root()));
        tree
    }

    /// The tree of these nodes, as a store kept them, in any order. A root is made where there
    /// is none, and a root without ACL gets the default one.
    ///
    /// # Errors
    /// [`TreeError`] when two nodes have one URI, a parent is missing or a leaf, or a format does
    /// not fit its value.
    pub fn from_nodes(nodes: impl IntoIterator<Item = (Uri, Node)>) -> Result<Self, TreeError> {
        let mut tree = Self { nodes: BTreeMap::new(), accounts: BTreeSet::new(), octets: 0 };
        for (uri, node) in nodes {
            if node.check().is_err() {
                return Err(TreeError::Shape(uri));
            }
            if tree.set(uri.clone(), Some(node)).is_some() {
                return Err(TreeError::Double(uri));
            }
        }
        let mut root = tree.set(Uri::root(), None).unwrap_or_else(default_root);
        if root.acl.is_empty() {
            root.acl = default_root().acl;
        }
        tree.set(Uri::root(), Some(root));
        for uri in tree.nodes.keys() {
            let parent = uri.parent();
            if parent.is_some_and(|parent| !tree.get(&parent).is_some_and(Node::is_interior)) {
                return Err(TreeError::Orphan(uri.clone()));
            }
        }
        Ok(tree)
    }

    /// Takes changes back that were committed to this tree last, for a caller whose store failed.
    pub fn revert(&mut self, changes: &Changes) {
        for change in changes {
            self.set(change.uri.clone(), change.before.clone());
        }
    }

    /// The node of this URI.
    #[must_use]
    pub fn get(&self, uri: &Uri) -> Option<&Node> {
        self.nodes.get(uri)
    }

    /// The node of this text of a URI.
    pub(crate) fn at(&self, uri: &str) -> Option<&Node> {
        self.nodes.get(uri)
    }

    /// Whether there is a node of this URI.
    #[must_use]
    pub fn contains(&self, uri: &Uri) -> bool {
        self.nodes.contains_key(uri)
    }

    /// How many nodes there are, the root among them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes. A node stands before those below it.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Uri, &Node)> {
        self.nodes.iter()
    }

    /// The node and all nodes below it. A node stands before those below it.
    pub fn subtree(&self, uri: &Uri) -> impl DoubleEndedIterator<Item = (&Uri, &Node)> {
        let below = self.nodes.range::<str, _>(uri.below().bounds());
        self.nodes.get_key_value(uri).into_iter().chain(below)
    }

    /// The nodes directly below this one; what is below them is skipped, not searched.
    pub fn children(&self, uri: &Uri) -> impl Iterator<Item = (&Uri, &Node)> {
        let prefix = format!("{uri}/");
        let mut from = Bound::Included(prefix.clone());
        core::iter::from_fn(move || {
            loop {
                let range = (from.as_ref().map(String::as_str), Bound::Unbounded);
                let (found, node) = self.nodes.range::<str, _>(range).next()?;
                let rest = found.as_str().strip_prefix(&prefix)?;
                match rest.split_once('/') {
                    Some((child, _)) => from = Bound::Included(format!("{prefix}{child}0")),
                    None => {
                        from = Bound::Excluded(found.as_str().to_owned());
                        return Some((found, node));
                    }
                }
            }
        })
    }

    /// The ACL that decides about a node: its own, or that of the nearest node above it which
    /// has one. Whole lists are inherited, never single entries. [TND 1.2 §7.7.1.2]
    #[must_use]
    pub fn effective_acl(&self, uri: &Uri) -> &Acl {
        uri.ancestors()
            .filter_map(|at| self.nodes.get(at))
            .map(|node| &node.acl)
            .find(|acl| !acl.is_empty())
            .unwrap_or(&EMPTY)
    }

    /// Whether the effective ACL of the node lets this server do this.
    #[must_use]
    pub fn allows(&self, server: &str, command: AclCommand, uri: &Uri) -> bool {
        self.effective_acl(uri).allows(server, command)
    }

    /// The roots of all accounts, wherever they stand. [STD 1.2 §7.1.3.1]
    pub fn accounts(&self) -> impl Iterator<Item = &Uri> {
        self.accounts.iter()
    }

    /// The root of the account that the node is in: the node itself, or the nearest above it.
    #[must_use]
    pub fn account_of(&self, uri: &Uri) -> Option<&Uri> {
        uri.ancestors().find_map(|at| self.accounts.get(at))
    }

    /// Puts a node there, or nothing; what was there. Structure is the caller's business.
    pub(crate) fn set(&mut self, uri: Uri, node: Option<Node>) -> Option<Node> {
        let name = uri.as_str().len();
        let added = node.as_ref().map_or(0, |node| node.octets() + name);
        let before = match node {
            Some(node) => {
                if node.is_account() {
                    self.accounts.insert(uri.clone());
                } else {
                    self.accounts.remove(&uri);
                }
                self.nodes.insert(uri, node)
            }
            None => {
                self.accounts.remove(&uri);
                self.nodes.remove(&uri)
            }
        };
        let removed = before.as_ref().map_or(0, |node| node.octets() + name);
        self.octets = (self.octets + added).saturating_sub(removed);
        before
    }

    /// Octets of all nodes and their URIs.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

static EMPTY: Acl = Acl::EMPTY;

fn default_root() -> Node {
    Node::interior("").with_acl(Acl::of_root())
}

#[cfg(test)]
mod tests;

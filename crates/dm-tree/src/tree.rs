//! `Tree`: all nodes of a device, in memory. [TND 1.2 §7]

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

use crate::{Acl, AclCommand, Changes, Node, TreeError, Uri};

mod object;
mod slots;

use slots::{Slot, Slots};

pub(crate) use slots::{Id, NOWHERE};

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
#[derive(Clone)]
pub struct Tree {
    slots: Slots,
    /// The nodes whose type says that they are accounts.
    accounts: BTreeSet<Uri>,
    /// Octets of all nodes and their URIs.
    octets: usize,
    /// Another number whenever the account or the ACL of a node can have become another because a
    /// node above it did.
    generation: u64,
}

impl Tree {
    /// A tree of nothing but the root, whose ACL is `Add=*&Get=*`. [TND 1.2 §7.7.1.3]
    #[must_use]
    pub fn new() -> Self {
        let mut tree = Self::empty();
        tree.set(Uri::root(), Some(default_root()));
        tree
    }

    fn empty() -> Self {
        Self { slots: Slots::default(), accounts: BTreeSet::new(), octets: 0, generation: 0 }
    }

    /// The tree of these nodes, as a store kept them, in any order. A root is made where there
    /// is none, and a root without ACL gets the default one.
    ///
    /// # Errors
    /// [`TreeError`] when two nodes have one URI, a parent is missing or a leaf, or a format does
    /// not fit its value.
    pub fn from_nodes(nodes: impl IntoIterator<Item = (Uri, Node)>) -> Result<Self, TreeError> {
        let mut nodes: Vec<_> = nodes.into_iter().collect();
        nodes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other)); // a node before those below it
        let mut nodes = nodes.into_iter().peekable();
        let mut root = nodes.next_if(|(uri, _)| uri.is_root()).map_or_else(default_root, |it| it.1);
        if root.check().is_err() {
            return Err(TreeError::Shape(Uri::root()));
        }
        if root.acl.is_empty() {
            root.acl = default_root().acl;
        }
        let mut tree = Self::empty();
        tree.set(Uri::root(), Some(root));
        for (uri, node) in nodes {
            if node.check().is_err() {
                return Err(TreeError::Shape(uri));
            }
            if tree.contains(&uri) {
                return Err(TreeError::Double(uri));
            }
            let above = uri.parent_text().and_then(|above| tree.slots.at(above));
            if !above.is_some_and(|above| above.node().is_interior()) {
                return Err(TreeError::Orphan(uri));
            }
            tree.set(uri, Some(node));
        }
        Ok(tree)
    }

    /// Takes changes back that were committed to this tree last, for a caller whose store failed.
    pub fn revert(&mut self, changes: &Changes) {
        for change in changes.iter().rev().filter(|change| change.before.is_none()) {
            self.set(change.uri.clone(), None);
        }
        for change in changes.iter().filter(|change| change.before.is_some()) {
            self.set(change.uri.clone(), change.before.clone());
        }
    }

    /// The node of this URI.
    #[must_use]
    pub fn get(&self, uri: &Uri) -> Option<&Node> {
        self.slots.at(uri.as_str()).map(Slot::node)
    }

    /// The nodes that are there, at this URI and above, upwards to the root.
    pub(crate) fn up(&self, uri: &Uri) -> impl Iterator<Item = (&Uri, &Node)> {
        self.slots.up(uri.as_str()).map(|slot| (&slot.uri, slot.node()))
    }

    /// Where the node is that has this URI.
    pub(crate) fn find(&self, uri: &Uri) -> Option<Id> {
        self.slots.find(uri.as_str())
    }

    /// The same, and it may be here: a URI that was taken from this place is found without a look.
    #[inline]
    pub(crate) fn find_near(&self, uri: &Uri, here: Id) -> Option<Id> {
        match self.slots.get(here) {
            Some(slot) if slot.uri.is_shared_with(uri) => Some(here),
            _ => self.find(uri),
        }
    }

    /// The same of a text; what it may be here is compared.
    pub(crate) fn find_text_near(&self, uri: &str, here: Id) -> Option<(Id, &Uri)> {
        match self.slots.get(here) {
            Some(slot) if slot.uri.as_str() == uri => Some((here, &slot.uri)),
            _ => self.find_text(uri),
        }
    }

    /// Where the node is whose URI has this text, and its URI.
    pub(crate) fn find_text(&self, uri: &str) -> Option<(Id, &Uri)> {
        let id = self.slots.find(uri)?;
        Some((id, &self.slots.get(id)?.uri))
    }

    /// The node that was found here.
    pub(crate) fn found(&self, id: Id) -> Option<&Node> {
        self.slots.get(id).map(Slot::node)
    }

    /// The root of the account that a node is in which was found.
    fn account_at(&self, id: Id) -> Option<&Uri> {
        self.slots.from(id).find(|slot| slot.is_account).map(|slot| &slot.uri)
    }

    /// What decides about a node that was found, and about all leaves beside it that have no ACL.
    pub(crate) fn around(&self, id: Id) -> Around {
        let acl = self.slots.from(id).find_map(Slot::acl).unwrap_or(&EMPTY).clone();
        Around { id, generation: self.generation, account: self.account_at(id).cloned(), acl }
    }

    /// Where what decides about a node that was found is to be looked for: the node itself, or the
    /// one above it if nothing is decided here.
    pub(crate) fn decisive(&self, id: Id) -> Id {
        self.slots.get(id).filter(|slot| !slot.is_decisive()).map_or(id, Slot::parent)
    }

    /// Whether this still holds, and is about this node.
    pub(crate) fn is_around(&self, around: &Around, id: Id) -> bool {
        around.id == id && around.generation == self.generation
    }

    /// Whether there is a node of this URI.
    #[must_use]
    pub fn contains(&self, uri: &Uri) -> bool {
        self.slots.find(uri.as_str()).is_some()
    }

    /// How many nodes there are, the root among them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.slots.count()
    }

    /// All nodes. A node stands before those below it, and nodes beside each other are in the
    /// order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&Uri, &Node)> {
        self.subtree_of(".")
    }

    /// The node and all nodes below it. A node stands before those below it, and nodes beside each
    /// other are in the order of their names.
    pub fn subtree(&self, uri: &Uri) -> impl Iterator<Item = (&Uri, &Node)> {
        self.subtree_of(uri.as_str())
    }

    fn subtree_of(&self, uri: &str) -> impl Iterator<Item = (&Uri, &Node)> + use<'_> {
        self.slots.walk(self.slots.find(uri)).map(|slot| (&slot.uri, slot.node()))
    }

    /// The nodes directly below this one, in the order of their names.
    pub fn children(&self, uri: &Uri) -> impl Iterator<Item = (&Uri, &Node)> {
        let below = self.slots.find(uri.as_str()).into_iter().flat_map(|id| self.slots.below(id));
        let mut below: Vec<_> = below.map(|(_, slot)| (&slot.uri, slot.node())).collect();
        below.sort_unstable_by_key(|(uri, _)| *uri);
        below.into_iter()
    }

    /// The URIs of the nodes directly below one that was found, in no order.
    pub(crate) fn below(&self, id: Id) -> impl Iterator<Item = &Uri> {
        self.slots.below(id).map(|(_, slot)| &slot.uri)
    }

    /// How many nodes are directly below one that was found.
    pub(crate) fn count_of_children(&self, id: Id) -> usize {
        self.slots.get(id).map_or(0, |slot| slot.children as usize)
    }

    /// The ACL that decides about a node: its own, or that of the nearest node above it which
    /// has one. Whole lists are inherited, never single entries. [TND 1.2 §7.7.1.2]
    #[must_use]
    pub fn effective_acl(&self, uri: &Uri) -> &Acl {
        self.slots.up(uri.as_str()).find_map(Slot::acl).unwrap_or(&EMPTY)
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
        self.slots.up(uri.as_str()).find(|slot| slot.is_account).map(|slot| &slot.uri)
    }

    /// Puts a node there, or nothing; what was there. Structure is the caller's business.
    ///
    /// Nodes come from the root down and go from the leaves up.
    pub(crate) fn set(&mut self, uri: Uri, node: Option<Node>) -> Option<Node> {
        match (self.slots.find(uri.as_str()), node) {
            (Some(id), Some(node)) => self.replace(id, node),
            (Some(id), None) => self.remove(id),
            (None, Some(node)) => {
                let above = uri.parent_text().and_then(|above| self.slots.find(above));
                self.insert(above, uri, node);
                None
            }
            (None, None) => None,
        }
    }

    /// Puts a new node below one that was found.
    pub(crate) fn insert(&mut self, above: Option<Id>, uri: Uri, node: Node) -> Id {
        if node.is_account() {
            self.accounts.insert(uri.clone());
        }
        self.octets += node.octets() + uri.as_str().len();
        let id = self.slots.insert(above, uri, node);
        if self.slots.get(id).is_some_and(Slot::is_decisive) {
            self.generation += 1;
        }
        id
    }

    /// Takes a node out that was found, and that has none below it.
    pub(crate) fn remove(&mut self, id: Id) -> Option<Node> {
        let slot = self.slots.remove(id)?;
        if slot.is_decisive() {
            self.generation += 1;
        }
        if slot.is_account {
            self.accounts.remove(&slot.uri);
        }
        let removed = slot.node().octets() + slot.uri.as_str().len();
        self.octets = self.octets.saturating_sub(removed);
        Some(slot.into_node())
    }

    /// Puts another node in the place of one that was found; that one.
    pub(crate) fn replace(&mut self, id: Id, node: Node) -> Option<Node> {
        let octets = (self.found(id)?.octets(), node.octets());
        self.replace_counted(id, node, octets)
    }

    /// The same, where the octets of the old node and of the new one are counted.
    pub(crate) fn replace_counted(
        &mut self,
        id: Id,
        node: Node,
        (old, new): (usize, usize),
    ) -> Option<Node> {
        let slot = self.slots.get_mut(id)?;
        let was_account = slot.is_account;
        let was_decisive = slot.is_decisive();
        let before = slot.replace(node);
        match (was_account, slot.is_account) {
            (true, false) => drop(self.accounts.remove(&slot.uri)),
            (false, true) => drop(self.accounts.insert(slot.uri.clone())),
            _ => {}
        }
        if was_decisive || slot.is_decisive() {
            self.generation += 1;
        }
        self.octets = (self.octets + new).saturating_sub(old);
        Some(before)
    }

    /// Writes into a node what a commit writes; its content stays.
    pub(crate) fn stamp(&mut self, id: Id, ver_no: u16, t_stamp: Option<u64>) -> Option<&Node> {
        let slot = self.slots.get_mut(id)?;
        slot.stamp(ver_no, t_stamp);
        Some(slot.node())
    }

    /// Octets of all nodes and their URIs.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }
}

/// What decides about a node and what is below it: its account, its effective ACL.
#[derive(Debug)]
pub(crate) struct Around {
    id: Id,
    generation: u64,
    /// The root of the account that it is in.
    pub(crate) account: Option<Uri>,
    pub(crate) acl: Acl,
}

impl PartialEq for Tree {
    /// The same nodes at the same URIs.
    fn eq(&self, other: &Self) -> bool {
        let is_there = |(uri, node)| other.get(uri) == Some(node);
        self.count() == other.count() && self.iter().all(is_there)
    }
}

impl Eq for Tree {}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
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

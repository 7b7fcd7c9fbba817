//! Where the nodes of a tree are kept: one beside the other, linked, and found by a hash of the URI.
//!
//! To find a node costs one hash of its URI, to go up from it one step a segment, to add or remove
//! one a few links: none of it depends on how many nodes there are. The hash has a key of its own
//! in each tree, so that no server can choose names that collide.

use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::uri::last_slash;
use crate::{Acl, Node, Uri};

/// A place in the list of slots; [`NOWHERE`]: none.
pub(crate) type Id = u32;

pub(crate) const NOWHERE: Id = Id::MAX;

/// A node, and the nodes around it. What a way upwards asks stands first, so that it is little
/// memory that is looked at.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Slot {
    pub(super) uri: Uri,
    parent: Id,
    /// The child that was added last; the others follow it, the newest first.
    child: Id,
    next: Id,
    previous: Id,
    /// How many children there are.
    pub(super) children: u32,
    pub(super) is_account: bool,
    has_acl: bool,
    node: Node,
}

/// All nodes of a tree. Every one but the root stands below one that is there.
#[derive(Clone, Default)]
pub(super) struct Slots {
    slots: Vec<Option<Slot>>,
    /// Empty slots, to be used again.
    free: Vec<Id>,
    index: HashTable<Id>,
    hasher: DefaultHashBuilder,
}

impl Slot {
    #[inline]
    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn into_node(self) -> Node {
        self.node
    }

    /// Another node in the place of this one, which it yields.
    pub(super) fn replace(&mut self, node: Node) -> Node {
        (self.is_account, self.has_acl) = (node.is_account(), !node.acl.is_empty());
        core::mem::replace(&mut self.node, node)
    }

    /// Writes what is not content.
    pub(super) fn stamp(&mut self, ver_no: u16, t_stamp: Option<u64>) {
        (self.node.ver_no, self.node.t_stamp) = (ver_no, t_stamp);
    }

    /// Whether it decides about nodes below it, or could: all but leaves without an ACL.
    #[inline]
    pub(super) fn is_decisive(&self) -> bool {
        self.has_acl || self.is_account || self.node.is_interior()
    }

    #[inline]
    pub(super) fn parent(&self) -> Id {
        self.parent
    }

    /// Its own ACL, if it has one.
    #[inline]
    pub(super) fn acl(&self) -> Option<&Acl> {
        self.has_acl.then_some(&self.node.acl)
    }
}

impl Slots {
    pub(super) fn count(&self) -> usize {
        self.index.len()
    }

    #[inline]
    pub(super) fn find(&self, uri: &str) -> Option<Id> {
        let is_it = |id: &Id| self.get(*id).is_some_and(|slot| slot.uri.as_str() == uri);
        self.index.find(self.hasher.hash_one(uri), is_it).copied()
    }

    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<&Slot> {
        self.slots.get(id as usize)?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Slot> {
        self.slots.get_mut(id as usize)?.as_mut()
    }

    #[inline]
    pub(super) fn at(&self, uri: &str) -> Option<&Slot> {
        self.get(self.find(uri)?)
    }

    /// The nodes that are there, at this URI and above, upwards to the root.
    #[inline]
    pub(super) fn up(&self, uri: &str) -> impl Iterator<Item = &Slot> {
        let mut at = uri;
        let nearest = loop {
            if let Some(id) = self.find(at) {
                break self.get(id);
            }
            match last_slash(at) {
                Some(end) => at = &at[..end],
                None => break None,
            }
        };
        core::iter::successors(nearest, |slot| self.get(slot.parent))
    }

    /// A node, and those above it, upwards to the root.
    #[inline]
    pub(super) fn from(&self, id: Id) -> impl Iterator<Item = &Slot> {
        core::iter::successors(self.get(id), |slot| self.get(slot.parent))
    }

    /// The nodes directly below one, the newest first.
    pub(super) fn below(&self, id: Id) -> impl Iterator<Item = (Id, &Slot)> {
        let slot = |id: Id| Some((id, self.get(id)?));
        let first = self.get(id).and_then(|above| slot(above.child));
        core::iter::successors(first, move |(_, beside)| {
            #[cfg(test)]
            crate::work::step();
            slot(beside.next)
        })
    }

    /// Puts a new node below the one above it; none for the root.
    pub(super) fn insert(&mut self, above: Option<Id>, uri: Uri, node: Node) -> Id {
        let parent = above.unwrap_or(NOWHERE);
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Id::try_from(self.slots.len() - 1).unwrap_or(NOWHERE) // more do not fit in memory
        });
        let next = match self.get_mut(parent) {
            Some(above) => {
                above.children += 1;
                core::mem::replace(&mut above.child, id)
            }
            None => NOWHERE,
        };
        if let Some(beside) = self.get_mut(next) {
            beside.previous = id;
        }
        let hash = self.hasher.hash_one(uri.as_str());
        let (is_account, has_acl) = (node.is_account(), !node.acl.is_empty());
        let (child, previous, children) = (NOWHERE, NOWHERE, 0);
        let slot = Slot { uri, parent, child, next, previous, children, is_account, has_acl, node };
        self.slots[id as usize] = Some(slot);
        let (slots, hasher) = (&self.slots, &self.hasher);
        let again = |id: &Id| {
            let slot = slots.get(*id as usize).and_then(Option::as_ref);
            slot.map_or(0, |slot| hasher.hash_one(slot.uri.as_str()))
        };
        self.index.insert_unique(hash, id, again);
        id
    }

    /// Takes a node out that has none below it.
    pub(super) fn remove(&mut self, id: Id) -> Option<Slot> {
        let slot = self.slots.get_mut(id as usize)?.take()?;
        debug_assert_eq!(slot.children, 0, "{} has nodes below it", slot.uri);
        if let Ok(entry) =
            self.index.find_entry(self.hasher.hash_one(slot.uri.as_str()), |at| *at == id)
        {
            entry.remove();
        }
        if let Some(above) = self.get_mut(slot.parent) {
            above.children -= 1;
            if above.child == id {
                above.child = slot.next;
            }
        }
        if let Some(before) = self.get_mut(slot.previous) {
            before.next = slot.next;
        }
        if let Some(behind) = self.get_mut(slot.next) {
            behind.previous = slot.previous;
        }
        self.free.push(id);
        Some(slot)
    }

    /// The node and all below it, each before those below it, and beside each other by their names.
    pub(super) fn walk(&self, from: Option<Id>) -> impl Iterator<Item = &Slot> {
        let mut waiting: Vec<Id> = from.into_iter().collect();
        core::iter::from_fn(move || {
            let id = waiting.pop()?;
            let first = waiting.len();
            waiting.extend(self.below(id).map(|(id, _)| id));
            // The last is taken first.
            waiting[first..].sort_unstable_by(|one, other| self.name(*other).cmp(self.name(*one)));
            self.get(id)
        })
    }

    fn name(&self, id: Id) -> &str {
        self.get(id).map_or("", |slot| slot.uri.as_str()) // beside each other: the same but for it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tree_hashes_with_a_key_of_its_own() {
        let hash = |slots: &Slots| slots.hasher.hash_one("./A");
        let trees: [Slots; 8] = core::array::from_fn(|_| Slots::default());
        assert!(trees.iter().any(|tree| hash(tree) != hash(&trees[0])));
        assert_eq!(hash(&trees[0]), hash(&trees[0].clone()), "or nothing would be found");
    }

    #[test]
    fn slots_are_used_again_and_siblings_stay_linked() {
        let uri = |text: &str| Uri::parse(text).unwrap();
        let mut slots = Slots::default();
        slots.insert(None, Uri::root(), Node::interior(""));
        let root = slots.find(".");
        let children = |slots: &Slots| -> Vec<Uri> {
            slots.walk(root).skip(1).map(|slot| slot.uri.clone()).collect()
        };
        let all = ["./A", "./B", "./C", "./D"].map(uri);
        // Taken out at the front, in the middle and at the end, and put back.
        for gone in [[0, 1], [1, 2], [3, 0], [2, 3]] {
            for at in &all {
                if slots.find(at.as_str()).is_none() {
                    slots.insert(root, at.clone(), Node::text(""));
                }
            }
            assert_eq!(children(&slots), all);
            let gone = gone.map(|index| &all[index]);
            for at in gone {
                let id = slots.find(at.as_str()).unwrap();
                assert_eq!(slots.remove(id).unwrap().uri, *at);
            }
            let left: Vec<_> = all.iter().filter(|at| !gone.contains(at)).cloned().collect();
            assert_eq!(children(&slots), left);
            assert_eq!(slots.get(root.unwrap()).unwrap().children, 2);
        }
        assert_eq!(slots.slots.len(), 5, "no slot is lost");
    }
}

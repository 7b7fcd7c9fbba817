//! The nodes that a message has made so far. [TND 1.2 §9.3 Occurrence]

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::PlaceId;

/// A tree of nodes that must be there once the message is applied, as far as it tells.
#[derive(Debug)]
pub(crate) struct Instances {
    nodes: Vec<Instance>,
}

/// A node in it.
pub(crate) type InstanceId = usize;

/// The root of the tree.
pub(crate) const TOP: InstanceId = 0;

#[derive(Debug, Default)]
struct Instance {
    children: BTreeMap<String, InstanceId>,
    /// How many children are instances of each place.
    counts: BTreeMap<PlaceId, u32>,
    place: Option<PlaceId>,
    is_added: bool,
}

/// What came of a node being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) id: InstanceId,
    /// How many instances of its place there are now, where this is a new one.
    pub(crate) count: Option<u32>,
    /// Whether it had been made before.
    pub(crate) was_added: bool,
}

impl Instances {
    pub(crate) fn new() -> Self {
        Self { nodes: Vec::from([Instance::default()]) }
    }

    pub(crate) fn child(&self, parent: InstanceId, name: &str) -> Option<InstanceId> {
        self.nodes[parent].children.get(name).copied()
    }

    pub(crate) fn place(&self, id: InstanceId) -> Option<PlaceId> {
        self.nodes[id].place
    }

    /// A child is there; `is_added`: because this command makes it.
    pub(crate) fn touch(
        &mut self,
        parent: InstanceId,
        name: &str,
        place: Option<PlaceId>,
        is_added: bool,
    ) -> Touched {
        if let Some(id) = self.child(parent, name) {
            let was_added = self.nodes[id].is_added;
            self.nodes[id].is_added |= is_added;
            return Touched { id, count: None, was_added };
        }
        let id = self.nodes.len();
        self.nodes.push(Instance { place, is_added, ..Instance::default() });
        self.nodes[parent].children.insert(name.to_owned(), id);
        let count = place.map(|place| {
            let count = self.nodes[parent].counts.entry(place).or_default();
            *count += 1;
            *count
        });
        Touched { id, count, was_added: false }
    }

    /// A child is gone, with all below it.
    pub(crate) fn remove(&mut self, parent: InstanceId, name: &str) {
        if let Some(id) = self.nodes[parent].children.remove(name)
            && let Some(place) = self.nodes[id].place
            && let Some(count) = self.nodes[parent].counts.get_mut(&place)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// How many children are instances of this place.
    pub(crate) fn count(&self, parent: InstanceId, place: PlaceId) -> u32 {
        self.nodes[parent].counts.get(&place).copied().unwrap_or_default()
    }
}

//! What the device's descriptions ask of nodes: format, type, occurrence, and what they put in.
//! [TND 1.2 §9.3]

use alloc::collections::BTreeSet;

use super::Transaction;
use crate::{Failure, Node, NodeType, Reason, Uri};

impl Transaction<'_> {
    /// 415 for a format, type or value other than described.
    pub(super) fn check_described(&self, uri: &Uri, node: &Node) -> Result<(), Failure> {
        let described = self.rules.descriptions.of_new(uri, &node.r#type, self.tree);
        described.map_or(Ok(()), |it| it.check(node)).map_err(|reason| Failure::at(uri, reason))
    }

    /// Refuses an operation that left more nodes of a kind below a parent than are described: 405
    /// where there is one, 420 where there is a number of them.
    ///
    /// Each parent is counted once for an operation, where it has more nodes below it than there may
    /// be of the kind, and no further than to that limit.
    pub(super) fn check_occurrences(&mut self) -> Result<(), Failure> {
        let added = core::mem::take(&mut self.counted);
        let descriptions = &self.rules.descriptions;
        if descriptions.is_empty() {
            return Ok(());
        }
        let mut seen = BTreeSet::new();
        for uri in &added {
            let Some(kind) = descriptions.get(uri, self.tree) else { continue };
            let (Some(most), Some(parent)) = (kind.most, uri.parent()) else { continue };
            let most = most as usize;
            let Some(parent) = self.tree.find(&parent).filter(|_| self.tree.contains(uri)) else {
                continue;
            };
            if self.tree.count_of_children(parent) <= most || !seen.insert(parent) {
                continue;
            }
            let is_alike = |at: &Uri| descriptions.get(at, self.tree).is_some_and(|it| it.is(kind));
            let alike = self.tree.below(parent).filter(|at| is_alike(at));
            if alike.take(most + 1).count() > most {
                let reason = if most == 1 { Reason::Occurrence } else { Reason::Occurrences };
                return Err(Failure::at(uri, reason));
            }
        }
        Ok(())
    }

    /// Remembers a node that a server took away.
    pub(super) fn note_gone(&mut self, uri: &Uri, node: &Node) {
        if self.server.is_some() && !self.rules.descriptions.is_empty() {
            let r#type = if node.is_interior() { node.r#type.clone() } else { NodeType::default() };
            self.gone.push((uri.clone(), r#type));
        }
    }

    /// Refuses an operation of a server that took the last node of its kind away, where the
    /// description has one at least: 405. With what holds it, it goes.
    pub(super) fn check_needed(&self) -> Result<(), Failure> {
        let descriptions = &self.rules.descriptions;
        for (uri, r#type) in &self.gone {
            let Some(parent) = uri.parent().and_then(|parent| self.tree.find(&parent)) else {
                continue;
            };
            if self.tree.contains(uri) {
                continue;
            }
            let Some(kind) = descriptions.of_new(uri, r#type.as_str(), self.tree) else { continue };
            let is_alike = |at: &Uri| descriptions.get(at, self.tree).is_some_and(|it| it.is(kind));
            if kind.is_needed && !self.tree.below(parent).any(is_alike) {
                return Err(Failure::at(uri, Reason::Needed));
            }
        }
        Ok(())
    }

    /// Puts the leaves in that have a default value and that only the device makes, below the
    /// nodes that the operation made.
    pub(super) fn add_defaults(&mut self) -> Result<(), Failure> {
        if self.server.is_none() || self.counted.is_empty() {
            return Ok(());
        }
        let made = core::mem::take(&mut self.counted);
        for at in &made {
            if !self.tree.get(at).is_some_and(Node::is_interior) {
                continue;
            }
            for (uri, node) in self.rules.descriptions.defaults(at, self.tree) {
                if !self.tree.contains(&uri) {
                    self.create_default(uri, node)?;
                }
            }
        }
        self.counted = made;
        Ok(())
    }

    /// The device's own doing: no rights are asked, but there has to be room.
    fn create_default(&mut self, uri: Uri, node: Node) -> Result<(), Failure> {
        let limits = &self.rules.limits;
        if !limits.fit_uri(&uri) {
            return Err(Failure::at(&uri, Reason::LongUri));
        }
        let above = uri.parent().and_then(|above| self.tree.find(&above));
        if self.tree.count() >= limits.nodes {
            return Err(Failure::at(&uri, Reason::Full));
        }
        if above.is_some_and(|above| self.tree.count_of_children(above) >= limits.children) {
            return Err(Failure::at(&uri, Reason::Children));
        }
        self.set(uri, Some(node))
    }

    /// The URI as the tree or the descriptions spell it, where they say that the case of names
    /// does not count. Every operation asks itself; a caller that keeps URIs may, too.
    #[must_use]
    pub fn spelled(&mut self, uri: Uri) -> Uri {
        self.respelled(&uri).unwrap_or(uri)
    }

    /// The same, where it is another.
    pub(super) fn respelled(&mut self, uri: &Uri) -> Option<Uri> {
        self.rules.descriptions.respelled(uri, self.tree, &mut self.spellings)
    }
}

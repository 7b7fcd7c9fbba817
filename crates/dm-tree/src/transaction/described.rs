//! What the device's descriptions ask of nodes: format, type, occurrence. [TND 1.2 §9.3]

use alloc::collections::BTreeSet;

use super::Transaction;
use crate::{Failure, Node, Reason, Uri};

impl Transaction<'_> {
    /// 415 for a format, type or value other than described.
    pub(super) fn check_described(&self, uri: &Uri, node: &Node) -> Result<(), Failure> {
        let described = self.rules.descriptions.of_new(uri, &node.r#type, self.tree);
        described.map_or(Ok(()), |it| it.check(node)).map_err(|reason| Failure::at(uri, reason))
    }

    /// Refuses an operation that left more nodes of a kind below a parent than are described: 405
    /// where there is one, 420 where there is a number of them.
    ///
    /// Each parent is counted once for an operation, and no further than to the limit.
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
            let is_alike = |at: &Uri| descriptions.get(at, self.tree).is_some_and(|it| it.is(kind));
            if !self.tree.contains(uri) || !seen.insert(parent.clone()) {
                continue;
            }
            let alike = self.tree.children(&parent).filter(|(at, _)| is_alike(at));
            if alike.take(most as usize + 1).count() > most as usize {
                let reason = if most == 1 { Reason::Occurrence } else { Reason::Occurrences };
                return Err(Failure::at(uri, reason));
            }
        }
        Ok(())
    }
}

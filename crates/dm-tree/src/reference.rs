//! References between the connectivity objects of one delivery. [Sessionless §5.5]
//!
//! Inside an object, a reference to an object of the same delivery is `./Inbox/` and the URI of
//! that object inside the delivery. It becomes the URI at which the object stands in the end. So
//! does one to the place that the object asked for, when that was taken. Only leaves whose names
//! the maker lists are references; other values are left alone, whatever they look like.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::tnds::Placed;
use crate::{Failure, Note, Reason, Rules, Unprepared, Uri};

/// What became of the nodes of a delivery.
#[derive(Default)]
pub(crate) struct Places {
    /// Where each of them stands: inside the delivery, and in the end.
    pub(crate) moved: BTreeMap<Uri, Uri>,
    /// Objects that stand elsewhere than they asked for: the place they asked for, and theirs.
    pub(crate) renamed: BTreeMap<Uri, Uri>,
    /// Objects that were left out.
    pub(crate) skipped: BTreeSet<Uri>,
}

impl Places {
    /// Rewrites the value of a leaf if it is a reference that has to be.
    ///
    /// A reference to nothing in the same delivery fails the whole of it [profile §9].
    pub(crate) fn rewrite(
        &self,
        placed: &mut Placed,
        rules: &Rules,
    ) -> Result<Option<Note>, Failure> {
        if !rules.reference_leaves.iter().any(|name| name == placed.uri.name()) {
            return Ok(None);
        }
        let Some(text) = placed.node.as_text() else { return Ok(None) };
        let is_normal = |uri: &Uri| uri.as_str() == text;
        let target = Uri::parse(text).ok().filter(is_normal);
        let uri = placed.uri.clone();
        if !text.starts_with("./Inbox/") {
            let follows = |target: Uri| self.elsewhere(&target);
            let Some(stands) = target.filter(|_| rules.policy.follow).and_then(follows) else {
                return Ok(None);
            };
            placed.node.value = Some(stands.as_str().into());
            return Ok(Some(Note::ReferenceRewritten { uri }));
        }
        if let Some(stands) = target.as_ref().and_then(|target| self.moved.get(target)) {
            placed.node.value = Some(stands.as_str().into());
            return Ok(Some(Note::ReferenceRewritten { uri }));
        }
        let is_lost = |target: Uri| target.ancestors().any(|at| self.skipped.contains(at));
        if rules.policy.lost == Unprepared::Skip && target.is_some_and(is_lost) {
            placed.node.value = Some("".into());
            return Ok(Some(Note::ReferenceEmptied { uri }));
        }
        Err(Failure::at(&uri, Reason::DanglingReference))
    }

    /// Where a node stands whose object did not get the place it asked for.
    fn elsewhere(&self, target: &Uri) -> Option<Uri> {
        let mut at = Some(target.clone());
        while let Some(asked) = at {
            if let Some(stands) = self.renamed.get(&asked) {
                return Some(target.rebased(&asked, stands));
            }
            at = asked.parent();
        }
        None
    }
}

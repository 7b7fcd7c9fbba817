//! `Changes`: what a transaction did, node by node.

use alloc::vec::Vec;

use crate::{Node, Uri};

/// One node before and after a transaction. `None`: it was not there, or is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The node.
    pub uri: Uri,
    /// What it was.
    pub before: Option<Node>,
    /// What it has become.
    pub after: Option<Node>,
}

/// The real differences that a transaction made, in the order of their URIs.
///
/// ```
/// use dm_tree::{Node, Rules, Transaction, Tree, Uri};
/// let (mut tree, rules) = (Tree::new(), Rules::default());
/// let uri = Uri::parse("./Leaf")?;
/// let mut transaction = Transaction::local(&mut tree, &rules);
/// transaction.add(uri.clone(), Node::text("x"))?;
/// transaction.delete(&uri)?;
/// assert!(transaction.commit(None).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub(crate) changes: Vec<Change>,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many nodes changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// The changes, in the order of their URIs.
    pub fn iter(&self) -> core::slice::Iter<'_, Change> {
        self.changes.iter()
    }

    /// The changes, in the order of their URIs.
    #[must_use]
    pub fn as_slice(&self) -> &[Change] {
        &self.changes
    }

    /// The change of this node, if it changed.
    #[must_use]
    pub fn get(&self, uri: &Uri) -> Option<&Change> {
        let found = self.changes.binary_search_by(|change| change.uri.cmp(uri)).ok()?;
        self.changes.get(found)
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = core::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

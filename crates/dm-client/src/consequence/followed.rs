//! Which followed nodes a node is, or is below, in whatever case they are named. [TND 1.2 §9.3]

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tree::{Rules, Tree, Uri};

use super::{AROUND, is_at_or_below};

/// The followed nodes that are named otherwise than they are spelled.
pub(super) type Spelled = BTreeMap<String, BTreeSet<String>>;

/// All followed nodes.
pub(super) struct Followers<'a> {
    all: Vec<(&'a str, Option<Uri>)>,
    rules: &'a Rules,
    tree: &'a Tree,
}

/// A followed node that was found.
pub(super) struct Followed<'a, 'u> {
    /// As it is named where it is followed.
    pub(super) named: &'a str,
    /// As it is spelled, where that is otherwise.
    spelled: Option<&'u str>,
}

impl<'a> Followers<'a> {
    pub(super) fn read(all: &'a BTreeSet<String>, rules: &'a Rules, tree: &'a Tree) -> Self {
        let all = all.iter().map(|named| (named.as_str(), Uri::parse(named).ok())).collect();
        Self { all, rules, tree }
    }

    /// Those that are the node, or above it.
    pub(super) fn at_or_above<'u>(&self, uri: &'u Uri) -> impl Iterator<Item = Followed<'a, 'u>> {
        self.all.iter().filter_map(move |(named, parsed)| {
            if is_at_or_below(uri.as_str(), named) {
                return Some(Followed { named, spelled: None });
            }
            let spelled = self.rules.other_spelling(parsed.as_ref()?, uri, self.tree)?;
            Some(Followed { named, spelled: Some(spelled) })
        })
    }

    /// Those that are the node.
    pub(super) fn at<'u>(&self, uri: &'u Uri) -> impl Iterator<Item = Followed<'a, 'u>> {
        let above = self.at_or_above(uri);
        above.filter(|it| it.spelled.unwrap_or(it.named) == uri.as_str())
    }
}

impl Followed<'_, '_> {
    /// About the octets that it takes to note how it is spelled.
    pub(super) fn octets(&self, noted: &Spelled) -> usize {
        let is_noted = |it: &str| noted.get(self.named).is_some_and(|noted| noted.contains(it));
        let new = self.spelled.filter(|spelled| !is_noted(spelled));
        new.map_or(0, |spelled| self.named.len() + spelled.len() + AROUND)
    }

    /// Notes how it is spelled.
    pub(super) fn note(&self, noted: &mut Spelled) {
        if let Some(spelled) = self.spelled {
            noted.entry(self.named.to_string()).or_default().insert(spelled.to_string());
        }
    }
}

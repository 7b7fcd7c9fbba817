//! What the configured URIs say of a node. [TND 1.2 §9.3]
//!
//! They name it as they are written. Where the case of names does not count by a description, they
//! name it in any case: `CIS` shall be no way around them. One that a node has as it is written names
//! no other.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Bound;

use super::Rules;
use crate::{AclCommand, Tree, Uri};

impl Rules {
    /// What `access` says of the node, or of the nearest above it of which it says something. Of
    /// several that name it in another case, all have to let it take the command.
    pub(super) fn nearest_access(
        &self,
        command: AclCommand,
        uri: &Uri,
        tree: &Tree,
    ) -> Option<bool> {
        if !self.descriptions.folds() {
            return Some(nearest(&self.access, uri.as_str())?.permits(command));
        }
        let depth = depth(uri);
        let rank = |said: &Uri| (self::depth(said), is_at_or_below(uri.as_str(), said.as_str()));
        let above = self
            .access
            .iter()
            .filter(|(said, _)| self::depth(said) <= depth && self.is_on_way(said, uri, tree));
        let above: Vec<_> = above.map(|(said, access)| (rank(said), access)).collect();
        let nearest = above.iter().map(|(rank, _)| *rank).max()?;
        let mut all = above.into_iter().filter(|(rank, _)| *rank == nearest);
        Some(all.all(|(_, access)| access.permits(command)))
    }

    /// How a node is spelled that is named otherwise here: `uri` is that node or one below it, and
    /// the case of names does not count. None where it is spelled so, and for any other node.
    #[must_use]
    pub fn other_spelling<'u>(&self, said: &Uri, uri: &'u Uri, tree: &Tree) -> Option<&'u str> {
        let below = depth(uri).checked_sub(depth(said)).filter(|_| self.descriptions.folds())?;
        let spelled = uri.ancestors().nth(below)?;
        (spelled != said.as_str() && self.is_on_way(said, uri, tree)).then_some(spelled)
    }

    /// Whether the node is one of these.
    pub(super) fn is_one(&self, all: &BTreeSet<Uri>, uri: &Uri, tree: &Tree) -> bool {
        all.contains(uri) || self.any_in_any_case(all, uri, tree, Ordering::is_eq)
    }

    /// Whether one of these is below the node.
    pub(super) fn has_below(&self, all: &BTreeSet<Uri>, uri: &Uri, tree: &Tree) -> bool {
        all.range::<str, _>(uri.below().bounds()).next().is_some()
            || self.any_in_any_case(all, uri, tree, Ordering::is_gt)
    }

    /// Whether the node is one of these, or below one.
    pub(super) fn is_in_one(&self, all: &BTreeSet<Uri>, uri: &Uri, tree: &Tree) -> bool {
        uri.ancestors().any(|at| all.contains(at))
            || self.any_in_any_case(all, uri, tree, Ordering::is_le)
    }

    /// Whether one of these is there, as seen from the node, where the case of names does not count.
    pub(super) fn any_in_any_case<'u>(
        &self,
        all: impl IntoIterator<Item = &'u Uri>,
        uri: &Uri,
        tree: &Tree,
        is_there: fn(Ordering) -> bool,
    ) -> bool {
        let is_said =
            |said: &Uri| is_there(depth(said).cmp(&depth(uri))) && self.is_on_way(said, uri, tree);
        self.descriptions.folds() && all.into_iter().any(is_said)
    }

    /// Whether two URIs name the same nodes, as far as the shorter one goes.
    fn is_on_way(&self, said: &Uri, uri: &Uri, tree: &Tree) -> bool {
        let both = || said.segments().zip(uri.segments());
        if !both().all(|(said, name)| said == name || is_same_but_for_case(said, name)) {
            return false; // nearly always
        }
        let mut at = Uri::root();
        both().all(|(said, name)| {
            let is_named =
                said == name || self.descriptions.is_other_spelling(&at, said, name, tree);
            is_named && at.join(name).map(|below| at = below).is_ok()
        })
    }

    /// Whether the node is below one of this name.
    pub(super) fn is_below_named(&self, said: &str, uri: &Uri, tree: &Tree) -> bool {
        uri.ancestors().skip(1).any(|at| {
            let Some((parent, name)) = at.rsplit_once('/') else { return false };
            let is_it = |parent| self.descriptions.is_other_spelling(&parent, said, name, tree);
            name == said
                || (is_same_but_for_case(said, name) && Uri::parse(parent).is_ok_and(is_it))
        })
    }
}

fn depth(uri: &Uri) -> usize {
    uri.segments().count()
}

fn is_same_but_for_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase()
}

/// What is said of the node, or of the nearest above it.
///
/// Keys are looked for downwards in their order; one that is not above the node shows how far up
/// the next can be that is. Of a few, each is looked at.
fn nearest<'m, V>(said: &'m BTreeMap<Uri, V>, uri: &str) -> Option<&'m V> {
    if said.len() <= FEW {
        return said.iter().rev().find(|(key, _)| is_at_or_below(uri, key.as_str())).map(|it| it.1);
    }
    let mut at = uri;
    loop {
        let until = (Bound::Unbounded, Bound::Included(at));
        let (key, value) = said.range::<str, _>(until).next_back()?;
        let key = key.as_str();
        if is_at_or_below(at, key) {
            return Some(value);
        }
        let same = at.bytes().zip(key.bytes()).take_while(|(one, other)| one == other).count();
        let end = if at.as_bytes().get(same) == Some(&b'/') {
            same
        } else {
            at.as_bytes()[..same].iter().rposition(|octet| *octet == b'/')?
        };
        at = &at[..end];
    }
}

/// How many rules are looked at one by one.
const FEW: usize = 4;

/// Whether a node is this one, or below it.
#[inline]
fn is_at_or_below(node: &str, uri: &str) -> bool {
    // Most rules are told apart by what stands where they end.
    let behind = node.as_bytes().get(uri.len());
    (behind == Some(&b'/') || node.len() == uri.len()) && node.starts_with(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    #[test]
    fn the_nearest_rule_counts_whatever_sorts_between() {
        let mut said = BTreeMap::new();
        let keys = ["./A", "./A/B", "./A/B!", "./A/B!/C", "./A/B-", "./A/B/C-D", "./é", "./éa/b"];
        for (value, at) in keys.into_iter().enumerate() {
            said.insert(uri(at), value);
        }
        let more = ["./A/B/C", "./A/B/C-D/E", "./A/B-/X", "./A/B/C/D", "./AB", ".", "./é/a", "./è"];
        for at in keys.into_iter().chain(more).chain(["./éa", "./A/B!/B/C", "./A/A/A", "./ê/b"]) {
            let plain = |said: &BTreeMap<Uri, usize>| {
                uri(at).ancestors().find_map(|at| said.get(at)).copied()
            };
            assert_eq!(nearest(&said, at).copied(), plain(&said), "{at}");
            for few in 0..keys.len() {
                let few = said.clone().into_iter().filter(|(_, value)| value.abs_diff(few) < 2);
                let few: BTreeMap<_, _> = few.collect();
                assert_eq!(nearest(&few, at).copied(), plain(&few), "{at} in {few:?}");
            }
        }
    }
}

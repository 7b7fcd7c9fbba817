//! `CaseSense`: where the case of names does not count. [TND 1.2 §9.3]
//!
//! A node described with `CIS` has its name in any case, and so has everything below it until a
//! node with `CS`. Where nothing is said, case counts. The spelling of a node is that by which it
//! was made; before that, the one of its description.

use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::{Descriptions, PlaceId, ROOT};
use crate::{Tree, Uri};

/// Where a way down the trie ends.
#[derive(Clone, Copy)]
pub(super) struct Walked {
    /// None: nothing is known of what stands there.
    pub(super) place: Option<PlaceId>,
    /// Whether the case of the last name does not count, nor of those below until it is said.
    folds: bool,
}

impl Descriptions {
    pub(super) fn walk<'n>(&self, from: PlaceId, names: impl Iterator<Item = &'n str>) -> Walked {
        let place = (from < self.places.len()).then_some(from);
        let mut walked = Walked { place, folds: self.folds_at(place).unwrap_or(false) };
        for name in names {
            if walked.place.is_none() {
                break; // what is below has the case of what is above
            }
            walked = self.step(walked, name);
        }
        walked
    }

    fn step(&self, Walked { place, folds }: Walked, name: &str) -> Walked {
        let Some(above) = place.and_then(|at| self.places.get(at)) else {
            return Walked { place: None, folds };
        };
        let named = above.named.get(name).copied();
        let folded = || above.named.get(self.described_name(Walked { place, folds }, name)?);
        let place = named.or_else(|| folded().copied()).or(above.unnamed);
        Walked { place, folds: self.folds_at(place).unwrap_or(folds) }
    }

    /// The name, spelled otherwise, of a node that is described there and has it in any case.
    fn described_name(&self, Walked { place, folds }: Walked, name: &str) -> Option<&str> {
        if !self.folds {
            return None;
        }
        let above = self.places.get(place?)?;
        let described = above.folded.get(name.to_lowercase().as_str())?;
        let child = above.named.get(described).copied();
        self.folds_at(child).unwrap_or(folds).then_some(&**described)
    }

    fn folds_at(&self, place: Option<PlaceId>) -> Option<bool> {
        self.described(place?)?.folds_case
    }

    /// The URI as the tree or the descriptions spell it, where case does not count; none: as it is.
    pub(crate) fn respelled(&self, uri: &Uri, tree: &Tree, seen: &mut Spellings) -> Option<Uri> {
        if !self.folds || tree.contains(uri) {
            return None;
        }
        let mut at = Uri::root();
        for name in uri.segments() {
            let exact = at.join(name).ok()?;
            at = match self.other_name(&at, name, tree, seen) {
                Some(other) if !tree.contains(&exact) => at.join(&other).ok()?,
                _ => exact,
            };
        }
        (at != *uri).then_some(at)
    }

    /// The name of a node that is there, or described, below `parent`, if it is this one but for
    /// its case.
    fn other_name(
        &self,
        parent: &Uri,
        name: &str,
        tree: &Tree,
        seen: &mut Spellings,
    ) -> Option<String> {
        let ways = self.ways(parent, tree);
        if !self.folds_name(ways, name) {
            return None;
        }
        let there = seen.of(parent, name, tree).iter().map(Uri::name);
        let there = there.filter(|there| self.folds_name(ways, there)).max().map(String::from);
        let described =
            || ways.into_iter().flatten().find_map(|way| self.described_name(way, name));
        there.or_else(|| described().map(String::from))
    }

    /// Whether the name of a node below `parent`, the same as `said` but for its case, is that name:
    /// the case of neither counts there, and no node is spelled as it is said.
    pub(crate) fn is_other_spelling(
        &self,
        parent: &Uri,
        said: &str,
        name: &str,
        tree: &Tree,
    ) -> bool {
        let ways = self.ways(parent, tree);
        self.folds_name(ways, said)
            && self.folds_name(ways, name)
            && !parent.join(said).is_ok_and(|said| tree.contains(&said))
    }

    /// How descriptions lead to a node: by its path, and by the object that it is in.
    fn ways(&self, uri: &Uri, tree: &Tree) -> [Option<Walked>; 2] {
        [Some(self.walk(ROOT, uri.segments())), self.walk_by_type(uri, "", tree)]
    }

    /// Whether the case of this name does not count below a node that one of the ways leads to.
    fn folds_name(&self, ways: [Option<Walked>; 2], name: &str) -> bool {
        ways.into_iter().flatten().any(|way| self.step(way, name).folds)
    }

    /// Whether the case of any name does not count.
    pub(crate) fn folds(&self) -> bool {
        self.folds
    }

    /// What two URIs have in common that are the same to the descriptions.
    pub(crate) fn key(&self, uri: &Uri) -> String {
        let folds = self.folds && self.walk(ROOT, uri.segments()).folds;
        if folds { uri.as_str().to_lowercase() } else { uri.as_str().into() }
    }
}

/// The nodes below some nodes by their names in lower case: read once, and kept up to date, so that
/// the names of many new nodes are not each compared with all.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    below: HashMap<Uri, HashMap<String, Vec<Uri>>>,
}

impl Spellings {
    /// The nodes below one whose names are this one but for their case: mostly one at most.
    fn of(&mut self, parent: &Uri, name: &str, tree: &Tree) -> &[Uri] {
        let below = self.below.entry_ref(parent).or_insert_with(|| {
            let mut below = HashMap::new();
            for uri in tree.find(parent).into_iter().flat_map(|id| tree.below(id)) {
                insert(&mut below, uri);
            }
            below
        });
        below.get(&name.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// A node came there.
    pub(crate) fn came(&mut self, uri: &Uri) {
        if let Some(below) = self.beside(uri) {
            insert(below, uri);
        }
    }

    /// A node went.
    pub(crate) fn went(&mut self, uri: &Uri) {
        if let Some(below) = self.beside(uri)
            && let Entry::Occupied(mut alike) = below.entry(uri.name().to_lowercase())
        {
            alike.get_mut().retain(|it| it != uri);
            if alike.get().is_empty() {
                alike.remove();
            }
        }
    }

    fn beside(&mut self, uri: &Uri) -> Option<&mut HashMap<String, Vec<Uri>>> {
        if self.below.is_empty() {
            return None; // nearly always
        }
        self.below.get_mut(&uri.parent()?)
    }
}

fn insert(below: &mut HashMap<String, Vec<Uri>>, uri: &Uri) {
    let alike = below.entry(uri.name().to_lowercase());
    alike.or_insert_with(|| Vec::with_capacity(1)).push(uri.clone());
}

//! `Catalog`: descriptions merged into one tree of places. [TND 1.2 §9]

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use dm_tnds::ddf::{CaseSense, Ddf, DdfNode, Deviation, DfProperties, NodeId};

use crate::Decider;

/// A description and the name it is known by in findings, as a rule that of its file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name.
    pub name: String,
    /// The description.
    pub ddf: Ddf,
    /// What its reader let pass.
    pub deviations: Vec<Deviation>,
}

/// Descriptions, merged: where they overlap, the first one holds.
#[derive(Clone, Debug)]
pub struct Catalog {
    sources: Vec<Source>,
    places: Vec<Place>,
    /// Roots of management objects by identifier: these may stand anywhere.
    objects: BTreeMap<String, PlaceId>,
    /// Second descriptions of a place.
    pub(crate) again: Vec<(PlaceId, Origin)>,
}

/// A position in the merged tree.
pub(crate) type PlaceId = usize;

/// Where in the sources a place is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) source: usize,
    pub(crate) node: NodeId,
}

#[derive(Clone, Debug, Default)]
struct Place {
    named: BTreeMap<Box<str>, PlaceId>,
    /// By the name in lower case; the first one of several.
    folded: BTreeMap<Box<str>, PlaceId>,
    unnamed: Option<PlaceId>,
    /// The place above it; none: it is the root, or may stand anywhere.
    above: Option<PlaceId>,
    /// Children that an object that makes this node has to bring.
    mandatory: Vec<PlaceId>,
    origin: Option<Origin>,
}

/// What stands below a place under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The name, or a place for any name.
    Known(PlaceId),
    /// A name that differs by case, where case counts or may count.
    CaseDiffers(PlaceId),
    /// Nothing.
    Unknown,
}

impl Catalog {
    /// Merges descriptions, in time linear in their size.
    #[must_use]
    pub fn new(sources: Vec<Source>) -> Self {
        let mut catalog = Self {
            sources: Vec::new(),
            places: Vec::from([Place::default()]),
            objects: BTreeMap::new(),
            again: Vec::new(),
        };
        for (index, source) in sources.iter().enumerate() {
            catalog.merge(index, &source.ddf);
        }
        catalog.sources = sources;
        catalog
    }

    /// The descriptions.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn merge(&mut self, source: usize, ddf: &Ddf) {
        let mut placed: Vec<PlaceId> = Vec::with_capacity(ddf.len());
        for (id, node) in ddf.nodes() {
            let place = match node.parent {
                Some(parent) => self.child(placed[parent.index()], &node.name),
                None => self.top(node),
            };
            placed.push(place);
            if let Some(object) = node.properties.df_type.as_ref().and_then(|t| t.object()) {
                self.objects.entry(object.into()).or_insert(place);
            }
            let origin = Origin { source, node: id };
            if self.places[place].origin.is_some() {
                self.again.push((place, origin));
                continue;
            }
            self.places[place].origin = Some(origin);
            let is_mandatory = node.properties.occurrence.is_some_and(|o| o.is_mandatory());
            if let Some(parent) = node.parent.filter(|_| is_mandatory) {
                self.places[placed[parent.index()]].mandatory.push(place);
            }
        }
    }

    /// The place of a top-level node.
    fn top(&mut self, node: &DdfNode) -> PlaceId {
        if node.name == "." {
            return ROOT;
        }
        let object = node.properties.df_type.as_ref().and_then(|r#type| r#type.object());
        match (&node.path, object) {
            // Described without a place: found by its identifier only.
            (None, Some(object)) if node.name.is_empty() => {
                if let Some(&known) = self.objects.get(object) {
                    return known;
                }
                self.places.push(Place::default());
                self.places.len() - 1
            }
            (path, _) => {
                let path = path.as_deref().unwrap_or_default();
                let names = path.split('/').filter(|name| !name.is_empty() && *name != ".");
                let names: Vec<&str> = names.collect();
                let names = without_device(&names, |name| name);
                let parent = names.iter().fold(ROOT, |place, name| self.child(place, name));
                self.child(parent, &node.name)
            }
        }
    }

    /// The place of this name, made when it is not there.
    fn child(&mut self, parent: PlaceId, name: &str) -> PlaceId {
        let new = self.places.len();
        let above = &mut self.places[parent];
        let found = if name.is_empty() {
            *above.unnamed.get_or_insert(new)
        } else {
            above.folded.entry(name.to_lowercase().into()).or_insert(new);
            *above.named.entry(name.into()).or_insert(new)
        };
        if found == new {
            self.places.push(Place { above: Some(parent), ..Place::default() });
        }
        found
    }

    /// Whether the case of its name counts, as it or the nearest above it that says so has it.
    pub(crate) fn case_sense(&self, place: PlaceId) -> Option<CaseSense> {
        let mut up = core::iter::successors(Some(place), |place| self.places[*place].above);
        up.find_map(|place| self.properties(place)?.case_sense)
    }

    /// What stands below `place` under this name.
    pub(crate) fn step(&self, place: PlaceId, name: &str) -> Step {
        let above = &self.places[place];
        if let Some(&found) = above.named.get(name) {
            return Step::Known(found);
        }
        // Lower case is made only where a name could match.
        let folded = (!above.folded.is_empty()).then(|| name.to_lowercase());
        let folded = folded.and_then(|name| above.folded.get(name.as_str()).copied());
        let is_insensitive = |place| self.case_sense(place) == Some(CaseSense::Insensitive);
        match (folded, above.unnamed) {
            (Some(found), _) if is_insensitive(found) => Step::Known(found),
            (_, Some(unnamed)) => Step::Known(unnamed),
            (Some(found), None) => Step::CaseDiffers(found),
            (None, None) => Step::Unknown,
        }
    }

    /// The root of the management object with this identifier.
    pub(crate) fn object(&self, identifier: &str) -> Option<PlaceId> {
        self.objects.get(identifier).copied()
    }

    /// The description of a place; none of what only stands above described ones.
    pub(crate) fn node(&self, place: PlaceId) -> Option<&DdfNode> {
        self.origin(place).map(|origin| self.sources[origin.source].ddf.node(origin.node))
    }

    pub(crate) fn properties(&self, place: PlaceId) -> Option<&DfProperties> {
        self.node(place).map(|node| &node.properties)
    }

    pub(crate) fn origin(&self, place: PlaceId) -> Option<Origin> {
        self.places[place].origin
    }

    pub(crate) fn decider(&self, origin: Origin) -> Decider {
        let source = &self.sources[origin.source];
        Decider { source: source.name.clone(), uri: source.ddf.uri(origin.node) }
    }

    /// Children that an object that makes this node has to bring.
    pub(crate) fn mandatory(&self, place: PlaceId) -> &[PlaceId] {
        &self.places[place].mandatory
    }

    /// The names below a place.
    pub(crate) fn names(&self, place: PlaceId) -> impl Iterator<Item = &str> {
        self.places[place].named.keys().map(|name| &**name)
    }
}

/// The root of the tree, `.`.
pub(crate) const ROOT: PlaceId = 0;

/// Windows takes `./Vendor/MSFT` for `./Device/Vendor/MSFT`: both are the former here.
pub(crate) fn without_device<T>(names: &[T], text: impl Fn(&T) -> &str) -> &[T] {
    match names {
        [device, vendor, msft, ..]
            if (text(device), text(vendor), text(msft)) == ("Device", "Vendor", "MSFT") =>
        {
            &names[1..]
        }
        _ => names,
    }
}

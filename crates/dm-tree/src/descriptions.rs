//! `Descriptions`: what the maker's device descriptions say of nodes. [TND 1.2 §9], [DDF 1.2]
//!
//! All descriptions are merged into one trie of names, in which a nameless node stands for any
//! name that no other node beside it has. A node is found in time linear in its URI, however many
//! descriptions there are. An object that is described without a `Path` is found by the `Type` of
//! its root, wherever it stands; a description with a `Path` comes first, so that no server can
//! take a node out of it by a type.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use dm_tnds::Format;
use dm_tnds::ddf::{Ddf, DdfNode, Deviation, DeviationKind, DfType};

use crate::{MoId, Node, Tree, Uri, UriError};

mod case;
mod described;

pub(crate) use case::Spellings;
use case::Walked;
pub use described::Described;

/// The maker's descriptions, merged.
///
/// ```
/// use dm_tnds::ddf::Ddf;
/// use dm_tree::{AclCommand, Descriptions, Rules, Status, Node, Transaction, Tree, Uri};
/// let text = br#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node>
///   <NodeName>Lamp</NodeName><Path>./Vendor</Path><DFProperties><AccessType><Add/></AccessType>
///   <DFFormat><int/></DFFormat><DFType><MIME>text/plain</MIME></DFType></DFProperties>
///   </Node></MgmtTree>"#;
/// let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
/// let mut rules = Rules::default();
/// rules.descriptions.add(&Ddf::read(document.root()).unwrap(), &[])?;
///
/// let mut tree = Tree::new();
/// let mut transaction = Transaction::begin(&mut tree, &rules, "srv.example");
/// let failure = transaction.add(Uri::parse("./Vendor/Lamp")?, Node::text("on")).unwrap_err();
/// assert_eq!(failure.status(), Status::UnsupportedFormat);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptions {
    /// The first is the root of the tree; none: nothing is described.
    places: Vec<Place>,
    /// Roots of objects that are described without a `Path`, by identifier and by its name.
    objects: BTreeMap<Box<str>, PlaceId>,
    homes: BTreeMap<String, Home>,
    identifiers: BTreeSet<String>,
    /// Whether the case of any name does not count.
    folds: bool,
}

type PlaceId = usize;
const ROOT: PlaceId = 0;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    named: BTreeMap<Box<str>, PlaceId>,
    unnamed: Option<PlaceId>,
    /// The names in lower case, and as they are.
    folded: BTreeMap<Box<str>, Box<str>>,
    described: Option<Described>,
}

/// Where the instances of a management object stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The node above them.
    pub parent: Uri,
    /// The name of the only one, where the description gives it.
    pub name: Option<String>,
}

/// A description cannot be used beside the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptionError {
    /// A `NodeName` or `Path` is none.
    #[error("{text:?} is no name or path of a node: {error}")]
    Name {
        /// The text.
        text: String,
        /// What is wrong with it.
        error: UriError,
    },
    /// A `DefaultValue` that the device would put in is none of the format.
    #[error("{0}: the DefaultValue does not fit the format")]
    Default(String),
    /// A node is described twice, and not alike.
    #[error("{0} is described already, and not alike")]
    Twice(String),
}

impl Descriptions {
    /// Adds a description. `deviations` is what its reader let pass: an element that is missing
    /// there says nothing.
    ///
    /// # Errors
    /// [`DescriptionError`]; nothing is added then.
    pub fn add(&mut self, ddf: &Ddf, deviations: &[Deviation]) -> Result<(), DescriptionError> {
        let mut all = self.clone();
        all.merge(ddf, deviations)?;
        *self = all;
        Ok(())
    }

    fn merge(&mut self, ddf: &Ddf, deviations: &[Deviation]) -> Result<(), DescriptionError> {
        if self.places.is_empty() {
            self.places.push(Place::default());
        }
        let silent = |kind: &DeviationKind| {
            matches!(kind, DeviationKind::Missing("AccessType" | "DFProperties"))
        };
        let silent: BTreeSet<_> =
            deviations.iter().filter(|d| silent(&d.kind)).filter_map(|d| d.node).collect();
        // For each node its place, and its URI where every name of it is known.
        let mut placed: Vec<(PlaceId, Option<Uri>)> = Vec::with_capacity(ddf.len());
        for (id, node) in ddf.nodes() {
            let above = match node.parent {
                Some(parent) => placed[parent.index()].clone(),
                None => self.top(node)?,
            };
            let name = checked_name(node)?;
            let is_nowhere = node.parent.is_none() && is_nowhere(node);
            let (place, uri) = match (&above, node.name.as_str()) {
                _ if is_nowhere => (self.object_place(object(node)), None),
                (_, ".") if node.parent.is_none() => above.clone(),
                ((parent, _), "") => (self.child(*parent, None), None),
                ((parent, uri), _) => {
                    let uri = uri.as_ref().and_then(|uri| uri.join(&name).ok());
                    (self.child(*parent, Some(&name)), uri)
                }
            };
            self.describe(place, node, silent.contains(&id), || ddf.uri(id))?;
            self.note_object(node, above.1.filter(|_| !is_nowhere), &name);
            placed.push((place, uri));
        }
        Ok(())
    }

    /// The place above a top-level node.
    fn top(&mut self, node: &DdfNode) -> Result<(PlaceId, Option<Uri>), DescriptionError> {
        let path = node.path.as_deref().unwrap_or_default();
        let bare = path.strip_prefix("./").or_else(|| path.strip_prefix('/')).unwrap_or(path);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        if matches!(bare, "" | ".") {
            return Ok((ROOT, Some(Uri::root())));
        }
        let named = |error| DescriptionError::Name { text: path.to_owned(), error };
        let uri = Uri::parse(bare).map_err(named)?;
        let place = uri.segments().fold(ROOT, |place, name| self.child(place, Some(name)));
        Ok((place, Some(uri)))
    }

    /// The place of an object that has none of its own.
    fn object_place(&mut self, identifier: &str) -> PlaceId {
        let new = self.places.len();
        let found = *self.objects.entry(identifier.into()).or_insert(new);
        self.objects.entry(MoId::parse(identifier).name.into_owned().into()).or_insert(found);
        if found == new {
            self.places.push(Place::default());
        }
        found
    }

    /// The place of this name, or of any name, made when it is not there.
    fn child(&mut self, parent: PlaceId, name: Option<&str>) -> PlaceId {
        let new = self.places.len();
        let above = &mut self.places[parent];
        let found = match name {
            Some(name) => *above.named.entry(name.into()).or_insert(new),
            None => *above.unnamed.get_or_insert(new),
        };
        if found == new {
            if let Some(name) = name {
                above.folded.entry(name.to_lowercase().into()).or_insert_with(|| name.into());
            }
            self.places.push(Place::default());
        }
        found
    }

    fn describe(
        &mut self,
        place: PlaceId,
        node: &DdfNode,
        is_silent: bool,
        uri: impl Fn() -> String,
    ) -> Result<(), DescriptionError> {
        let described = Described::read(place, node, is_silent, &uri)?;
        self.folds |= described.folds_case == Some(true);
        match &self.places[place].described {
            Some(before) if *before != described => Err(DescriptionError::Twice(uri())),
            _ => {
                self.places[place].described = Some(described);
                Ok(())
            }
        }
    }

    /// The identifier of an object is known now, and perhaps where its instances stand.
    fn note_object(&mut self, node: &DdfNode, parent: Option<Uri>, name: &str) {
        let identifier = object(node);
        if identifier.is_empty() {
            return;
        }
        self.identifiers.insert(identifier.to_owned());
        if let Some(parent) = parent {
            let name = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
            let of = MoId::parse(identifier).name.into_owned();
            self.homes.entry(of).or_insert(Home { parent, name });
        }
    }

    /// The identifiers of the described objects, with versions.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.identifiers.iter().map(String::as_str)
    }

    /// The described objects by the names of their identifiers, and where their instances stand.
    pub fn homes(&self) -> impl Iterator<Item = (&str, &Home)> {
        self.homes.iter().map(|(name, home)| (name.as_str(), home))
    }

    /// The name that the only instance of an object has below this parent.
    pub(crate) fn only_name(&self, object: &str, parent: &Uri) -> Option<&str> {
        self.homes.get(object).filter(|home| home.parent == *parent)?.name.as_deref()
    }

    /// Whether nothing is described.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What is said of a node that may be in this tree or not.
    #[must_use]
    pub fn get(&self, uri: &Uri, tree: &Tree) -> Option<&Described> {
        self.of_new(uri, "", tree)
    }

    /// As [`Descriptions::get`], of a node that is to have this type.
    #[inline]
    pub(crate) fn of_new(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<&Described> {
        if self.is_empty() {
            return None;
        }
        let by_path = self.walk(ROOT, uri.segments()).place.and_then(|at| self.described(at));
        by_path.or_else(|| self.by_type(uri, r#type, tree))
    }

    fn by_type(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<&Described> {
        self.described(self.place_by_type(uri, r#type, tree)?)
    }

    fn place_by_type(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<PlaceId> {
        self.walk_by_type(uri, r#type, tree)?.place
    }

    /// By the nearest object whose identifier is described.
    fn walk_by_type(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<Walked> {
        if self.objects.is_empty() {
            return None;
        }
        let place = |identifier: &str| {
            if identifier.is_empty() {
                return None; // most nodes have none
            }
            let by_name = || self.objects.get(&*MoId::parse(identifier).name);
            self.objects.get(identifier).or_else(by_name).copied()
        };
        let of_node = |node: &Node| if node.is_interior() { place(&node.r#type) } else { None };
        let itself = Some(r#type).filter(|r#type| !r#type.is_empty()).and_then(place);
        let (at, place) = match itself {
            Some(place) => (uri.as_str(), place),
            None => {
                // A type that is asked about takes the place of the one that is there.
                let mut up = tree.up(uri).skip_while(|(at, _)| !r#type.is_empty() && *at == uri);
                up.find_map(|(at, node)| Some((at.as_str(), of_node(node)?)))?
            }
        };
        let rest = uri.as_str().get(at.len()..)?.split('/').skip(1);
        Some(self.walk(place, rest))
    }

    /// Whether both URIs are the same place to every description, so that a node of this type can
    /// go from one to the other.
    pub(crate) fn are_alike(&self, one: &Uri, other: &Uri, r#type: &str, tree: &Tree) -> bool {
        let [by_path, other_path] = [one, other].map(|uri| self.walk(ROOT, uri.segments()).place);
        let by_type = |uri| self.place_by_type(uri, r#type, tree);
        let is_described = by_path.is_some_and(|place| self.described(place).is_some());
        by_path == other_path && (is_described || by_type(one) == by_type(other))
    }

    /// The leaves with a default value that the device makes with an interior node of this URI,
    /// and the nodes between them that only the device makes; parents first.
    pub(crate) fn defaults(&self, uri: &Uri, tree: &Tree) -> Vec<(Uri, Node)> {
        let mut made = Vec::new();
        let by_path = self.walk(ROOT, uri.segments()).place;
        let by_path = by_path.filter(|place| self.described(*place).is_some());
        if let Some(place) = by_path.or_else(|| self.place_by_type(uri, "", tree)) {
            self.make(uri, place, &mut made);
        }
        made
    }

    /// Recursion ends where the description does.
    fn make(&self, uri: &Uri, place: PlaceId, made: &mut Vec<(Uri, Node)>) {
        for (name, child) in &self.places[place].named {
            let (Ok(uri), Some(described)) = (uri.join(name), self.described(*child)) else {
                continue;
            };
            if let Some(leaf) = described.made() {
                made.push((uri, leaf));
            } else if described.is_made() && described.is_needed {
                let before = made.len();
                made.push((uri.clone(), Node::interior(&described.object)));
                self.make(&uri, *child, made);
                if made.len() == before + 1 || described.format != Some(Format::Node) {
                    made.truncate(before); // nothing below it has a default value
                }
            }
        }
    }

    fn described(&self, place: PlaceId) -> Option<&Described> {
        self.places.get(place)?.described.as_ref()
    }
}

/// Whether a top-level node is an object that may stand anywhere.
fn is_nowhere(node: &DdfNode) -> bool {
    node.path.is_none() && node.name.is_empty() && !object(node).is_empty()
}

fn object(node: &DdfNode) -> &str {
    node.properties.df_type.as_ref().and_then(DfType::object).unwrap_or_default()
}

/// The name as URIs have it: escapes undone.
fn checked_name(node: &DdfNode) -> Result<String, DescriptionError> {
    match node.name.as_str() {
        "" => Ok(String::new()),
        "." if node.parent.is_none() => Ok(String::new()),
        text => match Uri::root().join(text) {
            Ok(uri) => Ok(uri.name().to_owned()),
            Err(error) => Err(DescriptionError::Name { text: text.to_owned(), error }),
        },
    }
}

#[cfg(test)]
mod tests;

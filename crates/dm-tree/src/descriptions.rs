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
use dm_tnds::ddf::{Access, Ddf, DdfNode, Deviation, DeviationKind, DfType, Scope};

use crate::node::{check_value, stored};
use crate::{AccessType, AclCommand, MoId, Node, Reason, Tree, Uri, UriError};

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
}

type PlaceId = usize;
const ROOT: PlaceId = 0;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    named: BTreeMap<Box<str>, PlaceId>,
    unnamed: Option<PlaceId>,
    described: Option<Described>,
}

/// What is fixed about a node, whoever asks. [TND 1.2 §9.3]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    place: PlaceId,
    /// `AccessType`; none: not said.
    pub access: Option<AccessType>,
    /// `Scope`: whether it keeps its place.
    pub is_permanent: bool,
    /// `DFFormat`, as it is stored: `b64` is `bin`.
    pub format: Option<Format>,
    /// `MIME`, each one, in lower case; empty: any.
    pub media_types: Vec<String>,
    /// `DDFName`; empty: any.
    pub object: String,
    /// `Occurrence` of a node without a name: how many there may be at most below one parent.
    pub most: Option<u32>,
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
        let properties = &node.properties;
        let is_counted = node.name.is_empty() && !(node.parent.is_none() && is_nowhere(node));
        let described = Described {
            place,
            access: (!is_silent).then(|| access_type(properties.access_type)),
            is_permanent: properties.scope == Scope::Permanent,
            format: properties.df_format.map(stored),
            media_types: match &properties.df_type {
                Some(DfType::Mime(types)) => {
                    types.iter().filter(|t| !t.is_empty()).map(|t| t.to_lowercase()).collect()
                }
                _ => Vec::new(),
            },
            object: object(node).to_owned(),
            most: properties.occurs().most().filter(|_| is_counted),
        };
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
        let by_path = self.walk(ROOT, uri.segments()).and_then(|at| self.described(at));
        by_path.or_else(|| self.by_type(uri, r#type, tree))
    }

    fn by_type(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<&Described> {
        self.described(self.place_by_type(uri, r#type, tree)?)
    }

    /// By the nearest object whose identifier is described.
    fn place_by_type(&self, uri: &Uri, r#type: &str, tree: &Tree) -> Option<PlaceId> {
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
        self.walk(place, rest)
    }

    /// Whether both URIs are the same place to every description, so that a node of this type can
    /// go from one to the other.
    pub(crate) fn are_alike(&self, one: &Uri, other: &Uri, r#type: &str, tree: &Tree) -> bool {
        let [by_path, other_path] = [one, other].map(|uri| self.walk(ROOT, uri.segments()));
        let by_type = |uri| self.place_by_type(uri, r#type, tree);
        let is_described = by_path.is_some_and(|place| self.described(place).is_some());
        by_path == other_path && (is_described || by_type(one) == by_type(other))
    }

    fn walk<'n>(&self, from: PlaceId, mut names: impl Iterator<Item = &'n str>) -> Option<PlaceId> {
        self.places.get(from)?;
        names.try_fold(from, |at, name| {
            let place = &self.places[at];
            place.named.get(name).copied().or(place.unnamed)
        })
    }

    fn described(&self, place: PlaceId) -> Option<&Described> {
        self.places.get(place)?.described.as_ref()
    }
}

impl Described {
    /// Whether the node takes this command.
    #[must_use]
    pub fn permits(&self, command: AclCommand) -> bool {
        self.access.is_none_or(|access| access.permits(command))
    }

    /// Whether both are the same node of a description.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.place == other.place
    }

    /// Whether a node can stand there: its format, its type, and a value of its format.
    pub(crate) fn check(&self, node: &Node) -> Result<(), Reason> {
        match self.format {
            Some(format) if format != node.format => return Err(Reason::DescribedFormat),
            _ => {}
        }
        let Some(value) = &node.value else {
            let other = MoId::parse(&node.r#type).name != MoId::parse(&self.object).name;
            let is_other = !node.r#type.is_empty() && !self.object.is_empty() && other;
            return if is_other { Err(Reason::DescribedType) } else { Ok(()) };
        };
        let essence = node.r#type.split(';').next().unwrap_or_default().trim().to_lowercase();
        if !self.media_types.is_empty() && !self.media_types.contains(&essence) {
            return Err(Reason::DescribedType);
        }
        if self.format.is_some() { check_value(node.format, value) } else { Ok(()) }
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

fn access_type(access: dm_tnds::ddf::AccessType) -> AccessType {
    access
        .iter()
        .filter_map(|access| match access {
            Access::Add => Some(AclCommand::Add),
            Access::Delete => Some(AclCommand::Delete),
            Access::Exec => Some(AclCommand::Exec),
            Access::Get => Some(AclCommand::Get),
            Access::Replace => Some(AclCommand::Replace),
            Access::Copy => None, // reads its source and writes its target
        })
        .collect()
}

#[cfg(test)]
mod tests;

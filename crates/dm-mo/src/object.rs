//! Reading and writing the parts of objects: leaves, lists of nodes with names of their own.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use dm_tnds::{Format, Node};
use dm_tree::{MoId, Tree, Uri};

use crate::MoError;

/// A text that is not shown: it stands in the tree, and in no log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A node of an object in a tree, with what is below it.
pub(crate) struct Part<'t> {
    tree: &'t Tree,
    pub(crate) uri: Uri,
}

impl<'t> Part<'t> {
    /// The root of an object with this identifier, of any version.
    pub(crate) fn root(tree: &'t Tree, uri: &Uri, wanted: &'static str) -> Result<Self, MoError> {
        let node = tree.get(uri).ok_or_else(|| MoError::Missing(uri.clone()))?;
        if MoId::parse(&node.r#type).name != MoId::parse(wanted).name {
            let (uri, found) = (uri.clone(), node.r#type.to_string());
            return Err(MoError::OtherObject { uri, found, wanted });
        }
        Ok(Self { tree, uri: uri.clone() })
    }

    /// The text of a leaf; none when it is not there.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, MoError> {
        let uri = self.uri.join(name)?;
        match self.tree.get(&uri) {
            None => Ok(None),
            Some(node) => match node.as_text() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(MoError::Value { uri, wanted: "text" }),
            },
        }
    }

    /// The text of a leaf that must be there.
    pub(crate) fn must(&self, name: &str) -> Result<String, MoError> {
        let missing = || Ok(MoError::Missing(self.uri.join(name)?));
        match self.text(name)? {
            Some(text) => Ok(text),
            None => Err(missing().unwrap_or_else(|error: MoError| error)),
        }
    }

    /// The octets of a leaf; none when it is not there.
    pub(crate) fn octets(&self, name: &str) -> Result<Option<Vec<u8>>, MoError> {
        let uri = self.uri.join(name)?;
        match self.tree.get(&uri).map(|node| &node.value) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value.to_vec())),
            Some(None) => Err(MoError::Value { uri, wanted: "octets" }),
        }
    }

    /// The value of a leaf; none when it is not there.
    pub(crate) fn value<T: FromStr>(
        &self,
        name: &str,
        wanted: &'static str,
    ) -> Result<Option<T>, MoError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(MoError::Value { uri: self.uri.join(name)?, wanted }),
        }
    }

    /// A node inside; none when it is not there.
    pub(crate) fn inside(&self, name: &str) -> Result<Option<Self>, MoError> {
        let uri = self.uri.join(name)?;
        Ok(self.tree.contains(&uri).then_some(Self { tree: self.tree, uri }))
    }

    /// The nodes below a node inside, in the order of their names: numbers as numbers.
    pub(crate) fn each(&self, name: &str) -> Result<Vec<Self>, MoError> {
        let Some(inside) = self.inside(name)? else { return Ok(Vec::new()) };
        let below = self.tree.children(&inside.uri).map(|(uri, _)| uri.clone());
        let mut below: Vec<Uri> = below.collect();
        let by_length = |one: &str, other: &str| (one.len(), one).cmp(&(other.len(), other));
        below.sort_unstable_by(|one, other| by_length(one.name(), other.name()));
        Ok(below.into_iter().map(|uri| Self { tree: self.tree, uri }).collect())
    }

    /// The texts of a leaf in each of those.
    pub(crate) fn texts(&self, name: &str, leaf: &str) -> Result<Vec<String>, MoError> {
        self.each(name)?.iter().map(|part| part.must(leaf)).collect()
    }
}

/// An object under construction.
pub(crate) trait Write: Sized {
    /// With a leaf of text, if there is one.
    fn with_text(self, name: &'static str, text: Option<&str>) -> Self;
    /// With a leaf of this format, if there is a value.
    fn with_value(self, name: &'static str, format: Format, value: Option<String>) -> Self;
    /// With a list of nodes named by numbers; without any, nothing.
    fn with_list(self, name: &'static str, each: impl Iterator<Item = Node<'static>>) -> Self;
}

impl Write for Node<'static> {
    fn with_text(self, name: &'static str, text: Option<&str>) -> Self {
        self.with_value(name, Format::Chr, text.map(str::to_owned))
    }

    fn with_value(self, name: &'static str, format: Format, value: Option<String>) -> Self {
        let Some(value) = value else { return self };
        let mut leaf = Node::leaf(name, value);
        leaf.rt_properties.get_or_insert_default().format = Some(format);
        self.with(leaf)
    }

    fn with_list(self, name: &'static str, each: impl Iterator<Item = Node<'static>>) -> Self {
        let mut list = Node::interior(name, "");
        for (index, mut node) in each.enumerate() {
            node.node_name = Some((index + 1).to_string().into());
            list.nodes.push(node);
        }
        if list.nodes.is_empty() { self } else { self.with(list) }
    }
}

/// A nameless node with one leaf of text, for lists.
pub(crate) fn entry(leaf: &'static str, text: &str) -> Node<'static> {
    Node::interior("", "").with_text(leaf, Some(text))
}

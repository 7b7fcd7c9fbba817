//! From an object to nodes with URIs, parents first. [TNDS 1.2 §9.1]
//!
//! Nothing is asked here about rights or about the tree; what comes out is what the object says.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_tnds::{Format, MgmtTree, RtProperties, Type, Value};
use hashbrown::HashSet;

use crate::node::stored;
use crate::{Acl, Failure, Node, Octets, Reason, Uri};

/// How deep the nodes of an object are nested at most below a top-level one.
pub const OBJECT_DEPTH: usize = 64;

/// A node of an object and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) uri: Uri,
    pub(crate) node: Node,
    /// Whether it is a top-level node of the object.
    pub(crate) top: bool,
}

/// The nodes of an object whose command has this target, in document order, parents first.
///
/// A top-level node without a name is the target itself; one with a `Path` stands below that.
pub(crate) fn placed(object: &MgmtTree<'_>, target: &Uri) -> Result<Vec<Placed>, Failure> {
    placed_with(object, target, |_| Ok(target.clone()))
}

/// As [`placed`]; a top-level node with neither name nor `Path` is where `unnamed` says.
pub(crate) fn placed_with(
    object: &MgmtTree<'_>,
    target: &Uri,
    mut unnamed: impl FnMut(&dm_tnds::Node<'_>) -> Result<Uri, Failure>,
) -> Result<Vec<Placed>, Failure> {
    if object.ver_dtd != "1.2" {
        return Err(Reason::NotTnds.into());
    }
    let mut reader = Reader { found: Vec::new(), room: String::new() };
    for node in &object.nodes {
        let path = node.path.as_deref().unwrap_or_default();
        let name = node.node_name.as_deref().unwrap_or_default();
        let uri = match (path, name) {
            ("", "") => unnamed(node)?,
            ("", name) => target.join(name)?,
            (path, "") => below(target, path)?,
            (path, name) => below(target, path)?.join(name)?,
        };
        reader.read(node, &uri, 0)?;
    }
    let mut seen = HashSet::with_capacity(reader.found.len());
    if let Some(double) = reader.found.iter().find(|placed| !seen.insert(&placed.uri)) {
        return Err(Failure::at(&double.uri, Reason::Exists));
    }
    drop(seen);
    Ok(reader.found)
}

/// The node that a `Path` names below the target.
fn below(target: &Uri, path: &str) -> Result<Uri, Failure> {
    if path.starts_with('/') {
        return Err(Failure::at(target, Reason::Path));
    }
    let names = path.strip_prefix("./").unwrap_or(path);
    names.split('/').try_fold(target.clone(), |uri, name| Ok(uri.join(name)?))
}

struct Reader {
    found: Vec<Placed>,
    /// Where URIs are put together.
    room: String,
}

impl Reader {
    /// Recursion ends at [`OBJECT_DEPTH`].
    fn read(&mut self, node: &dm_tnds::Node<'_>, uri: &Uri, depth: usize) -> Result<(), Failure> {
        if depth > OBJECT_DEPTH {
            return Err(Failure::at(uri, Reason::Nesting));
        }
        let read = run_time_node(node).map_err(|reason| Failure::at(uri, reason))?;
        self.found.push(Placed { uri: uri.clone(), node: read, top: depth == 0 });
        self.found.reserve(node.nodes.len());
        for child in &node.nodes {
            if child.path.as_deref().is_some_and(|path| !path.is_empty()) {
                return Err(Failure::at(uri, Reason::Path));
            }
            match child.node_name.as_deref() {
                None | Some("") => return Err(Failure::at(uri, Reason::Unnamed)),
                Some(name) => {
                    let uri = uri.join_in(name, &mut self.room)?;
                    self.read(child, &uri, depth + 1)?;
                }
            }
        }
        Ok(())
    }
}

/// The node itself. Without a format it is interior if it has children, and else text.
fn run_time_node(node: &dm_tnds::Node<'_>) -> Result<Node, Reason> {
    let none = RtProperties::default();
    let properties = node.rt_properties.as_ref().unwrap_or(&none);
    let has_children = !node.nodes.is_empty();
    let default = if has_children { Format::Node } else { Format::Chr };
    let format = properties.format.unwrap_or(default);
    let is_interior = format == Format::Node;
    if (has_children && !is_interior) || (node.value.is_some() && is_interior) {
        return Err(Reason::Shape);
    }
    let acl = Acl::parse(properties.acl.as_deref().unwrap_or_default()).map_err(Reason::Acl)?;
    let r#type = properties.r#type.as_ref().map(Type::as_str).unwrap_or_default();
    let read = match (is_interior, r#type) {
        (true, identifier) => Node::interior(identifier),
        (false, "") => Node::leaf(format, "text/plain", octets(node, format)?),
        (false, mime) => Node::leaf(format, mime, octets(node, format)?),
    };
    let title = properties.title.as_deref().unwrap_or_default().to_owned();
    let read = Node { acl, title, ..read };
    read.check()?;
    Ok(read)
}

/// The value of a leaf. Octets come as such, or as base64 text without line breaks.
fn octets(node: &dm_tnds::Node<'_>, format: Format) -> Result<Octets, Reason> {
    let is_octets = stored(format) == Format::Bin;
    match &node.value {
        None => Ok(Octets::from(b"")),
        Some(Value::Octets(octets)) if is_octets => Ok((**octets).into()),
        Some(Value::Octets(_)) => Err(Reason::Format),
        Some(Value::Text(text)) if is_octets => {
            STANDARD.decode(text.as_bytes()).map(Octets::from).map_err(|_| Reason::Format)
        }
        Some(Value::Text(text)) => Ok((**text).into()),
    }
}

#[cfg(test)]
mod tests;

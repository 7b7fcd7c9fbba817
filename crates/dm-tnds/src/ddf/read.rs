//! Infoset to `Ddf`, by the letter of the DTD or as descriptions in the field are. [DDF 1.2]

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use dm_xml::Element;

use super::content::{Child, Reading, once, text, token};
use super::{
    Access, AccessType, CaseSense, Ddf, DdfNode, DfProperties, DfType, NodeId, Occurrence, Scope,
};
use crate::error::ErrorKind::{
    Missing, MixedContent, NoChoice, NotMgmtTree, Twice, Unexpected, UnknownFormat, VerDtd,
};
use crate::tables::NAMESPACE;
use crate::{Error, ErrorKind, Format};

/// Something that the DTD does not have, and a lenient reader let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deviation {
    /// What.
    pub kind: DeviationKind,
    /// The node that it stands in; none: before the first.
    pub node: Option<NodeId>,
}

/// What a lenient reader lets pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviationKind {
    /// `MgmtTree` is in no namespace.
    NoNamespace,
    /// A `Node` without `DFProperties`, or `DFProperties` without this element.
    Missing(&'static str),
    /// A `ZeroOrN` or `OneOrN` without its number, read as `ZeroOrMore` or `OneOrMore`.
    NoNumber,
}

impl DeviationKind {
    pub(super) fn as_error(self) -> ErrorKind {
        match self {
            Self::NoNamespace => NotMgmtTree,
            Self::Missing(name) => Missing(name),
            Self::NoNumber => ErrorKind::NoNumber,
        }
    }
}

impl fmt::Display for DeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNamespace => f.write_str("MgmtTree is in no namespace"),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::NoNumber => f.write_str("ZeroOrN or OneOrN without its number"),
        }
    }
}

impl Ddf {
    /// Reads a description by the letter of the DTD.
    ///
    /// # Errors
    /// When the element is no `MgmtTree` of version 1.2, or its content is not that of the DTD.
    pub fn read(root: Element<'_>) -> Result<Self, Error> {
        read(root, &mut Reading::new(true))
    }

    /// Reads a description as those of Windows and others are: without namespace, with foreign
    /// elements, with elements missing. Says what it let pass.
    ///
    /// # Errors
    /// When the element is no `MgmtTree` of version 1.2, or its content is of no known kind.
    pub fn read_lenient(root: Element<'_>) -> Result<(Self, Vec<Deviation>), Error> {
        let mut reading = Reading::new(false);
        let ddf = read(root, &mut reading)?;
        Ok((ddf, reading.deviations))
    }
}

fn read(root: Element<'_>, reading: &mut Reading) -> Result<Ddf, Error> {
    if root.local() != "MgmtTree" || !matches!(root.namespace(), NAMESPACE | "") {
        return Err(Error::new(NotMgmtTree, root));
    }
    if root.namespace().is_empty() {
        reading.deviates(DeviationKind::NoNamespace, root)?;
    }
    let (mut ver_dtd, mut man, mut r#mod) = (None, None, None);
    let mut nodes = Vec::new();
    for child in reading.standard(root)? {
        match child.local() {
            "VerDTD" => once(&mut ver_dtd, token(child)?, child)?,
            "Man" => once(&mut man, text(child)?, child)?,
            "Mod" => once(&mut r#mod, text(child)?, child)?,
            "Node" => drop(node(child, None, reading, &mut nodes)?),
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    match ver_dtd {
        Some(ver_dtd) if ver_dtd == "1.2" => Ok(Ddf { ver_dtd, man, r#mod, nodes }),
        _ => Err(Error::new(VerDtd, root)),
    }
}

/// Recursive: the depth of a document is limited when it is read.
fn node(
    element: Element<'_>,
    parent: Option<NodeId>,
    reading: &mut Reading,
    nodes: &mut Vec<DdfNode>,
) -> Result<NodeId, Error> {
    let id = NodeId(reading.nodes);
    reading.nodes += 1;
    nodes.push(DdfNode { parent, ..DdfNode::default() });
    let (mut name, mut path, mut properties) = (None, None, None);
    let mut children = Vec::new();
    for child in reading.standard(element)? {
        match child.local() {
            "NodeName" => once(&mut name, token(child)?, child)?,
            "Path" => once(&mut path, token(child)?, child)?,
            "DFProperties" => once(&mut properties, df_properties(child, reading)?, child)?,
            "RTProperties" | "Value" => {} // of a run-time tree: the same DTD has both
            "Node" => children.push(node(child, Some(id), reading, nodes)?),
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    let name = match name {
        Some(name) => name,
        None => {
            reading.deviates(DeviationKind::Missing("NodeName"), element)?;
            String::new()
        }
    };
    let properties = match properties {
        Some(properties) => properties,
        None => {
            reading.deviates(DeviationKind::Missing("DFProperties"), element)?;
            DfProperties::default()
        }
    };
    let path = path.filter(|_| parent.is_none()); // an inner one repeats what the nesting says
    nodes[id.index()] = DdfNode { name, path, properties, parent, children };
    Ok(id)
}

fn df_properties(element: Element<'_>, reading: &mut Reading) -> Result<DfProperties, Error> {
    let mut found = DfProperties::default();
    let (mut access, mut scope) = (None, None);
    for child in reading.children(element)? {
        let child = match child {
            Child::Standard(child) => child,
            Child::Vendor(child) => {
                found.read_vendor(child, reading)?;
                continue;
            }
        };
        match child.local() {
            "AccessType" => once(&mut access, access_type(child, reading)?, child)?,
            "DefaultValue" => once(&mut found.default_value, text(child)?, child)?,
            "Description" => once(&mut found.description, text(child)?, child)?,
            "DFFormat" => once(&mut found.df_format, format(child, reading)?, child)?,
            "Occurrence" => once(&mut found.occurrence, occurrence(child, reading)?, child)?,
            "Scope" => once(&mut scope, read_scope(child, reading)?, child)?,
            "DFTitle" => once(&mut found.df_title, text(child)?, child)?,
            "DFType" => once(&mut found.df_type, df_type(child, reading)?, child)?,
            "CaseSense" => once(&mut found.case_sense, case_sense(child, reading)?, child)?,
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    for (is_missing, name) in [
        (access.is_none(), "AccessType"),
        (found.df_format.is_none(), "DFFormat"),
        (found.df_type.is_none(), "DFType"),
    ] {
        if is_missing {
            reading.deviates(DeviationKind::Missing(name), element)?;
        }
    }
    found.access_type = access.unwrap_or_default();
    found.scope = scope.unwrap_or_default();
    Ok(found)
}

fn access_type(element: Element<'_>, reading: &mut Reading) -> Result<AccessType, Error> {
    let mut found = AccessType::default();
    for child in reading.standard(element)? {
        let access = Access::parse(child.local()).ok_or_else(|| Error::new(Unexpected, child))?;
        if !found.insert(access) {
            return Err(Error::new(Twice, child));
        }
    }
    Ok(found)
}

fn format(element: Element<'_>, reading: &mut Reading) -> Result<Format, Error> {
    let name = reading.choice(element)?;
    Format::parse(name.local()).ok_or_else(|| Error::new(UnknownFormat, name))
}

fn occurrence(element: Element<'_>, reading: &mut Reading) -> Result<Occurrence, Error> {
    let name = reading.choice(element)?;
    let most = |reading: &mut Reading| match &*token(name)? {
        "" => reading.deviates(DeviationKind::NoNumber, name).map(|()| None),
        text => match text.parse() {
            Ok(most @ 1..=65_536_u32) => Ok(Some(most)),
            _ => Err(Error::new(ErrorKind::NoNumber, name)),
        },
    };
    Ok(match name.local() {
        "One" => Occurrence::One,
        "OneOrN" => most(reading)?.map_or(Occurrence::OneOrMore, Occurrence::OneOrN),
        "OneOrMore" => Occurrence::OneOrMore,
        "ZeroOrN" => most(reading)?.map_or(Occurrence::ZeroOrMore, Occurrence::ZeroOrN),
        "ZeroOrMore" => Occurrence::ZeroOrMore,
        "ZeroOrOne" => Occurrence::ZeroOrOne,
        _ => return Err(Error::new(Unexpected, name)),
    })
}

fn read_scope(element: Element<'_>, reading: &mut Reading) -> Result<Scope, Error> {
    let name = reading.choice(element)?;
    match name.local() {
        "Dynamic" => Ok(Scope::Dynamic),
        "Permanent" => Ok(Scope::Permanent),
        _ => Err(Error::new(Unexpected, name)),
    }
}

fn case_sense(element: Element<'_>, reading: &mut Reading) -> Result<CaseSense, Error> {
    let name = reading.choice(element)?;
    match name.local() {
        "CIS" => Ok(CaseSense::Insensitive),
        "CS" => Ok(CaseSense::Sensitive),
        _ => Err(Error::new(Unexpected, name)),
    }
}

fn df_type(element: Element<'_>, reading: &mut Reading) -> Result<DfType, Error> {
    let mut kinds = reading.standard(element)?.peekable();
    let Some(first) = kinds.peek().copied() else {
        return Err(Error::new(NoChoice, element));
    };
    if first.local() == "DDFName" {
        let name = token(first)?;
        return match kinds.nth(1) {
            None => Ok(DfType::DdfName(name)),
            Some(beside) => Err(Error::new(MixedContent, beside)),
        };
    }
    let mut types = Vec::new();
    for kind in kinds {
        match kind.local() {
            "MIME" => types.push(token(kind)?),
            _ => return Err(Error::new(Unexpected, kind)),
        }
    }
    Ok(DfType::Mime(types))
}

#[cfg(test)]
mod tests;

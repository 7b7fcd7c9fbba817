//! Infoset to `MgmtTree`. [TNDS 1.2 §9.2]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_xml::Element;

use crate::error::ErrorKind::{
    MixedContent, NotMgmtTree, Twice, Unexpected, UnknownFormat, VerDtd,
};
use crate::tables::NAMESPACE;
use crate::{Error, Format, MgmtTree, Node, RtProperties, Type, Value};

impl<'a> MgmtTree<'a> {
    /// Reads a serialized sub-tree from its `MgmtTree` element.
    ///
    /// # Errors
    /// When the element is none, its version is not 1.2, or its content is not that of the DTD.
    pub fn read(element: Element<'a>) -> Result<Self, Error> {
        if !element.is(NAMESPACE, "MgmtTree") {
            return Err(Error::new(NotMgmtTree, element));
        }
        let (mut ver_dtd, mut man, mut r#mod) = (None, None, None);
        let mut nodes = Vec::new();
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "VerDTD" => once(&mut ver_dtd, text(child)?, child)?,
                "Man" => once(&mut man, text(child)?, child)?,
                "Mod" => once(&mut r#mod, text(child)?, child)?,
                "Node" => node_into(&mut nodes, child)?,
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        match ver_dtd {
            Some(ver_dtd) if ver_dtd == "1.2" => Ok(Self { ver_dtd, man, r#mod, nodes }),
            _ => Err(Error::new(VerDtd, element)),
        }
    }
}

/// Reads one node, in its place behind these: it is large to move about. Recursive: the depth of a
/// document is limited when it is read.
fn node_into<'a>(nodes: &mut Vec<Node<'a>>, element: Element<'a>) -> Result<(), Error> {
    nodes.push(Node::default());
    nodes.last_mut().map_or(Ok(()), |node| fill(node, element))
}

fn fill<'a>(found: &mut Node<'a>, element: Element<'a>) -> Result<(), Error> {
    for child in elements(element) {
        let child = child?;
        match child.local() {
            "NodeName" => once(&mut found.node_name, text(child)?, child)?,
            "Path" => once(&mut found.path, text(child)?, child)?,
            "RTProperties" => {
                once(&mut found.rt_properties, RtProperties::default(), child)?;
                found.rt_properties.as_mut().map_or(Ok(()), |found| properties(found, child))?;
            }
            "DFProperties" => {} // described, not carried: the same DTD has both
            "Value" => once(&mut found.value, value(child)?, child)?,
            "Node" => node_into(&mut found.nodes, child)?,
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    Ok(())
}

fn properties<'a>(found: &mut RtProperties<'a>, element: Element<'a>) -> Result<(), Error> {
    for child in elements(element) {
        let child = child?;
        match child.local() {
            "ACL" => once(&mut found.acl, text(child)?, child)?,
            "Format" => once(&mut found.format, format(child)?, child)?,
            "Title" => once(&mut found.title, text(child)?, child)?,
            "Type" => once(&mut found.r#type, r#type(child)?, child)?,
            "TStamp" => once(&mut found.t_stamp, text(child)?, child)?,
            "VerNo" => once(&mut found.ver_no, text(child)?, child)?,
            "Name" | "Size" => {} // not properties of TNDS; some writers emit them
            _ => return Err(Error::new(Unexpected, child)),
        }
    }
    Ok(())
}

fn format(element: Element<'_>) -> Result<Format, Error> {
    let mut names = elements(element);
    match (names.next().transpose()?, names.next().transpose()?) {
        (Some(name), None) => {
            Format::parse(name.local()).ok_or_else(|| Error::new(UnknownFormat, name))
        }
        _ => Err(Error::new(UnknownFormat, element)),
    }
}

fn r#type(element: Element<'_>) -> Result<Type<'_>, Error> {
    // Nearly every one is of one kind with one text.
    let mut kinds = element.content(NAMESPACE);
    if let (Some(Ok(kind)), None) = (kinds.next(), kinds.next()) {
        return match kind.local() {
            "DDFName" => Ok(Type::DdfName(text(kind)?)),
            "MIME" => Ok(Type::Mime(text(kind)?)),
            _ => Err(Error::new(Unexpected, kind)),
        };
    }
    let mut kinds = element.elements();
    match (kinds.next(), kinds.next()) {
        (None, _) => Ok(Type::Mime(element.text())),
        (Some(kind), None) if element.has_text() => Err(Error::new(MixedContent, kind)),
        (_, Some(kind)) | (Some(kind), None) => Err(Error::new(Unexpected, kind)),
    }
}

fn value(element: Element<'_>) -> Result<Value<'_>, Error> {
    if let Some(text) = element.plain_text() {
        return Ok(Value::Text(Cow::Borrowed(text)));
    }
    match element.octets() {
        Some(octets) => Ok(Value::Octets(Cow::Borrowed(octets))),
        None => Ok(Value::Text(text(element)?)),
    }
}

/// The child elements of an element that holds nothing else.
#[inline]
fn elements<'a>(
    element: Element<'a>,
) -> impl Iterator<Item = Result<Element<'a>, Error>> + use<'a> {
    element.content(NAMESPACE).map(|child| child.map_err(Error::from))
}

/// The text of an element that holds nothing else.
fn text(element: Element<'_>) -> Result<Cow<'_, str>, Error> {
    Ok(element.text_only()?)
}

fn once<T>(slot: &mut Option<T>, value: T, element: Element<'_>) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(Twice, element)),
    }
}

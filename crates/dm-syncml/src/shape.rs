//! The three shapes in which an object travels inside `Data`, and how a message changes from one
//! to another. [wire facts: WBXML §6]

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::slice;

use dm_wbxml::{Encoder, Strings, Version, WriteError};
use dm_xml::{Child, Document, Element, Limits, Sink, ToInfoset, canonical};
use thiserror::Error;

use crate::media_type::{DMTNDS_WBXML, DMTNDS_XML};
use crate::tables::{DDF, METINF, SYNCML_1_2};
use crate::{Data, Meta, MetaRule, ObjectError, is_object};

/// How an object stands in `Data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A: a WBXML document of its own, as octets; Type `...dmtnds+wbxml`, Format `bin`.
    Nested,
    /// B: its elements, on code page 2 of the message; Type `...dmtnds+xml`, Format `xml`.
    InPlace,
    /// C: XML text; Type `...dmtnds+xml`, Format `xml`.
    Text,
}

/// A message could not be given another shape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// A message whose content is signed must stay as it is.
    #[error("the message is signed: give it its shape before it is sealed")]
    Signed,
    /// An item that does not fit the model.
    #[error(transparent)]
    Item(#[from] crate::Error),
    /// Data that says that it is an object, and is none.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// An object that WBXML cannot carry.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The message as XML text, with every object in it in this shape.
///
/// # Errors
/// When the message is signed, an item does not fit the model, or an object cannot be read.
///
/// ```
/// use dm_syncml::{Shape, reshape};
/// use dm_xml::{Limits, parse};
/// let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Add><CmdID>1</CmdID><Item><Meta>
///   <Type xmlns="syncml:metinf">application/vnd.syncml.dmtnds+xml</Type></Meta><Data>
///   <MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD></MgmtTree></Data></Item></Add>
///   </SyncBody></SyncML>"#;
/// let limits = Limits::default();
/// let message = parse(text, &limits).unwrap().without_white_space();
/// let text = reshape(&message, Shape::Nested, &limits).unwrap();
/// assert!(text.contains("dmtnds+wbxml</Type></Meta><Data>AgAAa"));
/// ```
pub fn reshape(
    message: &Document<'_>,
    shape: Shape,
    limits: &Limits,
) -> Result<String, ShapeError> {
    if message.root().walk().any(|element| element.local() == "Signature") {
        return Err(ShapeError::Signed);
    }
    let mut objects = Vec::new();
    gather(message.root(), shape, limits, &mut objects)?;
    let shaped = objects
        .iter()
        .map(|object| object.as_ref().map(|object| object.shaped(shape, limits)).transpose())
        .collect::<Result<_, _>>()?;
    Ok(canonical::text(&Reshaped { message, shaped }))
}

/// A message and, for each of its items, the object that is to stand there.
struct Reshaped<'t> {
    message: &'t Document<'t>,
    shaped: Vec<Option<Shaped<'t>>>,
}

impl ToInfoset for Reshaped<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        copy(self.message.root(), &mut self.shaped.iter(), sink)
    }
}

/// An object, read and written again.
enum Object {
    Wbxml(Vec<u8>),
    Xml(String),
}

/// An object in its new shape.
enum Shaped<'t> {
    InPlace(Document<'t>),
    Nested(&'t [u8]),
    Text(&'t str),
}

impl Object {
    fn shaped(&self, shape: Shape, limits: &Limits) -> Result<Shaped<'_>, ShapeError> {
        Ok(match self {
            Self::Wbxml(octets) => Shaped::Nested(octets),
            Self::Xml(text) if shape == Shape::InPlace => {
                let document = dm_xml::parse(text.as_bytes(), limits);
                Shaped::InPlace(document.map_err(ObjectError::from)?)
            }
            Self::Xml(text) => Shaped::Text(text),
        })
    }
}

/// The objects of all items, in the order in which [`copy`] comes to them.
fn gather(
    command: Element<'_>,
    shape: Shape,
    limits: &Limits,
    objects: &mut Vec<Option<Object>>,
) -> Result<(), ShapeError> {
    for child in command.elements() {
        if !child.is(SYNCML_1_2, "Item") {
            gather(child, shape, limits, objects)?;
            continue;
        }
        let object = object(command, child, shape, limits)?;
        let is_replaced = |inside: &Element<'_>| matches!(inside.local(), "Meta" | "Data");
        if object.is_none() {
            objects.push(None);
            gather(child, shape, limits, objects)?;
            continue;
        }
        objects.push(object);
        for inside in child.elements().filter(|inside| !is_replaced(inside)) {
            gather(inside, shape, limits, objects)?;
        }
    }
    Ok(())
}

/// The object that an item holds; none when it holds something else.
fn object(
    command: Element<'_>,
    item: Element<'_>,
    shape: Shape,
    limits: &Limits,
) -> Result<Option<Object>, ShapeError> {
    let meta = |element: Element<'_>| {
        let found = element.elements().find(|child| child.is(SYNCML_1_2, "Meta"));
        found.map(|meta| {
            Meta::read(meta)
                .map(|meta| (meta.format.map(Cow::into_owned), meta.r#type.map(Cow::into_owned)))
        })
    };
    let (own, outer) = (meta(item).transpose()?, meta(command).transpose()?);
    let (own, outer) = (own.unwrap_or_default(), outer.unwrap_or_default());
    let format = own.0.or(outer.0);
    let Some(r#type) = own.1.or(outer.1).filter(|name| is_object(name)) else { return Ok(None) };
    let Some(data) = item.elements().find(|child| child.is(SYNCML_1_2, "Data")) else {
        return Ok(None);
    };
    let is_bin = format.as_deref() == Some("bin");
    let written = Data::read(data)?.with_object(&r#type, is_bin, limits, |tree| match shape {
        Shape::Nested => {
            let encoder = Encoder::new(&DDF).version(Version::V1_2).strings(Strings::Fewest);
            encoder.encode(tree, MetaRule::default()).map(Object::Wbxml)
        }
        Shape::InPlace | Shape::Text => Ok(Object::Xml(canonical::text(tree))),
    })?;
    Ok(Some(written?))
}

/// Copies an element; every item on the way takes the next object, if it has one.
fn copy<'d, S: Sink<'d>>(
    element: Element<'d>,
    left: &mut slice::Iter<'d, Option<Shaped<'d>>>,
    sink: &mut S,
) -> Result<(), S::Error> {
    let object =
        if element.is(SYNCML_1_2, "Item") { left.next().and_then(Option::as_ref) } else { None };
    sink.start(element.namespace().into(), element.local())?;
    for attribute in element.attributes() {
        sink.attribute(attribute.name, attribute.value.into())?;
    }
    if let Some(object) = object
        && !element.elements().any(|child| child.is(SYNCML_1_2, "Meta"))
    {
        meta(None, object, sink)?;
    }
    for child in element.children() {
        match (child, object) {
            (Child::Text(text), _) => sink.text(text.into())?,
            (Child::Octets(octets), _) => sink.octets(octets.into())?,
            (Child::Element(child), Some(object)) if child.local() == "Meta" => {
                meta(Some(child), object, sink)?;
            }
            (Child::Element(child), Some(object)) if child.local() == "Data" => {
                data(object, sink)?;
            }
            (Child::Element(child), _) => copy(child, left, sink)?,
        }
    }
    sink.end()
}

/// The Meta of an item with an object of this shape; what else it says stays.
fn meta<'d, S: Sink<'d>>(
    before: Option<Element<'d>>,
    object: &Shaped<'_>,
    sink: &mut S,
) -> Result<(), S::Error> {
    let (format, r#type) = match object {
        Shaped::Nested(_) => ("bin", DMTNDS_WBXML),
        Shaped::InPlace(_) | Shaped::Text(_) => ("xml", DMTNDS_XML),
    };
    sink.start(SYNCML_1_2.into(), "Meta")?;
    sink.leaf(METINF, "Format", format)?;
    sink.leaf(METINF, "Type", r#type)?;
    if let Some(before) = before {
        rest(before, sink)?;
    }
    sink.end()
}

/// What a Meta says beside Format and Type, without the wrapper that it may have.
fn rest<'d, S: Sink<'d>>(meta: Element<'d>, sink: &mut S) -> Result<(), S::Error> {
    for field in meta.elements() {
        match field.local() {
            "Format" | "Type" => {}
            "MetInf" => rest(field, sink)?,
            _ => field.events().try_for_each(|event| sink.event(event))?,
        }
    }
    Ok(())
}

fn data<'d, S: Sink<'d>>(object: &'d Shaped<'d>, sink: &mut S) -> Result<(), S::Error> {
    sink.start(SYNCML_1_2.into(), "Data")?;
    match object {
        Shaped::InPlace(document) => document.write(sink)?,
        Shaped::Nested(octets) => sink.octets(Cow::Borrowed(octets))?,
        Shaped::Text(text) => sink.text(Cow::Borrowed(text))?,
    }
    sink.end()
}

#[cfg(test)]
mod tests;

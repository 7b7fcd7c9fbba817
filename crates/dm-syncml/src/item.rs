//! `Item` and its `Data`. [REP 1.2 §4.1.5]

use alloc::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Element, Sink, ToInfoset};

use crate::content::{elements, flag, once};
use crate::error::ErrorKind::{MetaBehindData, MixedContent, Unexpected};
use crate::tables::SYNCML_1_2;
use crate::{Error, Items, Location, Meta};

/// One item of a command.
#[derive(Clone, Debug, Default)]
pub struct Item<'a> {
    /// `Target`.
    pub target: Option<Location<'a>>,
    /// `Source`.
    pub source: Option<Location<'a>>,
    /// `Meta`; what it leaves open, the command's Meta says.
    pub meta: Meta<'a>,
    /// `Data`.
    pub data: Option<Data<'a>>,
    /// `MoreData`: a chunk of a large object, which only a session can carry.
    pub more_data: bool,
}

/// The content of `Data`.
#[derive(Clone, Debug)]
pub enum Data<'a> {
    /// Characters; base64 text where octets are meant.
    Text(Cow<'a, str>),
    /// Octets that came as such.
    Octets(Cow<'a, [u8]>),
    /// The `Data` element itself, which holds elements: an object in place, an encrypted part.
    Elements(Element<'a>),
}

impl<'a> Item<'a> {
    /// Reads one item, in its place behind these.
    pub(crate) fn read_into(items: &mut Items<'a>, element: Element<'a>) -> Result<(), Error> {
        if items.capacity() == 0 {
            items.reserve_exact(1); // room for four of them is most of a kilobyte
        }
        items.push(Self::default());
        items.last_mut().map_or(Ok(()), |item| item.fill(element))
    }

    fn fill(&mut self, element: Element<'a>) -> Result<(), Error> {
        let (mut meta, mut parents) = (None, None);
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "Target" => once(&mut self.target, Location::read(child)?, child)?,
                "Source" => once(&mut self.source, Location::read(child)?, child)?,
                "SourceParent" | "TargetParent" => once(&mut parents, (), child)?,
                "Meta" if self.data.is_some() => return Err(Error::new(MetaBehindData, child)),
                "Meta" => once(&mut meta, Meta::read(child)?, child)?,
                "Data" => once(&mut self.data, Data::read(child)?, child)?,
                "MoreData" => flag(&mut self.more_data, child)?,
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        if let Some(meta) = meta {
            self.meta = meta;
        }
        Ok(())
    }
}

impl ToInfoset for Item<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), "Item")?;
        if let Some(target) = &self.target {
            target.write("Target", sink)?;
        }
        if let Some(source) = &self.source {
            source.write("Source", sink)?;
        }
        self.meta.write(sink)?;
        if let Some(data) = &self.data {
            data.write(sink)?;
        }
        if self.more_data {
            sink.leaf(SYNCML_1_2, "MoreData", "")?;
        }
        sink.end()
    }
}

impl<'a> Data<'a> {
    /// The text that the infoset has: of octets, their base64 text. None for elements.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Octets(octets) => Some(Cow::Owned(STANDARD.encode(octets))),
            Self::Elements(_) => None,
        }
    }

    pub(crate) fn read(element: Element<'a>) -> Result<Self, Error> {
        if let Some(text) = element.plain_text() {
            return Ok(Self::Text(Cow::Borrowed(text)));
        }
        if let Some(octets) = element.octets() {
            return Ok(Self::Octets(octets.into()));
        }
        if let Ok(text) = element.text_only() {
            return Ok(Self::Text(text));
        }
        if element.has_text() {
            return Err(Error::new(MixedContent, element));
        }
        Ok(Self::Elements(element))
    }
}

impl ToInfoset for Data<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        match self {
            Self::Elements(element) => element.write(sink),
            Self::Text(text) => sink.leaf(SYNCML_1_2, "Data", text),
            Self::Octets(octets) => {
                sink.start(SYNCML_1_2.into(), "Data")?;
                sink.octets(Cow::Borrowed(octets))?;
                sink.end()
            }
        }
    }
}

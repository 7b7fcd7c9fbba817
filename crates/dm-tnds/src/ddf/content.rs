//! Content of the elements of a description, read strictly or leniently.

use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::Element;

use super::MSFT;
use super::read::{Deviation, DeviationKind};
use crate::error::ErrorKind::{MixedContent, Twice, Unexpected};
use crate::tables::NAMESPACE;
use crate::{Error, ErrorKind};

/// How a reader takes what the DTD does not have.
pub(super) struct Reading {
    strict: bool,
    /// What a lenient reader let pass; one entry for each kind and node.
    pub(super) deviations: Vec<Deviation>,
    /// How many nodes have been read: the position of the next.
    pub(super) nodes: u32,
}

impl Reading {
    pub(super) fn new(strict: bool) -> Self {
        Self { strict, deviations: Vec::new(), nodes: 0 }
    }

    /// Lets it pass, or not.
    pub(super) fn deviates(
        &mut self,
        kind: DeviationKind,
        element: Element<'_>,
    ) -> Result<(), Error> {
        if self.strict {
            return Err(Error::new(kind.as_error(), element));
        }
        let node = self.nodes.checked_sub(1).map(super::NodeId);
        self.deviations.push(Deviation { kind, node });
        Ok(())
    }

    /// The child elements of the DTD, and those of Windows where they are let in.
    pub(super) fn children<'a>(
        &mut self,
        element: Element<'a>,
    ) -> Result<impl Iterator<Item = Child<'a>> + use<'a>, Error> {
        if element.has_text() {
            return Err(Error::new(MixedContent, element));
        }
        if self.strict
            && let Some(foreign) = element.elements().find(|child| child.namespace() != NAMESPACE)
        {
            return Err(Error::new(Unexpected, foreign));
        }
        Ok(element.elements().filter_map(|child| match child.namespace() {
            NAMESPACE | "" => Some(Child::Standard(child)),
            MSFT => Some(Child::Vendor(child)),
            _ => None, // of another vendor: to be ignored [DDF 1.2 §7]
        }))
    }

    /// The child elements of the DTD.
    pub(super) fn standard<'a>(
        &mut self,
        element: Element<'a>,
    ) -> Result<impl Iterator<Item = Element<'a>> + use<'a>, Error> {
        Ok(self.children(element)?.filter_map(|child| match child {
            Child::Standard(element) => Some(element),
            Child::Vendor(_) => None,
        }))
    }

    /// The name of the one child of an element that is a choice.
    pub(super) fn choice<'a>(&mut self, element: Element<'a>) -> Result<Element<'a>, Error> {
        let mut names = self.standard(element)?;
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(name),
            (_, Some(second)) => Err(Error::new(Twice, second)),
            (None, None) => Err(Error::new(ErrorKind::NoChoice, element)),
        }
    }
}

/// A child element, by whose it is.
pub(super) enum Child<'a> {
    /// Of the DTD.
    Standard(Element<'a>),
    /// Of the Windows DDF v2.
    Vendor(Element<'a>),
}

/// The text of an element that holds nothing else.
pub(super) fn text(element: Element<'_>) -> Result<String, Error> {
    match element.elements().next() {
        Some(child) => Err(Error::new(MixedContent, child)),
        None => Ok(element.text().into_owned()),
    }
}

/// The same without the white space around it, where none is meant.
pub(super) fn token(element: Element<'_>) -> Result<String, Error> {
    text(element).map(|text| text.trim().into())
}

/// Fills a slot that may be filled once.
pub(super) fn once<T>(slot: &mut Option<T>, value: T, element: Element<'_>) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(Twice, element)),
    }
}

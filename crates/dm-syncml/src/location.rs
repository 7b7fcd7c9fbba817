//! `Target` and `Source`. [REP 1.2 §4.1.1]

use alloc::borrow::Cow;

use dm_xml::{Element, Sink};

use crate::Error;
use crate::content::{elements, once, text};
use crate::error::ErrorKind::Unexpected;
use crate::tables::SYNCML_1_2;

/// An address: a URI and a name for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location<'a> {
    /// `LocURI`; empty when it is missing, which resolves to nothing.
    pub loc_uri: Cow<'a, str>,
    /// `LocName`.
    pub loc_name: Option<Cow<'a, str>>,
}

impl<'a> Location<'a> {
    /// A location that is only a URI.
    #[must_use]
    pub fn new(loc_uri: impl Into<Cow<'a, str>>) -> Self {
        Self { loc_uri: loc_uri.into(), loc_name: None }
    }

    pub(crate) fn read(element: Element<'a>) -> Result<Self, Error> {
        let (mut loc_uri, mut loc_name, mut filter) = (None, None, None);
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "LocURI" => once(&mut loc_uri, text(child)?, child)?,
                "LocName" => once(&mut loc_name, text(child)?, child)?,
                "Filter" => once(&mut filter, (), child)?, // of data synchronisation
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        Ok(Self { loc_uri: loc_uri.unwrap_or_default(), loc_name })
    }

    pub(crate) fn write<'s, S: Sink<'s>>(
        &'s self,
        local: &'static str,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), local)?;
        sink.leaf(SYNCML_1_2, "LocURI", &self.loc_uri)?;
        if let Some(loc_name) = &self.loc_name {
            sink.leaf(SYNCML_1_2, "LocName", loc_name)?;
        }
        sink.end()
    }
}

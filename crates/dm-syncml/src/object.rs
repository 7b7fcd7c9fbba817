//! A TNDS object inside `Data`, in any of its three shapes. [wire facts: WBXML §6]

use alloc::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_tnds::MgmtTree;
use dm_xml::{Limits, XmlError};
use thiserror::Error;

use crate::octet_rule::is_wbxml;
use crate::{Data, wbxml};

/// An object inside a message was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// Text that should be the base64 text of octets is not.
    #[error("the data is not base64")]
    Base64,
    /// The object is no XML.
    #[error("the object is not readable as XML: {0}")]
    Xml(#[from] XmlError),
    /// The object is no WBXML.
    #[error("the object is not readable as WBXML: {0}")]
    Wbxml(#[from] dm_wbxml::Error),
    /// Documents are nested too deeply.
    #[error(transparent)]
    Limit(#[from] dm_xml::LimitExceeded),
    /// The elements are no object.
    #[error("the object is not readable as TNDS: {0}")]
    Tnds(#[from] dm_tnds::Error),
}

/// Whether this Type says that the data is a serialized sub-tree.
#[must_use]
pub fn is_object(r#type: &str) -> bool {
    r#type.to_ascii_lowercase().contains("dmtnds")
}

impl Data<'_> {
    /// Reads the data as a serialized sub-tree and hands it to `read`.
    ///
    /// * Shape A: octets (or their base64 text) are a WBXML document inside the message.
    /// * Shape B: elements in place, on code page 2 of the message.
    /// * Shape C: text is XML text; where the Format is `bin` (`is_bin`), its base64 text.
    ///
    /// # Errors
    /// When the data is none of these, or what it holds is no object.
    pub fn with_object<T>(
        &self,
        r#type: &str,
        is_bin: bool,
        limits: &Limits,
        read: impl FnOnce(&MgmtTree<'_>) -> T,
    ) -> Result<T, ObjectError> {
        let octets: Cow<'_, [u8]> = match self {
            Data::Elements(element) => {
                let mut children = element.elements();
                let root = children.next().filter(|_| children.next().is_none());
                let root = root.unwrap_or(*element); // not one element: no MgmtTree either
                return Ok(read(&MgmtTree::read(root)?));
            }
            Data::Octets(octets) => Cow::Borrowed(octets),
            Data::Text(text) if is_bin || is_wbxml(r#type) => {
                STANDARD.decode(text.as_bytes()).map_err(|_| ObjectError::Base64)?.into()
            }
            Data::Text(text) => Cow::Borrowed(text.as_bytes()),
        };
        let limits = limits.inside()?;
        if !is_wbxml(r#type) {
            let document = dm_xml::parse(&octets, &limits)?;
            return Ok(read(&MgmtTree::read(document.root())?));
        }
        let source = wbxml::open(&octets, &limits)?;
        let document = wbxml::decode(&source, &limits)?;
        Ok(read(&MgmtTree::read(document.root())?))
    }
}

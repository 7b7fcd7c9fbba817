//! The elements that Windows adds to `DFProperties`. [Windows DDF v2]
//!
//! Those that limit values or names, or tell where a node exists, are kept. The others speak of
//! editors, group policies and dependencies, and are passed over.

use alloc::vec::Vec;

use dm_xml::Element;

use super::content::{Child, Reading, once, text, token};
use super::{AllowedValues, Applicability, DfProperties, EnumValue, NodeNaming, ValueType};
use crate::Error;

impl DfProperties {
    pub(super) fn read_vendor(
        &mut self,
        element: Element<'_>,
        reading: &mut Reading,
    ) -> Result<(), Error> {
        match element.local() {
            "AllowedValues" => {
                once(&mut self.allowed_values, allowed_values(element, reading)?, element)
            }
            "Applicability" => {
                once(&mut self.applicability, applicability(element, reading)?, element)
            }
            "Deprecated" => {
                let since = element.attributes().find(|attribute| is_since(attribute.name));
                let since = since.map(|attribute| attribute.value).unwrap_or_default();
                once(&mut self.deprecated, since.into(), element)
            }
            "DynamicNodeNaming" => {
                if let Some(naming) = node_naming(element, reading)? {
                    once(&mut self.node_naming, naming, element)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// `OsBuildDeprecated`, with a prefix or without.
fn is_since(name: &str) -> bool {
    name.rsplit(':').next() == Some("OsBuildDeprecated")
}

fn vendor<'a>(element: Element<'a>, reading: &mut Reading) -> Result<Vec<Element<'a>>, Error> {
    let children = reading.children(element)?;
    Ok(children
        .filter_map(|child| match child {
            Child::Vendor(child) => Some(child),
            Child::Standard(_) => None,
        })
        .collect())
}

fn allowed_values(element: Element<'_>, reading: &mut Reading) -> Result<AllowedValues, Error> {
    let value_type = element.attributes().find(|a| a.name.rsplit(':').next() == Some("ValueType"));
    let mut found = AllowedValues {
        value_type: value_type.map(|a| ValueType::parse(a.value.trim())).unwrap_or_default(),
        ..AllowedValues::default()
    };
    for child in vendor(element, reading)? {
        match child.local() {
            "Enum" => found.enums.push(enum_value(child, reading)?),
            "List" => {
                let mut attributes = child.attributes();
                let delimiter = attributes.find(|a| a.name.rsplit(':').next() == Some("Delimiter"));
                let delimiter = delimiter.map(|a| a.value).filter(|text| !text.is_empty());
                found.delimiter = delimiter.map(Into::into);
            }
            // A schema may stand there as elements; it is not read.
            "Value" if child.elements().next().is_none() => found.values.push(token(child)?),
            _ => {}
        }
    }
    Ok(found)
}

fn enum_value(element: Element<'_>, reading: &mut Reading) -> Result<EnumValue, Error> {
    let (mut value, mut description) = (None, None);
    for child in vendor(element, reading)? {
        match child.local() {
            "Value" => once(&mut value, token(child)?, child)?,
            "ValueDescription" => once(&mut description, text(child)?, child)?,
            _ => {}
        }
    }
    Ok(EnumValue { value: value.unwrap_or_default(), description })
}

fn node_naming(element: Element<'_>, reading: &mut Reading) -> Result<Option<NodeNaming>, Error> {
    for child in vendor(element, reading)? {
        match child.local() {
            "ClientInventory" => return Ok(Some(NodeNaming::ClientInventory)),
            "ServerGeneratedUniqueIdentifier" => return Ok(Some(NodeNaming::ServerGenerated)),
            "UniqueName" => return Ok(Some(NodeNaming::UniqueName(text(child)?))),
            _ => {}
        }
    }
    Ok(None)
}

fn applicability(element: Element<'_>, reading: &mut Reading) -> Result<Applicability, Error> {
    let mut found = Applicability::default();
    for child in vendor(element, reading)? {
        match child.local() {
            "OsBuildVersion" => once(&mut found.os_build_version, token(child)?, child)?,
            "CspVersion" => once(&mut found.csp_version, token(child)?, child)?,
            "EditionAllowList" => once(&mut found.edition_allow_list, token(child)?, child)?,
            _ => {}
        }
    }
    Ok(found)
}

//! `Described`: what a description says of one node. [TND 1.2 §9.3]

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_tnds::Format;
use dm_tnds::ddf::{Access, CaseSense, DdfNode, DfProperties, DfType, Scope};

use super::{DescriptionError, PlaceId, is_nowhere, object};
use crate::node::{check_value, stored};
use crate::{AccessType, AclCommand, MoId, Node, Reason};

/// What is fixed about a node, whoever asks. [TND 1.2 §9.3]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    place: PlaceId,
    /// `AccessType`; none: not said.
    pub access: Option<AccessType>,
    /// `Scope`: whether it keeps its place.
    pub is_permanent: bool,
    /// `DFFormat`, as it is stored: `b64` is `bin`.
    pub format: Option<Format>,
    /// `MIME`, each one, in lower case; empty: any.
    pub media_types: Vec<String>,
    /// `DDFName`; empty: any.
    pub object: String,
    /// `Occurrence` of a node without a name: how many there may be at most below one parent.
    pub most: Option<u32>,
    /// `Occurrence`: whether one at least stays, and so the last is not deleted.
    pub is_needed: bool,
    /// `CaseSense`: whether the case of its name and of those below it does not count; none: as
    /// above it.
    pub folds_case: Option<bool>,
    /// `DefaultValue` of a leaf that occurs once and that no server can add: what the device puts
    /// in when it makes the node.
    pub default: Option<Vec<u8>>,
}

impl Described {
    /// Reads what a description says. What its reader let pass says nothing.
    pub(super) fn read(
        place: PlaceId,
        node: &DdfNode,
        is_silent: bool,
        uri: impl Fn() -> String,
    ) -> Result<Self, DescriptionError> {
        let properties = &node.properties;
        let is_instance = !(node.parent.is_none() && is_nowhere(node));
        let read = Self {
            place,
            access: (!is_silent).then(|| access_type(properties.access_type)),
            is_permanent: properties.scope == Scope::Permanent,
            format: properties.df_format.map(stored),
            media_types: match &properties.df_type {
                Some(DfType::Mime(types)) => {
                    types.iter().filter(|t| !t.is_empty()).map(|t| t.to_lowercase()).collect()
                }
                _ => Vec::new(),
            },
            object: object(node).to_owned(),
            most: properties.occurs().most().filter(|_| is_instance && node.name.is_empty()),
            is_needed: false,
            folds_case: properties.case_sense.map(|case| case == CaseSense::Insensitive),
            default: None,
        };
        // None written is One; but a Delete in the AccessType is written, and comes first.
        let is_said = properties.occurrence.is_some()
            || read.access.is_some_and(|access| !access.permits(AclCommand::Delete));
        let is_needed = is_instance && is_said && properties.occurs().is_mandatory();
        let default = if is_needed && read.is_made() && !node.name.is_empty() {
            default_value(properties).map_err(|()| DescriptionError::Default(uri()))?
        } else {
            None
        };
        Ok(Self { is_needed, default, ..read })
    }

    /// Whether the node takes this command.
    #[must_use]
    pub fn permits(&self, command: AclCommand) -> bool {
        self.access.is_none_or(|access| access.permits(command))
    }

    /// Whether both are the same node of a description.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.place == other.place
    }

    /// Whether only the device can make the node: its AccessType is written, and has no `Add`.
    pub(super) fn is_made(&self) -> bool {
        self.access.is_some_and(|access| !access.permits(AclCommand::Add))
    }

    /// The node that the device makes: a leaf with its default value.
    pub(super) fn made(&self) -> Option<Node> {
        let r#type = self.media_types.first().map_or("text/plain", String::as_str);
        Some(Node::leaf(self.format?, r#type, self.default.clone()?))
    }

    /// Whether a node can stand there: its format, its type, and a value of its format.
    pub(crate) fn check(&self, node: &Node) -> Result<(), Reason> {
        match self.format {
            Some(format) if format != node.format => return Err(Reason::DescribedFormat),
            _ => {}
        }
        let Some(value) = &node.value else {
            let other = MoId::parse(&node.r#type).name != MoId::parse(&self.object).name;
            let is_other = !node.r#type.is_empty() && !self.object.is_empty() && other;
            return if is_other { Err(Reason::DescribedType) } else { Ok(()) };
        };
        let essence = node.r#type.split(';').next().unwrap_or_default().trim().to_lowercase();
        if !self.media_types.is_empty() && !self.media_types.contains(&essence) {
            return Err(Reason::DescribedType);
        }
        if self.format.is_some() { check_value(node.format, value) } else { Ok(()) }
    }
}

/// `DefaultValue` as a leaf of its `DFFormat` holds it: octets are written as base64, and truth
/// values in any case, as in descriptions of Windows. An empty one says nothing; many descriptions
/// have the element for form's sake.
fn default_value(properties: &DfProperties) -> Result<Option<Vec<u8>>, ()> {
    let (Some(format), Some(text)) = (properties.df_format, &properties.default_value) else {
        return Ok(None);
    };
    let format = stored(format);
    if text.is_empty() {
        return Ok(None);
    }
    let value = match format {
        Format::Node => return Err(()),
        Format::Bin => STANDARD.decode(text).map_err(|_| ())?,
        Format::Bool => text.to_ascii_lowercase().into_bytes(),
        _ => text.as_bytes().to_vec(),
    };
    check_value(format, &value).map(|()| Some(value)).map_err(|_| ())
}

fn access_type(access: dm_tnds::ddf::AccessType) -> AccessType {
    access
        .iter()
        .filter_map(|access| match access {
            Access::Add => Some(AclCommand::Add),
            Access::Delete => Some(AclCommand::Delete),
            Access::Exec => Some(AclCommand::Exec),
            Access::Get => Some(AclCommand::Get),
            Access::Replace => Some(AclCommand::Replace),
            Access::Copy => None, // reads its source and writes its target
        })
        .collect()
}

//! `DFProperties`: what is fixed about a node. [TND 1.2 §9.3]

use alloc::string::String;
use alloc::vec::Vec;

use super::{AccessType, AllowedValues, Occurrence};
use crate::Format;

/// The description of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DfProperties {
    /// `AccessType`: the commands that the node takes.
    pub access_type: AccessType,
    /// `DefaultValue`: what the node holds before anybody writes.
    pub default_value: Option<String>,
    /// `Description`, for people.
    pub description: Option<String>,
    /// `DFFormat`; none only where a lenient reader met none.
    pub df_format: Option<Format>,
    /// `Occurrence`; see [`DfProperties::occurs`] for what its absence means.
    pub occurrence: Option<Occurrence>,
    /// `Scope`.
    pub scope: Scope,
    /// `DFTitle`, for people.
    pub df_title: Option<String>,
    /// `DFType`.
    pub df_type: Option<DfType>,
    /// `CaseSense`; none: not said.
    pub case_sense: Option<CaseSense>,
    /// `MSFT:AllowedValues`: the values of a leaf, the names of a node without a name.
    pub allowed_values: Option<AllowedValues>,
    /// `MSFT:DynamicNodeNaming`: who names an unnamed node.
    pub node_naming: Option<NodeNaming>,
    /// `MSFT:Applicability`: where the node exists.
    pub applicability: Option<Applicability>,
    /// `MSFT:Deprecated`: the version of the system since which it is, where that is said.
    pub deprecated: Option<String>,
}

impl DfProperties {
    /// How many there may be: `One` where nothing is said.
    #[must_use]
    pub fn occurs(&self) -> Occurrence {
        self.occurrence.unwrap_or_default()
    }
}

/// `Scope`: whether the node keeps its place. [TND 1.2 §9.3]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// It comes and goes; the default.
    #[default]
    Dynamic,
    /// It is always there, and cannot be deleted or renamed.
    Permanent,
}

/// `CaseSense`: whether the case of names and values counts. [TND 1.2 §9.3]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseSense {
    /// `CIS`: it does not.
    Insensitive,
    /// `CS`: it does.
    Sensitive,
}

/// `DFType`: what the node holds. [TND 1.2 §9.3]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DfType {
    /// `DDFName`: the identifier of the management object, or empty.
    DdfName(String),
    /// `MIME`, each one: the media types of a leaf.
    Mime(Vec<String>),
}

impl DfType {
    /// The identifier of the management object, if this names one.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        match self {
            DfType::DdfName(name) => Some(name.as_str()).filter(|name| !name.is_empty()),
            DfType::Mime(_) => None,
        }
    }
}

/// `MSFT:DynamicNodeNaming`: who names a node that the description leaves unnamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeNaming {
    /// `ClientInventory`: the device, by what it finds.
    ClientInventory,
    /// `ServerGeneratedUniqueIdentifier`: the server, as it likes.
    ServerGenerated,
    /// `UniqueName`: the server, by this rule, written for people.
    UniqueName(String),
}

/// `MSFT:Applicability`: in which systems the node exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applicability {
    /// `OsBuildVersion`, as written: one version or several.
    pub os_build_version: Option<String>,
    /// `CspVersion`.
    pub csp_version: Option<String>,
    /// `EditionAllowList`, as written.
    pub edition_allow_list: Option<String>,
}

//! `Account`: the whole node set of DMAcc. [STD 1.2 §7.1.3.1]
//!
//! [`DmAcc`](crate::DmAcc) is what a device trusts of an account, and reads it whatever else is in
//! it; this is what people put into one.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tnds::{Format, Node, Type, Value};
use dm_tree::{Tree, Uri};

use crate::dm_acc::IDENTIFIERS;
use crate::object::{Part, Write, entry};
use crate::{MoError, Secret};

/// An account, as DM 1.2 has it; DM 1.3 has the same nodes. `Ext` is the vendors', and not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// `ServerID`.
    pub server_id: String,
    /// `Name`, for people.
    pub name: Option<String>,
    /// `PrefConRef`: the URI of an access point or proxy.
    pub pref_con_ref: Option<String>,
    /// `ToConRef/x/ConRef`, each one.
    pub con_refs: Vec<String>,
    /// `AppAddr/x`, each one.
    pub app_addrs: Vec<AppAddr>,
    /// `AAuthPref`: an authentication type.
    pub auth_pref: Option<String>,
    /// `AppAuth/x`, each one.
    pub app_auths: Vec<AppAuth>,
}

/// An address of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppAddr {
    /// `Addr`.
    pub addr: String,
    /// `AddrType`: `URI`, `IPv4` or `IPv6`. None, which is written as an empty one, means a URI.
    pub addr_type: Option<String>,
    /// `Port/x/PortNbr`, each one.
    pub ports: Vec<u16>,
}

/// How client and server prove themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppAuth {
    /// `AAuthLevel`: `CLCRED`, `SRVCRED`, `OBEX` or `HTTP`.
    pub level: String,
    /// `AAuthType`: `BASIC`, `DIGEST`, `HMAC`, `X509` and others.
    pub r#type: String,
    /// `AAuthName`.
    pub name: Option<String>,
    /// `AAuthSecret`.
    pub secret: Option<Secret>,
    /// `AAuthData`, octets: a nonce, a certificate.
    pub data: Option<Vec<u8>>,
}

impl Account {
    /// Reads the account whose root this is, of whatever version.
    ///
    /// # Errors
    /// When it is none, a node that it must have is missing, or a value is of another kind.
    pub fn read(tree: &Tree, uri: &Uri) -> Result<Self, MoError> {
        let root = Part::root(tree, uri, IDENTIFIERS[0])?;
        Ok(Self {
            server_id: root.must("ServerID")?,
            name: root.text("Name")?,
            pref_con_ref: root.text("PrefConRef")?,
            con_refs: root.texts("ToConRef", "ConRef")?,
            app_addrs: root.each("AppAddr")?.iter().map(AppAddr::read).collect::<Result<_, _>>()?,
            auth_pref: root.text("AAuthPref")?,
            app_auths: root.each("AppAuth")?.iter().map(AppAuth::read).collect::<Result<_, _>>()?,
        })
    }

    /// The object, with a root of this name.
    #[must_use]
    pub fn to_tnds(&self, name: &str) -> Node<'static> {
        let root = Node::interior(name.to_owned(), IDENTIFIERS[0])
            .with_text("AppID", Some("w7"))
            .with_text("ServerID", Some(&self.server_id))
            .with_text("Name", self.name.as_deref())
            .with_text("PrefConRef", self.pref_con_ref.as_deref())
            .with_list("ToConRef", self.con_refs.iter().map(|uri| entry("ConRef", uri)));
        let addresses = Node::interior("AppAddr", ""); // also without any: the object must have it
        let root = match self.app_addrs.is_empty() {
            true => root.with(addresses),
            false => root.with_list("AppAddr", self.app_addrs.iter().map(AppAddr::to_tnds)),
        };
        root.with_text("AAuthPref", self.auth_pref.as_deref())
            .with_list("AppAuth", self.app_auths.iter().map(AppAuth::to_tnds))
    }
}

impl AppAddr {
    fn read(part: &Part<'_>) -> Result<Self, MoError> {
        let port = |part: &Part<'_>| {
            let number = part.value("PortNbr", "port number")?;
            let missing = || part.uri.join("PortNbr").map_or_else(MoError::Uri, MoError::Missing);
            number.ok_or_else(missing)
        };
        Ok(Self {
            addr: part.must("Addr")?,
            addr_type: part.text("AddrType")?.filter(|r#type| !r#type.is_empty()),
            ports: part.each("Port")?.iter().map(port).collect::<Result<_, MoError>>()?,
        })
    }

    fn to_tnds(&self) -> Node<'static> {
        let ports = self.ports.iter().map(|port| entry("PortNbr", &port.to_string()));
        entry("Addr", &self.addr)
            .with_text("AddrType", Some(self.addr_type.as_deref().unwrap_or_default()))
            .with_list("Port", ports)
    }
}

impl AppAuth {
    fn read(part: &Part<'_>) -> Result<Self, MoError> {
        Ok(Self {
            level: part.must("AAuthLevel")?,
            r#type: part.must("AAuthType")?,
            name: part.text("AAuthName")?,
            secret: part.text("AAuthSecret")?.map(Secret),
            data: part.octets("AAuthData")?,
        })
    }

    fn to_tnds(&self) -> Node<'static> {
        let mut node = entry("AAuthLevel", &self.level)
            .with_text("AAuthType", Some(&self.r#type))
            .with_text("AAuthName", self.name.as_deref())
            .with_text("AAuthSecret", self.secret.as_ref().map(|secret| &*secret.0));
        if let Some(data) = &self.data {
            let mut leaf = Node::leaf("AAuthData", "");
            leaf.value = Some(Value::Octets(data.clone().into()));
            let properties = leaf.rt_properties.get_or_insert_default();
            properties.format = Some(Format::Bin);
            properties.r#type = Some(Type::Mime("application/octet-stream".into()));
            node.nodes.push(leaf);
        }
        node
    }
}

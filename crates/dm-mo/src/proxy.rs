//! Proxy of ConnMO: what stands between the device and a network. [ConnMO 1.0]

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tnds::Node;
use dm_tree::{Tree, Uri};

use crate::object::{Part, Write, entry};
use crate::{Auth, MoError};

/// The identifier of the object.
pub const IDENTIFIER: &str = "urn:oma:mo:oma-connmo-proxy:1.0";

/// A proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxy {
    /// `ProxyID`: what other objects may call it.
    pub proxy_id: Option<String>,
    /// `Name`, for people.
    pub name: Option<String>,
    /// `AddrType` of [`addr`](Self::addr).
    pub addr_type: Option<String>,
    /// `Addr`.
    pub addr: Option<String>,
    /// `Ports/x`, each one.
    pub ports: Vec<Port>,
    /// `ConRefs/x/ConRef`, each one: the URI of an access point.
    pub con_refs: Vec<String>,
    /// `AuthInfo`; its entities and `SPI` are those of access points, and are not there.
    pub auth: Option<Auth>,
    /// `ProxyType`.
    pub proxy_type: Option<String>,
}

/// A port of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Port {
    /// `PortNbr`.
    pub port_nbr: u16,
    /// `Services/x/Service`, each one.
    pub services: Vec<String>,
}

impl Proxy {
    /// Reads the object whose root this is.
    ///
    /// # Errors
    /// When it is none, a node that it must have is missing, or a value is of another kind.
    pub fn read(tree: &Tree, uri: &Uri) -> Result<Self, MoError> {
        let root = Part::root(tree, uri, IDENTIFIER)?;
        let port = |part: &Part<'_>| {
            let number = part.value("PortNbr", "port number")?;
            let missing = || part.uri.join("PortNbr").map_or_else(MoError::Uri, MoError::Missing);
            Ok(Port {
                port_nbr: number.ok_or_else(missing)?,
                services: part.texts("Services", "Service")?,
            })
        };
        Ok(Self {
            proxy_id: root.text("ProxyID")?,
            name: root.text("Name")?,
            addr_type: root.text("AddrType")?,
            addr: root.text("Addr")?,
            ports: root.each("Ports")?.iter().map(port).collect::<Result<_, MoError>>()?,
            con_refs: root.texts("ConRefs", "ConRef")?,
            auth: root.inside("AuthInfo")?.map(|part| Auth::read(&part)).transpose()?,
            proxy_type: root.text("ProxyType")?,
        })
    }

    /// The object, with a root of this name.
    #[must_use]
    pub fn to_tnds(&self, name: &str) -> Node<'static> {
        let port = |port: &Port| {
            let services = port.services.iter().map(|service| entry("Service", service));
            entry("PortNbr", &port.port_nbr.to_string()).with_list("Services", services)
        };
        let mut root = Node::interior(name.to_owned(), IDENTIFIER)
            .with_text("ProxyID", self.proxy_id.as_deref())
            .with_text("Name", self.name.as_deref())
            .with_text("AddrType", self.addr_type.as_deref())
            .with_text("Addr", self.addr.as_deref())
            .with_list("Ports", self.ports.iter().map(port))
            .with_list("ConRefs", self.con_refs.iter().map(|uri| entry("ConRef", uri)));
        root.nodes.extend(self.auth.as_ref().map(Auth::to_tnds));
        root.with_text("ProxyType", self.proxy_type.as_deref())
    }
}

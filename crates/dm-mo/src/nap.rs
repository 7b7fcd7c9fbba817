//! NAP of ConnMO: a network access point. [ConnMO 1.0]
//!
//! The nodes of a bearer of its own are not settled in what could be read of ConnMO; those of a
//! WLAN stand below `BearerParams/WLAN` here.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tnds::{Format, Node};
use dm_tree::{Tree, Uri};

use crate::object::{Part, Write, entry};
use crate::{MoError, Secret};

/// The identifier of the object.
pub const IDENTIFIER: &str = "urn:oma:mo:oma-connmo-nap:1.0";

/// A network access point.
///
/// ```
/// use dm_mo::{Bearer, Nap};
/// use dm_tnds::MgmtTree;
/// use dm_tree::{Rules, Transaction, Tree, Uri};
/// let nap = Nap { addr: Some("internet".into()), bearer: Some(Bearer::Ps3gpp), ..Nap::default() };
/// let (mut tree, rules) = (Tree::new(), Rules::default());
/// let mut transaction = Transaction::local(&mut tree, &rules);
/// let object = MgmtTree::new(vec![nap.to_tnds("Internet")]);
/// transaction.add_object(&Uri::parse("./NAP")?, &object)?;
/// let _ = transaction.commit(None);
/// assert_eq!(Nap::read(&tree, &Uri::parse("./NAP/Internet")?)?, nap);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nap {
    /// `NapID`: what other objects may call it.
    pub nap_id: Option<String>,
    /// `Name`, for people.
    pub name: Option<String>,
    /// `Addr`: an access point name, a number, an address.
    pub addr: Option<String>,
    /// `AddrType` of it: `APN`, `E164`, `IPV4`, `ALPHA` and others.
    pub addr_type: Option<String>,
    /// `IPv4`.
    pub ipv4: Option<Ip>,
    /// `IPv6`.
    pub ipv6: Option<Ip>,
    /// `Linger`: seconds without traffic until it is closed.
    pub linger: Option<u32>,
    /// `AuthInfo`: how the device proves itself.
    pub auth: Option<Auth>,
    /// `Bearer`, with what `BearerParams` says of it.
    pub bearer: Option<Bearer>,
}

/// Settings of one version of the Internet protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ip {
    /// `AutoConfig`: the network tells them.
    pub auto_config: Option<bool>,
    /// `LocalAddr`.
    pub local_addr: Option<String>,
    /// `NetMask` of IPv4, `PrefixLen` of IPv6.
    pub mask: Option<String>,
    /// `Gateway`.
    pub gateway: Option<String>,
    /// `DNS/x/DNSAddr`, each one.
    pub dns: Vec<String>,
}

/// How the device proves itself to a network or a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// `AuthType`: `PAP`, `CHAP` and others.
    pub auth_type: Option<String>,
    /// `AuthName`.
    pub auth_name: Option<String>,
    /// `AuthSecret`.
    pub auth_secret: Option<Secret>,
    /// `AuthEntities/x/AuthEntity`, each one.
    pub auth_entities: Vec<String>,
    /// `SPI`.
    pub spi: Option<String>,
}

/// What carries the octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// `3GPP-PS`: packets of a mobile network. `Addr` is the access point name.
    Ps3gpp,
    /// `WLAN`.
    Wlan(Wlan),
    /// Another, by its `BearerType`.
    Other(String),
}

/// `BearerParams/WLAN`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wlan {
    /// `SSID`: the name of the network.
    pub ssid: String,
    /// `Hidden`: the network does not tell its name.
    pub hidden: Option<bool>,
    /// `SecMode`: `WPA2-PSK`, `WPA3-SAE`, `OPEN` and others.
    pub sec_mode: Option<String>,
    /// `PSK`: the passphrase.
    pub psk: Option<Secret>,
}

const PS_3GPP: &str = "3GPP-PS";
const WLAN: &str = "WLAN";

impl Nap {
    /// Reads the object whose root this is.
    ///
    /// # Errors
    /// When it is none, a node that it must have is missing, or a value is of another kind.
    pub fn read(tree: &Tree, uri: &Uri) -> Result<Self, MoError> {
        let root = Part::root(tree, uri, IDENTIFIER)?;
        let ip = |name, mask| root.inside(name)?.map(|part| Ip::read(&part, mask)).transpose();
        let bearer = root.inside("Bearer")?.map(|part| part.must("BearerType")).transpose()?;
        let bearer = match bearer.as_deref() {
            None => None,
            Some(PS_3GPP) => Some(Bearer::Ps3gpp),
            Some(WLAN) => Some(Bearer::Wlan(Wlan::read(&root)?)),
            Some(other) => Some(Bearer::Other(other.to_owned())),
        };
        Ok(Self {
            nap_id: root.text("NapID")?,
            name: root.text("Name")?,
            addr: root.text("Addr")?,
            addr_type: root.text("AddrType")?,
            ipv4: ip("IPv4", "NetMask")?,
            ipv6: ip("IPv6", "PrefixLen")?,
            linger: root.value("Linger", "number of seconds")?,
            auth: root.inside("AuthInfo")?.map(|part| Auth::read(&part)).transpose()?,
            bearer,
        })
    }

    /// All of a tree, found by Type, each with its root; what cannot be read is an error.
    pub fn find_all(tree: &Tree) -> impl Iterator<Item = (&Uri, Result<Self, MoError>)> {
        let name = dm_tree::MoId::parse(IDENTIFIER).name;
        let roots = tree.iter().filter(move |(_, node)| {
            node.is_interior() && dm_tree::MoId::parse(&node.r#type).name == name
        });
        roots.map(|(uri, _)| (uri, Self::read(tree, uri)))
    }

    /// The object, with a root of this name.
    #[must_use]
    pub fn to_tnds(&self, name: &str) -> Node<'static> {
        let mut root = Node::interior(name.to_owned(), IDENTIFIER)
            .with_text("NapID", self.nap_id.as_deref())
            .with_text("Name", self.name.as_deref())
            .with_text("Addr", self.addr.as_deref())
            .with_text("AddrType", self.addr_type.as_deref());
        for (name, mask, ip) in [("IPv4", "NetMask", &self.ipv4), ("IPv6", "PrefixLen", &self.ipv6)]
        {
            root.nodes.extend(ip.as_ref().map(|ip| ip.to_tnds(name, mask)));
        }
        root = root.with_value("Linger", Format::Int, self.linger.map(|n| n.to_string()));
        root.nodes.extend(self.auth.as_ref().map(Auth::to_tnds));
        let Some(bearer) = &self.bearer else { return root };
        let r#type = match bearer {
            Bearer::Ps3gpp => PS_3GPP,
            Bearer::Wlan(_) => WLAN,
            Bearer::Other(other) => other,
        };
        root = root.with(Node::interior("Bearer", "").with_text("BearerType", Some(r#type)));
        match bearer {
            Bearer::Wlan(wlan) => {
                root.with(Node::interior("BearerParams", "").with(wlan.to_tnds()))
            }
            _ => root,
        }
    }
}

impl Ip {
    fn read(part: &Part<'_>, mask: &str) -> Result<Self, MoError> {
        Ok(Self {
            auto_config: part.value("AutoConfig", "true or false")?,
            local_addr: part.text("LocalAddr")?,
            mask: part.text(mask)?,
            gateway: part.text("Gateway")?,
            dns: part.texts("DNS", "DNSAddr")?,
        })
    }

    fn to_tnds(&self, name: &'static str, mask: &'static str) -> Node<'static> {
        Node::interior(name, "")
            .with_value("AutoConfig", Format::Bool, self.auto_config.map(|is| is.to_string()))
            .with_text("LocalAddr", self.local_addr.as_deref())
            .with_text(mask, self.mask.as_deref())
            .with_text("Gateway", self.gateway.as_deref())
            .with_list("DNS", self.dns.iter().map(|addr| entry("DNSAddr", addr)))
    }
}

impl Auth {
    pub(crate) fn read(part: &Part<'_>) -> Result<Self, MoError> {
        Ok(Self {
            auth_type: part.text("AuthType")?,
            auth_name: part.text("AuthName")?,
            auth_secret: part.text("AuthSecret")?.map(Secret),
            auth_entities: part.texts("AuthEntities", "AuthEntity")?,
            spi: part.text("SPI")?,
        })
    }

    pub(crate) fn to_tnds(&self) -> Node<'static> {
        let entities = self.auth_entities.iter().map(|entity| entry("AuthEntity", entity));
        Node::interior("AuthInfo", "")
            .with_text("AuthType", self.auth_type.as_deref())
            .with_text("AuthName", self.auth_name.as_deref())
            .with_text("AuthSecret", self.auth_secret.as_ref().map(|secret| &*secret.0))
            .with_list("AuthEntities", entities)
            .with_text("SPI", self.spi.as_deref())
    }
}

impl Wlan {
    fn read(root: &Part<'_>) -> Result<Self, MoError> {
        let missing = |at: &Part<'_>, name| at.uri.join(name).map(MoError::Missing);
        let Some(params) = root.inside("BearerParams")? else {
            return Err(missing(root, "BearerParams")?);
        };
        let Some(wlan) = params.inside(WLAN)? else { return Err(missing(&params, WLAN)?) };
        Ok(Self {
            ssid: wlan.must("SSID")?,
            hidden: wlan.value("Hidden", "true or false")?,
            sec_mode: wlan.text("SecMode")?,
            psk: wlan.text("PSK")?.map(Secret),
        })
    }

    fn to_tnds(&self) -> Node<'static> {
        Node::interior(WLAN, "")
            .with_text("SSID", Some(&self.ssid))
            .with_value("Hidden", Format::Bool, self.hidden.map(|is| is.to_string()))
            .with_text("SecMode", self.sec_mode.as_deref())
            .with_text("PSK", self.psk.as_ref().map(|secret| &*secret.0))
    }
}

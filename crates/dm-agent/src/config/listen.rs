//! `[[listen]]`: where to receive, and what protects it.
//!
//! A transport must employ its own security [Sessionless §5.3], requirement R16. So each
//! listener names its mechanism, and the one that is none must be asked for by name.

use std::net::SocketAddr;
use std::path::PathBuf;

use dm_push::http_push;
use rustls_pki_types::ServerName;
use serde::Deserialize;

use super::bootstrap::SecretTable;
use super::source::{SourceList, SourceRange};
use super::tls::{ServerTls, TlsClients};

/// One receiver.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "ListenTable")]
pub struct Listen {
    /// IP address and port; port 0 takes any free one.
    pub address: SocketAddr,
    /// What is spoken there.
    pub endpoint: Endpoint,
    /// What protects it.
    pub security: Security,
}

/// What a receiver speaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Endpoint {
    /// HTTP push.
    Http {
        /// The path to which is pushed. Default: `/push`.
        path: String,
    },
    /// Connectionless WSP push.
    Udp,
}

/// The transport-specific security of a receiver. [Sessionless §5.3]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Security {
    /// None: `security = "none"` with `danger_insecure = true`. A list of sources may be there
    /// all the same.
    DangerInsecure(Option<SourceList>),
    /// `security = "sec-mac"`, of UDP: whoever knows the secrets may push. A list of sources may be
    /// there, too.
    SecMac(SecretFiles, Option<SourceList>),
    /// `security = "source-list"`: only these may push.
    SourceList(SourceList),
    /// `security = "tls"`, or `"client-certificate"`, of HTTP. A list of sources may be there, too.
    Tls(ServerTls, Option<SourceList>),
}

/// The files of what device and network share. [SEC 1.2 §5.1.7.2]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecretFiles {
    /// `netwpin`: the network's secret.
    pub netwpin: Option<PathBuf>,
    /// `userpin`: the user's PIN, digits. With both, a push needs both.
    pub userpin: Option<PathBuf>,
}

impl Security {
    /// The word in the configuration.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DangerInsecure(_) => "none",
            Self::SecMac(..) => "sec-mac",
            Self::SourceList(_) => "source-list",
            Self::Tls(ServerTls { clients: None, .. }, _) => "tls",
            Self::Tls(..) => "client-certificate",
        }
    }

    /// Who may push; everybody if there is no list.
    #[must_use]
    pub const fn sources(&self) -> Option<&SourceList> {
        match self {
            Self::DangerInsecure(sources) | Self::SecMac(_, sources) | Self::Tls(_, sources) => {
                sources.as_ref()
            }
            Self::SourceList(sources) => Some(sources),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListenTable {
    address: SocketAddr,
    certificate: Option<PathBuf>,
    client_ca: Option<PathBuf>,
    #[serde(default)]
    client_names: Vec<String>,
    #[serde(default)]
    danger_insecure: bool,
    #[serde(default)]
    from: Vec<SourceRange>,
    key: Option<PathBuf>,
    netwpin: Option<SecretTable>,
    path: Option<String>,
    security: Option<String>,
    transport: Transport,
    userpin: Option<SecretTable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Transport {
    Http,
    Udp,
}

impl TryFrom<ListenTable> for Listen {
    type Error = ListenError;

    fn try_from(mut table: ListenTable) -> Result<Self, ListenError> {
        let tls = tls(&mut table)?;
        let endpoint = match (table.transport, table.path) {
            (Transport::Http, None) => Endpoint::Http { path: http_push::DEFAULT_PATH.to_owned() },
            (Transport::Http, Some(path)) if is_path(&path) => Endpoint::Http { path },
            (Transport::Http, Some(_)) => return Err(ListenError::Path),
            (Transport::Udp, None) => Endpoint::Udp,
            (Transport::Udp, Some(_)) => return Err(ListenError::PathOnUdp),
        };
        let [netwpin, userpin] = [table.netwpin, table.userpin].map(|it| it.map(|it| it.file));
        let has_secret = netwpin.is_some() || userpin.is_some();
        let sources = SourceList::new(table.from);
        let security = match (table.security.as_deref(), table.danger_insecure, sources) {
            (Some("tls" | "client-certificate"), true, _) => {
                return Err(ListenError::Contradiction);
            }
            (Some("tls" | "client-certificate"), false, _) if has_secret => {
                return Err(ListenError::SecretWithout);
            }
            (Some("tls" | "client-certificate"), false, sources) => match tls {
                Some(tls) if matches!(endpoint, Endpoint::Http { .. }) => {
                    Security::Tls(tls, sources)
                }
                Some(_) => return Err(ListenError::TlsOnUdp),
                None => return Err(ListenError::NoCertificate),
            },
            _ if tls.is_some() => return Err(ListenError::TlsWithout),
            (Some("sec-mac"), true, _) => return Err(ListenError::Contradiction),
            (Some("sec-mac"), false, _) if !has_secret => return Err(ListenError::NoSecret),
            (Some("sec-mac"), false, sources) if endpoint == Endpoint::Udp => {
                Security::SecMac(SecretFiles { netwpin, userpin }, sources)
            }
            (Some("sec-mac"), false, _) => return Err(ListenError::SecMacOnHttp),
            _ if has_secret => return Err(ListenError::SecretWithout),
            (Some("source-list"), false, Some(sources)) => Security::SourceList(sources),
            (Some("source-list"), false, None) => return Err(ListenError::NoSources),
            (Some("source-list"), true, _) => return Err(ListenError::Contradiction),
            (Some("none"), true, sources) => Security::DangerInsecure(sources),
            (Some("none"), false, _) => return Err(ListenError::NotAdmitted),
            (Some(other), ..) => return Err(ListenError::Unknown(other.to_owned())),
            (None, ..) => return Err(ListenError::Unnamed),
        };
        Ok(Self { address: table.address, endpoint, security })
    }
}

/// The files of TLS, as the security wants them.
fn tls(table: &mut ListenTable) -> Result<Option<ServerTls>, ListenError> {
    let names = std::mem::take(&mut table.client_names);
    let clients = match (table.security.as_deref(), table.client_ca.take()) {
        (Some("client-certificate"), Some(authorities)) => Some(TlsClients { authorities, names }),
        (Some("client-certificate"), None) => return Err(ListenError::NoClientCa),
        (_, Some(_)) => return Err(ListenError::NoClients),
        (_, None) if !names.is_empty() => return Err(ListenError::NoClients),
        (_, None) => None,
    };
    let mut names = clients.iter().flat_map(|clients| &clients.names);
    if let Some(wrong) = names.find(|name| ServerName::try_from(name.as_str()).is_err()) {
        return Err(ListenError::Name(wrong.clone()));
    }
    match (table.certificate.take(), table.key.take()) {
        (Some(certificate), Some(key)) => Ok(Some(ServerTls { certificate, key, clients })),
        (None, None) => Ok(None),
        _ => Err(ListenError::NoCertificate),
    }
}

#[derive(Debug, thiserror::Error)]
enum ListenError {
    #[error(
        "`danger_insecure` stands beside a security that is one; remove it, or write \
         security = \"none\""
    )]
    Contradiction,
    #[error("TLS needs both: write certificate = \"FILE\" and key = \"FILE\", in PEM")]
    NoCertificate,
    #[error(
        "security = \"client-certificate\" needs the authority that issues the certificates of \
         clients; write client_ca = \"FILE\", in PEM"
    )]
    NoClientCa,
    #[error("`client_ca` and `client_names` are of security = \"client-certificate\"; write that")]
    NoClients,
    #[error("`{0}` of `client_names` is neither the name of a host nor an IP address")]
    Name(String),
    #[error(
        "security = \"sec-mac\" needs what device and network share; write netwpin = {{ file = \"FILE\" }}, \
         userpin = {{ file = \"FILE\" }}, or both"
    )]
    NoSecret,
    #[error("SEC and MAC are of WSP pushes; write transport = \"udp\", or another security")]
    SecMacOnHttp,
    #[error("`netwpin` and `userpin` are of security = \"sec-mac\"; write that")]
    SecretWithout,
    #[error("udp has no TLS; write transport = \"http\", or another security")]
    TlsOnUdp,
    #[error(
        "`certificate` and `key` are of TLS; write security = \"tls\" or \"client-certificate\""
    )]
    TlsWithout,
    #[error(
        "security = \"source-list\" needs the sources (R16, [Sessionless §5.3]); write \
         from = [\"ADDRESS\"] with the addresses or prefixes that may push"
    )]
    NoSources,
    #[error(
        "security = \"none\" leaves a transport without the security that it must have (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    NotAdmitted,
    #[error("`path` begins with '/' and is visible ASCII without '?' and '#'; write \"/push\"")]
    Path,
    #[error("udp has no `path`; remove it")]
    PathOnUdp,
    #[error(
        "security = \"{0}\" is not supported; a transport must have its own security (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    Unknown(String),
    #[error(
        "`security` is missing; a transport must have its own security (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    Unnamed,
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|octet| octet.is_ascii_graphic() && !b"?#".contains(&octet))
}

const WRITE: &str = "write security = \"source-list\" with from = [\"ADDRESS\"], for HTTP \"tls\" or \
                     \"client-certificate\" with certificate and key, for udp \"sec-mac\" with netwpin or \
                     userpin, or in a \
                     laboratory security = \"none\" with danger_insecure = true";

//! What `[[poll]]`, `[[mqtt]]` and `[[sip]]` share: a server to which the device goes, and what protects the way.

use std::path::PathBuf;

use rustls_pki_types::ServerName;
use serde::Deserialize;

use super::tls::ClientTls;

/// A server to which the device goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    /// `url`, as it was written.
    pub url: String,
    /// The host, a name or an IP address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query of the URL; `/` if it has none.
    pub path: String,
    /// TLS; none only with `danger_insecure`.
    pub tls: Option<ClientTls>,
    /// What the device says of itself.
    pub credentials: Credentials,
}

/// What the device says of itself. Secrets are in files: the first line of each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Credentials {
    /// Nothing, but for a certificate.
    #[default]
    None,
    /// `bearer_file`.
    Bearer(PathBuf),
    /// `user` and `password_file`.
    Password(String, PathBuf),
}

/// The keys of a server, as they are written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ServerTable {
    bearer_file: Option<PathBuf>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    danger_insecure: bool,
    key: Option<PathBuf>,
    password_file: Option<PathBuf>,
    security: Option<String>,
    url: Option<String>,
    user: Option<String>,
}

impl ServerTable {
    /// Whether a list of sources protects the way, which is then without TLS. Who asks has the list.
    pub(super) fn takes_source_list(&mut self) -> bool {
        let is_listed = self.security.as_deref() == Some("source-list") && !self.danger_insecure;
        if is_listed {
            (self.security, self.danger_insecure) = (Some("none".to_owned()), true);
        }
        is_listed
    }
}

/// Names and ports of the two kinds of URL.
pub(super) struct Scheme {
    pub(super) plain: (&'static str, u16),
    pub(super) tls: (&'static str, u16),
}

impl Server {
    /// The word in the configuration for its security.
    #[must_use]
    pub const fn security(&self) -> &'static str {
        match &self.tls {
            None => "none",
            Some(ClientTls { own: None, .. }) => "tls",
            Some(ClientTls { own: Some(_), .. }) => "client-certificate",
        }
    }

    pub(super) fn new(table: ServerTable, scheme: &Scheme) -> Result<Self, ServerError> {
        let url = table.url.ok_or(ServerError::NoUrl(scheme.tls.0))?;
        let wrong = || ServerError::Url(url.clone(), scheme.tls.0);
        let (word, rest) = url.split_once("://").ok_or_else(wrong)?;
        let is_tls = match word {
            _ if word == scheme.tls.0 => true,
            _ if word == scheme.plain.0 => false,
            _ => return Err(wrong()),
        };
        let (host, given_port, path) = parts(rest).ok_or_else(wrong)?;
        let own = match (table.certificate, table.key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(ServerError::HalfCertificate),
        };
        let tls = match (table.security.as_deref(), table.danger_insecure, table.ca, own) {
            (None, ..) => return Err(ServerError::Unnamed),
            (Some("tls" | "client-certificate"), true, ..) => {
                return Err(ServerError::Contradiction);
            }
            (Some("tls" | "client-certificate"), ..) if !is_tls => {
                return Err(ServerError::Plain(scheme.tls.0));
            }
            (Some("tls" | "client-certificate"), _, None, _) => return Err(ServerError::NoCa),
            (Some("client-certificate"), _, _, None) => return Err(ServerError::HalfCertificate),
            (Some("tls"), _, _, Some(_)) => return Err(ServerError::Certified),
            (Some("tls" | "client-certificate"), _, Some(authorities), own) => {
                Some(ClientTls { authorities, own })
            }
            (Some("none"), false, ..) => return Err(ServerError::NotAdmitted),
            (Some("none"), true, None, None) if !is_tls => None,
            (Some("none"), true, ..) => return Err(ServerError::TlsWithout),
            (Some(other), ..) => return Err(ServerError::Unknown(other.to_owned())),
        };
        let credentials = match (table.bearer_file, table.user, table.password_file) {
            (None, None, None) => Credentials::None,
            (Some(file), None, None) => Credentials::Bearer(file),
            (None, Some(user), Some(file)) => Credentials::Password(user, file),
            _ => return Err(ServerError::Credentials),
        };
        let default = if is_tls { scheme.tls.1 } else { scheme.plain.1 };
        let port = given_port.unwrap_or(default);
        Ok(Self { url, host, port, path, tls, credentials })
    }
}

/// Host, port, and path with query, of what follows `://`. No user, no fragment. [RFC 3986]
fn parts(rest: &str) -> Option<(String, Option<u16>, String)> {
    let is_of_a_url = |octet: u8| octet.is_ascii_graphic() && !b"#<>\"{}|\\^`".contains(&octet);
    if !rest.bytes().all(is_of_a_url) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_digits = |port: &&str| port.bytes().all(|octet| octet.is_ascii_digit());
    let port = match port {
        Some(port) => Some(Some(port).filter(is_digits)?.parse().ok()?),
        None => None,
    };
    let host = match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']').filter(|host| host.contains(':'))?,
        None => Some(host).filter(|host| !host.contains(':'))?,
    };
    ServerName::try_from(host).ok()?;
    let path = match path {
        "" => "/".to_owned(),
        query if query.starts_with('?') => format!("/{query}"),
        path => path.to_owned(),
    };
    Some((host.to_owned(), port, path))
}

#[derive(Debug, thiserror::Error)]
pub(super) enum ServerError {
    #[error("write either `bearer_file`, or `user` and `password_file`, or none of them")]
    Credentials,
    #[error(
        "`certificate` and `key` are of security = \"client-certificate\"; write that, or remove them"
    )]
    Certified,
    #[error("`danger_insecure` stands beside a security that is one; remove it")]
    Contradiction,
    #[error(
        "to show a certificate takes both: write certificate = \"FILE\" and key = \"FILE\", in PEM"
    )]
    HalfCertificate,
    #[error(
        "TLS needs the authority that issues the server's certificate; write ca = \"FILE\", in PEM"
    )]
    NoCa,
    #[error(
        "security = \"none\" leaves a transport without the security that it must have (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    NotAdmitted,
    #[error(
        "a report is signed by a key of the device; write signing_key = \"FILE\", a private key in PEM, \
         or \"pkcs11:...\""
    )]
    NoSigningKey,
    #[error("`url` is missing; write url = \"{0}://HOST/...\"")]
    NoUrl(&'static str),
    #[error("the `url` is one without TLS; write {0}://, or security = \"none\"")]
    Plain(&'static str),
    #[error(
        "security = \"none\" takes a `url` without TLS, and none of `ca`, `certificate`, `key`"
    )]
    TlsWithout,
    #[error(
        "security = \"{0}\" is not supported here; a transport must have its own security (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    Unknown(String),
    #[error(
        "`security` is missing; a transport must have its own security (R16, [Sessionless §5.3]); {WRITE}"
    )]
    Unnamed,
    #[error("`{0}` is no URL of this transport; write \"{1}://HOST\", without user and password")]
    Url(String, &'static str),
}

const WRITE: &str = "write security = \"tls\" with ca = \"FILE\", or \"client-certificate\" with \
                     certificate and key beside it, or in a laboratory \"none\" with \
                     danger_insecure = true";

//! Files of TLS: who we are, and whom we believe.

use std::path::PathBuf;

/// TLS at a listener.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerTls {
    /// `certificate`: PEM, the listener's own certificate first, then those up to its authority.
    pub certificate: PathBuf,
    /// `key`: PEM, its private key.
    pub key: PathBuf,
    /// Who may push; without it, everybody who comes over TLS.
    pub clients: Option<TlsClients>,
}

/// The certificates that a client must show one of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsClients {
    /// `client_ca`: PEM, the authorities that issue them.
    pub authorities: PathBuf,
    /// `client_names`: names, of which one must be in `subjectAltName`. Default: any.
    pub names: Vec<String>,
}

/// TLS towards a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientTls {
    /// `ca`: PEM, the authorities that issue the server's certificate.
    pub authorities: PathBuf,
    /// `certificate` and `key`: PEM, what we show.
    pub own: Option<(PathBuf, PathBuf)>,
}

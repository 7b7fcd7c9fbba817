//! The settings of a route by HTTP.

use std::time::Duration;

use serde::Deserialize;

use crate::setup;
use crate::tls::ClientTls;

/// A route by HTTP.
///
/// ```
/// # use dm_transport::HttpConfig;
/// let config: HttpConfig = toml::from_str(
///     r#"
///     gateway = true
///     version = "2"
///     tls = { ca = "ca.pem", certificate = "server.pem", key = "server.key" }
///     connect_timeout = "3 s"
///     "#,
/// )?;
/// assert!(config.gateway && config.tls.ca.is_some());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Whether a gateway answers, and not the device: its 2xx says that the message was handed over.
    pub gateway: bool,
    /// Which version of HTTP is spoken.
    pub version: HttpVersion,
    /// Files of TLS, for `https://`.
    pub tls: ClientTls,
    /// How long a connection may take to be there, its handshake included. Default: 10 s.
    #[serde(deserialize_with = "setup::duration")]
    pub connect_timeout: Duration,
    /// How long a connection is kept that nobody uses. Default: 30 s.
    #[serde(deserialize_with = "setup::duration")]
    pub keep_idle: Duration,
    /// How long a connection of HTTP/2 may be silent while an answer is waited for, before it is asked whether it
    /// is there; and then how long that may take. Default: 10 s.
    #[serde(deserialize_with = "setup::duration")]
    pub ping: Duration,
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub enum HttpVersion {
    /// What the server takes: HTTP/2 where TLS agrees on it, else HTTP/1.1.
    #[default]
    #[serde(rename = "any")]
    Any,
    /// HTTP/1.1 alone.
    #[serde(rename = "1.1")]
    Http1,
    /// HTTP/2 alone, without TLS too.
    #[serde(rename = "2")]
    Http2,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            gateway: false,
            version: HttpVersion::default(),
            tls: ClientTls::default(),
            connect_timeout: Duration::from_secs(10),
            keep_idle: Duration::from_secs(30),
            ping: Duration::from_secs(10),
        }
    }
}

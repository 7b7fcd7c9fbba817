//! The settings of a route by SIP.

use std::time::Duration;

use serde::Deserialize;

use crate::address::SipTransport;
use crate::setup::{self, Secret, SetupError};
use crate::tls::ClientTls;

/// A route by SIP.
///
/// ```
/// # use dm_transport::SipConfig;
/// let config: SipConfig = toml::from_str(
///     r#"
///     proxy = "sip.example.com"
///     transport = "tls"
///     tls = { ca = "sip-ca.pem" }
///     user = "server"
///     password = { file = "/etc/marconigram/sip-password" }
///     from = "sip:server@push.example"
///     accept_contact = ['*;+g.oma.pusheventapp="syncml.dm"']
///     "#,
/// )?;
/// assert_eq!(config.security(), Some("TLS, digest"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct SipConfig {
    /// `HOST[:PORT]` of the proxy that all requests go to; without one, to the host of each address.
    pub proxy: Option<String>,
    /// What carries requests; without it, what the address says.
    pub transport: Option<SipTransport>,
    /// Files of TLS.
    pub tls: ClientTls,
    /// Who sends, where a proxy asks: without the domain.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// `sip:USER@HOST` of who sends; without it, the user at the domain of the address.
    pub from: Option<String>,
    /// Values of `Accept-Contact`: feature tags of the devices that are meant. [RFC 3841]
    pub accept_contact: Vec<String>,
    /// Whether addresses are those of devices themselves, with no proxy between: then a 200 says that the
    /// device has the message.
    pub device: bool,
    /// How long a connection may take to be there, its handshake included. Default: 10 s.
    #[serde(deserialize_with = "setup::duration")]
    pub connect_timeout: Duration,
}

impl SipConfig {
    /// What protects the way to the next hop; nothing, if nothing is sure to.
    #[must_use]
    pub const fn security(&self) -> Option<&'static str> {
        let is_tls = matches!(self.transport, Some(SipTransport::Tls));
        match (is_tls, self.tls.certificate.is_some(), self.user.is_some()) {
            (true, true, true) => Some("mutual TLS, digest"),
            (true, true, false) => Some("mutual TLS"),
            (true, false, true) => Some("TLS, digest"),
            (true, false, false) => Some("TLS"),
            (false, _, true) => Some("digest"),
            (false, _, false) => None,
        }
    }

    /// What would spoil a request, or says two things at once.
    pub(super) fn check(&self) -> Result<(), SetupError> {
        let is_uri = |uri: &String| {
            let rest = uri.strip_prefix("sip:").or_else(|| uri.strip_prefix("sips:"));
            let is_plain = |c: char| c.is_ascii_graphic() && !"<>\";?,".contains(c);
            rest.is_some_and(|rest| rest.contains('@') && rest.chars().all(is_plain))
        };
        let is_line = |value: &String| !value.is_empty() && !value.contains(char::is_control);
        let wrong = match self {
            Self { user: Some(_), password: None, .. }
            | Self { user: None, password: Some(_), .. } => {
                "`user` and `password` go together: give both, or none"
            }
            Self { device: true, proxy: Some(_), .. } => {
                "`device` says that there is no proxy, and `proxy` names one: leave one of them out"
            }
            _ if !self.user.iter().all(|user| is_user_name(user)) => {
                "`user` is a name alone, without its domain"
            }
            _ if !self.from.iter().all(is_uri) => "`from` is no URI: write sip:USER@HOST",
            _ if !self.accept_contact.iter().all(is_line) => {
                "a value of `accept_contact` is one line of text"
            }
            _ => return Ok(()),
        };
        Err(SetupError::Key(wrong))
    }
}

/// Whether it is the name of a user alone, as it stands in a URI and between quotation marks.
#[must_use]
pub fn is_user_name(name: &str) -> bool {
    let is_quoted = |c: char| "\"\\<>@".contains(c) || c.is_whitespace() || c.is_control();
    !name.is_empty() && !name.contains(is_quoted)
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            proxy: None,
            transport: None,
            tls: ClientTls::default(),
            user: None,
            password: None,
            from: None,
            accept_contact: Vec::new(),
            device: false,
            connect_timeout: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let config: SipConfig = toml::from_str(text).unwrap();
        config.check().map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn what_would_spoil_a_request_is_refused() {
        for (text, word) in [
            ("user = \"a\"", "go together"),
            ("password = { env = \"A\" }", "go together"),
            ("device = true\nproxy = \"p\"", "`device`"),
            ("user = 'a\"b'\npassword = { env = \"A\" }", "name alone"),
            ("from = \"server@push.example\"", "sip:USER@HOST"),
            ("from = \"sip:a@b>\\r\\nVia: x\"", "sip:USER@HOST"),
            ("accept_contact = [\"*\\r\\nVia: x\"]", "one line"),
        ] {
            assert!(refused(text).contains(word), "{text}: {}", refused(text));
        }
        assert_eq!(refused("from = \"sips:a@b\"\naccept_contact = [\"*;audio\"]\n"), "");
    }

    #[test]
    fn what_protects_the_way_is_named() {
        let named = |text: &str| toml::from_str::<SipConfig>(text).unwrap().security();
        assert_eq!(named("tls = { certificate = \"c\" }"), None, "the address decides");
        assert_eq!(named("transport = \"udp\"\nuser = \"u\""), Some("digest"));
        let mutual = "transport = \"tls\"\ntls = { certificate = \"c\" }";
        assert_eq!(named(mutual), Some("mutual TLS"));
        assert!(toml::from_str::<SipConfig>("proxi = \"p\"").is_err());
    }
}

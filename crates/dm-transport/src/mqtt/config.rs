//! The settings of a route by MQTT.

use std::time::Duration;

use dm_push::mqtt::TEXT_LIMIT;
use serde::Deserialize;

use crate::address::{AddressError, Host};
use crate::setup::{self, Secret, SetupError};
use crate::tls::ClientTls;

/// A route by MQTT 5.
///
/// ```
/// # use dm_transport::MqttConfig;
/// let config: MqttConfig = toml::from_str(
///     r#"
///     url = "mqtts://broker.example.com"
///     tls = { ca = "ca.pem", certificate = "server.pem", key = "server.key" }
///     user = "server"
///     password = { env = "BROKER_PASSWORD" }
///     "#,
/// )?;
/// assert_eq!(config.security(), Some("mutual TLS"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MqttConfig {
    /// `mqtts://HOST[:PORT]`, or without TLS `mqtt://HOST[:PORT]`.
    pub url: String,
    /// Files of TLS.
    #[serde(default)]
    pub tls: ClientTls,
    /// Who publishes.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// By which the broker knows this route; without it, the broker gives one. No other may have it.
    #[serde(default)]
    pub client_id: String,
    /// How often the broker hears from us at least. Default: 1 min.
    #[serde(default = "minute", deserialize_with = "setup::duration")]
    pub keep_alive: Duration,
    /// Messages that are not acknowledged yet, at most; fewer, if the broker wants fewer. Default: 256.
    #[serde(default = "window")]
    pub window: u16,
    /// How long a connection may take to be there, all greetings included. Default: 10 s.
    #[serde(default = "ten_seconds", deserialize_with = "setup::duration")]
    pub connect_timeout: Duration,
}

impl MqttConfig {
    /// The broker at this URL, and nothing else.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            tls: ClientTls::default(),
            user: None,
            password: None,
            client_id: String::new(),
            keep_alive: minute(),
            window: window(),
            connect_timeout: ten_seconds(),
        }
    }

    /// What protects the way to the broker; nothing, if nothing does. A password alone does not.
    #[must_use]
    pub fn security(&self) -> Option<&'static str> {
        match (self.scheme().is_some_and(|(is_tls, _)| is_tls), self.tls.certificate.is_some()) {
            (true, true) => Some("mutual TLS"),
            (true, false) => Some("TLS"),
            (false, _) => None,
        }
    }

    /// Whether by TLS, and what is behind the scheme.
    fn scheme(&self) -> Option<(bool, &str)> {
        let (scheme, rest) = self.url.split_once("://")?;
        match &*scheme.to_ascii_lowercase() {
            "mqtts" => Some((true, rest)),
            "mqtt" => Some((false, rest)),
            _ => None,
        }
    }

    /// Where the broker is, and whether by TLS.
    pub(super) fn broker(&self) -> Result<(Host, bool), SetupError> {
        let failed = |source| SetupError::Url { url: self.url.clone(), source };
        let (is_tls, rest) = self
            .scheme()
            .ok_or(SetupError::Key("`url` is mqtts://HOST[:PORT] or mqtt://HOST[:PORT]"))?;
        let port = if is_tls { 8883 } else { 1883 };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match rest.contains('/') {
            true => Err(failed(AddressError::Path)),
            false => Host::parse(rest, port).map(|host| (host, is_tls)).map_err(failed),
        }
    }

    pub(super) fn check(&self) -> Result<(), SetupError> {
        let is_text = |text: &str| text.len() <= TEXT_LIMIT && !text.contains(char::is_control);
        let wrong = match self {
            Self { user: Some(_), password: None, .. }
            | Self { user: None, password: Some(_), .. } => {
                "`user` and `password` go together: give both, or none"
            }
            Self { window: 0 | 4_097.., .. } => "`window` is a number from 1 to 4096",
            _ if !is_text(&self.client_id) || !self.user.iter().all(|user| is_text(user)) => {
                "`client_id` and `user` have at most 1,024 octets, and no control characters"
            }
            _ => return Ok(()),
        };
        Err(SetupError::Key(wrong))
    }
}

const fn minute() -> Duration {
    Duration::from_secs(60)
}

const fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

const fn window() -> u16 {
    256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> MqttConfig {
        toml::from_str(more).unwrap()
    }

    #[test]
    fn a_broker_is_named_by_a_url() {
        let broker = |url: &str| {
            let found = config(&format!("url = \"{url}\"")).broker();
            found
                .map(|(host, is_tls)| (host.to_string(), is_tls))
                .map_err(|error| error.to_string())
        };
        assert_eq!(broker("mqtts://b.example"), Ok(("b.example:8883".to_owned(), true)));
        assert_eq!(broker("mqtt://[::1]:7/"), Ok(("[::1]:7".to_owned(), false)));
        for (url, word) in [
            ("tcp://b", "mqtts://HOST"),
            ("mqtt://user@b", "credentials"),
            ("mqtt://b/topic", "path"),
            ("mqtt://b:x", "port"),
        ] {
            assert!(broker(url).unwrap_err().contains(word), "{url}: {:?}", broker(url));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for more in ["user = \"u\"", "window = 0", "client_id = \"a\\u0000\""] {
            assert!(config(&format!("url = \"mqtt://b\"\n{more}")).check().is_err(), "{more}");
        }
        let plain = config("url = \"mqtt://b\"\nuser = \"u\"\npassword = { env = \"P\" }");
        assert!(plain.check().is_ok() && plain.security().is_none());
        assert!(toml::from_str::<MqttConfig>("url = \"mqtt://b\"\ntopic = \"t\"").is_err());
    }
}

//! The settings of a route to a push gateway, and of the listener for what it tells.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::address::HttpAddress;
use crate::http::HttpConfig;
use crate::setup::{self, Secret, SetupError};
use crate::tls::{ClientTls, ServerTls};
use crate::{Address, AddressError, SecMac};

/// A push gateway.
///
/// ```
/// # use dm_transport::PapConfig;
/// let config: PapConfig = toml::from_str(
///     r#"
///     url = "https://ppg.example:8443/wappush"
///     user = "server"
///     password = { file = "/etc/mgram/ppg.password" }
///     tls = { ca = "ppg.pem" }
///     push_id_domain = "server.example"
///     notify = "https://server.example:8444/pap"
///     "#,
/// )?;
/// assert_eq!(config.delivery, dm_transport::Delivery::Unconfirmed);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PapConfig {
    /// Where it takes PAP: `http://HOST:PORT/PATH`, or `https:`.
    pub url: String,
    /// Who we are there, by HTTP basic authentication.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
    /// Files of TLS, for `https://`.
    #[serde(default)]
    pub tls: ClientTls,
    /// What stands behind the identity of a sending and an `@`, to make a push-id that nobody else gives: a name
    /// of ours in the net.
    pub push_id_domain: Option<String>,
    /// Whether it takes IPv6 addresses. Kannel 1.4.5 ends when it gets one.
    #[serde(default)]
    pub ipv6: bool,
    /// Who sends, as text for the gateway's records.
    pub source_reference: Option<String>,
    /// Where the gateway shall tell what became of a message: the URL of a listener of ours.
    pub notify: Option<String>,
    /// How it is asked to deliver.
    #[serde(default)]
    pub delivery: Delivery,
    /// A secret that each push proves to its device, by the parameters of its content type. Whether they arrive is up
    /// to the gateway: Kannel 1.4.5 leaves them out, and a device that demands them takes nothing then. Default: none.
    pub sec_mac: Option<SecMac>,
    /// How long a connection may take to be there, its handshake included. Default: 10 s.
    #[serde(default = "ten_seconds", deserialize_with = "setup::duration")]
    pub connect_timeout: Duration,
    /// How long a connection is kept that nobody uses. Default: 30 s.
    #[serde(default = "thirty_seconds", deserialize_with = "setup::duration")]
    pub keep_idle: Duration,
}

/// How a gateway is asked to deliver. There is no confirmed delivery: a sessionless message asks the device
/// for no answer. [Sessionless §5.2]
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Unconfirmed.
    #[default]
    Unconfirmed,
    /// As the gateway likes.
    NotSpecified,
}

/// Where notifications of results are listened for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// Address and port.
    pub address: SocketAddr,
    /// The path. Default: `/pap`.
    #[serde(default = "path")]
    pub path: String,
    /// Files of TLS; without them, it is plain HTTP.
    pub tls: Option<ServerTls>,
    /// Who the gateway is, by HTTP basic authentication.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
    /// Whether anybody may tell what became of messages. (R16)
    #[serde(default)]
    pub danger_unprotected: bool,
    /// Connections at once. Default: 64.
    #[serde(default = "connections")]
    pub connections: usize,
    /// How long a connection may be silent, and a notification may take. Default: 30 s.
    #[serde(default = "thirty_seconds", deserialize_with = "setup::duration")]
    pub timeout: Duration,
}

impl PapConfig {
    /// The gateway at this URL, and nothing else.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user: None,
            password: None,
            tls: ClientTls::default(),
            push_id_domain: None,
            ipv6: false,
            source_reference: None,
            notify: None,
            delivery: Delivery::default(),
            sec_mac: None,
            connect_timeout: ten_seconds(),
            keep_idle: thirty_seconds(),
        }
    }

    /// Whether what is said to the gateway goes by TLS: its security, beside a password.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.gateway().is_ok_and(|gateway| gateway.is_tls())
    }

    pub(super) fn gateway(&self) -> Result<HttpAddress, SetupError> {
        match self.url.parse() {
            Ok(Address::Http(address)) => Ok(address),
            Ok(_) => Err(AddressError::Scheme),
            Err(error) => Err(error),
        }
        .map_err(|source| SetupError::Url { url: self.url.clone(), source })
    }

    pub(super) fn check(&self) -> Result<(), SetupError> {
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-.".contains(&octet);
        match &self.push_id_domain {
            Some(domain) if domain.is_empty() || !domain.bytes().all(is_plain) => {
                Err(SetupError::Key("`push_id_domain` must be a name of letters, digits, - and ."))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn http(&self) -> HttpConfig {
        HttpConfig {
            gateway: true,
            tls: self.tls.clone(),
            connect_timeout: self.connect_timeout,
            keep_idle: self.keep_idle,
            ..HttpConfig::default()
        }
    }
}

impl ListenConfig {
    /// What protects the notifications; nothing, if that is allowed.
    ///
    /// # Errors
    /// What it lacks, as a sentence (R16).
    pub fn security(&self) -> Result<Option<&'static str>, &'static str> {
        let shows = self.tls.as_ref().map(|tls| tls.clients.is_some());
        let mechanism = match (shows, self.user.is_some()) {
            (Some(true), false) => "TLS, client certificate",
            (Some(true), true) => "TLS, client certificate and password",
            (Some(false), true) => "TLS, password",
            _ if self.danger_unprotected => return Ok(None),
            _ => {
                return Err(
                    "anybody could say that a message arrived [R16]: give `notifications` TLS with \
                     `clients`, or TLS with `user` and `password`, or `danger_unprotected = true`",
                );
            }
        };
        match self.danger_unprotected {
            true => Err("`notifications` are protected: leave out their `danger_unprotected`"),
            false => Ok(Some(mechanism)),
        }
    }
}

/// The URL of a gateway, and the device that it knows: `pap+https://HOST[:PORT]/PATH#WAPPUSH=...`.
///
/// ```
/// let text = "pap+https://ppg.example/wappush#WAPPUSH=+358401234567/TYPE=PLMN@ppg.example";
/// let (url, device) = dm_transport::pap_target(text)?;
/// assert_eq!(url, "https://ppg.example/wappush");
/// assert_eq!(device.to_string(), "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example");
/// # Ok::<(), dm_transport::AddressError>(())
/// ```
///
/// # Errors
/// [`AddressError`]: one of the two is none.
pub fn pap_target(text: &str) -> Result<(String, Address), AddressError> {
    let (scheme, rest) = text.split_at_checked(4).ok_or(AddressError::Scheme)?;
    if !scheme.eq_ignore_ascii_case("pap+") {
        return Err(AddressError::Scheme);
    }
    let (url, device) = rest.split_once('#').unwrap_or((rest, ""));
    let Address::Http(_) = url.parse()? else { return Err(AddressError::Scheme) };
    Ok((url.to_owned(), Address::Pap(device.parse().map_err(AddressError::Pap)?)))
}

const fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

const fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}

const fn connections() -> usize {
    64
}

fn path() -> String {
    "/pap".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confirmed_delivery_cannot_be_asked_for() {
        let config = |delivery| {
            toml::from_str::<PapConfig>(&format!("url = \"http://a/\"\ndelivery = {delivery:?}"))
        };
        assert_eq!(config("notspecified").unwrap().delivery, Delivery::NotSpecified);
        assert!(config("confirmed").unwrap_err().to_string().contains("unconfirmed"));
        assert!(config("preferconfirmed").is_err());
    }

    #[test]
    fn a_gateway_has_a_url_of_http() {
        for url in ["udp://ppg.example", "ppg.example", "https://me@ppg.example/"] {
            let error = PapConfig::new(url).gateway().unwrap_err().to_string();
            assert!(error.contains("is no URL of a gateway"), "{error}");
        }
        assert!(PapConfig::new("https://ppg.example/wappush").is_tls());
        assert!(!PapConfig::new("http://ppg.example/wappush").is_tls());
    }

    #[test]
    fn r16_who_may_say_that_a_message_arrived_is_known() {
        let listen = |rest: &str| {
            let config = format!("address = \"127.0.0.1:0\"\n{rest}");
            toml::from_str::<ListenConfig>(&config).unwrap().security().map_err(|_| ())
        };
        let tls = |clients| format!("tls = {{ certificate = \"c\", key = \"k\"{clients} }}\n");
        let login = "user = \"u\"\npassword = { file = \"p\" }\n";
        let (plain, mutual) = (tls(""), tls(", clients = \"a\""));
        for (text, security) in [
            (mutual.clone(), "TLS, client certificate"),
            (mutual + login, "TLS, client certificate and password"),
            (plain.clone() + login, "TLS, password"),
        ] {
            assert_eq!(listen(&text), Ok(Some(security)));
            assert_eq!(listen(&format!("{text}danger_unprotected = true")), Err(()));
        }
        for text in ["", login, &plain] {
            assert_eq!(listen(text), Err(()), "{text}");
            assert_eq!(listen(&format!("{text}danger_unprotected = true")), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_target_names_gateway_and_device() {
        for text in [
            "pap+https://ppg.example/wappush",
            "pap+https://ppg.example/wappush#",
            "pap+udp://ppg.example#WAPPUSH=+35840/TYPE=PLMN@ppg.example",
            "https://ppg.example/wappush#WAPPUSH=+35840/TYPE=PLMN@ppg.example",
            "pap",
        ] {
            assert!(pap_target(text).is_err(), "{text}");
        }
    }
}

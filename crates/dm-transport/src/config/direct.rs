//! Routes that are not written in a file: URLs that name all of a way, the transport, whoever carries it, and
//! the device.
//!
//! | URL | |
//! | -- | -- |
//! | `udp://HOST[:PORT]` | a WSP push in a datagram |
//! | `http://HOST[:PORT][/PATH]`, `https:` | `POST` to the device itself |
//! | `sip:USER@HOST`, `sip://`, `sips:` | `MESSAGE`, by a proxy or not |
//! | `smpp://HOST[:PORT]/+NUMBER`, `smpps:` | an SMS centre |
//! | `pap+https://HOST[:PORT]/PATH#ADDRESS`, `pap+http:` | a push gateway, and the device as it knows it |
//! | `mqtts://HOST[:PORT]/TOPIC`, `mqtt:` | a broker |
//! | `file:PATH`, `qr:PATH.png`, `qr:-` | a file, a picture, the terminal |

use dm_push::smpp;

use super::{Mechanism, Nothing, RouteConfig, Routes, UdpConfig};
use crate::address::SipTransport;
use crate::secret::without_password;
use crate::{
    Address, AddressError, ClientTls, Host, HttpConfig, MqttConfig, PapConfig, QrConfig, Secret,
    SipConfig, SmppConfig, pap_target,
};

/// What stands beside URLs, and not in them, for URLs are shown.
#[derive(Clone, Debug, Default)]
pub struct Direct {
    /// Files of TLS.
    pub tls: ClientTls,
    /// Who sends.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
    /// `HOST[:PORT]` of the SIP proxy, if it is not the host of the address.
    pub proxy: Option<String>,
    /// Whether the message's own signature may be the only protection. (R16)
    pub danger_unprotected: bool,
}

/// URLs do not name a way.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectError {
    /// It is none.
    #[error("{source}")]
    Address {
        /// The URL.
        url: String,
        /// What is wrong.
        source: AddressError,
    },
    /// The device alone is named, and not who carries the message.
    #[error("{url} names the device, and not who carries it there: {instead}")]
    NeedsRoute {
        /// The URL.
        url: String,
        /// What to write.
        instead: &'static str,
    },
    /// An SMS centre asks who sends.
    #[error("an SMS centre asks who sends: give its `system_id` as the user, and the password")]
    NeedsUser {
        /// The URL.
        url: String,
    },
    /// Nothing protects the way. (R16)
    #[error(
        "nothing protects the way to {url} beside the message's own signature: take a transport with TLS, \
         or say --danger-unprotected"
    )]
    Unprotected {
        /// The URL.
        url: String,
    },
    /// Something was given that none of the transports has.
    #[error("{what}: leave it out, or name a way that has it")]
    Unused {
        /// What.
        what: &'static str,
    },
}

/// What a way makes use of.
#[derive(Clone, Copy, Default)]
struct Uses {
    tls: bool,
    login: bool,
    proxy: bool,
}

impl Routes {
    /// The routes that URLs name, and for each its name and the device's address on it.
    ///
    /// ```
    /// use dm_transport::{Direct, Routes};
    /// let with = Direct { user: Some("mgram".into()), danger_unprotected: true, ..Direct::default() };
    /// let (routes, ways) = Routes::direct(&["smpp://smsc.example/+358401234567"], &with)?;
    /// assert_eq!(routes.names().collect::<Vec<_>>(), ["smpp"]);
    /// assert_eq!((&*ways[0].0, ways[0].1.to_string()), ("smpp", "tel:+358401234567".to_owned()));
    /// # Ok::<(), dm_transport::DirectError>(())
    /// ```
    ///
    /// # Errors
    /// [`DirectError`].
    pub fn direct(
        urls: &[impl AsRef<str>],
        with: &Direct,
    ) -> Result<(Self, Vec<(String, Address)>), DirectError> {
        let (mut routes, mut ways, mut used) = (Vec::new(), Vec::new(), Uses::default());
        for (index, url) in urls.iter().enumerate() {
            let (mut config, to, uses) = named(url.as_ref(), with)?;
            if index > 0 {
                config.name = format!("{}-{}", config.name, index + 1);
            }
            used.tls |= uses.tls;
            used.login |= uses.login;
            used.proxy |= uses.proxy;
            ways.push((config.name.clone(), to));
            routes.push(config);
        }
        let what = match () {
            () if with.tls != ClientTls::default() && !used.tls => "certificates are of TLS alone",
            () if with.user.is_some() && !used.login => {
                "a user is of SIP, SMPP, push gateways and MQTT alone"
            }
            () if with.proxy.is_some() && !used.proxy => "a proxy is of SIP alone",
            () => return Ok((Self(routes), ways)),
        };
        Err(DirectError::Unused { what })
    }
}

/// The route of one URL, the device on it, and what of `with` it has.
fn named(url: &str, with: &Direct) -> Result<(RouteConfig, Address, Uses), DirectError> {
    let failed = |source| DirectError::Address { url: without_password(url), source };
    let Direct { tls, user, password, proxy, .. } = with.clone();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    let login = Uses { login: true, ..Uses::default() };
    let (mut config, to, uses) = match &*scheme {
        "smpp" | "smpps" => {
            let (centre, number) = rest.split_once('/').unwrap_or((rest, ""));
            let centre = Host::parse(centre, smpp::PORT).map_err(failed)?;
            let to = format!("tel:{number}").parse().map_err(failed)?;
            let needs_user = || DirectError::NeedsUser { url: without_password(url) };
            let mut smpp = SmppConfig::new(centre, &user.ok_or_else(needs_user)?);
            smpp.password = password;
            smpp.tls = (scheme == "smpps").then_some(tls);
            let uses = Uses { tls: smpp.tls.is_some(), ..login };
            (RouteConfig { smpp: Some(smpp), ..named_only("smpp") }, to, uses)
        }
        "mqtt" | "mqtts" => {
            let (broker, topic) = rest.split_once('/').unwrap_or((rest, ""));
            let to = format!("mqtt:{topic}").parse().map_err(failed)?;
            let broker = format!("{scheme}://{broker}");
            let mqtt = MqttConfig { tls, user, password, ..MqttConfig::new(&broker) };
            let uses = Uses { tls: scheme == "mqtts", ..login };
            (RouteConfig { mqtt: Some(mqtt), ..named_only("mqtt") }, to, uses)
        }
        "pap+http" | "pap+https" => {
            let (gateway, to) = pap_target(url).map_err(failed)?;
            let pap = PapConfig { tls, user, password, ..PapConfig::new(&gateway) };
            let uses = Uses { tls: pap.is_tls(), ..login };
            (RouteConfig { pap: Some(pap), ..named_only("pap") }, to, uses)
        }
        _ => {
            let to = without_slashes(url).parse().map_err(failed)?;
            match &to {
                Address::Sip(address) => {
                    let transport = Some(address.transport);
                    let sip =
                        SipConfig { proxy, transport, tls, user, password, ..SipConfig::default() };
                    let is_tls = address.transport == SipTransport::Tls;
                    let uses = Uses { tls: is_tls, proxy: true, ..login };
                    (RouteConfig { sip: Some(sip), ..named_only("sip") }, to, uses)
                }
                Address::Http(address) => {
                    let uses = Uses { tls: address.is_tls(), ..Uses::default() };
                    let http = Some(HttpConfig { tls, ..HttpConfig::default() });
                    (RouteConfig { http, ..named_only("http") }, to, uses)
                }
                Address::Udp(_) => {
                    let udp = Some(UdpConfig { is_alone: true, ..UdpConfig::default() });
                    (RouteConfig { udp, ..named_only("udp") }, to, Uses::default())
                }
                Address::File(_) => {
                    let file = Some(Nothing {});
                    (RouteConfig { file, ..named_only("file") }, to, Uses::default())
                }
                Address::Qr(_) => {
                    let qr = Some(QrConfig::default());
                    (RouteConfig { qr, ..named_only("qr") }, to, Uses::default())
                }
                Address::Mqtt(_) => return Err(alone(url, "write mqtts://BROKER/TOPIC")),
                Address::Pap(_) => {
                    return Err(alone(url, "write pap+https://GATEWAY/PATH#WAPPUSH=..."));
                }
                Address::Poll(_) => {
                    return Err(alone(url, "name a file of routes, in which one has `poll`"));
                }
                Address::Tel(_) => return Err(alone(url, "write smpps://CENTRE/+NUMBER")),
            }
        }
    };
    let is_protected = match config.mechanism() {
        Mechanism::Named(_) => true,
        Mechanism::OfAddress => to.is_protected(),
        Mechanism::None => false,
    };
    if !is_protected && !with.danger_unprotected {
        return Err(DirectError::Unprotected { url: to.to_string() });
    }
    config.danger_unprotected = !is_protected;
    Ok((config, to, uses))
}

fn alone(url: &str, instead: &'static str) -> DirectError {
    DirectError::NeedsRoute { url: without_password(url), instead }
}

/// `sip://USER@HOST` is how people write `sip:USER@HOST`.
fn without_slashes(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest))
            if ["sip", "sips"].iter().any(|it| scheme.eq_ignore_ascii_case(it)) =>
        {
            format!("{scheme}:{rest}")
        }
        _ => url.to_owned(),
    }
}

fn named_only(name: &str) -> RouteConfig {
    RouteConfig { name: name.to_owned(), ..RouteConfig::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with() -> Direct {
        Direct { user: Some("u".into()), danger_unprotected: true, ..Direct::default() }
    }

    #[test]
    fn every_scheme_names_its_transport_and_the_device_on_it() {
        for (url, name, shown) in [
            ("smpp://smsc.example:2776/+358401234567", "smpp", "tel:+358401234567"),
            ("smpps://smsc.example/+358401234567", "smpp", "tel:+358401234567"),
            ("mqtts://broker.example/devices/17/dm", "mqtt", "mqtt:devices/17/dm"),
            (
                "pap+https://ppg.example:8443/pap?a=b#WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
                "pap",
                "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
            ),
            ("sip://d@example", "sip", "sip:d@example;transport=udp"),
            ("SIPS://d@example", "sip", "sip:d@example;transport=tls"),
            ("MQTTS://broker.example/t", "mqtt", "mqtt:t"),
            ("PAP+HTTPS://g/p#WAPPUSH=1.2.3.4/TYPE=IPv4@g", "pap", "WAPPUSH=1.2.3.4/TYPE=IPv4@g"),
        ] {
            let (routes, ways) = Routes::direct(&[url], &with()).expect(url);
            assert_eq!(routes.names().collect::<Vec<_>>(), [name], "{url}");
            assert_eq!((&*ways[0].0, &*ways[0].1.to_string()), (name, shown), "{url}");
            assert_eq!(routes.0[0].fault(), None, "{url}: as if it stood in a file");
        }
        let plain = Direct { user: None, ..with() };
        let urls = ["udp://h", "https://h/p", "file:a", "qr:-", "udp://g"];
        let (routes, _) = Routes::direct(&urls, &plain).expect("all");
        let names: Vec<_> = routes.names().collect();
        assert_eq!(names, ["udp", "http-2", "file-3", "qr-4", "udp-5"]);
    }

    #[test]
    fn r16_a_way_without_protection_is_refused_unless_that_is_said() {
        let with = Direct { danger_unprotected: false, ..with() };
        for url in [
            "udp://h",
            "http://h/push",
            "smpp://h/+358401234567",
            "mqtt://h/t",
            "pap+http://h/pap#WAPPUSH=+358401234567/TYPE=PLMN@h",
        ] {
            let error = Routes::direct(&[url], &with).map(|_| ()).unwrap_err();
            assert!(matches!(error, DirectError::Unprotected { .. }), "{url}: {error}");
        }
        for url in ["pap+HTTPS://h/p#WAPPUSH=1.2.3.4/TYPE=IPv4@h", "MQTTS://h/t"] {
            let with = Direct { user: None, ..with.clone() };
            Routes::direct(&[url], &with).map(|_| ()).expect(url);
        }
        for url in ["https://h/push", "sip:d@h;transport=udp", "smpps://h/+358401234567", "file:a"]
        {
            let uses = Direct { user: None, ..with.clone() };
            let with = if url.starts_with('s') { &with } else { &uses };
            Routes::direct(&[url], with).map(|_| ()).expect(url);
        }
        let nobody = Direct::default();
        let error = Routes::direct(&["sip:d@h"], &nobody).map(|_| ()).unwrap_err();
        assert!(matches!(error, DirectError::Unprotected { .. }), "no digest, no TLS: {error}");
    }

    #[test]
    fn no_error_repeats_a_password() {
        for url in
            ["https://me:hunter2@h/p", "sip:me:hunter2@h", "smpp://me:hunter2@h/+358401234567"]
        {
            let error = Routes::direct(&[url], &with()).map(|_| ()).expect_err(url);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn what_no_way_has_is_said() {
        let said = |url: &str, with: &Direct| {
            Routes::direct(&[url], with).map(|_| ()).expect_err(url).to_string()
        };
        assert!(said("udp://h", &with()).contains("a user is of SIP"));
        let proxy = Direct { proxy: Some("p".into()), user: None, ..with() };
        assert!(said("http://h", &proxy).contains("a proxy is of SIP"));
        let tls = ClientTls { ca: Some("ca.pem".into()), ..ClientTls::default() };
        let tls = Direct { tls, user: None, ..with() };
        assert!(said("http://h", &tls).contains("of TLS alone"));
        let nobody = Direct { danger_unprotected: true, ..Direct::default() };
        assert!(said("smpp://h/+358401234567", &nobody).contains("system_id"));
        assert!(said("tel:+358401234567", &nobody).contains("write smpps://CENTRE/+NUMBER"));
        assert!(said("smpp://h/358", &with()).contains("write tel:+"));
    }
}

//! The routes of a sender, as its owner writes them in TOML.
//!
//! ```
//! use dm_transport::Routes;
//! let text = r#"
//!     [[route]]
//!     name = "sms"
//!     limits = { segments = "20/s", burst = 10 }
//!     cost = { segment = "0.04 EUR" } # which `Plan` tells before anything is sent
//!     smpp = { centre = "smsc.example", system_id = "mgram", tls = {} }
//!
//!     [[route]]
//!     name = "lab"
//!     danger_unprotected = true # a datagram has no protection of its own [R16]
//!     udp = {}
//! "#;
//! let routes = Routes::parse("routes.toml".as_ref(), text)?;
//! assert_eq!(routes.names().collect::<Vec<_>>(), ["sms", "lab"]);
//!
//! let error = Routes::parse("routes.toml".as_ref(), "[[route]]\nname = \"lab\"\nudp = {}").unwrap_err();
//! assert!(error.to_string().contains("danger_unprotected"), "{error}");
//! # Ok::<(), dm_transport::RoutesError>(())
//! ```

mod direct;
mod limits;
mod planned;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dm_push::sip::digest::Algorithm;
use dm_push::wsp::Form;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use direct::{Direct, DirectError};

use crate::guard::Security;
use crate::{
    FileRoute, Guarded, HttpConfig, HttpRoute, Ledger, ListenConfig, MqttConfig, MqttRoute,
    NotificationListener, PapConfig, PapRoute, PollConfig, PollRoute, QrConfig, QrRoute, Route,
    SecMac, SetupError, SipConfig, SipRoute, SmppConfig, SmppRoute, Tariff, Teller, Told, UdpRoute,
};
use limits::LimitsTable;

/// Routes that were checked, and are not open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Routes(Vec<RouteConfig>);

/// One route.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct RouteConfig {
    name: String,
    #[serde(default)]
    danger_unprotected: bool,
    #[serde(default)]
    limits: LimitsTable,
    /// What whoever carries it charges.
    cost: Option<Tariff>,
    file: Option<Nothing>,
    http: Option<HttpConfig>,
    mqtt: Option<MqttConfig>,
    pap: Option<PapConfig>,
    /// Where the push gateway tells what became of a message.
    notifications: Option<ListenConfig>,
    poll: Option<PollConfig>,
    qr: Option<QrConfig>,
    sip: Option<SipConfig>,
    smpp: Option<SmppConfig>,
    udp: Option<UdpConfig>,
}

/// A transport with nothing to set.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Datagrams.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct UdpConfig {
    /// A secret that each push proves, as its own protection.
    sec_mac: Option<SecMac>,
    /// Content type and application id as text, for devices that do not know the tokens.
    #[serde(default)]
    text: bool,
    /// Octets of a datagram that the way brings, at most: 1,400 where what is cut into fragments is
    /// lost. Default: 65,507.
    largest: Option<usize>,
    /// A socket of its own for each push: for one push alone.
    #[serde(skip)]
    is_alone: bool,
}

/// Routes that are open. What they tell goes to whoever was named when they were opened.
pub struct OpenRoutes {
    /// The routes, in the order of the file.
    pub routes: Vec<Arc<Guarded>>,
    /// Listeners for what gateways tell; they end with this.
    listeners: Vec<NotificationListener>,
}

/// A file of routes cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoutesError {
    /// The file cannot be read.
    #[error("{}: {source}; name a readable file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// What is in the file does not fit.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, and what to write.
        message: String,
    },
    /// A route does not fit.
    #[error("{}: route {name:?}: {message}", path.display())]
    Route {
        /// The file.
        path: PathBuf,
        /// Its name.
        name: String,
        /// What is wrong, and what to write.
        message: &'static str,
    },
    /// There is no such route.
    #[error("there is no route {name:?}; there are: {}", there.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        there: Vec<String>,
    },
    /// A route cannot be opened.
    #[error("route {name:?}: {source}")]
    Setup {
        /// Its name.
        name: String,
        /// What is wrong.
        source: Box<SetupError>,
    },
}

impl Routes {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RoutesError`] says where, and what to write.
    pub fn read(path: &Path) -> Result<Self, RoutesError> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| RoutesError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Reads text as that of this file.
    ///
    /// # Errors
    /// [`RoutesError`] says where, and what to write.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RoutesError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            route: Vec<RouteConfig>,
        }
        let file: File = toml::from_str(text).map_err(|error| in_text(path, text, &error))?;
        let mut names = HashSet::new();
        for route in &file.route {
            let fault = match () {
                () if !is_name(&route.name) => {
                    Some("its name is 1 to 32 letters, digits, `-` or `_`: correct it")
                }
                () if !names.insert(&route.name) => Some("the name is taken: give it another one"),
                () => route.fault(),
            };
            if let Some(message) = fault {
                let (path, name) = (path.to_owned(), route.name.clone());
                return Err(RoutesError::Route { path, name, message });
            }
        }
        Ok(Self(file.route))
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|route| &*route.name)
    }

    /// Only these.
    ///
    /// # Errors
    /// [`RoutesError::Unknown`].
    pub fn only(&self, names: &[String]) -> Result<Self, RoutesError> {
        let of = |name: &String| {
            self.0.iter().find(|route| route.name == *name).cloned().ok_or_else(|| {
                let there = self.names().map(str::to_owned).collect();
                RoutesError::Unknown { name: name.clone(), there }
            })
        };
        names.iter().map(of).collect::<Result<_, _>>().map(Self)
    }

    /// Opens them, in the runtime in which it is called.
    ///
    /// # Errors
    /// [`RoutesError::Setup`].
    pub async fn open(
        &self,
        tell: &mpsc::Sender<Told>,
        ledger: &Arc<dyn Ledger>,
    ) -> Result<OpenRoutes, RoutesError> {
        let (mut routes, mut listeners) = (Vec::new(), Vec::new());
        for config in &self.0 {
            let failed = |source| config.failed(source);
            let security = config.security();
            let mut teller = Teller::new(&config.name, tell.clone());
            if let Security::Mechanism(mechanism) = security {
                teller = teller.protected_by(mechanism);
            }
            if let Some(listen) = &config.notifications {
                let listener = NotificationListener::start(listen, teller.clone(), ledger.clone());
                listeners.push(listener.await.map_err(failed)?);
            }
            let route = config.route(teller, ledger).await.map_err(failed)?;
            routes.push(Arc::new(config.guarded(route)));
        }
        Ok(OpenRoutes { routes, listeners })
    }
}

impl OpenRoutes {
    /// Where notifications are listened for.
    pub fn listeners(&self) -> impl Iterator<Item = &NotificationListener> {
        self.listeners.iter()
    }

    /// Ends all of it in order, until the deadline: what was handed over is waited for, and who tells
    /// something gets its answer.
    pub async fn close(&self, deadline: Instant) {
        let mut closing = JoinSet::new();
        for route in &self.routes {
            let route = Arc::clone(route);
            closing.spawn(async move { route.close(deadline).await });
        }
        for listener in &self.listeners {
            listener.close(deadline).await;
        }
        while closing.join_next().await.is_some() {}
    }
}

impl RouteConfig {
    fn fault(&self) -> Option<&'static str> {
        let kinds = [
            self.file.is_some(),
            self.http.is_some(),
            self.mqtt.is_some(),
            self.pap.is_some(),
            self.poll.is_some(),
            self.qr.is_some(),
            self.sip.is_some(),
            self.smpp.is_some(),
            self.udp.is_some(),
        ];
        match kinds.into_iter().filter(|is_there| *is_there).count() {
            0 => {
                return Some(
                    "it has no transport: write one of file, http, mqtt, pap, poll, qr, sip, smpp and udp",
                );
            }
            1 => {}
            _ => return Some("it has several transports: make a route of each"),
        }
        if self.notifications.is_some() && self.pap.is_none() {
            return Some("`notifications` are of `pap` alone: leave them out");
        }
        if let Some(Err(fault)) = self.notifications.as_ref().map(ListenConfig::security) {
            return Some(fault);
        }
        match self.mechanism() {
            Mechanism::None if !self.danger_unprotected => Some(
                "nothing protects the way [R16]: give it TLS, or `sec_mac` to udp, smpp or pap, or write \
                 `danger_unprotected = true` and see it with every receipt",
            ),
            Mechanism::Named(_) if self.danger_unprotected => {
                Some("`danger_unprotected` is set, though the way is protected: leave it out")
            }
            _ => None,
        }
    }

    /// What protects the way.
    fn mechanism(&self) -> Mechanism {
        let named = |mechanism: Option<_>| mechanism.map_or(Mechanism::None, Mechanism::Named);
        // TLS to whoever carries it on, and what the device itself is shown.
        let both = |tls: Option<&crate::ClientTls>, sec_mac: Option<&SecMac>| {
            let tls = tls.map(crate::ClientTls::mechanism);
            named(sec_mac.map_or(tls, |sec_mac| Some(sec_mac.mechanism_behind(tls))))
        };
        match self {
            // Whoever carries it is the protection: nobody else sees a folder or a picture.
            Self { file: Some(_), .. } | Self { qr: Some(_), .. } => Mechanism::Named("by hand"),
            Self { http: Some(_), .. } => Mechanism::OfAddress,
            Self { mqtt: Some(mqtt), .. } => named(mqtt.security()),
            Self { pap: Some(pap), .. } => {
                both(pap.is_tls().then_some(&pap.tls), pap.sec_mac.as_ref())
            }
            Self { poll: Some(poll), .. } => named(poll.security().ok().flatten()),
            Self { sip: Some(sip), .. } => match sip.security() {
                None if sip.transport.is_none() => Mechanism::OfAddress,
                mechanism => named(mechanism),
            },
            Self { smpp: Some(smpp), .. } => both(smpp.tls.as_ref(), smpp.sec_mac.as_ref()),
            Self { udp: Some(UdpConfig { sec_mac: Some(sec_mac), .. }), .. } => {
                Mechanism::Named(sec_mac.mechanism())
            }
            _ => Mechanism::None,
        }
    }

    fn security(&self) -> Security {
        match self.mechanism() {
            Mechanism::Named(mechanism) => Security::Mechanism(mechanism),
            Mechanism::OfAddress if !self.danger_unprotected => Security::OfAddress,
            Mechanism::OfAddress | Mechanism::None => Security::None,
        }
    }

    fn guarded(&self, route: Box<dyn Route>) -> Guarded {
        let guarded = Guarded::new(&self.name, route, &self.limits.limits());
        guarded.secured(self.security()).charging(self.cost)
    }

    fn failed(&self, source: SetupError) -> RoutesError {
        RoutesError::Setup { name: self.name.clone(), source: Box::new(source) }
    }

    async fn route(
        &self,
        teller: Teller,
        ledger: &Arc<dyn Ledger>,
    ) -> Result<Box<dyn Route>, SetupError> {
        Ok(match self {
            Self { file: Some(_), .. } => Box::new(FileRoute::new(teller)),
            Self { http: Some(http), .. } => Box::new(HttpRoute::new(http, teller)?),
            Self { mqtt: Some(mqtt), .. } => Box::new(MqttRoute::new(mqtt, teller)?),
            Self { pap: Some(pap), .. } => Box::new(PapRoute::new(pap, teller, ledger.clone())?),
            Self { poll: Some(poll), .. } => Box::new(PollRoute::open(poll, teller).await?),
            Self { qr: Some(qr), .. } => Box::new(QrRoute::new(qr.clone(), teller)),
            Self { sip: Some(sip), .. } => Box::new(SipRoute::new(sip, hash, teller)?),
            Self { smpp: Some(smpp), .. } => {
                Box::new(SmppRoute::new(smpp, teller, ledger.clone())?)
            }
            Self { udp, .. } => {
                let is_text = udp.as_ref().is_some_and(|udp| udp.text);
                let form = if is_text { Form::Text } else { Form::Token };
                let mut route = UdpRoute::new(teller).written_as(form);
                if let Some(largest) = udp.as_ref().and_then(|udp| udp.largest) {
                    route = route.up_to(largest);
                }
                if udp.as_ref().is_some_and(|udp| udp.is_alone) {
                    route = route.alone();
                }
                match udp.as_ref().and_then(|udp| udp.sec_mac.as_ref()) {
                    Some(sec_mac) => {
                        let (sec, secrets) = sec_mac.secrets()?;
                        Box::new(route.proving(sec, secrets))
                    }
                    None => Box::new(route),
                }
            }
        })
    }
}

/// The hash functions of digest.
pub(crate) fn hash(algorithm: Algorithm, octets: &[u8]) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect();
    match algorithm {
        Algorithm::Md5 => hex(&dm_crypto::md5(octets)),
        Algorithm::Sha256 => hex(&dm_crypto::sha256(octets)),
    }
}

enum Mechanism {
    Named(&'static str),
    /// TLS, where the address says so.
    OfAddress,
    None,
}

fn is_name(name: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
    (1..=32).contains(&name.len()) && name.bytes().all(is_plain)
}

fn in_text(path: &Path, text: &str, error: &toml::de::Error) -> RoutesError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    RoutesError::Text {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
        message: error.message().trim_end().replace('\n', ", "),
    }
}

#[cfg(test)]
mod tests;

//! The settings of a lab, in TOML.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use dm_lab::Answer;
use serde::{Deserialize, Deserializer, de};

use super::options::{FaultOptions, Share, Time};
use crate::document::read;
use crate::fault::Fault;

/// What there is, and how it behaves.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub seed: u64,
    /// Where the device is that gets everything.
    pub to: Option<SocketAddr>,
    /// Where devices are, by number (without a plus sign), address of IP or user.
    pub devices: BTreeMap<String, SocketAddr>,
    pub faults: FaultOptions,
    pub sms_centre: Option<SmsCentreSettings>,
    pub gateway: Option<GatewaySettings>,
    pub bearer: Option<BearerSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmsCentreSettings {
    pub listen: SocketAddr,
    pub system_id: String,
    pub password: String,
    /// Segments a second; more are throttled.
    pub per_second: Option<u32>,
    pub answer_after: Option<Time>,
    /// How many receipts come twice.
    pub duplicate_receipts: Option<Share>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySettings {
    pub listen: SocketAddr,
    /// Who may send: everybody, or this user.
    pub user: Option<String>,
    pub password: Option<String>,
    /// The answers to the first pushes.
    #[serde(deserialize_with = "answers")]
    pub answer: Vec<Answer>,
    /// The answers to pushes for these devices.
    #[serde(deserialize_with = "answers_to")]
    pub answer_to: BTreeMap<String, Answer>,
    pub answer_after: Option<Time>,
    /// What becomes of notifications of results.
    pub notices: FaultOptions,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BearerSettings {
    pub listen: SocketAddr,
}

const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

impl Settings {
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let octets = read(path)?;
        let unreadable = |what: String| {
            let next = "correct the file: docs/lab.md has every key";
            Fault::unreadable(what).in_file(path).next(next)
        };
        let text = String::from_utf8(octets).map_err(|_| unreadable("no UTF-8".to_owned()))?;
        let settings: Self = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            unreadable(format!("line {line}: {}", error.message().lines().next().unwrap_or("")))
        })?;
        match &settings.gateway {
            Some(gateway) if gateway.user.is_some() != gateway.password.is_some() => {
                Err(unreadable("`user` and `password` of [gateway] go together".to_owned()))
            }
            _ => Ok(settings),
        }
    }
}

impl Default for SmsCentreSettings {
    fn default() -> Self {
        let usual = dm_lab::Behaviour::default();
        Self {
            listen: FREE,
            system_id: usual.system_id,
            password: usual.password,
            per_second: None,
            answer_after: None,
            duplicate_receipts: None,
        }
    }
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            listen: FREE,
            user: None,
            password: None,
            answer: Vec::new(),
            answer_to: BTreeMap::new(),
            answer_after: None,
            notices: FaultOptions::default(),
        }
    }
}

impl Default for BearerSettings {
    fn default() -> Self {
        Self { listen: FREE }
    }
}

fn answers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Answer>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

fn answers_to<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Answer>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(from)?;
    let answer = |(device, text): (String, String)| match text.parse() {
        Ok(answer) => Ok((device, answer)),
        Err(error) => Err(de::Error::custom(error)),
    };
    texts.into_iter().map(answer).collect()
}

//! What the operator wrote of a campaign, beside its message and its devices.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{PolicyError, QuietHours, Rate, Retries, Rule, Share, Status, Zone};

/// How a campaign is to go. In TOML:
///
/// ```
/// let policy: dm_campaign::Policy = toml::from_str(r#"
///     routes = ["sms", "poll"]
///     expiry = "2026-12-04T18:00:00Z"
///     quiet = "22:00-06:00"
///     zone = "Europe/Helsinki"
///     rates = { sms = "500/min" }
///     patience = "36h"
///
///     [[waves]]
///     size = 50
///     gate = { rung = "reached", share = "95 %" }
///
///     [[waves]]
///     size = "10 %"
///     gate = "by hand"
///
///     [stop]
///     undeliverable = "2 %"
///     silent = "10 %"
///     contradicted = 0
/// "#)?;
/// assert_eq!(policy.check()?.sizes(40_000), [50, 4_000, 35_950]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Names of routes, in the order in which they are tried.
    pub routes: Vec<String>,
    /// Nothing is begun after that.
    pub expiry: Timestamp,
    /// Whether devices that come to match the query later belong to it. Default: no.
    #[serde(default)]
    pub membership: Membership,
    /// The waves; what they leave is a last one. Default: all devices in one.
    #[serde(default)]
    pub waves: Vec<Wave>,
    /// When nothing is sent, by each device's own clock. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Of devices whose zone is not known. Default: UTC.
    #[serde(default = "Zone::utc")]
    pub zone: Zone,
    /// Rates of routes, by name. Default: those of the routes themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, Rate>,
    /// How often a route is tried; `retries.sms` for one of them. Default: [`Retries::default`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retries: BTreeMap<String, Retries>,
    /// When it pauses by itself.
    #[serde(default)]
    pub stop: StopRules,
    /// After how long without news a device counts as silent. Default: 24 hours.
    #[serde(default = "day")]
    pub patience: SignedDuration,
    /// Which campaign goes first where several want one route; the higher one. Default: 0.
    #[serde(default)]
    pub priority: i16,
}

/// Who belongs to a campaign.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// Who matched the query when it was planned.
    #[default]
    Fixed,
    /// Also who matches it later, as long as it goes on; they belong to the last wave.
    Live,
}

/// A part of the devices, and what stands behind it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// How many; a part is of all devices of the campaign.
    pub size: Share,
    /// What has to be before the next wave begins.
    #[serde(default)]
    pub gate: Gate,
}

/// What has to be before the next wave begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "GateWritten", into = "GateWritten")]
pub enum Gate {
    /// Every device of this one was tried.
    #[default]
    Open,
    /// The same, and somebody opens it.
    ByHand,
    /// So many devices of this wave stand on that rung, or above.
    Rung {
        /// The rung: that of `reached`, for instance.
        rung: u8,
        /// How many of the wave.
        share: Share,
    },
}

/// When a campaign pauses by itself: more devices than this, of those for which anything was sent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StopRules {
    /// Cannot be reached, or expired. Default: 5 %.
    pub undeliverable: Share,
    /// Refused it. Default: 2 %.
    pub refused: Share,
    /// Contradicted. Default: none is allowed.
    pub contradicted: Share,
    /// Silent. Default: 20 %.
    pub silent: Share,
    /// Parts are judged once so many were begun: of one device, one is all. Default: 20.
    pub least: u64,
}

impl Policy {
    /// The same, if it can be kept: names are there that are named, and waits are not below nothing.
    ///
    /// # Errors
    /// [`PolicyError`], the first that is found.
    pub fn check(self) -> Result<Self, PolicyError> {
        let Self { routes, rates, retries, .. } = &self;
        if routes.is_empty() || routes.len() > usize::from(u8::MAX) {
            return Err(PolicyError::Routes(routes.len()));
        }
        let twice =
            |(at, name): (usize, &String)| routes[..at].contains(name).then(|| name.clone());
        if let Some(name) = routes.iter().enumerate().find_map(twice) {
            return Err(PolicyError::Twice(name));
        }
        let unknown = rates.keys().chain(retries.keys()).find(|name| !routes.contains(name));
        if let Some(name) = unknown {
            return Err(PolicyError::Unknown(name.clone()));
        }
        let waits = retries.values().flat_map(|it| {
            [Some(it.wait), Some(it.longest_wait), it.fall_back_after].into_iter().flatten()
        });
        if waits.chain([self.patience]).any(|it| it.is_negative()) {
            return Err(PolicyError::Negative);
        }
        if retries.values().any(|it| it.attempts == 0) {
            return Err(PolicyError::NoAttempt);
        }
        if self.waves.iter().any(|wave| wave.size.of(u64::MAX) == 0) {
            return Err(PolicyError::EmptyWave);
        }
        Ok(self)
    }

    /// How many devices each wave has, of so many. Those that would have none are there too.
    #[must_use]
    pub fn sizes(&self, devices: u64) -> Vec<u64> {
        let mut left = devices;
        let mut sizes: Vec<u64> = Vec::with_capacity(self.waves.len() + 1);
        for wave in &self.waves {
            let size = wave.size.of(devices).min(left);
            left -= size;
            sizes.push(size);
        }
        if left > 0 || sizes.is_empty() {
            sizes.push(left);
        }
        sizes
    }

    /// How often this route is tried.
    #[must_use]
    pub fn retries(&self, route: u8) -> Retries {
        let name = self.routes.get(usize::from(route));
        name.and_then(|name| self.retries.get(name)).copied().unwrap_or_default()
    }

    /// What stands behind a wave.
    pub(crate) fn gate(&self, wave: u16) -> Gate {
        self.waves.get(usize::from(wave)).map(|wave| wave.gate).unwrap_or_default()
    }
}

impl StopRules {
    /// How many a rule allows.
    #[must_use]
    pub const fn allowed(&self, rule: Rule) -> Share {
        match rule {
            Rule::Undeliverable => self.undeliverable,
            Rule::Refused => self.refused,
            Rule::Contradicted => self.contradicted,
            Rule::Silent => self.silent,
        }
    }
}

impl Default for StopRules {
    fn default() -> Self {
        Self {
            undeliverable: Share::Part(5_000),
            refused: Share::Part(2_000),
            contradicted: Share::Count(0),
            silent: Share::Part(20_000),
            least: 20,
        }
    }
}

fn day() -> SignedDuration {
    SignedDuration::from_hours(24)
}

/// `"open"`, `"by hand"`, `{ rung = "reached", share = "95 %" }`.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(untagged)]
enum GateWritten {
    Word(Word),
    Rung(RungWritten),
}

#[derive(Clone, Copy, Deserialize, Serialize)]
enum Word {
    #[serde(rename = "open")]
    Open,
    #[serde(rename = "by hand")]
    ByHand,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RungWritten {
    rung: RungWord,
    share: Share,
}

/// Rungs that a gate may wait for: what lies below says nothing of the device.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum RungWord {
    HandedOver,
    Reached,
    Accepted,
    InEffect,
}

impl From<GateWritten> for Gate {
    fn from(written: GateWritten) -> Self {
        match written {
            GateWritten::Word(Word::Open) => Self::Open,
            GateWritten::Word(Word::ByHand) => Self::ByHand,
            GateWritten::Rung(RungWritten { rung, share }) => {
                Self::Rung { rung: rung as u8 + Status::HandedOver as u8, share }
            }
        }
    }
}

impl From<Gate> for GateWritten {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Open => Self::Word(Word::Open),
            Gate::ByHand => Self::Word(Word::ByHand),
            Gate::Rung { rung, share } => {
                let rung = match rung {
                    0..=2 => RungWord::HandedOver,
                    3 => RungWord::Reached,
                    4 => RungWord::Accepted,
                    _ => RungWord::InEffect,
                };
                Self::Rung(RungWritten { rung, share })
            }
        }
    }
}

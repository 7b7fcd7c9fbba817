//! Quiet hours: when nobody is to be woken, by the device's own clock.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// From a time of day to another, in which nothing is sent. Over midnight, if the first is the later one.
///
/// ```
/// use dm_campaign::{QuietHours, Zone};
/// # use jiff::Timestamp;
/// # fn at(text: &str) -> Timestamp { text.parse().unwrap() }
/// let quiet: QuietHours = "22:00-06:30".parse()?;
/// let zone = Zone::named("Europe/Helsinki")?;
/// let (evening, noon) = (at("2026-11-24T21:10:00Z"), at("2026-11-24T10:00:00Z")); // 23:10 and 12:00 there
/// assert_eq!(quiet.ends(&zone, evening), Some(at("2026-11-25T04:30:00Z")));
/// assert_eq!(quiet.ends(&zone, noon), None);
/// assert_eq!(quiet.begins(&zone, noon), at("2026-11-24T20:00:00Z"));
/// # Ok::<(), dm_campaign::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    from: Time,
    to: Time,
}

/// A time zone by its name, with the rules of this build's database.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Of this name, as `Europe/Helsinki` or `UTC`.
    ///
    /// # Errors
    /// [`PolicyError::Zone`]: there is none of that name.
    pub fn named(name: &str) -> Result<Self, PolicyError> {
        let rules = TimeZoneDatabase::bundled().get(name);
        let rules = rules.map_err(|_| PolicyError::Zone(name.into()))?;
        // The database compares without case; here a zone has one name.
        let name = rules.iana_name().unwrap_or(name).to_string();
        Ok(Self { name, rules })
    }

    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), rules: TimeZone::UTC }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl QuietHours {
    /// When they end, if this is in them.
    #[must_use]
    pub fn ends(&self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        let local = now.to_zoned(zone.rules.clone());
        self.contains(local.time()).then(|| next(zone, local.date(), self.to, now))
    }

    /// When they begin again after this.
    #[must_use]
    pub fn begins(&self, zone: &Zone, now: Timestamp) -> Timestamp {
        let local = now.to_zoned(zone.rules.clone());
        next(zone, local.date(), self.from, now)
    }

    fn contains(&self, time: Time) -> bool {
        match self.from <= self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        }
    }
}

/// When it is this time of day there for the first time after now. A time that a change of the clock leaves out
/// is the same distance behind the change; of one that comes twice, the first that is still to come.
fn next(zone: &Zone, today: Date, time: Time, now: Timestamp) -> Timestamp {
    let mut day = today.yesterday().unwrap_or(today);
    // A day that a zone left out (there were such) has the next one: four days are enough.
    for _ in 0..4 {
        let ambiguous = zone.rules.to_ambiguous_timestamp(day.to_datetime(time));
        let both = [ambiguous.earlier(), ambiguous.later()];
        let found = both.into_iter().flatten().filter(|at| *at > now).min();
        if let Some(found) = found {
            return found;
        }
        let Ok(tomorrow) = day.tomorrow() else { break };
        day = tomorrow;
    }
    Timestamp::MAX
}

impl TryFrom<String> for QuietHours {
    type Error = PolicyError;

    fn try_from(text: String) -> Result<Self, PolicyError> {
        text.parse()
    }
}

impl FromStr for QuietHours {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let wrong = || PolicyError::Hours(text.into());
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let from = time(from.trim()).ok_or_else(wrong)?;
        let to = time(to.trim()).ok_or_else(wrong)?;
        if from == to {
            return Err(wrong()); // nothing, or the whole day: nobody can tell
        }
        Ok(Self { from, to })
    }
}

/// `22:00`, and nothing else.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| match text.as_bytes() {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => text.parse::<i8>().ok(),
        _ => None,
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
    }
}

impl TryFrom<String> for Zone {
    type Error = PolicyError;

    fn try_from(name: String) -> Result<Self, PolicyError> {
        Self::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

#[cfg(test)]
mod tests;

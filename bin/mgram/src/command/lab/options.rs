//! Faults, as options and in a file alike.

use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use dm_lab::Faults;
use serde::Deserialize;

/// What the air does; without these, nothing.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultOptions {
    /// How many get lost, and nobody hears of them: 2% for instance, or 0.5%.
    #[arg(long, value_name = "SHARE")]
    lose: Option<Share>,
    /// How many their device does not take; who sent is told, where the transport can tell.
    #[arg(long, value_name = "SHARE")]
    undeliverable: Option<Share>,
    /// How many arrive twice.
    #[arg(long, value_name = "SHARE")]
    duplicate: Option<Share>,
    /// How many the next one to the same device passes.
    #[arg(long, value_name = "SHARE")]
    reorder: Option<Share>,
    /// How long they are on their way: 50ms for instance, or 0ms..2s, where they overtake each other.
    #[arg(long, value_name = "TIME")]
    delay: Option<Times>,
    /// How many find that their device has just fallen asleep: what comes for it waits.
    #[arg(long, value_name = "SHARE")]
    sleep: Option<Share>,
    /// How long a device sleeps then. Without it, 1s..5s.
    #[arg(long, value_name = "TIME")]
    asleep: Option<Times>,
    /// How long a message may take, waiting for a device that sleeps included; then it is lost. Without it, for ever.
    #[arg(long, value_name = "TIME")]
    validity: Option<Time>,
}

impl FaultOptions {
    /// Those that are given here, and else there.
    pub fn or(self, other: Self) -> Self {
        Self {
            lose: self.lose.or(other.lose),
            undeliverable: self.undeliverable.or(other.undeliverable),
            duplicate: self.duplicate.or(other.duplicate),
            reorder: self.reorder.or(other.reorder),
            delay: self.delay.or(other.delay),
            sleep: self.sleep.or(other.sleep),
            asleep: self.asleep.or(other.asleep),
            validity: self.validity.or(other.validity),
        }
    }

    pub fn faults(&self) -> Faults {
        let share = |share: Option<Share>| share.map_or(0, |Share(per_mille)| per_mille);
        let none = Faults::default();
        Faults {
            lose: share(self.lose),
            undeliverable: share(self.undeliverable),
            duplicate: share(self.duplicate),
            reorder: share(self.reorder),
            delay: self.delay.clone().map_or(none.delay, |times| times.0),
            sleep: share(self.sleep),
            asleep: self.asleep.clone().map_or(none.asleep, |times| times.0),
            validity: self.validity.map(|time| time.0),
        }
    }
}

/// So many of a thousand.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Share(pub u16);

/// A duration.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Time(pub Duration);

/// A duration between two.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Times(pub Range<Duration>);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        share(text).map(Self).ok_or_else(|| {
            format!("`{text}` is no share: write a percentage like 2% or 0.5%, 100% at most")
        })
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        time(text).map(Self).ok_or_else(|| {
            format!("`{text}` is no time: write it with its unit (ms, s, min, h), like 50ms or 2s")
        })
    }
}

impl FromStr for Times {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((from, to)) = text.split_once("..") else {
            return text.parse::<Time>().map(|Time(time)| Self(time..time));
        };
        let (Time(from), Time(to)) = (from.parse()?, to.parse()?);
        match from <= to {
            true => Ok(Self(from..to)),
            false => Err(format!("`{text}` ends before it begins: write the shorter time first")),
        }
    }
}

impl TryFrom<String> for Share {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl TryFrom<String> for Times {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

fn share(text: &str) -> Option<u16> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !is_digits(whole) || !is_digits(tenth) || tenth.len() > 1 {
        return None;
    }
    let per_mille = whole.parse::<u16>().ok()?.checked_mul(10)? + tenth.parse::<u16>().ok()?;
    (per_mille <= 1_000).then_some(per_mille)
}

/// At most a year: no clock of ours ends before.
fn time(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = UNITS.iter().find(|entry| entry.0 == unit.trim_start())?;
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(*factor)?;
    (milliseconds <= 366 * 24 * 3_600_000).then(|| Duration::from_millis(milliseconds))
}

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        for (text, per_mille) in [("2%", 20), ("0.5%", 5), ("100%", 1_000), ("0%", 0)] {
            assert_eq!(text.parse(), Ok(Share(per_mille)));
        }
        for text in ["2", "", "%", "100.1%", "101%", "-1%", "+1%", "0.05%", ".5%", "1.%", "9999%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_carry_their_unit() {
        let of = |from, to| Ok(Times(Duration::from_millis(from)..Duration::from_millis(to)));
        for (text, times) in
            [("50ms", of(50, 50)), ("0ms..2 s", of(0, 2_000)), ("1min..1h", of(60_000, 3_600_000))]
        {
            assert_eq!(text.parse(), times);
        }
        for text in ["", "5", "ms", "2s..1s", "1s..", "..1s", "9000h", "-1s", "1d"] {
            assert!(text.parse::<Times>().is_err(), "{text}");
        }
    }
}

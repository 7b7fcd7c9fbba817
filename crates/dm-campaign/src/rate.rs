//! So many attempts in so long, whatever else a route could do.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// `500/min`: never more than so many attempts in any minute, wherever it begins.
///
/// ```
/// use dm_campaign::Rate;
/// let rate: Rate = "500/min".parse()?;
/// assert_eq!(rate.to_string(), "500/min");
/// assert!("0/s".parse::<Rate>().is_err());
/// # Ok::<(), dm_campaign::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    count: u32,
    unit: Unit,
}

/// What a rate lets through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grant {
    /// So many at once: at least one, at most as many as were asked for.
    Now(u32),
    /// None before that.
    NotBefore(Timestamp),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// How much of a rate is used up.
///
/// A fiftieth of the rate may go at once after a pause. The others keep an interval that is as much longer, so that
/// both together are never more than the rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Meter {
    rate: Rate,
    /// When nothing is used up any more.
    free: Timestamp,
}

impl Meter {
    /// Of a rate of which nothing is known: as if it had just been used up. So it is kept also by a server that
    /// starts again and does not know what it did before.
    pub(crate) fn used_up(rate: Rate, now: Timestamp) -> Self {
        Self { rate, free: later(now, rate.interval().saturating_mul(rate.burst())) }
    }

    /// Lets through up to so many.
    pub(crate) fn take(&mut self, wanted: u32, now: Timestamp) -> Grant {
        let interval = self.rate.interval();
        let free = self.free.max(now);
        // So many intervals may be used ahead.
        let room = later(now, interval.saturating_mul(self.rate.burst())).duration_since(free);
        let count = room.as_nanos() / interval.as_nanos();
        let count = i32::try_from(count).unwrap_or(i32::MAX).max(0);
        let count = count.min(i32::try_from(wanted).unwrap_or(i32::MAX));
        if count == 0 && wanted > 0 {
            return Grant::NotBefore(later(free, interval.saturating_mul(1 - self.rate.burst())));
        }
        self.free = later(free, interval.saturating_mul(count));
        Grant::Now(count.unsigned_abs())
    }
}

impl Rate {
    fn burst(self) -> i32 {
        i32::try_from(self.count / 50).unwrap_or(i32::MAX).max(1)
    }

    /// What each one uses. In any half-open unit there are then, at most, the burst less one, and one an interval.
    fn interval(self) -> SignedDuration {
        let unit = self.unit.nanoseconds();
        let steady = i64::from(self.count) - i64::from(self.burst()) + 1;
        SignedDuration::from_nanos(unit / steady + i64::from(unit % steady > 0))
    }
}

impl Unit {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    const fn nanoseconds(self) -> i64 {
        let seconds = match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
        };
        seconds * 1_000_000_000
    }

    const fn written(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

/// So much later; the end of time, if there is none.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

impl FromStr for Rate {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let wrong = || PolicyError::Rate(text.into());
        let (count, unit) = text.split_once('/').ok_or_else(wrong)?;
        let unit = Unit::ALL.into_iter().find(|it| it.written() == unit.trim());
        let count = count.trim();
        let is_number = count.bytes().all(|c| c.is_ascii_digit());
        match (count.parse::<u32>(), unit) {
            (Ok(1..=MOST), Some(unit)) if is_number => {
                Ok(Self { count: count.parse().map_err(|_| wrong())?, unit })
            }
            _ => Err(wrong()),
        }
    }
}

/// As many as any machine sends: a million in a second.
const MOST: u32 = 1_000_000;

impl TryFrom<String> for Rate {
    type Error = PolicyError;

    fn try_from(text: String) -> Result<Self, PolicyError> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.unit.written())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in ["1/s", "500/min", "20/h", "1000000/s"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in ["", "5", "0/s", "5/d", "-1/s", "+5/s", "1000001/s", "5/", "/s", "1.5/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_minute_has_more_than_the_rate_and_a_busy_one_has_nearly_it(
            count in 1_u32..400, asked in prop::collection::vec((0_i64..3_000, 1_u32..60), 1..120),
        ) {
            let rate = Rate { count, unit: Unit::Minute };
            let start = Timestamp::from_second(1_790_000_000).unwrap();
            let mut meter = Meter::used_up(rate, start);
            let (mut now, mut went) = (start, Vec::new());
            for (pause, wanted) in asked {
                now += SignedDuration::from_millis(pause);
                match meter.take(wanted, now) {
                    Grant::Now(count) => {
                        prop_assert!((1..=wanted).contains(&count));
                        went.push((now, u64::from(count)));
                    }
                    Grant::NotBefore(at) => {
                        prop_assert!(at > now);
                        let before = at - SignedDuration::from_nanos(1);
                        prop_assert!(matches!(meter.take(1, before), Grant::NotBefore(_)));
                        prop_assert!(matches!(meter.clone().take(1, at), Grant::Now(1)));
                    }
                }
            }
            let minute = SignedDuration::from_mins(1);
            for (index, (first, _)) in went.iter().enumerate() {
                let within = went[index..].iter().take_while(|(at, _)| at.duration_since(*first) < minute);
                prop_assert!(within.map(|(_, count)| count).sum::<u64>() <= u64::from(count));
            }
            // Whoever always asks gets nearly all of it.
            let (mut now, end, mut sum) = (now, now + minute * 3, 0);
            while now < end {
                match meter.take(u32::MAX, now) {
                    Grant::Now(count) => sum += u64::from(count),
                    Grant::NotBefore(at) => now = at,
                }
            }
            prop_assert!(sum * 100 + 300 >= u64::from(count) * 3 * 97, "{sum} of {count} a minute");
        }
    }
}

//! The limits of a route, as they are written.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use crate::Limits;
use crate::setup::{duration, rate};

/// `[route.limits]`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsTable {
    /// Messages in a time: `"100/s"`. Default: no limit.
    #[serde(deserialize_with = "some_rate")]
    messages: Option<Duration>,
    /// Segments in a time. Default: no limit.
    #[serde(deserialize_with = "some_rate")]
    segments: Option<Duration>,
    /// How many may go at once after a pause. Default: 1.
    #[serde(deserialize_with = "burst")]
    burst: u32,
    /// Messages on their way at once. Default: 64.
    #[serde(deserialize_with = "count")]
    window: usize,
    /// Failures behind one another after which the route is left alone. Default: 5.
    #[serde(deserialize_with = "burst")]
    failures: u32,
    /// The first wait after that; it doubles. Default: 1 s.
    #[serde(deserialize_with = "duration")]
    wait: Duration,
    /// The longest wait. Default: 5 min.
    #[serde(deserialize_with = "duration")]
    longest_wait: Duration,
}

impl LimitsTable {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            messages: self.messages,
            segments: self.segments,
            burst: self.burst,
            window: self.window,
            failures: self.failures,
            waits: (self.wait, self.longest_wait.max(self.wait)),
        }
    }
}

impl Default for LimitsTable {
    fn default() -> Self {
        let Limits { messages, segments, burst, window, failures, waits } = Limits::default();
        let (wait, longest_wait) = waits;
        Self { messages, segments, burst, window, failures, wait, longest_wait }
    }
}

fn some_rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    rate(from).map(Some)
}

fn burst<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        count @ 1..=MOST => Ok(count),
        other => Err(out_of_range(other)),
    }
}

fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let count = burst(from)?;
    usize::try_from(count).map_err(|_| out_of_range(count))
}

fn out_of_range<E: de::Error>(count: u32) -> E {
    E::custom(format_args!("{count} is out of range; write a number from 1 to {MOST}"))
}

const MOST: u32 = 1_000_000;

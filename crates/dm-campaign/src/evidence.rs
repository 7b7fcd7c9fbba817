//! Evidence: one thing that somebody said of one device in one campaign.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that was said, when, and of which attempt. What was said stays: evidence is only ever added.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Evidence {
    /// What is said.
    pub claim: Claim,
    /// Of which attempt, from 1; 0 of what is said of the message itself, whichever way it went.
    pub attempt: u32,
    /// Of which segment; of all, if none is named.
    pub part: Option<Part>,
    /// When.
    pub at: Timestamp,
}

/// Which segment of an attempt.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Part {
    /// The segment, from 1.
    pub number: u8,
    /// How many there are.
    pub total: u8,
}

/// What evidence can say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Rung 1: the message is signed, and kept.
    Sealed,
    /// An attempt begins on this route, of those that the campaign names: from here on its octets may have left.
    Begun {
        /// Which, from 0.
        route: u8,
    },
    /// Rung 2: a network or gateway took it.
    HandedOver,
    /// Rung 3: the device's own end of the transport took it.
    Reached,
    /// Rung 4: the device says, signed, that it applied it.
    Accepted,
    /// Rung 5: the value was read on the device.
    InEffect,
    /// The transport gave up: the device cannot be reached so. Of the message itself: no route is left.
    Undeliverable,
    /// The transport gave up: its time was over. Of the message itself: the campaign's was.
    Expired,
    /// The transport would not carry it.
    Refused,
    /// The device says, signed, that it refused it.
    RefusedByDevice,
    /// The attempt failed here, before anybody took it.
    Failed(Retry),
    /// Somebody wants it tried again, as if nothing had been tried so far.
    Retried,
}

/// What may be tried after a failure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same route again, later.
    Again,
    /// Another route.
    OtherRoute,
    /// Nothing: no route takes this message.
    Never,
}

impl Evidence {
    /// Something that is said of a whole attempt.
    #[must_use]
    pub const fn new(claim: Claim, attempt: u32, at: Timestamp) -> Self {
        Self { claim, attempt, part: None, at }
    }

    /// The same of one segment.
    #[must_use]
    pub const fn of(mut self, part: Part) -> Self {
        self.part = Some(part);
        self
    }
}

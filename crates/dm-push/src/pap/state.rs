//! `message-state`: what a gateway says became of a push. [PAP §9.6]

use core::fmt;

use crate::receipt::Says;

/// What became of a push.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// The gateway or the device would not have it.
    Rejected,
    /// It is on its way.
    Pending,
    /// The device has it.
    Delivered,
    /// It cannot be delivered.
    Undeliverable,
    /// It was not delivered in time.
    Expired,
    /// The device broke off.
    Aborted,
    /// The network gave up.
    Timeout,
    /// It was withdrawn.
    Cancelled,
    /// The gateway does not know.
    Unknown,
}

impl State {
    /// By its name.
    ///
    /// ```
    /// use dm_push::{pap::State, receipt::Says};
    /// let state = State::named("delivered").unwrap();
    /// assert_eq!(state.says(), Some(Says::Reached));
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|entry| entry.1 == name).map(|entry| entry.0)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|entry| entry.0 == self).map_or("unknown", |entry| entry.1)
    }

    /// What may be concluded; nothing, if the gateway does not know.
    #[must_use]
    pub const fn says(self) -> Option<Says> {
        match self {
            Self::Pending => Some(Says::HandedOver),
            Self::Delivered => Some(Says::Reached),
            Self::Expired => Some(Says::Expired),
            Self::Rejected | Self::Cancelled => Some(Says::Refused),
            Self::Undeliverable | Self::Aborted | Self::Timeout => Some(Says::Undeliverable),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const NAMES: [(State, &str); 9] = [
    (State::Rejected, "rejected"),
    (State::Pending, "pending"),
    (State::Delivered, "delivered"),
    (State::Undeliverable, "undeliverable"),
    (State::Expired, "expired"),
    (State::Aborted, "aborted"),
    (State::Timeout, "timeout"),
    (State::Cancelled, "cancelled"),
    (State::Unknown, "unknown"),
];

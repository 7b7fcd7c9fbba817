//! What is wrong with a policy, and what a campaign does not do.

use alloc::string::String;

use thiserror::Error;

use crate::Phase;

/// What is wrong with a policy.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A wave of no devices.
    #[error("a wave has no devices: write a number above 0, or a part as \"10 %\"")]
    EmptyWave,
    /// Quiet hours that are none.
    #[error("`{0}` are no quiet hours: write \"22:00-06:00\", two different times of day")]
    Hours(String),
    /// A time below nothing.
    #[error("a time that is waited is below nothing")]
    Negative,
    /// Never tried.
    #[error("a route with no attempts is never tried: take it out of `routes`")]
    NoAttempt,
    /// A rate that is none.
    #[error("`{0}` is no rate: write \"500/min\"; units are s, min and h")]
    Rate(String),
    /// Too few routes, or too many.
    #[error("{0} routes: a campaign has 1 to 255, in the order in which they are tried")]
    Routes(usize),
    /// A share that is none.
    #[error("`{0}` is no share of devices: write 50, or \"2.5 %\"")]
    Share(String),
    /// A route that is named twice.
    #[error("route `{0}` is named twice")]
    Twice(String),
    /// A route that is not one of the campaign.
    #[error("route `{0}` has a rate or retries, and is not among `routes`")]
    Unknown(String),
    /// A zone that is none.
    #[error("`{0}` is no time zone: write its name, as \"Europe/Helsinki\"")]
    Zone(String),
}

/// What a campaign does not do, and why.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Its time is over.
    #[error("the time of the campaign is over: nothing is begun any more")]
    Expired,
    /// No gate waits.
    #[error("no gate waits for a hand: wave {wave} is the last that is open, and goes on")]
    NoGate {
        /// The wave, from 1.
        wave: u16,
    },
    /// Not in this phase.
    #[error("the campaign is {phase}: this is not possible now")]
    Phase {
        /// The phase.
        phase: Phase,
    },
    /// Why, was not said.
    #[error("a reason is needed: it is kept with the change")]
    Reason,
    /// Somebody else has it, or the campaign does not go on.
    #[error("the lease of this chunk is over")]
    Lease,
}

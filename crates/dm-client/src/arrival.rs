//! A message on its way in: its octets, and what is known of how they came.

use crate::Effect;

/// One message, not verified.
///
/// ```
/// use dm_client::{Arrival, Effect};
/// let arrival = Arrival::new(b"\x02").at(Some(1_800_000_000)).from("udp 192.0.2.7:9200");
/// assert_eq!((arrival.octets, arrival.effect), (&b"\x02"[..], Effect::Durable));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival<'m> {
    /// The message, without the wrapping of the transport.
    pub octets: &'m [u8],
    /// The time in seconds since 1970, if the device has a clock that it trusts.
    pub now: Option<u64>,
    /// Whether it may have an effect.
    pub effect: Effect,
    /// How it came and from where, for the journal; nothing is decided by it.
    pub from: Option<&'m str>,
    /// A record of the caller's own, by its key, that is kept in the same step as the outcome: what
    /// it says and what became of the message are durable together.
    pub record: Option<(&'m str, &'m [u8])>,
}

impl<'m> Arrival<'m> {
    /// A message that may have an effect, on a device without a clock, from nobody knows where.
    #[must_use]
    pub const fn new(octets: &'m [u8]) -> Self {
        Self { octets, now: None, effect: Effect::Durable, from: None, record: None }
    }

    /// With the time of its arrival.
    #[must_use]
    pub const fn at(self, now: Option<u64>) -> Self {
        Self { now, ..self }
    }

    /// With this effect.
    #[must_use]
    pub const fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// With how it came and from where.
    #[must_use]
    pub const fn from(self, from: &'m str) -> Self {
        Self { from: Some(from), ..self }
    }

    /// With a record of the caller's own. Keys that begin with `freshness/` and `effect/` are the
    /// client's.
    #[must_use]
    pub const fn with_record(self, key: &'m str, octets: &'m [u8]) -> Self {
        Self { record: Some((key, octets)), ..self }
    }
}

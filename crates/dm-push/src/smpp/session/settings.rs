//! How a session is kept, and what it is given.

use alloc::vec::Vec;
use core::time::Duration;

use crate::Error;
use crate::smpp::message::Message;
use crate::smpp::pdu::{Body, Pdu};

/// How a session is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Segments that may wait for an answer, at least 1.
    pub window: usize,
    /// How long it may be quiet before an enquire_link asks.
    pub enquire_after: Duration,
    /// How long an answer may take.
    pub answer_within: Duration,
    /// The pause after throttling; it doubles with each time,
    pub pause: Duration,
    /// up to this.
    pub longest_pause: Duration,
}

impl Default for Settings {
    /// A window of 100, 30 s of quiet, 30 s for an answer, pauses of 250 ms to 30 s.
    fn default() -> Self {
        Self {
            window: 100,
            enquire_after: Duration::from_secs(30),
            answer_within: Duration::from_secs(30),
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// A submit_sm, written already but for its sequence number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission(pub(super) Vec<u8>);

impl Submission {
    /// The submit_sm of this message.
    ///
    /// # Errors
    /// Those of [`Pdu::write`].
    pub fn new(message: &Message<'_>) -> Result<Self, Error> {
        let mut octets = Vec::new();
        Pdu::ok(0, Body::SubmitSm(*message)).write(&mut octets)?;
        Ok(Self(octets))
    }

    /// The PDU; its sequence number is that which it had last.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

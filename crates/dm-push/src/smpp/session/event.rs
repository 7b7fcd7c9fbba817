//! What a session says.

use alloc::vec::Vec;
use core::time::Duration;

use super::Submission;
use crate::Error;
use crate::smpp::{Status, Version};

/// What happened. `T` names a segment.
#[derive(Debug, Eq, PartialEq)]
pub enum Event<T> {
    /// The SMS centre answered a segment. It comes once for each.
    Answered {
        /// Which.
        token: T,
        /// What it said.
        answer: Answer,
    },
    /// Segments may be submitted.
    Bound {
        /// What the SMS centre speaks.
        version: Version,
        /// How it calls itself.
        system_id: Vec<u8>,
    },
    /// The session is over. Nothing follows.
    Closed(Why),
    /// A deliver_sm: to be answered by [`super::Session::acknowledge`].
    Delivered {
        /// Its number.
        sequence: u32,
        /// All of it.
        pdu: Vec<u8>,
        /// Whether a segment waited for its answer when it came: some SMS centres give the receipt first.
        may_be_early: bool,
    },
    /// The SMS centre throttles: nothing is sent before this time.
    Throttled {
        /// When it goes on.
        until: Duration,
    },
}

/// An answer to a segment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It will not be sent.
    Refused {
        /// Why.
        status: Status,
        /// The whole answer.
        pdu: Vec<u8>,
    },
    /// It was taken.
    Taken {
        /// How the SMS centre calls it.
        message_id: Vec<u8>,
        /// The whole answer.
        pdu: Vec<u8>,
    },
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// The bind was refused.
    BindRefused(Status),
    /// What came is no stream of PDUs.
    NoPdu(Error),
    /// No answer came in time.
    Silent,
    /// One side ended it in order.
    Unbound,
}

/// A segment without an answer when the session ended.
#[derive(Debug, Eq, PartialEq)]
pub struct Unanswered<T> {
    /// Which.
    pub token: T,
    /// Its octets.
    pub submission: Submission,
    /// Whether the SMS centre may have taken it. If not, it was throttled last.
    pub may_have_arrived: bool,
}

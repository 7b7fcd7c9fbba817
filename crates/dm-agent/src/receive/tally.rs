//! What receivers took and what they turned away: counted, by reason.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a receiver turned something away, before any message was looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The push is for another application.
    ApplicationId,
    /// The HTTP body did not come in time.
    BodyTimeout,
    /// The push has SEC or MAC, and bootstrap takes no pushes.
    Bootstrap,
    /// The sender ended before its HTTP body did.
    BrokenOff,
    /// The push is not a device-management message in WBXML.
    ContentType,
    /// The message has no octets.
    Empty,
    /// It requires an extension of SIP that we do not have.
    Extension,
    /// The HTTP head did not come in time.
    HeadTimeout,
    /// The push does not prove that its sender knows the secret of its listener.
    Mac,
    /// The wrapping, WSP, HTTP or SIP, cannot be read.
    Malformed,
    /// The method is not POST, or not MESSAGE.
    Method,
    /// It could not be kept, so it was not acknowledged.
    NotKept,
    /// The HTTP path, or the SIP user, is another one.
    Path,
    /// The queue is full.
    QueueFull,
    /// The source comes more often than it may.
    Rate,
    /// A segment of a short message does not go with the others.
    Segment,
    /// The sender is not in the list of sources or senders.
    Source,
    /// TLS was not agreed on: a certificate is missing or not good, or it was no TLS.
    Tls,
    /// The message has more octets than the limit.
    TooLarge,
}

impl Refusal {
    /// All reasons.
    pub const ALL: [Self; 19] = [
        Self::ApplicationId,
        Self::BodyTimeout,
        Self::Bootstrap,
        Self::BrokenOff,
        Self::ContentType,
        Self::Empty,
        Self::Extension,
        Self::HeadTimeout,
        Self::Mac,
        Self::Malformed,
        Self::Method,
        Self::NotKept,
        Self::Path,
        Self::QueueFull,
        Self::Rate,
        Self::Segment,
        Self::Source,
        Self::Tls,
        Self::TooLarge,
    ];

    /// The label in logs and metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ApplicationId => "application-id",
            Self::BodyTimeout => "body-timeout",
            Self::Bootstrap => "bootstrap",
            Self::BrokenOff => "broken-off",
            Self::ContentType => "content-type",
            Self::Empty => "empty",
            Self::Extension => "extension",
            Self::HeadTimeout => "head-timeout",
            Self::Mac => "mac",
            Self::Malformed => "malformed",
            Self::Method => "method",
            Self::NotKept => "not-kept",
            Self::Path => "path",
            Self::QueueFull => "queue-full",
            Self::Rate => "rate",
            Self::Segment => "segment",
            Self::Source => "source",
            Self::Tls => "tls",
            Self::TooLarge => "too-large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Whether the log tells of one with which there are so many of its kind. A flood fills the counts,
/// not the log: the first sixteen are told, then only counts that are a power of two.
pub(crate) const fn is_told(count: u64) -> bool {
    count <= 16 || count.is_power_of_two()
}

/// Counts since the start, of all listeners together.
///
/// ```
/// use dm_agent::receive::{Refusal, Tally};
/// let tally = Tally::default();
/// assert_eq!((tally.accepted(), tally.refused(Refusal::Source)), (0, 0));
/// ```
#[derive(Debug, Default)]
pub struct Tally {
    accepted: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
}

impl Tally {
    /// Messages put into the queue.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// What was turned away for this reason.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> u64 {
        self.refused[refusal as usize].load(Ordering::Relaxed)
    }

    /// Counts and returns the new count.
    pub(super) fn accept(&self) -> u64 {
        self.accepted.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts and returns the new count.
    pub(super) fn refuse(&self, refusal: Refusal) -> u64 {
        self.refused[refusal as usize].fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_count_of_its_own() {
        let tally = Tally::default();
        for (index, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, index);
            assert_eq!(tally.refuse(refusal), 1);
        }
        assert!(Refusal::ALL.iter().all(|refusal| tally.refused(*refusal) == 1));
    }
}

//! What is known of one device in one campaign: a status, folded.

use alloc::vec::Vec;
use core::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Claim, Evidence, Part};

/// The evidence of one device in one campaign. Its order does not matter, nor how often a thing was said.
///
/// ```
/// use dm_campaign::{Claim, Evidence, Part, Record, Status};
/// use jiff::Timestamp;
/// let at = Timestamp::from_second(1_790_000_000)?;
/// let of = |number| Evidence::new(Claim::Reached, 1, at).of(Part { number, total: 2 });
/// let mut record = Record::default();
/// record.add(Evidence::new(Claim::HandedOver, 1, at));
/// record.add(of(2));
/// assert_eq!(record.status(), Status::HandedOver, "of the first segment nobody knows");
/// record.add(of(1));
/// assert_eq!(record.status(), Status::Reached);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    evidence: Vec<Evidence>,
}

/// How far the message came, as far as anybody knows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Rung 0: planned.
    Drafted,
    /// Rung 1.
    Sealed,
    /// Rung 2: of every segment of an attempt.
    HandedOver,
    /// Rung 3: of every segment of an attempt.
    Reached,
    /// Rung 4.
    Accepted,
    /// Rung 5.
    InEffect,
    /// No route can reach the device.
    Undeliverable,
    /// Its time was over.
    Expired,
    /// A transport, or the device, refused it.
    Refused,
    /// One says that it got there, and one that it did not, of the same segment; or the device says both.
    Contradicted,
}

impl Record {
    /// One more. The same thing said twice is said once.
    pub fn add(&mut self, evidence: Evidence) {
        let is_same = |known: &Evidence| Evidence { at: evidence.at, ..*known } == evidence;
        match self.evidence.iter_mut().find(|known| is_same(known)) {
            Some(known) => known.at = known.at.min(evidence.at),
            None => self.evidence.push(evidence),
        }
    }

    /// All of it.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The status: the highest rung that nothing contradicts.
    ///
    /// The device's own signed word stands above the transports': *undeliverable* never proved that the device did
    /// not see the message. Of attempts that failed, and one that did not, the latter counts.
    #[must_use]
    pub fn status(&self) -> Status {
        let says = |claim| self.evidence.iter().any(|it| it.claim == claim);
        match (says(Claim::Accepted) || says(Claim::InEffect), says(Claim::RefusedByDevice)) {
            (true, true) => return Status::Contradicted,
            (false, true) => return Status::Refused,
            (true, false) if says(Claim::InEffect) => return Status::InEffect,
            (true, false) => return Status::Accepted,
            (false, false) => {}
        }
        let attempts = 0..=self.attempts();
        let known = |number| self.of_attempt(number);
        let best = attempts.filter_map(known).max_by_key(|status| worth(*status));
        match best {
            Some(status) => status,
            None if says(Claim::Sealed) => Status::Sealed,
            None => Status::Drafted,
        }
    }

    /// How many attempts were begun.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.evidence.iter().map(|it| it.attempt).max().unwrap_or(0)
    }

    /// When the last thing was said that is news.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.evidence.iter().map(|it| it.at).max()
    }

    /// Since when nothing new was said although it should have been: it was sent, and for so long nothing came.
    #[must_use]
    pub fn silent_since(&self, patience: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        self.falls_silent(patience).filter(|at| *at <= now)
    }

    /// When it will be silent, if nothing new is said before.
    #[must_use]
    pub fn falls_silent(&self, patience: SignedDuration) -> Option<Timestamp> {
        let waits = matches!(self.status(), Status::Sealed | Status::HandedOver);
        let begun = |it: &&Evidence| it.attempt > 0;
        let last = self.evidence.iter().filter(begun).map(|it| it.at).max()?;
        waits.then(|| last.saturating_add(patience).unwrap_or(Timestamp::MAX))
    }

    /// What the transport said of one attempt; nothing, if that is not enough for a status.
    pub(crate) fn of_attempt(&self, number: u32) -> Option<Status> {
        let said = || self.evidence.iter().filter(move |it| it.attempt == number);
        let parts = |total: u8| (1..=total).map(move |number| Part { number, total });
        let total = said().filter_map(|it| it.part).map(|part| part.total).max().unwrap_or(0);
        let of = |claim: Claim, part: Part| {
            let about = move |it: &Evidence| it.part.is_none_or(|it| it.number == part.number);
            said().any(|it| it.claim == claim && about(it))
        };
        let whole = [Part { number: 0, total: 0 }];
        let each = || whole.into_iter().filter(|_| total == 0).chain(parts(total));
        let failure = |part| {
            let failures = [
                (Claim::Expired, Status::Expired),
                (Claim::Refused, Status::Refused),
                (Claim::Undeliverable, Status::Undeliverable),
            ];
            failures.into_iter().find(|(claim, _)| of(*claim, part)).map(|(_, status)| status)
        };
        if each().any(|part| of(Claim::Reached, part) && failure(part).is_some()) {
            return Some(Status::Contradicted);
        }
        if let Some(status) = each().find_map(failure) {
            return Some(status);
        }
        if each().all(|part| of(Claim::Reached, part)) {
            return Some(Status::Reached);
        }
        let is_taken = |part| of(Claim::HandedOver, part) || of(Claim::Reached, part);
        each().all(is_taken).then_some(Status::HandedOver)
    }
}

/// Which of two attempts tells more of the device: one that got there, one of which that was said and denied, one
/// that may have, one that did not. A rung that was once shown is so never taken away in silence.
const fn worth(status: Status) -> u8 {
    match status {
        Status::Reached => 9,
        Status::Contradicted => 8,
        Status::HandedOver => 7,
        Status::Refused => 3,
        Status::Undeliverable => 2,
        Status::Expired => 1,
        _ => 0,
    }
}

impl Status {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Drafted,
        Self::Sealed,
        Self::HandedOver,
        Self::Reached,
        Self::Accepted,
        Self::InEffect,
        Self::Undeliverable,
        Self::Expired,
        Self::Refused,
        Self::Contradicted,
    ];

    /// The rung on the ladder of evidence; none, if it did not get there or nobody can say.
    #[must_use]
    pub const fn rung(self) -> Option<u8> {
        match self {
            Self::Drafted => Some(0),
            Self::Sealed => Some(1),
            Self::HandedOver => Some(2),
            Self::Reached => Some(3),
            Self::Accepted => Some(4),
            Self::InEffect => Some(5),
            _ => None,
        }
    }

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Sealed => "sealed",
            Self::HandedOver => "handed over",
            Self::Reached => "reached",
            Self::Accepted => "accepted (claimed)",
            Self::InEffect => "in effect",
            Self::Undeliverable => "undeliverable",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Contradicted => "contradicted",
        }
    }

    /// What nobody may conclude from it.
    #[must_use]
    pub const fn does_not_prove(self) -> &'static str {
        match self {
            Self::Drafted | Self::Sealed => "that it left",
            Self::HandedOver => "that the device saw it",
            Self::Reached => "that the device verified or applied it",
            Self::Accepted => "that the service works",
            Self::InEffect => "that it stays so",
            Self::Undeliverable | Self::Expired => "that the device never saw it",
            Self::Refused => "that the device is as it was",
            Self::Contradicted => "anything, until somebody looks",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.on_screen())
    }
}

#[cfg(test)]
mod tests;

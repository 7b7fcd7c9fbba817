//! How many devices are how far.

use core::ops::{AddAssign, Index, IndexMut, SubAssign};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Claim, Evidence, Record, Status, Step};

/// So many devices of each status. Those that are silent are counted apart, beside their status.
///
/// ```
/// use dm_campaign::{Status, Tally};
/// let mut tally = Tally::default();
/// tally[Status::Reached] += 2;
/// tally[Status::Accepted] += 1;
/// assert_eq!((tally.at_least(3), tally.devices()), (3, 3));
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tally {
    counts: [u64; Status::ALL.len()],
    /// Those of which nothing new came for longer than the policy waits.
    pub silent: u64,
    /// Those for which nothing is to be tried any more.
    pub settled: u64,
    /// Those for which an attempt was begun, or that were given up.
    pub begun: u64,
}

impl Tally {
    /// How many there are.
    #[must_use]
    pub fn devices(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many stand on this rung, or above.
    #[must_use]
    pub fn at_least(&self, rung: u8) -> u64 {
        let is_there = |status: &Status| status.rung().is_some_and(|it| it >= rung);
        Status::ALL.into_iter().filter(is_there).map(|status| self[status]).sum()
    }

    /// One device of this status.
    #[must_use]
    pub fn one(status: Status) -> Self {
        let mut one = Self::default();
        one[status] = 1;
        one
    }

    /// One device of which this is known, and for which that is next.
    #[must_use]
    pub fn of(record: &Record, step: Step, patience: SignedDuration, now: Timestamp) -> Self {
        let mut one = Self::one(record.status());
        one.silent = record.silent_since(patience, now).is_some().into();
        one.settled = (step == Step::Settled).into();
        let given_up = |it: &Evidence| {
            it.attempt == 0 && matches!(it.claim, Claim::Undeliverable | Claim::Expired)
        };
        one.begun = (record.attempts() > 0 || record.evidence().iter().any(given_up)).into();
        one
    }
}

impl Index<Status> for Tally {
    type Output = u64;

    fn index(&self, status: Status) -> &u64 {
        &self.counts[status as usize]
    }
}

impl IndexMut<Status> for Tally {
    fn index_mut(&mut self, status: Status) -> &mut u64 {
        &mut self.counts[status as usize]
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, its)| *mine += its);
        self.silent += other.silent;
        self.settled += other.settled;
        self.begun += other.begun;
    }
}

/// Less by these, which were counted in it; what was not is not counted below nothing.
impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        let less = |mine: &mut u64, its: u64| *mine = mine.saturating_sub(its);
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, its)| less(mine, its));
        less(&mut self.silent, other.silent);
        less(&mut self.settled, other.settled);
        less(&mut self.begun, other.begun);
    }
}

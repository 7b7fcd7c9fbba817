//! How much waits to be settled: a sum that is kept, so that no list needs to be read for it.

use alloc::collections::BTreeMap;

use dm_tree::store::Store;

use crate::consequence::number_of;

/// The consequences that are not settled, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The octets of each record.
    records: BTreeMap<u64, usize>,
    octets: usize,
    /// The number behind the last one that there was.
    next: u64,
}

/// Octets of all records together up to which nodes are listed one by one.
const LISTED: usize = 512 << 10;

impl Waiting {
    /// What a store holds.
    pub(crate) fn read<S: Store>(store: &S, prefix: &str) -> Result<Self, S::Error> {
        let mut waiting = Self { next: 1, ..Self::default() };
        for (key, octets) in store.records(prefix)? {
            if let Some(number) = number_of(&key) {
                waiting.set(number, octets.len());
            }
        }
        Ok(waiting)
    }

    /// Their numbers, the oldest first.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.records.keys().copied()
    }

    /// The octets that their records have in the store, all together.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// The number of the next.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Octets that the next may use to list nodes: half of what is free, so that a message that
    /// changes much leaves room for those behind it.
    pub(crate) fn room(&self) -> usize {
        LISTED.saturating_sub(self.octets) / 2
    }

    /// A record has so many octets now; none: it is gone.
    pub(crate) fn set(&mut self, number: u64, octets: usize) {
        let before = match octets {
            0 => self.records.remove(&number),
            octets => self.records.insert(number, octets),
        };
        self.octets = self.octets - before.unwrap_or_default() + octets;
        self.next = self.next.max(number.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_follows_the_records_and_the_room_is_half_of_what_is_free() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.room(), LISTED / 2);
        waiting.set(3, 1_000);
        waiting.set(4, 24);
        waiting.set(3, 2_000);
        assert_eq!((waiting.octets(), waiting.next()), (2_024, 5));
        assert_eq!(waiting.room(), (LISTED - 2_024) / 2);
        waiting.set(4, 0);
        waiting.set(7, 0);
        assert!(waiting.numbers().eq([3]), "the oldest first, and none that is gone");
        assert_eq!((waiting.octets(), waiting.next()), (2_000, 8));
        waiting.set(8, 2 * LISTED);
        assert_eq!(waiting.room(), 0);
    }
}

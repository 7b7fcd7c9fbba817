//! How long the other end takes to accept messages: counted by their length, so that it costs nothing to keep.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Lengths of time, counted.
#[derive(Debug, Default)]
pub struct Acceptance {
    /// Those up to each bound and above the one before; the last are above all.
    counts: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

impl Acceptance {
    pub(super) fn add(&self, took: Duration) {
        let place = BOUNDS.iter().position(|bound| took.as_millis() <= u128::from(*bound));
        self.counts[place.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// How many took no longer than each bound; the last, without one, is how many there were.
    #[must_use]
    pub fn buckets(&self) -> Vec<(Option<Duration>, u64)> {
        let bounds = BOUNDS.iter().map(|bound| Some(Duration::from_millis(*bound))).chain([None]);
        let counts = self.counts.iter().scan(0, |all, count| {
            *all += count.load(Ordering::Relaxed);
            Some(*all)
        });
        bounds.zip(counts).collect()
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        Duration::from_micros(self.microseconds.load(Ordering::Relaxed))
    }
}

/// Milliseconds.
const BOUNDS: [u64; 13] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_at_its_bound_and_above() {
        let acceptance = Acceptance::default();
        let seconds = Duration::from_secs;
        for took in [Duration::ZERO, seconds(1), seconds(2), seconds(99)] {
            acceptance.add(took);
        }
        let at = |bound: Option<Duration>| {
            let buckets = acceptance.buckets();
            buckets.iter().find(|entry| entry.0 == bound).map(|entry| entry.1)
        };
        let counts = [seconds(0), Duration::from_millis(1), Duration::from_millis(500), seconds(1)]
            .map(|bound| at(Some(bound)));
        assert_eq!(counts, [None, Some(1), Some(1), Some(2)]);
        assert_eq!((at(Some(seconds(30))), at(None)), (Some(3), Some(4)));
        assert_eq!(acceptance.sum(), seconds(102));
    }
}

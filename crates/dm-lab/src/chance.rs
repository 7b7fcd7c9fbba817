//! Chance with a seed: SplitMix64. It decides about faults, never about keys.

use std::ops::Range;
use std::time::Duration;

/// A sequence of numbers that the seed determines.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Whether something happens that does so many times in a thousand.
    pub(crate) fn happens(&mut self, per_mille: u16) -> bool {
        per_mille > 0 && self.next() % 1_000 < u64::from(per_mille)
    }

    /// A duration of the range; its start, if it has no other.
    pub(crate) fn duration(&mut self, range: &Range<Duration>) -> Duration {
        let spread = range.end.saturating_sub(range.start).as_nanos();
        let spread = u64::try_from(spread).unwrap_or(u64::MAX);
        match spread {
            0 => range.start,
            _ => range.start + Duration::from_nanos(self.next() % spread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_determines_what_happens_and_how_often() {
        let of = |seed| {
            let mut chance = Chance::new(seed);
            (0..10_000).map(|_| chance.happens(100)).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let times = of(3).iter().filter(|happens| **happens).count();
        assert!((900..1_100).contains(&times), "{times}");
        let mut chance = Chance::new(4);
        assert!((0..1_000).all(|_| !chance.happens(0) && chance.happens(1_000)));
    }

    #[test]
    fn durations_are_of_their_range() {
        let (mut chance, second) = (Chance::new(1), Duration::from_secs(1));
        let range = second..second * 2;
        let drawn: Vec<_> = (0..100).map(|_| chance.duration(&range)).collect();
        assert!(drawn.iter().all(|it| range.contains(it)) && drawn.iter().any(|it| *it > second));
        assert_eq!(chance.duration(&(second..second)), second);
    }
}

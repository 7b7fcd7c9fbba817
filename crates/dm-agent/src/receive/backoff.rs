//! How long to wait after a failure: longer each time, and not all devices at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use dm_push::pace;

/// Waits that double, each cut by chance of its own to between its half and its whole.
pub(crate) struct Backoff {
    waits: pace::Backoff,
    random: Random,
}

impl Backoff {
    pub(crate) fn new(least: Duration, most: Duration, random: Random) -> Self {
        Self { waits: pace::Backoff::new(least, most), random }
    }

    /// The wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        self.waits.next((self.random)())
    }

    /// It works again.
    pub(crate) fn reset(&mut self) {
        self.waits.reset();
    }
}

/// Where chance comes from.
pub(crate) type Random = Box<dyn FnMut() -> u64 + Send + Sync>;

/// Chance that is good enough to spread waits, from what the library seeds its maps with.
pub(crate) fn chance() -> Random {
    Box::new(|| RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_begin_anew() {
        let [least, most] = [Duration::from_secs(1), Duration::from_secs(60)];
        let mut backoff = Backoff::new(least, most, Box::new(|| 0));
        let waits: Vec<_> = (0..9).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        backoff.reset();
        assert_eq!(backoff.next().as_millis(), 500);
    }

    #[test]
    fn chance_spreads_them_between_half_and_whole() {
        let mut numbers = [0, 1 << 63, u64::MAX].into_iter();
        let random: Random = Box::new(move || numbers.next().unwrap());
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, second, random);
        let waits = [0; 3].map(|_| backoff.next().as_millis());
        assert_eq!(waits, [500, 750, 999]);
        let mut chance = chance();
        assert_ne!((chance(), chance()), (chance(), chance()));
    }
}

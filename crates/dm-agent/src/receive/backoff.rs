//! How long to wait after a failure: longer each time, and not all devices at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Waits that double, each cut by chance to between its half and its whole.
pub(crate) struct Backoff {
    failures: u32,
    least: Duration,
    most: Duration,
    random: Random,
}

impl Backoff {
    pub(crate) fn new(least: Duration, most: Duration, random: Random) -> Self {
        Self { failures: 0, least, most, random }
    }

    /// The wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.least.saturating_mul(1 << self.failures.min(16)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        let part = u32::try_from((self.random)() % 1024).unwrap_or(0);
        whole / 2 + whole / 2 * part / 1024
    }

    /// It works again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
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
        let mut numbers = [0, 512, 1023].into_iter();
        let random: Random = Box::new(move || numbers.next().unwrap());
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, second, random);
        let waits = [0; 3].map(|_| backoff.next().as_millis());
        assert_eq!(waits, [500, 750, 999]);
        let mut chance = chance();
        assert_ne!((chance(), chance()), (chance(), chance()));
    }
}

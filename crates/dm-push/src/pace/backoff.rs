//! Waits that grow with each failure.

use core::time::Duration;

/// Doubles from the least wait to the longest; each is cut by chance, so that not all try at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    least: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// From one wait to another.
    #[must_use]
    pub const fn new(least: Duration, most: Duration) -> Self {
        Self { least, most, failures: 0 }
    }

    /// The wait after one more failure: half of it at least, the rest by chance, of which all 64
    /// bits are taken.
    ///
    /// ```
    /// use core::time::Duration;
    /// let mut backoff = dm_push::pace::Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
    /// let waits = [(); 4].map(|()| backoff.next(u64::MAX).as_millis());
    /// assert_eq!(waits, [999, 1_999, 3_999, 4_999]);
    /// assert_eq!(backoff.next(0), Duration::from_millis(2_500));
    /// ```
    pub fn next(&mut self, chance: u64) -> Duration {
        let whole = self.least.saturating_mul(1 << self.failures.min(31)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        let half = whole / 2;
        let part = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
        let cut = (u128::from(part) * u128::from(chance)) >> 64;
        half + Duration::from_nanos(u64::try_from(cut).unwrap_or(u64::MAX))
    }

    /// Failures since it last worked.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// It works again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

//! A limit of so many a second, with bursts.

use core::time::Duration;

/// Lets one through an interval, and a burst at once where none came for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bucket {
    interval: Duration,
    burst: u32,
    /// When the burst is whole again.
    whole: Duration,
}

impl Bucket {
    /// One an interval; after a pause `burst` at once, at least one.
    #[must_use]
    pub const fn new(interval: Duration, burst: u32) -> Self {
        let burst = if burst == 0 { 1 } else { burst };
        Self { interval, burst, whole: Duration::ZERO }
    }

    /// Takes so many at once. What is more than a whole burst goes when the burst is whole, and the
    /// ones behind it wait the longer: what cannot be divided, the segments of a message, must go at
    /// some time.
    ///
    /// # Errors
    /// When it may be tried again; nothing is taken now.
    pub fn take(&mut self, now: Duration, count: u32) -> Result<(), Duration> {
        let whole = self.whole.max(now);
        let wanted = count.min(self.burst);
        let room = self.interval.saturating_mul(self.burst - wanted);
        let at = whole.saturating_sub(room);
        if at > now {
            return Err(at);
        }
        self.whole = whole.saturating_add(self.interval.saturating_mul(count));
        Ok(())
    }

    /// When the burst is whole again: from then on the bucket is as a new one.
    #[must_use]
    pub const fn whole(&self) -> Duration {
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    proptest! {
        #[test]
        fn never_more_than_the_rate_and_one_burst_and_who_waits_as_told_goes(
            interval in 1_u32..50, burst in 1_u32..9,
            asked in prop::collection::vec((0_u32..60, 1_u32..12), 1..60),
        ) {
            let mut bucket = Bucket::new(MS * interval, burst);
            let (mut now, mut went) = (MS * 10, Vec::new());
            for (pause, count) in asked {
                now += MS * pause;
                if let Err(at) = bucket.take(now, count) {
                    prop_assert!(at > now);
                    prop_assert!(bucket.take(at - MS / 1_000, count).is_err(), "not before");
                    now = at;
                    prop_assert_eq!(bucket.take(now, count), Ok(()));
                }
                went.push((now, count));
            }
            for (first, (start, _)) in went.iter().enumerate() {
                let mut sum = 0;
                for (at, count) in &went[first..] {
                    // What is above a burst goes when the burst is whole: it is one too many for once.
                    let most = burst.max(*count) + u32::try_from((*at - *start).as_millis()).unwrap() / interval;
                    sum += count;
                    prop_assert!(sum <= most, "{sum} of {most} in {:?}", *at - *start);
                }
            }
        }
    }

    #[test]
    fn after_a_pause_the_burst_is_whole() {
        let mut bucket = Bucket::new(MS * 10, 3);
        assert_eq!(bucket.whole(), Duration::ZERO);
        assert_eq!((bucket.take(MS * 5, 2), bucket.whole()), (Ok(()), MS * 25));
        assert_eq!((bucket.take(MS * 5, 2), bucket.whole()), (Err(MS * 15), MS * 25));
        assert_eq!((bucket.take(MS * 25, 3), bucket.whole()), (Ok(()), MS * 55));
    }
}

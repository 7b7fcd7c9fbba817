//! When a request is sent again, and when nobody will answer it any more. [RFC 3261 §17.1.2.2]

use core::time::Duration;

/// The timers E and F of one transaction. Time is counted from any start that the caller likes.
///
/// ```
/// use core::time::Duration;
/// use dm_push::sip::{Fired, Timers};
/// let second = Duration::from_secs(1);
/// let mut timers = Timers::datagram(second);
/// assert_eq!(timers.due(), second + Duration::from_millis(500));
/// assert_eq!(timers.fire(timers.due()), Fired::Again);
/// assert_eq!(timers.due(), second + Duration::from_millis(1_500));
/// assert_eq!(Timers::stream(second).due(), second + Duration::from_secs(32), "nothing is sent again");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    /// E; none over a stream.
    again: Option<Duration>,
    pause: Duration,
    /// F.
    end: Duration,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fired {
    /// The same octets are sent again.
    Again,
    /// Nobody answered, and nobody will.
    Ended,
    /// Nothing yet.
    Nothing,
}

impl Timers {
    /// Those of a request that left now by a datagram.
    #[must_use]
    pub fn datagram(now: Duration) -> Self {
        Self { again: Some(now + T1), pause: T1, end: now + T1 * 64 }
    }

    /// Those of a request that left now over a stream, which delivers it or breaks.
    #[must_use]
    pub fn stream(now: Duration) -> Self {
        Self { again: None, pause: T1, end: now + T1 * 64 }
    }

    /// When to [fire](Self::fire) next.
    #[must_use]
    pub fn due(&self) -> Duration {
        self.again.map_or(self.end, |again| again.min(self.end))
    }

    /// What is to be done now.
    pub fn fire(&mut self, now: Duration) -> Fired {
        if now >= self.end {
            return Fired::Ended;
        }
        let Some(again) = self.again.as_mut().filter(|again| now >= **again) else {
            return Fired::Nothing;
        };
        self.pause = (self.pause * 2).min(T2);
        *again = now + self.pause;
        Fired::Again
    }

    /// Somebody said that it works on it: it is asked less often.
    pub fn provisional(&mut self) {
        self.pause = T2;
    }
}

/// A round trip, as long as nobody knows better.
const T1: Duration = Duration::from_millis(500);
/// The longest pause.
const T2: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn sent(mut timers: Timers, provisional: Option<u64>) -> Vec<u64> {
        let mut times = Vec::new();
        loop {
            let now = timers.due();
            let milliseconds = u64::try_from(now.as_millis()).unwrap();
            if provisional.is_some_and(|at| at <= milliseconds) {
                timers.provisional();
            }
            assert_eq!(timers.fire(now.saturating_sub(Duration::from_millis(1))), Fired::Nothing);
            match timers.fire(now) {
                Fired::Again => times.push(milliseconds),
                ended => {
                    assert_eq!((ended, milliseconds), (Fired::Ended, 32_000));
                    return times;
                }
            }
        }
    }

    #[test]
    fn a_datagram_is_repeated_after_pauses_that_double_up_to_four_seconds() {
        let times = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
        assert_eq!(sent(Timers::datagram(Duration::ZERO), None), times);
        assert_eq!(sent(Timers::stream(Duration::ZERO), None), [0; 0]);
    }

    #[test]
    fn after_a_provisional_response_the_pause_is_the_longest() {
        let times = [500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500];
        assert_eq!(sent(Timers::datagram(Duration::ZERO), Some(0)), times);
    }
}

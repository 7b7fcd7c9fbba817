//! `Push-Seq`: numbers that rise, also over a restart, and when the disk was lost.

/// Numbers of messages, for all devices of one server: each is above all before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Numbers {
    next: u64,
}

impl Numbers {
    /// Goes on behind what was kept, and not below the time: microseconds since 1970. A server that lost
    /// its disk is above what it gave before all the same, unless it gave a million a second.
    #[must_use]
    pub const fn resume(kept: u64, now: u64) -> Self {
        let next = if kept > now { kept } else { now };
        Self { next: if next == 0 { 1 } else { next } }
    }

    /// The next number.
    pub const fn take(&mut self) -> u64 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    /// The one that comes next, to be kept.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_over_a_restart_and_over_a_lost_disk_and_when_the_clock_is_set_back() {
        let mut numbers = Numbers::resume(0, 1_000);
        assert_eq!((numbers.take(), numbers.take()), (1_000, 1_001));
        assert_eq!(Numbers::resume(numbers.next(), 500).take(), 1_002, "the clock was set back");
        assert_eq!(Numbers::resume(numbers.next(), 9_000).take(), 9_000);
        assert_eq!(Numbers::resume(0, 9_000).take(), 9_000, "the disk was lost");
        assert_eq!(Numbers::resume(0, 0).take(), 1, "0 is asked behind by who has nothing");
    }
}

//! Sequence numbers: 1 to 0x7FFFFFFF, and then 1 again. [SMPP 3.4 §5.1.4]

/// The place of a request among all of a session. It does not come round; its sequence number does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Order(u64);

const NUMBERS: u64 = 0x7FFF_FFFF;

impl Order {
    pub(super) const FIRST: Self = Self(0);

    /// This one; and makes it the one behind it.
    pub(super) const fn advance(&mut self) -> Self {
        let this = *self;
        self.0 += 1;
        this
    }

    pub(super) fn sequence(self) -> u32 {
        u32::try_from(self.0 % NUMBERS).map_or(1, |number| number + 1)
    }

    /// The last one before this that had the sequence number, if one had.
    pub(super) fn before(self, sequence: u32) -> Option<Self> {
        let number = u64::from(sequence.checked_sub(1)?);
        let last = self.0.checked_sub(1)?;
        let back = (last % NUMBERS + NUMBERS).checked_sub(number)? % NUMBERS;
        (number < NUMBERS).then_some(())?;
        last.checked_sub(back).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_round_and_are_found_again() {
        for start in [0, NUMBERS - 3, 5 * NUMBERS - 3] {
            let mut next = Order(start);
            for _ in 0..6 {
                let order = next.advance();
                let sequence = order.sequence();
                assert!((1..=0x7FFF_FFFF).contains(&sequence));
                assert_eq!(next.before(sequence), Some(order));
            }
            assert_eq!(next.before(Order(start).sequence()), Some(Order(start)));
        }
        assert_eq!(Order(NUMBERS).sequence(), 1);
    }

    #[test]
    fn a_number_that_was_never_used_is_nobodys() {
        assert_eq!(Order(3).before(4), None);
        assert_eq!(Order(3).before(0), None);
        assert_eq!(Order(3).before(u32::MAX), None);
        assert_eq!(Order(0).before(1), None);
    }
}

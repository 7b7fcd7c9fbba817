//! A status is folded from receipts: nothing sets it.

use alloc::vec::Vec;

use super::{Part, Receipt, Says};

/// What the receipts of one sending say together. Their order does not matter, nor how often one came.
///
/// ```
/// use dm_push::receipt::{Detail, Evidence, Part, Receipt, Says, Status};
/// let state = Detail::SmppState { state: 2 };
/// let of = |number| Receipt::new(Says::Reached, state).of(Part { number, total: 2 });
/// let mut evidence = Evidence::default();
/// evidence.add(&of(2));
/// assert_eq!(evidence.status(), Status::Unknown, "of the first segment nothing is known");
/// evidence.add(&of(1));
/// assert_eq!(evidence.status(), Status::Reached);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Evidence {
    /// What was said of each segment; of the whole message it stands in the first place.
    said: Vec<Said>,
}

/// How far one sending came, as far as is known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// Nothing is known of it, or not of every segment.
    Unknown,
    /// Every segment was handed over.
    HandedOver,
    /// Every segment reached the device's own end.
    Reached,
    /// A segment expired.
    Expired,
    /// A segment was refused, or withdrawn.
    Refused,
    /// A segment cannot be delivered.
    Undeliverable,
    /// Of one segment it was said that it got there and that it did not.
    Contradicted,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Said {
    is_handed_over: bool,
    is_reached: bool,
    failure: Option<Says>,
}

impl Evidence {
    /// One more.
    pub fn add(&mut self, receipt: &Receipt) {
        let (index, total) = match receipt.part() {
            Some(Part { number, total }) => (usize::from(number), usize::from(total)),
            None => (0, 0),
        };
        if self.said.len() <= index.max(total) {
            self.said.resize(index.max(total) + 1, Said::default());
        }
        let Some(said) = self.said.get_mut(index) else { return };
        match receipt.says() {
            Says::HandedOver => said.is_handed_over = true,
            Says::Reached => said.is_reached = true,
            failure => said.failure = said.failure.or(Some(failure)),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        let Some((whole, segments)) = self.said.split_first() else { return Status::Unknown };
        let parts = if segments.is_empty() { core::slice::from_ref(whole) } else { segments };
        let each = || parts.iter().map(|part| part.or(*whole));
        if each().any(|said| said.is_reached && said.failure.is_some()) {
            return Status::Contradicted;
        }
        let failure = each().find_map(|said| said.failure);
        match failure {
            Some(Says::Expired) => Status::Expired,
            Some(Says::Refused) => Status::Refused,
            Some(_) => Status::Undeliverable,
            None if each().all(|said| said.is_reached) => Status::Reached,
            None if each().all(|said| said.is_handed_over || said.is_reached) => Status::HandedOver,
            None => Status::Unknown,
        }
    }
}

impl Said {
    const fn or(self, other: Self) -> Self {
        Self {
            is_handed_over: self.is_handed_over || other.is_handed_over,
            is_reached: self.is_reached || other.is_reached,
            failure: match self.failure {
                None => other.failure,
                failure => failure,
            },
        }
    }
}

impl Status {
    /// What all of its receipts say alike; nothing, if nothing is known or they contradict one another.
    #[must_use]
    pub const fn says(self) -> Option<Says> {
        match self {
            Self::HandedOver => Some(Says::HandedOver),
            Self::Reached => Some(Says::Reached),
            Self::Expired => Some(Says::Expired),
            Self::Refused => Some(Says::Refused),
            Self::Undeliverable => Some(Says::Undeliverable),
            Self::Unknown | Self::Contradicted => None,
        }
    }

    /// The rung on the ladder of evidence; none, if nothing is known or it did not get there.
    #[must_use]
    pub const fn rung(self) -> Option<u8> {
        match self.says() {
            Some(says) => says.rung(),
            None => None,
        }
    }

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(self) -> &'static str {
        match (self, self.says()) {
            (_, Some(says)) => says.on_screen(),
            (Self::Contradicted, None) => "contradicted",
            (_, None) => "unknown",
        }
    }

    /// What nobody may conclude from it.
    #[must_use]
    pub const fn does_not_prove(self) -> &'static str {
        match self.says() {
            Some(says) => says.does_not_prove(),
            None => "whether the device saw it",
        }
    }

    /// Whether no later receipt is waited for.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Unknown | Self::HandedOver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::Detail;

    const DETAIL: Detail = Detail::Smpp { status: 0 };

    fn status(receipts: &[(Says, u8)]) -> Status {
        let mut evidence = Evidence::default();
        for (says, number) in receipts {
            let receipt = Receipt::new(*says, DETAIL);
            evidence.add(&match number {
                0 => receipt,
                _ => receipt.of(Part { number: *number, total: 3 }),
            });
        }
        evidence.status()
    }

    #[test]
    fn reached_needs_every_segment() {
        use Says::{HandedOver, Reached};
        assert_eq!(status(&[]), Status::Unknown);
        assert_eq!(status(&[(HandedOver, 0)]), Status::HandedOver);
        assert_eq!(status(&[(HandedOver, 1), (HandedOver, 3)]), Status::Unknown);
        let handed = [(HandedOver, 1), (HandedOver, 2), (HandedOver, 3)];
        assert_eq!(status(&handed), Status::HandedOver);
        assert_eq!(
            status(&[&handed[..], &[(Reached, 1), (Reached, 3)]].concat()),
            Status::HandedOver
        );
        assert_eq!(
            status(&[(Reached, 3), (Reached, 1), (Reached, 1), (Reached, 2)]),
            Status::Reached
        );
        assert_eq!(status(&[(HandedOver, 2), (Reached, 0)]), Status::Reached, "the whole");
    }

    #[test]
    fn one_segment_that_fails_fails_the_message_and_two_words_on_one_contradict() {
        use Says::{Expired, HandedOver, Reached, Refused, Undeliverable};
        assert_eq!(status(&[(Reached, 1), (Expired, 2), (Reached, 3)]), Status::Expired);
        assert_eq!(status(&[(Refused, 0)]), Status::Refused);
        assert_eq!(status(&[(HandedOver, 1), (Undeliverable, 1)]), Status::Undeliverable);
        assert_eq!(status(&[(Undeliverable, 2), (Reached, 2)]), Status::Contradicted);
        assert_eq!(status(&[(Reached, 2), (Undeliverable, 2)]), Status::Contradicted);
    }
}

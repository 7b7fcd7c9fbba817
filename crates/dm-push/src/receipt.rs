//! What a route can honestly say after it sent a message.
//!
//! The server must not expect a response [Sessionless §5.2], so certainty is collected as
//! evidence on a ladder. A route sees only two of its rungs: *handed over* (2) and *reached*
//! (3); or that the message did not get there. It never knows whether a device verified or applied
//! a message, and a [`Receipt`] has no way to say so.
//!
//! ```
//! use dm_push::Receipt;
//! let receipt = Receipt::datagram(900);
//! assert_eq!((receipt.rung(), receipt.on_screen()), (Some(2), "handed over"));
//! assert_eq!(receipt.does_not_prove(), "that the device saw it");
//! ```

mod detail;
mod fold;

use core::fmt;

pub use detail::Detail;
pub use fold::{Evidence, Status};

use crate::mqtt::NO_SUBSCRIBERS;

/// Octets of one datagram that usually pass a network without being cut into fragments.
pub const UNFRAGMENTED_LIMIT: usize = 1_400;

/// The transport's own word about one message, never the device's word about its outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Receipt {
    says: Says,
    detail: Detail,
    part: Option<Part>,
}

/// What a receipt says of the message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Says {
    /// Rung 2: the network, or a gateway, took the message.
    HandedOver,
    /// Rung 3: the device's own end of the transport took the message.
    Reached,
    /// The gateway gave up: the message was not valid any longer.
    Expired,
    /// The gateway would not carry it, or it was withdrawn.
    Refused,
    /// The gateway gave up: the device cannot be reached so.
    Undeliverable,
}

/// Which segment of a message a receipt is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Part {
    /// The segment, from 1.
    pub number: u8,
    /// How many there are.
    pub total: u8,
}

impl Receipt {
    /// A receipt of a whole message.
    #[must_use]
    pub const fn new(says: Says, detail: Detail) -> Self {
        Self { says, detail, part: None }
    }

    /// The same receipt, about one segment alone.
    ///
    /// ```
    /// use dm_push::receipt::{Detail, Part, Receipt, Says};
    /// let of_first = Receipt::new(Says::Reached, Detail::SmppState { state: 2 })
    ///     .of(Part { number: 1, total: 2 });
    /// assert_eq!(of_first.to_string(), "segment 1 of 2 reached (SMPP DELIVERED), which does not \
    ///     prove that the device verified or applied it");
    /// ```
    #[must_use]
    pub const fn of(mut self, part: Part) -> Self {
        self.part = Some(part);
        self
    }

    /// A datagram was given to the network: there is no receipt to wait for.
    #[must_use]
    pub const fn datagram(octets: usize) -> Self {
        Self::new(Says::HandedOver, Detail::Datagram { octets })
    }

    /// The device itself answered an HTTP push: use only if its address is the device's.
    #[must_use]
    pub const fn http_of_device(status: u16) -> Self {
        Self::new(Says::Reached, Detail::Http { status })
    }

    /// A gateway answered an HTTP push on the way to the device.
    #[must_use]
    pub const fn http_of_gateway(status: u16) -> Self {
        Self::new(Says::HandedOver, Detail::Http { status })
    }

    /// A SIP proxy answered. Whether it asked the device cannot be seen from its answer.
    #[must_use]
    pub const fn sip(status: u16) -> Self {
        Self::new(Says::HandedOver, Detail::Sip { status })
    }

    /// What it says.
    #[must_use]
    pub const fn says(&self) -> Says {
        self.says
    }

    /// What the transport saw.
    #[must_use]
    pub const fn detail(&self) -> Detail {
        self.detail
    }

    /// The segment that it is about; without one, the whole message.
    #[must_use]
    pub const fn part(&self) -> Option<Part> {
        self.part
    }

    /// The rung on the ladder of evidence; none, if the message did not get there.
    #[must_use]
    pub const fn rung(&self) -> Option<u8> {
        self.says.rung()
    }

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(&self) -> &'static str {
        self.says.on_screen()
    }

    /// What nobody may conclude from it.
    #[must_use]
    pub const fn does_not_prove(&self) -> &'static str {
        self.says.does_not_prove()
    }

    /// A warning that belongs beside the receipt.
    ///
    /// ```
    /// use dm_push::Receipt;
    /// assert_eq!(Receipt::datagram(1_400).note(), None);
    /// assert!(Receipt::datagram(1_401).note().unwrap().contains("fragments"));
    /// ```
    #[must_use]
    pub const fn note(&self) -> Option<&'static str> {
        match self.detail {
            Detail::Datagram { octets } if octets > UNFRAGMENTED_LIMIT => Some(
                "above 1,400 octets: the network cuts the datagram into fragments, and many \
                 networks drop those; prefer HTTP for this message",
            ),
            Detail::Mqtt { reason: NO_SUBSCRIBERS } => Some(
                "the broker knows nobody who subscribes to that topic, and may have dropped the \
                 message; did the device ever connect, with a session that lasts?",
            ),
            _ => None,
        }
    }
}

impl Says {
    /// The rung on the ladder of evidence; none, if the message did not get there.
    #[must_use]
    pub const fn rung(self) -> Option<u8> {
        match self {
            Self::HandedOver => Some(2),
            Self::Reached => Some(3),
            Self::Expired | Self::Refused | Self::Undeliverable => None,
        }
    }

    /// What nobody may conclude from it.
    #[must_use]
    pub const fn does_not_prove(self) -> &'static str {
        match self {
            Self::HandedOver => "that the device saw it",
            Self::Reached => "that the device verified or applied it",
            Self::Expired | Self::Refused | Self::Undeliverable => "that the device never saw it",
        }
    }

    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::HandedOver, Self::Reached, Self::Expired, Self::Refused, Self::Undeliverable];

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(self) -> &'static str {
        match self {
            Self::HandedOver => "handed over",
            Self::Reached => "reached",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Undeliverable => "undeliverable",
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Part { number, total }) = self.part {
            write!(f, "segment {number} of {total} ")?;
        }
        let (word, limit) = (self.on_screen(), self.does_not_prove());
        write!(f, "{word} ({}), which does not prove {limit}", self.detail)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_gateway_never_gives_more_than_rung_2() {
        assert_eq!(Receipt::http_of_gateway(202).rung(), Some(2));
        assert_eq!(Receipt::http_of_device(202).rung(), Some(3));
    }

    #[test]
    fn a_message_that_nobody_subscribes_to_is_noted() {
        let note = |reason| Receipt::new(Says::HandedOver, Detail::Mqtt { reason }).note();
        assert!(note(0x10).unwrap().contains("nobody who subscribes"));
        assert_eq!(note(0), None);
    }

    #[test]
    fn the_sentence_says_what_it_does_not_prove() {
        assert_eq!(
            Receipt::http_of_device(202).to_string(),
            "reached (HTTP 202), which does not prove that the device verified or applied it"
        );
        assert_eq!(
            Receipt::datagram(12).to_string(),
            "handed over (datagram of 12 octets), which does not prove that the device saw it"
        );
    }
}

//! What a route can honestly say after it sent a message.
//!
//! The server must not expect a response [Sessionless §5.2], so certainty is collected as
//! evidence on a ladder. A route sees only two of its rungs: *handed over* (2) and *reached*
//! (3). It never knows whether a device verified or applied a message, and a [`Receipt`] has no
//! way to say so.
//!
//! ```
//! use dm_push::Receipt;
//! let receipt = Receipt::datagram(900);
//! assert_eq!((receipt.rung(), receipt.on_screen()), (2, "handed over"));
//! assert_eq!(receipt.does_not_prove(), "that the device saw it");
//! ```

use core::fmt;

/// Octets of one datagram that usually pass a network without being cut into fragments.
pub const UNFRAGMENTED_LIMIT: usize = 1_400;

/// The transport's own word about one message, never the device's word about its outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Receipt {
    /// Rung 2: the network, or a gateway, took the message.
    HandedOver {
        /// What was seen.
        detail: Detail,
    },
    /// Rung 3: the device's own end of the transport took the message.
    Reached {
        /// What was seen.
        detail: Detail,
    },
}

/// What a transport saw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// One datagram left this machine. Nothing comes back.
    Datagram {
        /// Its length, the push wrapping included.
        octets: usize,
    },
    /// An HTTP answer.
    Http {
        /// The status code, 200 to 299.
        status: u16,
    },
    /// A final response of SIP.
    Sip {
        /// The status, 200 to 299.
        status: u16,
    },
}

impl Receipt {
    /// A datagram was given to the network: there is no receipt to wait for.
    #[must_use]
    pub const fn datagram(octets: usize) -> Self {
        Self::HandedOver { detail: Detail::Datagram { octets } }
    }

    /// The device itself answered an HTTP push: use only if its address is the device's.
    #[must_use]
    pub const fn http_of_device(status: u16) -> Self {
        Self::Reached { detail: Detail::Http { status } }
    }

    /// A gateway answered an HTTP push on the way to the device.
    #[must_use]
    pub const fn http_of_gateway(status: u16) -> Self {
        Self::HandedOver { detail: Detail::Http { status } }
    }

    /// A SIP proxy answered. Whether it asked the device cannot be seen from its answer.
    #[must_use]
    pub const fn sip(status: u16) -> Self {
        Self::HandedOver { detail: Detail::Sip { status } }
    }

    /// What the transport saw.
    #[must_use]
    pub const fn detail(&self) -> Detail {
        match self {
            Self::HandedOver { detail } | Self::Reached { detail } => *detail,
        }
    }

    /// The rung on the ladder of evidence.
    #[must_use]
    pub const fn rung(&self) -> u8 {
        match self {
            Self::HandedOver { .. } => 2,
            Self::Reached { .. } => 3,
        }
    }

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(&self) -> &'static str {
        match self {
            Self::HandedOver { .. } => "handed over",
            Self::Reached { .. } => "reached",
        }
    }

    /// What nobody may conclude from it.
    #[must_use]
    pub const fn does_not_prove(&self) -> &'static str {
        match self {
            Self::HandedOver { .. } => "that the device saw it",
            Self::Reached { .. } => "that the device verified or applied it",
        }
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
        match self.detail() {
            Detail::Datagram { octets } if octets > UNFRAGMENTED_LIMIT => Some(
                "above 1,400 octets: the network cuts the datagram into fragments, and many \
                 networks drop those; prefer HTTP for this message",
            ),
            Detail::Datagram { .. } | Detail::Http { .. } | Detail::Sip { .. } => None,
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, limit) = (self.on_screen(), self.does_not_prove());
        match self.detail() {
            Detail::Datagram { octets } => write!(f, "{word} (datagram of {octets} octets)")?,
            Detail::Http { status } => write!(f, "{word} (HTTP {status})")?,
            Detail::Sip { status } => write!(f, "{word} (SIP {status})")?,
        }
        write!(f, ", which does not prove {limit}")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_gateway_never_gives_more_than_rung_2() {
        assert_eq!(Receipt::http_of_gateway(202).rung(), 2);
        assert_eq!(Receipt::http_of_device(202).rung(), 3);
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

//! What a transport saw: the numbers of its own standard, with their names.

use core::fmt;

/// What a transport saw.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// One datagram left this machine. Nothing comes back.
    Datagram {
        /// Its length, the push wrapping included.
        octets: usize,
    },
    /// A file was written, and the disk has said so.
    File {
        /// Its length.
        octets: u64,
    },
    /// An HTTP answer.
    Http {
        /// The status code, 200 to 299.
        status: u16,
    },
    /// A device asked for what comes behind this message, and so has it.
    LongPoll {
        /// `Push-Seq` of the message.
        seq: u64,
    },
    /// A broker's PUBACK. [MQTT 5 §3.4.2.1]
    Mqtt {
        /// The reason code.
        reason: u8,
    },
    /// A push gateway's answer, or the code of its notification. [PAP §9.14]
    Pap {
        /// The code, 1000 to 5999.
        code: u16,
    },
    /// A final response of SIP.
    Sip {
        /// The status, 200 to 299.
        status: u16,
    },
    /// An SMS centre's answer to a submission. [SMPP 3.4 §5.1.3]
    Smpp {
        /// command_status.
        status: u32,
    },
    /// The state in an SMS centre's delivery receipt. [SMPP 3.4 §5.2.28]
    SmppState {
        /// message_state.
        state: u8,
    },
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Datagram { octets } => write!(f, "datagram of {octets} octets"),
            Self::File { octets } => write!(f, "file of {octets} octets"),
            Self::Http { status } => write!(f, "HTTP {status}"),
            Self::LongPoll { seq } => write!(f, "long poll, behind {seq}"),
            Self::Mqtt { reason } => write!(f, "MQTT {reason:#04x}"),
            Self::Pap { code } => write!(f, "PAP {code}"),
            Self::Sip { status } => write!(f, "SIP {status}"),
            Self::Smpp { status } => write!(f, "SMPP {status:#010x}"),
            Self::SmppState { state } => match STATES.get(usize::from(state)) {
                Some(name) => write!(f, "SMPP {name}"),
                None => write!(f, "SMPP state {state}"),
            },
        }
    }
}

impl Detail {
    /// Its kind and number, to be stored.
    ///
    /// ```
    /// use dm_push::receipt::Detail;
    /// let detail = Detail::Smpp { status: 0x58 };
    /// assert_eq!(detail.parts(), ("smpp", 0x58));
    /// assert_eq!(Detail::of_parts("smpp", 0x58), Some(detail));
    /// ```
    #[must_use]
    pub fn parts(&self) -> (&'static str, u64) {
        match *self {
            Self::Datagram { octets } => ("datagram", octets.try_into().unwrap_or(u64::MAX)),
            Self::File { octets } => ("file", octets),
            Self::Http { status } => ("http", status.into()),
            Self::LongPoll { seq } => ("long-poll", seq),
            Self::Mqtt { reason } => ("mqtt", reason.into()),
            Self::Pap { code } => ("pap", code.into()),
            Self::Sip { status } => ("sip", status.into()),
            Self::Smpp { status } => ("smpp", status.into()),
            Self::SmppState { state } => ("smpp-state", state.into()),
        }
    }

    /// What was stored.
    #[must_use]
    pub fn of_parts(kind: &str, number: u64) -> Option<Self> {
        Some(match kind {
            "datagram" => Self::Datagram { octets: number.try_into().ok()? },
            "file" => Self::File { octets: number },
            "http" => Self::Http { status: number.try_into().ok()? },
            "long-poll" => Self::LongPoll { seq: number },
            "mqtt" => Self::Mqtt { reason: number.try_into().ok()? },
            "pap" => Self::Pap { code: number.try_into().ok()? },
            "sip" => Self::Sip { status: number.try_into().ok()? },
            "smpp" => Self::Smpp { status: number.try_into().ok()? },
            "smpp-state" => Self::SmppState { state: number.try_into().ok()? },
            _ => return None,
        })
    }
}

/// By number. [SMPP 5.0 §4.7.15]
const STATES: [&str; 10] = [
    "SCHEDULED",
    "ENROUTE",
    "DELIVERED",
    "EXPIRED",
    "DELETED",
    "UNDELIVERABLE",
    "ACCEPTED",
    "UNKNOWN",
    "REJECTED",
    "SKIPPED",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again() {
        for detail in [
            Detail::Datagram { octets: 7 },
            Detail::File { octets: 7 },
            Detail::Http { status: 202 },
            Detail::LongPoll { seq: 7 },
            Detail::Mqtt { reason: 0x10 },
            Detail::Pap { code: 1001 },
            Detail::Sip { status: 200 },
            Detail::Smpp { status: 0x58 },
            Detail::SmppState { state: 2 },
        ] {
            let (kind, number) = detail.parts();
            assert_eq!(Detail::of_parts(kind, number), Some(detail));
        }
        assert_eq!(Detail::of_parts("http", 1 << 16), None);
        assert_eq!(Detail::of_parts("fax", 1), None);
    }
}

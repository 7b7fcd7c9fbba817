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

//! How the simulated SMS centre behaves: well, unless a field says otherwise.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::time::Duration;

use dm_push::smpp::{Status, Version};

use crate::Faults;

/// How an SMS centre and the air behind it behave. Numbers in `per mille` are of a thousand.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// Where it listens. Default: a free port of 127.0.0.1.
    pub listen: SocketAddr,
    /// Who may bind. Default: `mgram`.
    pub system_id: String,
    /// The password. Default: `secret`.
    pub password: String,
    /// What it speaks. Default: SMPP 3.4.
    pub version: Version,
    /// What determines all chance in it. Default: 0.
    pub seed: u64,

    /// Statuses for the first segments, one each, whoever sends them. Default: none.
    pub fail_first: Vec<Status>,
    /// Segments a second; more are answered ESME_RTHROTTLED. Default: no limit.
    pub per_second: Option<u32>,
    /// congestion_state in each answer, as an SMS centre of SMPP 5.0 gives it. Default: none.
    pub congestion: Option<u8>,
    /// Segments that it has room for; more are answered ESME_RMSGQFUL. Default: 100,000.
    pub room: usize,
    /// How long it takes to answer. Default: no time.
    pub answer_after: Duration,
    /// At which segment of all it cuts the connection. Default: never.
    pub cut: Option<Cut>,
    /// From which segment of all on it says nothing any more, and keeps the connection. Default: never.
    pub silent_from: Option<u64>,
    /// Whether it writes ids in hexadecimal in answers, and in decimal in the text of receipts.
    /// Default: no, in decimal everywhere.
    pub hex_ids: bool,

    /// How long segments are on the air. Where the range is wide, they overtake each other. Default: no time.
    pub delay: Range<Duration>,
    /// How many segments get lost, and nobody ever hears of them, per mille. Default: none.
    pub lose: u16,
    /// How many cannot be delivered, and the receipt says so, per mille. Default: none.
    pub undeliverable: u16,
    /// How many arrive twice, per mille. Default: none.
    pub duplicate: u16,
    /// How many are held back until the next one to the same device has passed them, per mille. Default: none.
    pub reorder: u16,
    /// How many find that their device has just fallen asleep, per mille. Default: none.
    pub sleep: u16,
    /// How long a device sleeps then. Default: 1 s to 5 s.
    pub asleep: Range<Duration>,
    /// How long a segment may take, and wait for a device that sleeps; then it is lost, and its receipt says
    /// EXPIRED. Default: for ever.
    pub validity: Option<Duration>,

    /// Which receipts are given to who asks for one. Default: as segments are delivered.
    pub receipts: Receipts,
    /// How many receipts come twice, per mille. Default: none.
    pub duplicate_receipts: u16,
}

impl Behaviour {
    /// What its air does.
    pub(crate) fn faults(&self) -> Faults {
        Faults {
            lose: self.lose,
            undeliverable: self.undeliverable,
            duplicate: self.duplicate,
            reorder: self.reorder,
            delay: self.delay.clone(),
            sleep: self.sleep,
            asleep: self.asleep.clone(),
            validity: self.validity,
        }
    }
}

/// When receipts are given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Receipts {
    /// When a segment is delivered, or will not be.
    AsDelivered,
    /// Of all segments, before their answer. Some are as fast as that.
    BeforeAnswer,
    /// Only when the test says so: [`crate::SmsCentre::receipt`].
    OnDemand,
}

/// A connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cut {
    /// When this segment comes, counted from 1. What came before it has been answered.
    pub at: u64,
    /// Whether the SMS centre took it, and only its answer is lost.
    pub is_taken: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            system_id: "mgram".to_owned(),
            password: "secret".to_owned(),
            version: Version::V3_4,
            seed: 0,
            fail_first: Vec::new(),
            per_second: None,
            congestion: None,
            room: 100_000,
            answer_after: Duration::ZERO,
            cut: None,
            silent_from: None,
            hex_ids: false,
            delay: Duration::ZERO..Duration::ZERO,
            lose: 0,
            undeliverable: 0,
            duplicate: 0,
            reorder: 0,
            sleep: 0,
            asleep: Faults::default().asleep,
            validity: None,
            receipts: Receipts::AsDelivered,
            duplicate_receipts: 0,
        }
    }
}

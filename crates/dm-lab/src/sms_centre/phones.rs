//! What the air brings to devices: receipts go back, and pushes go on once all of their segments are there.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
use dm_push::sms::{
    Address, DataCoding, Flags, MessageType, ShortMessage, Timestamp, Tpdu, Udhi, UserData,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Segment;
use super::receipt::{DELIVERED, EXPIRED, Given, UNDELIVERABLE, now};
use super::world::World;
use crate::air::{Ground, Outcome, Parcel};
use crate::chance::Chance;
use crate::event::Kind;
use crate::{Faults, Receipts};

/// A segment on its way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) segment: Segment,
    pub(super) coding: u8,
    pub(super) has_header: bool,
    pub(super) wants_receipt: bool,
    pub(super) valid_until: Option<Instant>,
}

impl Parcel for Flight {
    fn device(&self) -> &str {
        &self.segment.destination
    }

    fn valid_until(&self) -> Option<Instant> {
        self.valid_until
    }
}

/// The devices of an SMS centre.
pub(super) struct Phones {
    world: Arc<World>,
    chance: Chance,
    sink: Option<mpsc::Sender<Segment>>,
    reassembler: Reassembler<(String, String)>,
}

impl Phones {
    pub(super) fn new(world: Arc<World>, sink: Option<mpsc::Sender<Segment>>) -> Self {
        let limits = Limits { sets: 100_000, parts: 1_000_000, octets: 128 << 20, age: None };
        // Receipts have a chance of their own: what becomes of messages does not hang on them.
        let chance = Chance::new(!world.behaviour().seed);
        Self { world, chance, sink, reassembler: Reassembler::new(limits) }
    }

    fn give_receipt(&mut self, segment: &Segment, state: u8) {
        let behaviour = self.world.behaviour();
        if behaviour.receipts != Receipts::AsDelivered {
            return;
        }
        let Segment { message_id, source, destination, .. } = segment;
        let given = Given::of(message_id, state, behaviour.hex_ids).between(destination, source);
        if self.chance.happens(behaviour.duplicate_receipts) {
            self.world.give(given.clone());
        }
        self.world.give(given);
    }

    /// Sends the push by UDP, once all of its segments are there.
    async fn reach(&mut self, segment: &Segment, has_header: bool) {
        let Some(at) = self.world.devices.find(&segment.destination) else { return };
        let udhi = if has_header { Udhi::Present } else { Udhi::Absent };
        let Ok(short) = ShortMessage::read(&segment.user_data, udhi) else { return };
        let between = (segment.source.clone(), segment.destination.clone());
        if let Ok(Added::Whole(whole)) = self.reassembler.add(Part::of(&short, between, 0)) {
            self.world.devices.send(&whole.octets, at).await;
        }
    }
}

impl Ground<Flight> for Phones {
    fn faults(&self) -> Faults {
        self.world.behaviour().faults()
    }

    fn carried(&mut self, Flight { segment, .. }: &Flight) {
        let of = (&*segment.message_id, &*segment.destination);
        self.world.tell(Kind::Carried, of, format_args!("{} octets", segment.user_data.len()));
    }

    async fn ended(&mut self, flight: Flight, outcome: Outcome) {
        self.world.waiting.fetch_sub(1, Ordering::Relaxed);
        let of = (&*flight.segment.message_id, &*flight.segment.destination);
        let is_delivered = matches!(outcome, Outcome::Delivered(_));
        let kind = if is_delivered { Kind::Delivered } else { Kind::Lost };
        self.world.tell(kind, of, outcome.name());
        let Flight { mut segment, coding, has_header, wants_receipt, .. } = flight;
        let (times, state) = match outcome {
            Outcome::Delivered(times) => (times, Some(DELIVERED)),
            Outcome::Expired => (0, Some(EXPIRED)),
            Outcome::Lost => (0, None),
            Outcome::Undeliverable => (0, Some(UNDELIVERABLE)),
        };
        if matches!(outcome, Outcome::Expired | Outcome::Lost) {
            self.world.count(|counts| counts.lost += 1);
        }
        if let Some(state) = state.filter(|_| wants_receipt) {
            self.give_receipt(&segment, state);
        }
        if times > 0 {
            segment.tpdu = tpdu(&segment, coding, has_header).unwrap_or_default();
        }
        for _ in 0..times {
            self.world.count(|counts| counts.delivered += 1);
            self.reach(&segment, has_header).await;
            if let Some(sink) = &self.sink {
                let _ = sink.send(segment.clone()).await; // nobody listens any more
            }
        }
    }
}

/// The SMS-DELIVER of a segment; none, if TS 23.040 has no room for it.
fn tpdu(segment: &Segment, coding: u8, has_header: bool) -> Option<Vec<u8>> {
    let udhi = if has_header { Udhi::Present } else { Udhi::Absent };
    let short = ShortMessage::read(&segment.user_data, udhi).ok()?;
    let number = Address::number(&segment.source);
    let address = number.or_else(|_| Address::alphanumeric(&segment.source)).ok()?;
    let digits = now();
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse().ok()).unwrap_or(0);
    let time = Timestamp::new([0, 2, 4, 6, 8, 10].map(pair), 0).ok()?;
    let tpdu = Tpdu {
        message_type: MessageType::Deliver { time },
        flags: Flags::NO_MORE_MESSAGES,
        address,
        protocol_id: 0,
        coding: DataCoding(coding),
        user_data: UserData::new(short.header, short.data),
    };
    tpdu.write().ok()
}

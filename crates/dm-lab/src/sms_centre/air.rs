//! The air between the SMS centre and its devices: it takes time, and does harm.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
use dm_push::sms::{
    Address, DataCoding, Flags, MessageType, ShortMessage, Timestamp, Tpdu, Udhi, UserData,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Segment;
use super::receipt::{DELIVERED, Given, UNDELIVERABLE, now};
use super::world::World;
use crate::Receipts;
use crate::chance::Chance;

/// What the air is told.
#[derive(Debug)]
pub(super) enum Word {
    Device { number: String, at: SocketAddr },
    Sleep { number: String },
    Taken(Flight),
    Wake { number: String },
}

/// A segment on its way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) segment: Segment,
    pub(super) coding: u8,
    pub(super) has_header: bool,
    pub(super) wants_receipt: bool,
}

pub(super) struct Air {
    world: Arc<World>,
    chance: Chance,
    sink: Option<mpsc::Sender<Segment>>,
    socket: UdpSocket,
    devices: HashMap<String, SocketAddr>,
    /// Those that sleep, and what waits for them.
    sleeping: HashMap<String, Vec<Flight>>,
    reassembler: Reassembler<(String, String)>,
    /// By when they arrive; of the same time, as they came.
    queue: BinaryHeap<Reverse<(Instant, u64)>>,
    flying: HashMap<u64, Flight>,
    numbers: u64,
}

impl Air {
    pub(super) fn new(
        world: Arc<World>,
        sink: Option<mpsc::Sender<Segment>>,
        socket: UdpSocket,
    ) -> Self {
        let chance = Chance::new(world.behaviour().seed);
        Self {
            world,
            chance,
            sink,
            socket,
            devices: HashMap::new(),
            sleeping: HashMap::new(),
            reassembler: Reassembler::new(Limits {
                sets: 100_000,
                parts: 1_000_000,
                octets: 128 << 20,
                age: None,
            }),
            queue: BinaryHeap::new(),
            flying: HashMap::new(),
            numbers: 0,
        }
    }

    pub(super) async fn run(mut self, mut words: mpsc::Receiver<Word>) {
        loop {
            let due = self.queue.peek().map(|Reverse((due, _))| *due);
            tokio::select! {
                biased;
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.arrive().await;
                }
                word = words.recv() => match word {
                    Some(Word::Device { number, at }) => drop(self.devices.insert(number, at)),
                    Some(Word::Sleep { number }) => drop(self.sleeping.entry(number).or_default()),
                    Some(Word::Taken(flight)) => self.take(flight).await,
                    Some(Word::Wake { number }) => {
                        for flight in self.sleeping.remove(&number).unwrap_or_default() {
                            self.deliver(flight).await;
                        }
                    }
                    None => return,
                },
            }
        }
    }

    /// Decides what becomes of a segment; what needs no time is delivered at once.
    async fn take(&mut self, flight: Flight) {
        let behaviour = self.world.behaviour();
        if self.chance.happens(behaviour.lose) {
            self.world.count(|counts| counts.lost += 1);
            self.world.waiting.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let delay = self.chance.duration(&behaviour.delay);
        if delay.is_zero() && self.queue.is_empty() {
            return self.deliver(flight).await;
        }
        self.numbers += 1;
        self.queue.push(Reverse((Instant::now() + delay, self.numbers)));
        self.flying.insert(self.numbers, flight);
    }

    async fn arrive(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((due, number))) = self.queue.peek().copied() {
            if due > now {
                return;
            }
            self.queue.pop();
            if let Some(flight) = self.flying.remove(&number) {
                self.deliver(flight).await;
            }
        }
    }

    async fn deliver(&mut self, flight: Flight) {
        if let Some(waiting) = self.sleeping.get_mut(&flight.segment.destination) {
            return waiting.push(flight);
        }
        let behaviour = self.world.behaviour();
        self.world.waiting.fetch_sub(1, Ordering::Relaxed);
        let is_delivered = !self.chance.happens(behaviour.undeliverable);
        let state = if is_delivered { DELIVERED } else { UNDELIVERABLE };
        if flight.wants_receipt && behaviour.receipts == Receipts::AsDelivered {
            let Segment { message_id, source, destination, .. } = &flight.segment;
            let given = Given::of(message_id, state, behaviour.hex_ids);
            let given = given.between(destination, source);
            if self.chance.happens(behaviour.duplicate_receipts) {
                self.world.give(given.clone());
            }
            self.world.give(given);
        }
        let times = match is_delivered {
            false => 0,
            true => 1 + usize::from(self.chance.happens(behaviour.duplicate)),
        };
        let Flight { mut segment, coding, has_header, .. } = flight;
        segment.tpdu = tpdu(&segment, coding, has_header).unwrap_or_default();
        for _ in 0..times {
            self.world.count(|counts| counts.delivered += 1);
            self.reach(&segment, has_header).await;
            if let Some(sink) = &self.sink {
                let _ = sink.send(segment.clone()).await; // nobody listens any more
            }
        }
    }

    /// Sends the push by UDP, once all of its segments are there.
    async fn reach(&mut self, segment: &Segment, has_header: bool) {
        let Some(at) = self.devices.get(&segment.destination).copied() else { return };
        let udhi = if has_header { Udhi::Present } else { Udhi::Absent };
        let Ok(short) = ShortMessage::read(&segment.user_data, udhi) else { return };
        let between = (segment.source.clone(), segment.destination.clone());
        if let Ok(Added::Whole(whole)) = self.reassembler.add(Part::of(&short, between, 0)) {
            let _ = self.socket.send_to(&whole.octets, at).await; // a device may be away
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

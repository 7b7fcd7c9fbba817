//! Answers are kept, receipts are found by them, and both are told.
//!
//! A receipt is acknowledged when whoever is told of it has confirmed that it is kept. Until then it waits, and
//! nothing waits for it; one that is not confirmed is refused for now, and the SMS centre sends it again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use dm_push::Receipt;
use dm_push::receipt::{Detail, Says};
use dm_push::smpp::{Body, DeliveryReceipt, MessageIds, Pdu, Status};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::config::SmppConfig;
use super::state::{Shared, count};
use super::train::Segment;
use crate::SendError;
use crate::route::{Ledger, Sent, Teller};

/// How long a receipt may be there before the answer to its segment: some SMS centres are so fast.
const EARLY: Duration = Duration::from_secs(2);

/// How many such receipts are held,
const MOST_EARLY: usize = 1_000;

/// and of how many octets at most: no real one is longer.
const LONGEST_EARLY: usize = 1_024;

/// Receipts that wait to be kept. One more is refused for now, unseen.
const MOST_UNKEPT: usize = 1_024;

/// What came of the SMS centre.
pub(super) enum Heard {
    /// A deliver_sm.
    Delivered { session: u64, sequence: u32, pdu: Vec<u8>, may_be_early: bool },
    /// A segment was taken.
    Taken { segment: Segment, message_id: Vec<u8>, pdu: Vec<u8> },
}

/// The answer to a deliver_sm.
pub(super) struct Acknowledgement {
    pub(super) session: u64,
    pub(super) sequence: u32,
    pub(super) status: Status,
}

/// Keeps and tells what the connection heard, in its order.
pub(super) struct Keeper {
    teller: Teller,
    ledger: Arc<dyn Ledger>,
    ids: MessageIds,
    /// No more than were handed in wait here.
    acknowledge: mpsc::UnboundedSender<Acknowledgement>,
    shared: Arc<Shared>,
    early: HashMap<String, Vec<Delivered>>,
    /// Until when each is held.
    held: VecDeque<(Instant, String)>,
    /// How long a receipt may wait to be kept.
    keep_within: Duration,
    /// One for each that waits to be kept, which answers it then.
    unkept: JoinSet<()>,
}

/// A receipt.
struct Delivered {
    session: u64,
    sequence: u32,
    pdu: Vec<u8>,
    receipt: Receipt,
}

impl Keeper {
    pub(super) fn new(
        config: &SmppConfig,
        teller: Teller,
        ledger: Arc<dyn Ledger>,
        acknowledge: mpsc::UnboundedSender<Acknowledgement>,
        shared: Arc<Shared>,
    ) -> Self {
        let (ids, keep_within) = (config.receipt_ids, config.answer_timeout);
        let (early, held, unkept) = (HashMap::new(), VecDeque::new(), JoinSet::new());
        Self { teller, ledger, ids, acknowledge, shared, early, held, keep_within, unkept }
    }

    /// Until nothing can come any more.
    pub(super) async fn run(mut self, mut heard: mpsc::Receiver<Vec<Heard>>) {
        loop {
            let until = self.held.front().map(|(until, _)| *until);
            let late = sleep_until(until.unwrap_or_else(Instant::now));
            tokio::select! {
                batch = heard.recv() => match batch {
                    Some(batch) => self.take(batch).await,
                    None => return,
                },
                () = late, if until.is_some() => self.let_go(),
            }
        }
    }

    async fn take(&mut self, batch: Vec<Heard>) {
        let mut taken = Vec::new();
        for heard in batch {
            match heard {
                Heard::Taken { segment, message_id, pdu } => taken.push((segment, message_id, pdu)),
                Heard::Delivered { session, sequence, pdu, may_be_early } => {
                    self.keep(std::mem::take(&mut taken)).await;
                    self.deliver(session, sequence, pdu, may_be_early).await;
                }
            }
        }
        self.keep(taken).await;
    }

    /// Keeps answers, and tells them then.
    async fn keep(&mut self, taken: Vec<(Segment, Vec<u8>, Vec<u8>)>) {
        let mut notes = Vec::with_capacity(taken.len());
        let sent = taken.iter().map(|(segment, ..)| (segment.train.to.clone(), segment.sent()));
        let sent: Vec<_> = sent.collect();
        for (segment, message_id, _) in &taken {
            if message_id.is_empty() {
                let id = segment.train.id.as_str();
                tracing::warn!(
                    id,
                    "the SMS centre gave no message id: its receipt cannot be found"
                );
            } else {
                notes.push((self.ids.of_response(message_id), segment.sent()));
            }
        }
        let route = self.teller.route();
        let kept = self.ledger.note_all(route, &notes);
        if let Err(error) = kept.and_then(|()| self.ledger.take_all(route, &sent)) {
            tracing::error!(%error, "ids of the SMS centre cannot be kept");
            for (segment, ..) in taken {
                let (to, kind) = (segment.train.to.clone(), error.kind());
                let source = std::io::Error::new(kind, error.to_string());
                segment.train.fail(SendError::Ledger { to, source });
            }
            return;
        }
        for (segment, _, pdu) in taken {
            let receipt = Receipt::new(Says::HandedOver, Detail::Smpp { status: 0 });
            let sent = segment.sent();
            self.teller.tell(&sent.id, of_its_part(&sent, receipt), &pdu).await;
            segment.train.kept();
        }
        if self.early.is_empty() {
            return;
        }
        for (called, sent) in notes {
            for delivered in self.early.remove(&called).unwrap_or_default() {
                self.tell_delivered(&sent, delivered).await;
            }
        }
    }

    async fn deliver(&mut self, session: u64, sequence: u32, pdu: Vec<u8>, may_be_early: bool) {
        let read = match Pdu::read(&pdu) {
            Ok(Pdu { body: Body::DeliverSm(message), .. }) => DeliveryReceipt::read(&message),
            _ => None,
        };
        let Some(receipt) = read else {
            let count = count(&self.shared.not_receipts);
            if is_told(count) {
                let octets = Hex(&pdu);
                tracing::warn!(count, %octets, "a deliver_sm that is no receipt is refused");
            }
            return self.answer(session, sequence, Status::RECEIVER_REJECTS);
        };
        let by_id = receipt.id.map(|id| self.ids.of_response(id));
        let by_text = receipt.id_in_text.map(|id| self.ids.of_text(id));
        let called: Vec<String> = by_id.into_iter().chain(by_text).collect();
        let receipt = receipt.receipt();
        let may_be_early =
            may_be_early && pdu.len() <= LONGEST_EARLY && self.held.len() < MOST_EARLY;
        let delivered = Delivered { session, sequence, pdu, receipt };
        let found = called
            .iter()
            .find_map(|called| self.ledger.find(self.teller.route(), called).transpose());
        match (found, called.into_iter().next()) {
            (Some(Ok(sent)), _) => self.tell_delivered(&sent, delivered).await,
            (Some(Err(error)), _) => {
                tracing::error!(%error, "of which message a receipt is cannot be looked up");
                self.answer(session, sequence, Status::RECEIVER_TEMPORARY);
            }
            (None, Some(called)) if may_be_early => {
                self.held.push_back((Instant::now() + EARLY, called.clone()));
                self.early.entry(called).or_default().push(delivered);
            }
            (None, _) => self.unknown(&delivered),
        }
    }

    /// Those whose time is over are of messages that nobody knows.
    fn let_go(&mut self) {
        let now = Instant::now();
        while self.held.front().is_some_and(|(until, _)| *until <= now)
            && let Some((_, called)) = self.held.pop_front()
        {
            // One at a time: of the same id there may be a younger one.
            let Some(all) = self.early.get_mut(&called).filter(|all| !all.is_empty()) else {
                continue; // told meanwhile
            };
            let delivered = all.remove(0);
            if all.is_empty() {
                self.early.remove(&called);
            }
            self.unknown(&delivered);
        }
    }

    fn unknown(&self, delivered: &Delivered) {
        let count = count(&self.shared.unknown_receipts);
        if is_told(count) {
            let (octets, receipt) = (Hex(&delivered.pdu), delivered.receipt);
            tracing::warn!(count, %octets, %receipt, "a receipt for a message that nobody here sent");
        }
        self.answer(delivered.session, delivered.sequence, Status::OK);
    }

    async fn tell_delivered(&mut self, sent: &Sent, delivered: Delivered) {
        let Delivered { session, sequence, pdu, receipt } = delivered;
        while self.unkept.try_join_next().is_some() {}
        if self.unkept.len() >= MOST_UNKEPT {
            count(&self.shared.unkept_receipts);
            return self.answer(session, sequence, Status::RECEIVER_TEMPORARY);
        }
        let kept = self.teller.tell_to_be_kept(&sent.id, of_its_part(sent, receipt), &pdu).await;
        count(&self.shared.receipts);
        let (acknowledge, shared) = (self.acknowledge.clone(), self.shared.clone());
        let within = self.keep_within;
        self.unkept.spawn(async move {
            let status = match timeout(within, kept).await {
                Ok(Ok(())) => Status::OK,
                Ok(Err(_)) | Err(_) => {
                    count(&shared.unkept_receipts);
                    Status::RECEIVER_TEMPORARY
                }
            };
            let _ = acknowledge.send(Acknowledgement { session, sequence, status }); // as below
        });
    }

    fn answer(&self, session: u64, sequence: u32, status: Status) {
        let answer = Acknowledgement { session, sequence, status };
        let _ = self.acknowledge.send(answer); // the connection is gone: it will come again
    }
}

fn of_its_part(sent: &Sent, receipt: Receipt) -> Receipt {
    match sent.part {
        Some(part) => receipt.of(part),
        None => receipt,
    }
}

/// The first sixteen of a kind are told, then counts that are a power of two: nobody fills our log.
const fn is_told(count: u64) -> bool {
    count <= 16 || count.is_power_of_two()
}

/// Octets in a log, at most 512.
struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().take(512).try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests;

//! What all sessions of an SMS centre have in common.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dm_push::smpp::Status;
use tokio::sync::{Notify, watch};

use super::receipt::{Given, Submitted};
use crate::devices::Devices;
use crate::event::{By, Kind};
use crate::lock::lock;
use crate::{Behaviour, Watcher};

/// How many submitted segments are remembered.
const REMEMBERED: usize = 10_000;

/// What an SMS centre counted since its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Sessions that were let in.
    pub bound: u64,
    /// Binds that were refused.
    pub binds_refused: u64,
    /// Segments that came.
    pub submitted: u64,
    /// Those that were taken.
    pub taken: u64,
    /// Segments that devices got; those that came twice, twice.
    pub delivered: u64,
    /// Segments that got lost.
    pub lost: u64,
    /// Receipts, and other deliver_sm, that were sent.
    pub receipts: u64,
    /// Those that were acknowledged.
    pub acknowledged: u64,
    /// Those that were answered otherwise.
    pub receipts_refused: u64,
    /// enquire_link that came.
    pub enquiries: u64,
}

#[derive(Debug)]
pub(super) struct World {
    behaviour: Mutex<Arc<Behaviour>>,
    pub(super) counts: Mutex<Counts>,
    submitted: Mutex<VecDeque<Submitted>>,
    next_id: AtomicU64,
    /// Segments that were taken and are nowhere yet.
    pub(super) waiting: AtomicUsize,
    pub(super) devices: Devices,
    pub(super) watcher: Watcher,
    /// Whether anybody wants segments; else they need not go over the air.
    is_listened_to: AtomicBool,
    outbox: Mutex<VecDeque<Given>>,
    pub(super) given: Notify,
    cut: watch::Sender<u64>,
    /// The second that is counted, and its segments.
    rate: Mutex<(Option<Instant>, u32)>,
}

impl World {
    pub(super) fn new(behaviour: Behaviour, devices: Devices, watcher: Watcher) -> Self {
        Self {
            behaviour: Mutex::new(Arc::new(behaviour)),
            counts: Mutex::default(),
            submitted: Mutex::default(),
            next_id: AtomicU64::new(1),
            waiting: AtomicUsize::new(0),
            devices,
            is_listened_to: AtomicBool::new(watcher.is_there()),
            watcher,
            outbox: Mutex::default(),
            given: Notify::new(),
            cut: watch::Sender::new(0),
            rate: Mutex::default(),
        }
    }

    pub(super) fn behaviour(&self) -> Arc<Behaviour> {
        lock(&self.behaviour).clone()
    }

    pub(super) fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(Arc::make_mut(&mut lock(&self.behaviour)));
    }

    pub(super) fn counts(&self) -> Counts {
        *lock(&self.counts)
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut lock(&self.counts));
    }

    pub(super) fn submitted(&self) -> Vec<Submitted> {
        lock(&self.submitted).iter().cloned().collect()
    }

    pub(super) fn remember(&self, submitted: Vec<Submitted>) {
        let mut all = lock(&self.submitted);
        all.extend(submitted);
        let surplus = all.len().saturating_sub(REMEMBERED);
        all.drain(..surplus);
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn listen(&self) {
        self.is_listened_to.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_listened_to(&self) -> bool {
        self.is_listened_to.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, kind: Kind, of: (&str, &str), detail: impl fmt::Display) {
        self.watcher.tell(By::SmsCentre, kind, of, detail);
    }

    pub(super) fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    pub(super) fn cuts(&self) -> watch::Receiver<u64> {
        self.cut.subscribe()
    }

    /// Puts a receipt where the next bound session takes it.
    pub(super) fn give(&self, given: Given) {
        lock(&self.outbox).push_back(given);
        self.given.notify_one();
    }

    /// What a session took and could not bring.
    pub(super) fn give_back(&self, given: impl DoubleEndedIterator<Item = Given>) {
        let mut outbox = lock(&self.outbox);
        given.rev().for_each(|given| outbox.push_front(given));
        self.given.notify_one();
    }

    pub(super) fn take_given(&self, most: usize) -> Vec<Given> {
        let mut outbox = lock(&self.outbox);
        let most = most.min(outbox.len());
        outbox.drain(..most).collect()
    }

    /// Whether one more segment is too many for this second.
    pub(super) fn is_too_fast(&self, per_second: Option<u32>) -> bool {
        let Some(per_second) = per_second else { return false };
        let (mut rate, now) = (lock(&self.rate), Instant::now());
        let is_over = |start: Instant| now.duration_since(start) >= Duration::from_secs(1);
        if rate.0.is_none_or(is_over) {
            *rate = (Some(now), 0);
        }
        rate.1 += 1;
        rate.1 > per_second
    }

    /// The status of a segment that is none of those that fail, or are too many.
    pub(super) fn judge(&self, behaviour: &Behaviour, number: u64) -> Status {
        let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
        if let Some(status) = behaviour.fail_first.get(at) {
            return *status;
        }
        if self.is_too_fast(behaviour.per_second) {
            return Status::THROTTLED;
        }
        match self.waiting.load(Ordering::Relaxed) {
            waiting if waiting >= behaviour.room => Status::QUEUE_FULL,
            _ => Status::OK,
        }
    }
}

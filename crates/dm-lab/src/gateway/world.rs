//! What all connections of a gateway have in common.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use dm_push::pap::{State, Timestamp};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::GatewayBehaviour;
use super::notice::Notice;
use crate::air::Word;
use crate::clock::now;
use crate::event::{By, Kind};
use crate::lock::lock;
use crate::{Answer, Bearer, Watcher};

/// How many pushes are remembered.
const REMEMBERED: usize = 10_000;

/// What a gateway counted since its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct GatewayCounts {
    /// Requests that came.
    pub requests: u64,
    /// Those of whom it does not know.
    pub logins_refused: u64,
    /// Pushes that came.
    pub pushes: u64,
    /// Those that were taken.
    pub taken: u64,
    /// Those that had been taken before.
    pub duplicates: u64,
    /// Pushes that devices got.
    pub delivered: u64,
    /// Pushes that got lost in the gateway, or on their way.
    pub lost: u64,
    /// Pushes that were withdrawn.
    pub cancelled: u64,
    /// Notifications that were posted; those that were posted again, too.
    pub notices: u64,
    /// Those that were acknowledged.
    pub acknowledged: u64,
    /// Notifications that got lost on their way.
    pub notices_lost: u64,
}

#[derive(Debug)]
pub(super) struct World {
    behaviour: Mutex<Arc<GatewayBehaviour>>,
    counts: Mutex<GatewayCounts>,
    pushes: Mutex<Pushes>,
    pub(super) bearer: Bearer,
    pub(super) notify: mpsc::Sender<Word<Notice>>,
    pub(super) watcher: Watcher,
}

#[derive(Debug, Default)]
struct Pushes {
    by_id: HashMap<String, Record>,
    order: VecDeque<String>,
}

/// A push that was taken.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// The address, as whoever sent it wrote it.
    pub(super) address: String,
    pub(super) state: State,
    pub(super) at: Timestamp,
    /// What ends it, while it is on its way.
    pub(super) way: Option<AbortHandle>,
}

impl World {
    pub(super) fn new(
        behaviour: GatewayBehaviour,
        bearer: Bearer,
        notify: mpsc::Sender<Word<Notice>>,
        watcher: Watcher,
    ) -> Self {
        Self {
            behaviour: Mutex::new(Arc::new(behaviour)),
            counts: Mutex::default(),
            pushes: Mutex::default(),
            bearer,
            notify,
            watcher,
        }
    }

    pub(super) fn behaviour(&self) -> Arc<GatewayBehaviour> {
        lock(&self.behaviour).clone()
    }

    pub(super) fn behave(&self, change: impl FnOnce(&mut GatewayBehaviour)) {
        change(Arc::make_mut(&mut lock(&self.behaviour)));
    }

    pub(super) fn counts(&self) -> GatewayCounts {
        *lock(&self.counts)
    }

    /// Counts something, and yields what was counted by then.
    pub(super) fn count(&self, change: impl FnOnce(&mut GatewayCounts)) -> GatewayCounts {
        let mut counts = lock(&self.counts);
        change(&mut counts);
        *counts
    }

    pub(super) fn find(&self, push_id: &str) -> Option<Record> {
        lock(&self.pushes).by_id.get(push_id).cloned()
    }

    /// Remembers a push, unless there was one with this id.
    pub(super) fn remember(&self, push_id: &str, address: String) -> bool {
        let mut pushes = lock(&self.pushes);
        if pushes.by_id.contains_key(push_id) {
            return false;
        }
        let record = Record { address, state: State::Pending, at: now(), way: None };
        pushes.by_id.insert(push_id.to_owned(), record);
        pushes.order.push_back(push_id.to_owned());
        if pushes.order.len() > REMEMBERED
            && let Some(oldest) = pushes.order.pop_front()
        {
            pushes.by_id.remove(&oldest);
        }
        true
    }

    /// What ends a push that is on its way. Of one that came to its end by now, it does nothing.
    pub(super) fn set_out(&self, push_id: &str, way: AbortHandle) {
        match lock(&self.pushes).by_id.get_mut(push_id) {
            Some(record) if record.state == State::Pending => record.way = Some(way),
            Some(record) if record.state == State::Cancelled => way.abort(),
            _ => {}
        }
    }

    /// A push comes to this end, unless it came to another before. Yields what it is then.
    pub(super) fn end(&self, push_id: &str, state: State) -> Option<Record> {
        let mut pushes = lock(&self.pushes);
        let record = pushes.by_id.get_mut(push_id)?;
        if record.state != State::Pending {
            return None;
        }
        (record.state, record.at) = (state, now());
        if let (Some(way), State::Cancelled) = (record.way.take(), state) {
            way.abort();
        }
        Some(record.clone())
    }

    /// The answer to the push of this number, counted from 1, if it is not the usual one.
    pub(super) fn answer(&self, number: u64, device: &str) -> Option<Answer> {
        let behaviour = self.behaviour();
        let first = usize::try_from(number - 1).ok();
        let first = first.and_then(|at| behaviour.answer_first.get(at));
        first.or_else(|| behaviour.answer_to.get(device)).copied()
    }

    pub(super) fn tell(&self, kind: Kind, push_id: &str, to: &str, detail: &str) {
        self.watcher.tell(By::Gateway, kind, (push_id, to), detail);
    }
}

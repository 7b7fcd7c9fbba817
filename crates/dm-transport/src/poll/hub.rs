//! What a request is answered: an acknowledgement is told first, then the next message is looked for, and
//! if there is none the device waits.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use dm_push::Receipt;
use dm_push::mailbox::{Ticket, Waiting};
use dm_push::poll::Ask;
use dm_push::receipt::{Detail, Says};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::doors::Doors;
use super::store::{Message, Store};
use crate::outbox::milliseconds;
use crate::route::Teller;

/// A request that waits: a message, or nothing when its time is over.
type Waiter = oneshot::Sender<Option<Message>>;

/// Mailboxes, and who waits for what comes there.
pub(super) struct Hub {
    pub doors: Doors,
    pub store: Store,
    pub teller: Teller,
    pub silence: Duration,
    longest_wait: Duration,
    start: Instant,
    waiting: Arc<Lobby>,
    /// Nobody waits any more.
    closing: AtomicBool,
    closed: Notify,
    /// Connections that are there.
    pub connections: AtomicUsize,
    pub gone: Notify,
}

/// Who waits.
#[derive(Default)]
pub(super) struct Lobby {
    waiting: Mutex<Waiting<Waiter>>,
    /// That another is the first whose time will be over.
    changed: Notify,
}

/// How a request goes on.
pub(super) enum Begun {
    /// It is answered.
    Given(Message),
    /// There is nothing, and it does not wait.
    Nothing,
    /// It waits.
    Waits(Waits),
    /// It acknowledges what was never given.
    Ahead,
    /// What it acknowledges could not be kept: it is to be said again.
    Later,
}

/// A request that waits until it is answered; or until this is dropped, when who asked has gone.
pub(super) struct Waits {
    pub answer: oneshot::Receiver<Option<Message>>,
    lobby: Arc<Lobby>,
    device: Box<str>,
    ticket: Ticket,
}

impl Lobby {
    fn waiting(&self) -> MutexGuard<'_, Waiting<Waiter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message has come for a device.
    pub fn came(&self, device: &str, message: Message) {
        let waiter = self.waiting().take(device);
        if let Some(waiter) = waiter {
            let _ = waiter.send(Some(message)); // who has gone asks again
        }
    }
}

impl Hub {
    /// Of these mailboxes, which tell the lobby what has come; how long silence may last, and waits.
    pub fn new(
        doors: Doors,
        (store, lobby): (Store, Arc<Lobby>),
        teller: Teller,
        (silence, longest_wait): (Duration, Duration),
    ) -> Self {
        Self {
            doors,
            store,
            teller,
            silence,
            longest_wait,
            start: Instant::now(),
            waiting: lobby,
            closing: AtomicBool::new(false),
            closed: Notify::new(),
            connections: AtomicUsize::new(0),
            gone: Notify::new(),
        }
    }

    /// Takes an acknowledgement, and looks for what comes behind it.
    pub async fn begin(&self, ask: &Ask, wait: Duration, raw: &[u8]) -> Begun {
        if ask.after >= self.store.next() {
            return Begun::Ahead;
        }
        if !self.acknowledge(ask, raw).await {
            return Begun::Later;
        }
        // Who waits is known before it is looked whether there is something: what comes meanwhile is
        // not missed.
        let waits = (!wait.is_zero() && !self.is_closing()).then(|| self.wait(&ask.device, wait));
        match self.store.behind(&ask.device, ask.after, now()) {
            Ok(Some(message)) => Begun::Given(message),
            Ok(None) => waits.map_or(Begun::Nothing, Begun::Waits),
            Err(_) => Begun::Later,
        }
    }

    fn wait(&self, device: &str, wait: Duration) -> Waits {
        let (waiter, answer) = oneshot::channel();
        let until = self.start.elapsed() + wait.min(self.longest_wait);
        let mut waiting = self.waiting.waiting();
        let (ticket, older) = waiting.wait(device, until, waiter);
        let is_first = waiting.next() == Some(until);
        drop(waiting);
        if let Some(older) = older {
            let _ = older.send(None); // who has gone asks again
        }
        if is_first {
            self.waiting.changed.notify_one();
        }
        Waits { answer, lobby: self.waiting.clone(), device: device.into(), ticket }
    }

    /// Tells that a device has what it says it has. Until that is kept, nothing goes from the mailbox.
    async fn acknowledge(&self, ask: &Ask, raw: &[u8]) -> bool {
        if ask.after == 0 {
            return true;
        }
        let Ok(had) = self.store.up_to(&ask.device, ask.after) else { return false };
        if had.is_empty() {
            return true;
        }
        let telling = async {
            for (seq, id) in &had {
                let receipt = Receipt::new(Says::Reached, Detail::LongPoll { seq: *seq });
                if !self.teller.tell_kept(id, receipt, raw).await {
                    return false;
                }
            }
            true
        };
        if !tokio::time::timeout(self.silence, telling).await.unwrap_or(false) {
            return false;
        }
        // It is gone before the next is given, or it would be told of twice.
        let device: Arc<str> = ask.device.as_str().into();
        self.store.remove(had.into_iter().map(|(seq, _)| (device.clone(), seq)).collect()).await
    }

    /// Ends what waited long enough, and tells of messages whose time is over, as long as it is let.
    pub async fn run(&self) {
        tokio::join!(self.end_waits(), self.sweep());
    }

    async fn end_waits(&self) {
        loop {
            let (due, next) = {
                let mut waiting = self.waiting.waiting();
                (waiting.due(self.start.elapsed(), AT_ONCE), waiting.next())
            };
            let is_all = due.len() < AT_ONCE;
            for waiter in due {
                let _ = waiter.send(None); // who has gone asks again
            }
            // Ends are met together: a twentieth of a second is nothing to who waits for minutes.
            let next = next.map_or(Instant::now() + SWEEP, |next| self.start + next);
            let next = next.max(Instant::now() + if is_all { TICK } else { Duration::ZERO });
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                () = self.waiting.changed.notified() => {}
            }
        }
    }

    /// Tells of messages whose time is over; they go once that is kept.
    async fn sweep(&self) {
        loop {
            let over = self.store.over(now(), AT_ONCE).unwrap_or_default();
            let (count, mut told) = (over.len(), Vec::new());
            for (device, seq, id) in over {
                let receipt = Receipt::new(Says::Expired, Detail::LongPoll { seq });
                let telling = self.teller.tell_kept(&id, receipt, b"");
                if !tokio::time::timeout(self.silence, telling).await.unwrap_or(false) {
                    break; // the next time
                }
                told.push((device, seq));
            }
            let is_done = told.is_empty() || self.store.remove(told).await;
            if count < AT_ONCE || !is_done {
                tokio::time::sleep(SWEEP).await;
            }
        }
    }

    /// Ends all that wait; nobody waits from now on.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.closed.notify_waiters();
        for waiter in self.waiting.waiting().end() {
            let _ = waiter.send(None); // who has gone asks again
        }
    }

    /// Until nobody waits any more.
    pub async fn closed(&self) {
        let closed = self.closed.notified();
        tokio::pin!(closed);
        closed.as_mut().enable();
        if !self.is_closing() {
            closed.await;
        }
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.waiting.waiting().len()
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.lobby.waiting().leave(&self.device, self.ticket);
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    milliseconds(SystemTime::now())
}

/// Requests, or messages, that are ended without a pause.
const AT_ONCE: usize = 1_024;
/// Between two looks at messages whose time is over.
const SWEEP: Duration = Duration::from_secs(1);
/// Between two looks at requests whose time is over.
const TICK: Duration = Duration::from_millis(50);

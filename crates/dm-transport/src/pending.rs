//! What was sent over a connection and waits for its answer.
//!
//! Whoever waits may be dropped at any time: then nothing leaves that has not begun to, and an answer that
//! comes later has still somebody to whom it belongs.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::PushId;
use crate::kept::Fault;

/// All that waits: keys, answers, and what is held while one waits.
pub(crate) struct Pending<K, A, H = ()>(Mutex<Inner<K, A, H>>);

struct Inner<K, A, H> {
    waits: HashMap<K, Entry<A, H>>,
    left: usize,
    end: Option<Fault>,
    heard: Instant,
    /// Since when something was asked and nothing came.
    silent: Option<Instant>,
}

struct Entry<A, H> {
    who: Who<A>,
    /// Dropped with the entry.
    _held: H,
}

enum Who<A> {
    Here(oneshot::Sender<A>, Arc<Mark>),
    /// Whoever waited is gone; this sending it was.
    Left(PushId, Instant),
}

/// How far one sending is.
#[derive(Default)]
pub(crate) struct Mark {
    step: AtomicU8,
    is_worked_on: AtomicBool,
}

/// Who waits for one answer.
pub(crate) struct Waiting<'a, K: Eq + Hash + Copy, A, H> {
    pending: &'a Pending<K, A, H>,
    key: K,
    id: Option<PushId>,
    answer: oneshot::Receiver<A>,
    is_answered: bool,
    pub(crate) mark: Arc<Mark>,
}

/// Sees, when an exchange ends or is given up, whether the other end has been silent for long though it was asked:
/// nobody asks over that connection any more, for it may be dead.
pub(crate) struct Silence<'a, K: Eq + Hash + Copy, A, H> {
    pub(crate) pending: &'a Pending<K, A, H>,
    pub(crate) is_mute: &'a AtomicBool,
}

/// The connection is gone.
pub(crate) struct Gone {
    pub(crate) fault: Fault,
    /// Whether the request may have left before.
    pub(crate) was_begun: bool,
}

impl<K: Eq + Hash + Copy, A, H> Pending<K, A, H> {
    pub(crate) fn new() -> Self {
        let (waits, heard) = (HashMap::new(), Instant::now());
        Self(Mutex::new(Inner { waits, left: 0, end: None, heard, silent: None }))
    }

    /// Waits for an answer by a key that nobody waits for.
    pub(crate) fn enter(
        &self,
        key: K,
        id: Option<PushId>,
        held: H,
    ) -> Result<Waiting<'_, K, A, H>, Fault> {
        let mut inner = self.inner();
        if let Some(fault) = &inner.end {
            return Err(fault.clone());
        }
        let (sender, answer) = oneshot::channel();
        let mark = Arc::new(Mark::default());
        let who = Who::Here(sender, mark.clone());
        inner.waits.insert(key, Entry { who, _held: held });
        inner.silent.get_or_insert_with(Instant::now);
        Ok(Waiting { pending: self, key, id, answer, is_answered: false, mark })
    }

    pub(crate) fn is_waited_for(&self, key: K) -> bool {
        self.inner().waits.contains_key(&key)
    }

    /// An answer came: to whoever waits; if that one is gone, it is given back, with the sending that it is of.
    pub(crate) fn answer(&self, key: K, answer: A) -> Option<(PushId, A)> {
        let mut inner = self.inner();
        inner.hears();
        let entry = inner.waits.remove(&key)?;
        match entry.who {
            Who::Here(sender, _) => {
                let _ = sender.send(answer); // who left this very moment has learned nothing
                None
            }
            Who::Left(id, _) => {
                inner.left -= 1;
                Some((id, answer))
            }
        }
    }

    /// Somebody says that it works on this one.
    pub(crate) fn is_worked_on(&self, key: K) {
        let mut inner = self.inner();
        inner.hears();
        if let Some(Entry { who: Who::Here(_, mark), .. }) = inner.waits.get(&key) {
            mark.is_worked_on.store(true, Ordering::Relaxed);
        }
    }

    /// Something came that answers nothing.
    pub(crate) fn heard(&self) {
        self.inner().hears();
    }

    /// When something came last.
    pub(crate) fn last_heard(&self) -> Instant {
        self.inner().heard
    }

    /// The connection is gone.
    pub(crate) fn close(&self, fault: Fault) {
        let mut inner = self.inner();
        inner.end.get_or_insert(fault);
        inner.left = 0;
        inner.waits.clear();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.inner().end.is_none()
    }

    /// How many are not answered, and of how many of them nobody waits any more.
    pub(crate) fn count(&self) -> (usize, usize) {
        let inner = self.inner();
        (inner.waits.len(), inner.left)
    }

    fn inner(&self) -> MutexGuard<'_, Inner<K, A, H>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Copy, A> Pending<K, A> {
    /// This sending was answered, and a better answer may come yet.
    pub(crate) fn expect_more(&self, key: K, id: PushId) {
        let mut inner = self.inner();
        if inner.end.is_none() {
            let who = Who::Left(id, Instant::now());
            inner.waits.insert(key, Entry { who, _held: () });
            inner.leaves();
        }
    }
}

impl<K: Eq + Hash, A, H> Inner<K, A, H> {
    fn leaves(&mut self) {
        self.left += 1;
        if self.left > MOST_LEFT {
            self.forget(PATIENCE);
        }
    }

    fn hears(&mut self) {
        (self.heard, self.silent) = (Instant::now(), None);
    }

    fn forget(&mut self, after: Duration) {
        let is_recent = |entry: &Entry<A, H>| match entry.who {
            Who::Here(..) => true,
            Who::Left(_, since) => since.elapsed() < after,
        };
        self.waits.retain(|_, entry| is_recent(entry));
        let is_left = |entry: &&Entry<A, H>| matches!(entry.who, Who::Left(..));
        self.left = self.waits.values().filter(is_left).count();
    }
}

impl<K: Eq + Hash + Copy, A, H> Waiting<'_, K, A, H> {
    /// The answer; nothing is lost when this is dropped on the way.
    pub(crate) async fn answer(&mut self) -> Result<A, Gone> {
        match (&mut self.answer).await {
            Ok(answer) => {
                self.is_answered = true;
                Ok(answer)
            }
            Err(_) => {
                let fault = self.pending.inner().end.clone();
                let fault = fault.unwrap_or_else(|| Fault::io(&std::io::ErrorKind::Other.into()));
                Err(Gone { fault, was_begun: !self.mark.give_up() })
            }
        }
    }
}

impl<K: Eq + Hash + Copy, A, H> Drop for Waiting<'_, K, A, H> {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let is_sent = !self.mark.give_up();
        let mut inner = self.pending.inner();
        let Some(entry) = inner.waits.get_mut(&self.key) else { return };
        match self.id.take() {
            Some(id) if is_sent => {
                entry.who = Who::Left(id, Instant::now());
                inner.leaves();
            }
            _ => drop(inner.waits.remove(&self.key)),
        }
    }
}

impl<K: Eq + Hash + Copy, A, H> Drop for Silence<'_, K, A, H> {
    fn drop(&mut self) {
        let silent = self.pending.inner().silent;
        if silent.is_some_and(|since| since.elapsed() >= SILENCE) {
            self.is_mute.store(true, Ordering::Relaxed);
        }
    }
}

impl Mark {
    /// Whether it may leave: nobody gave it up.
    pub(crate) fn begin(&self) -> bool {
        let swapped =
            self.step.compare_exchange(WAITS, BEGUN, Ordering::Relaxed, Ordering::Relaxed);
        swapped.is_ok()
    }

    /// Whether it will not leave.
    fn give_up(&self) -> bool {
        let swapped =
            self.step.compare_exchange(WAITS, GIVEN_UP, Ordering::Relaxed, Ordering::Relaxed);
        swapped != Err(BEGUN)
    }

    pub(crate) fn is_worked_on_somewhere(&self) -> bool {
        self.is_worked_on.load(Ordering::Relaxed)
    }
}

const WAITS: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;
/// More of those whom nobody waits for are only kept for a while.
const MOST_LEFT: usize = 4_096;
/// Who says nothing for so long is asked over another connection next.
const SILENCE: Duration = Duration::from_secs(2);
/// After this long no answer is expected any more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(32);

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<PushId> {
        PushId::new(text)
    }

    #[tokio::test]
    async fn an_answer_finds_who_waits_and_else_the_sending() {
        let pending = Pending::<u8, &str>::new();
        let mut here = pending.enter(1, id("a"), ()).ok().unwrap();
        let left = pending.enter(2, id("b"), ()).ok().unwrap();
        assert!(here.mark.begin() && left.mark.begin());
        drop(left);
        assert_eq!(pending.count(), (2, 1));
        assert_eq!(pending.answer(1, "one"), None);
        assert_eq!(here.answer().await.ok(), Some("one"));
        let late = pending.answer(2, "two").unwrap();
        assert_eq!((late.0.as_str(), late.1), ("b", "two"));
        assert_eq!((pending.count(), pending.answer(2, "again")), ((0, 0), None));
    }

    #[test]
    fn what_was_given_up_before_it_left_never_leaves() {
        let pending = Pending::<u8, ()>::new();
        let waiting = pending.enter(1, id("a"), ()).ok().unwrap();
        let mark = waiting.mark.clone();
        drop(waiting);
        assert!(!mark.begin());
        assert_eq!(pending.count(), (0, 0));
    }

    #[tokio::test]
    async fn when_the_connection_goes_it_is_known_what_may_have_left() {
        let pending = Pending::<u8, ()>::new();
        let mut sent = pending.enter(1, id("a"), ()).ok().unwrap();
        let mut unsent = pending.enter(2, id("b"), ()).ok().unwrap();
        assert!(sent.mark.begin());
        pending.close(Fault::Broker(0x8B));
        assert!(sent.answer().await.is_err_and(|gone| gone.was_begun));
        assert!(unsent.answer().await.is_err_and(|gone| !gone.was_begun));
        assert!(!unsent.mark.begin(), "and does not leave later");
        drop((sent, unsent));
        assert!(pending.enter(3, None, ()).is_err());
        assert_eq!(pending.count(), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_silent_for_long_is_found_out_also_by_many_who_wait_briefly() {
        let (pending, is_mute) = (Pending::<u8, ()>::new(), AtomicBool::new(false));
        let asks = async |key, answer: bool| {
            let waiting = pending.enter(key, id("a"), ()).ok().unwrap();
            let silence = Silence { pending: &pending, is_mute: &is_mute };
            tokio::time::advance(Duration::from_millis(900)).await;
            if answer {
                pending.heard();
            }
            drop((silence, waiting));
            is_mute.load(Ordering::Relaxed)
        };
        assert!(!asks(1, false).await && !asks(2, true).await);
        assert!(!asks(3, false).await && !asks(4, false).await);
        assert!(asks(5, false).await, "2.7 s");
    }

    #[tokio::test(start_paused = true)]
    async fn those_whom_nobody_waits_for_are_forgotten_in_time() {
        let pending = Pending::<usize, ()>::new();
        for key in 0..MOST_LEFT {
            assert!(pending.enter(key, id("a"), ()).ok().unwrap().mark.begin());
        }
        assert_eq!(pending.count(), (MOST_LEFT, MOST_LEFT));
        tokio::time::advance(PATIENCE).await;
        assert!(pending.enter(MOST_LEFT, id("a"), ()).ok().unwrap().mark.begin());
        assert_eq!(pending.count(), (1, 1));
    }
}

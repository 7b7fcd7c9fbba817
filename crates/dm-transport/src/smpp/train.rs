//! The segments of one sending, on their way together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dm_push::receipt::Part;
use dm_push::smpp::session::Submission;
use tokio::sync::oneshot;

use crate::route::{PushId, Sent};
use crate::{Address, SendError};

/// One sending, as whoever waits for it and whoever sends it know it.
#[derive(Debug)]
pub(super) struct Train {
    pub(super) id: PushId,
    pub(super) to: Address,
    total: u8,
    /// Segments whose answers are not kept yet.
    left: AtomicUsize,
    /// Somebody waits for it still.
    is_wanted: Arc<AtomicBool>,
    /// A segment was handed to a connection.
    is_begun: AtomicBool,
    done: Mutex<Option<oneshot::Sender<Result<(), SendError>>>>,
}

/// One segment, and its octets while it is not sent.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) train: Arc<Train>,
    /// From 1.
    number: u8,
}

/// Segments to be sent, in their order.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) train: Arc<Train>,
    /// With their numbers.
    pub(super) submissions: Vec<(u8, Submission)>,
}

/// Waits for a train; without it nothing more of the train is sent. It does not keep the train: when nobody
/// works on that any more, there is nothing to wait for.
#[derive(Debug)]
pub(super) struct Waiting {
    is_wanted: Arc<AtomicBool>,
    outcome: oneshot::Receiver<Result<(), SendError>>,
}

impl Work {
    /// Of these, all but those that were taken before.
    pub(super) fn new(
        id: PushId,
        to: Address,
        submissions: Vec<Submission>,
        taken: &[u8],
    ) -> (Self, Waiting) {
        let total = u8::try_from(submissions.len()).unwrap_or(u8::MAX);
        let submissions: Vec<_> =
            (1..=u8::MAX).zip(submissions).filter(|(number, _)| !taken.contains(number)).collect();
        let (done, outcome) = oneshot::channel();
        let is_wanted = Arc::new(AtomicBool::new(true));
        let train = Arc::new(Train {
            id,
            to,
            total,
            left: AtomicUsize::new(submissions.len()),
            is_wanted: is_wanted.clone(),
            is_begun: AtomicBool::new(false),
            done: Mutex::new(Some(done)),
        });
        (Self { train, submissions }, Waiting { is_wanted, outcome })
    }

    pub(super) fn into_segments(self) -> impl Iterator<Item = (Segment, Submission)> {
        let train = self.train;
        let segment = move |number| Segment { train: train.clone(), number };
        self.submissions.into_iter().map(move |(number, submission)| (segment(number), submission))
    }
}

impl Waiting {
    /// The outcome; none if nobody works on it any more.
    pub(super) async fn outcome(mut self) -> Option<Result<(), SendError>> {
        (&mut self.outcome).await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }
}

impl Train {
    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }

    pub(super) fn is_begun(&self) -> bool {
        self.is_begun.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) {
        self.is_begun.store(true, Ordering::Relaxed);
    }

    /// It ends so; none of its segments is sent from now on.
    pub(super) fn fail(&self, error: SendError) {
        self.is_wanted.store(false, Ordering::Relaxed);
        self.finish(Err(error));
    }

    /// The answer to one more segment is kept.
    pub(super) fn kept(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.finish(Ok(()));
        }
    }

    fn finish(&self, outcome: Result<(), SendError>) {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(done) = done {
            let _ = done.send(outcome); // nobody waits any more
        }
    }
}

impl Segment {
    /// Which of how many; none, if it is the only one.
    pub(super) fn part(&self) -> Option<Part> {
        let total = self.train.total;
        (total > 1).then_some(Part { number: self.number, total })
    }

    pub(super) fn sent(&self) -> Sent {
        Sent { id: self.train.id.clone(), part: self.part() }
    }
}

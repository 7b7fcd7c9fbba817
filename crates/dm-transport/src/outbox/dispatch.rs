//! Sends what is due in an outbox over its routes, until it is stopped.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::read::Due;
use super::{Outbox, OutboxError, now};
use crate::{Guarded, Outgoing, PushId, SendError, Told};

/// Outbox, routes, and what the routes tell.
pub struct Dispatch {
    /// What is to be sent.
    pub outbox: Arc<Outbox>,
    /// The routes; those that the entries name.
    pub routes: Vec<Arc<Guarded>>,
    /// What the routes tell: it is kept in the outbox.
    pub told: mpsc::Receiver<Told>,
    /// How long one attempt may take, from its turn on: a wait for that takes as long as it takes.
    pub attempt: Duration,
    /// Messages of one route in memory at once.
    pub most: usize,
}

impl Dispatch {
    /// Runs until `stop` says so: then nothing new is begun, and what is on its way ends first.
    ///
    /// # Errors
    /// [`OutboxError`]: the disk failed, and nothing more is sent.
    pub async fn run(mut self, stop: watch::Receiver<bool>) -> Result<(), OutboxError> {
        let mut sending = JoinSet::new();
        for route in &self.routes {
            let route = Sender::new(&self, route);
            sending.spawn(route.run(stop.clone()));
        }
        // The number of receipts at once is what keeps the disk busy.
        let mut keeping = JoinSet::new();
        loop {
            tokio::select! {
                ended = sending.join_next() => match ended {
                    Some(Ok(outcome)) => outcome?,
                    Some(Err(_)) | None => break,
                },
                Some(told) = self.told.recv(), if keeping.len() < KEEPING => {
                    let outbox = self.outbox.clone();
                    keeping.spawn(async move { outbox.keep(told).await });
                }
                Some(Ok(kept)) = keeping.join_next() => kept?,
            }
        }
        while let Ok(told) = self.told.try_recv() {
            self.outbox.keep(told).await?;
        }
        while let Some(kept) = keeping.join_next().await {
            if let Ok(kept) = kept {
                kept?;
            }
        }
        Ok(())
    }
}

/// One route. It takes what is due in the order in which that was accepted, and each waits for its turn when
/// all before it have had theirs. To one address one goes behind another.
struct Sender {
    outbox: Arc<Outbox>,
    route: Arc<Guarded>,
    attempt: Duration,
    most: usize,
    /// What was taken and not begun.
    queue: VecDeque<Due>,
    /// Addresses to which one is under way, and what goes there next.
    under_way: HashMap<String, VecDeque<Due>>,
    flying: JoinSet<Ended>,
    /// Identities of all of those.
    out: HashSet<PushId>,
}

/// The next one, and its turn.
struct Next {
    outgoing: Outgoing,
    segments: u32,
    to: String,
    has_others: bool,
    turn: Turn,
}

type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, SendError>> + Send>>;

struct Ended {
    id: PushId,
    /// The address that is free again.
    to: String,
    /// How long nothing more is taken for the route, for it is down.
    rest: Option<Duration>,
    outcome: Result<(), OutboxError>,
}

impl Sender {
    fn new(dispatch: &Dispatch, route: &Arc<Guarded>) -> Self {
        Self {
            outbox: dispatch.outbox.clone(),
            route: route.clone(),
            attempt: dispatch.attempt,
            most: dispatch.most.max(1),
            queue: VecDeque::new(),
            under_way: HashMap::new(),
            flying: JoinSet::new(),
            out: HashSet::new(),
        }
    }

    async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), OutboxError> {
        let changed = self.outbox.changed.clone();
        let (mut rest, mut next) = (None, None);
        while !*stop.borrow() {
            // Before it is looked whether something is due: what comes meanwhile is not missed.
            let news = changed.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if rest.is_none() && self.out.len() <= self.most / 2 {
                self.fill()?;
            }
            self.begin(&mut next).await;
            let is_full = self.out.len() > self.most / 2;
            let wake = rest.map_or_else(|| self.until_due(), Ok)?;
            tokio::select! {
                Some(ended) = self.flying.join_next() => {
                    rest = rest.into_iter().chain(self.ended(ended)?).min();
                }
                turn = turn_of(&mut next), if next.is_some() => {
                    if let Some(next) = next.take() {
                        self.go(next, turn);
                    }
                }
                () = &mut news, if !is_full && rest.is_none() => {}
                () = tokio::time::sleep(wake), if !is_full || rest.is_some() => rest = None,
                _ = stop.changed() => {}
            }
        }
        // What had no turn is not begun: it waits in the outbox.
        drop(next);
        while let Some(ended) = self.flying.join_next().await {
            self.ended(ended)?;
        }
        Ok(())
    }

    /// Takes what is due, as many as there is room for.
    fn fill(&mut self) -> Result<(), OutboxError> {
        let room = self.most - self.out.len();
        for due in self.outbox.due(self.route.name(), now(), room, &self.out)? {
            self.out.insert(due.id.clone());
            self.queue.push_back(due);
        }
        Ok(())
    }

    /// Begins all whose turn it is; the next one waits for its own.
    async fn begin(&mut self, next: &mut Option<Next>) {
        loop {
            if next.is_none() {
                *next = self.next();
            }
            let Some(waits) = next else { return };
            let turn = poll_fn(|context| Poll::Ready(waits.turn.as_mut().poll(context))).await;
            let Poll::Ready(turn) = turn else { return };
            if let Some(ready) = next.take() {
                self.go(ready, turn);
            }
        }
    }

    /// The first whose address is free.
    fn next(&mut self) -> Option<Next> {
        while let Some(due) = self.queue.pop_front() {
            if let Some(behind) = self.under_way.get_mut(&due.way.to) {
                behind.push_back(due);
                continue;
            }
            self.under_way.insert(due.way.to.clone(), VecDeque::new());
            let left = due.until.duration_since(SystemTime::now()).unwrap_or_default();
            if left.is_zero() {
                self.expire(due);
                continue;
            }
            let (id, to) = (due.id.clone(), due.way.to.clone());
            match self.ready(due, left) {
                Ok(next) => return Some(next),
                Err(error) => self.settle(id, to, None, Err(error)),
            }
        }
        None
    }

    fn ready(&self, due: Due, left: Duration) -> Result<Next, SendError> {
        let Due { id, octets, way, has_others, until } = due;
        let not = |source| SendError::NotAnAddress { text: way.to.as_str().into(), source };
        let to = way.to.parse().map_err(not)?;
        let (deadline, valid_until) = (Instant::now() + self.attempt, Some(until));
        let outgoing = Outgoing { id, octets: octets.into(), to, deadline, valid_until };
        let segments = self.route.segments(&outgoing)?;
        let route = self.route.clone();
        let turn = Box::pin(async move {
            let turn = tokio::time::timeout(left, route.turn(segments)).await;
            turn.unwrap_or_else(|_| Err(SendError::NoTurn { route: route.name().clone() }))
        });
        Ok(Next { outgoing, segments, to: way.to, has_others, turn })
    }

    /// Sends it, if it has its turn.
    fn go(&mut self, next: Next, turn: Result<OwnedSemaphorePermit, SendError>) {
        let Next { mut outgoing, segments, to, has_others, .. } = next;
        let permit = match turn {
            Ok(permit) => permit,
            Err(error) => {
                let when_down = if has_others { WHILE_OTHERS } else { WHEN_DOWN };
                let rest = matches!(error, SendError::RouteDown { .. }).then_some(when_down);
                return self.settle(outgoing.id, to, rest, Err(error));
            }
        };
        // Its time begins now: the wait for its turn is none of it.
        outgoing.deadline = Instant::now() + self.attempt;
        let (outbox, route) = (self.outbox.clone(), self.route.clone());
        self.flying.spawn(async move {
            let outcome = route.attempt(&outgoing, segments).await;
            drop(permit);
            let outcome = outbox.settle(&outgoing.id, outcome).await;
            Ended { id: outgoing.id, to, rest: None, outcome }
        });
    }

    fn settle(
        &mut self,
        id: PushId,
        to: String,
        rest: Option<Duration>,
        outcome: Result<(), SendError>,
    ) {
        let outbox = self.outbox.clone();
        self.flying.spawn(async move {
            let outcome = outbox.settle(&id, outcome).await;
            Ended { id, to, rest, outcome }
        });
    }

    fn expire(&mut self, due: Due) {
        let outbox = self.outbox.clone();
        self.flying.spawn(async move {
            let outcome = outbox.expire(&due.id).await;
            Ended { id: due.id, to: due.way.to, rest: None, outcome }
        });
    }

    /// One of them ended; how long to rest, if the route is down.
    fn ended(
        &mut self,
        ended: Result<Ended, tokio::task::JoinError>,
    ) -> Result<Option<Duration>, OutboxError> {
        let Ok(Ended { id, to, rest, outcome }) = ended else { return Err(OutboxError::Closed) };
        self.out.remove(&id);
        // They are before all that were accepted behind them.
        for behind in self.under_way.remove(&to).into_iter().flatten().rev() {
            self.queue.push_front(behind);
        }
        outcome?;
        Ok(rest)
    }

    fn until_due(&self) -> Result<Duration, OutboxError> {
        let now = now();
        let next = self.outbox.next_due(self.route.name(), now)?;
        let wait = next.map_or(LONGEST, |next| Duration::from_millis(next - now));
        Ok(wait.min(LONGEST))
    }
}

/// The turn of the next one; without one it never comes.
async fn turn_of(next: &mut Option<Next>) -> Result<OwnedSemaphorePermit, SendError> {
    match next {
        Some(next) => next.turn.as_mut().await,
        None => std::future::pending().await,
    }
}

/// Pause after a route said that it is down: between two looks nothing is written of what waits for it.
const WHEN_DOWN: Duration = Duration::from_secs(1);
/// The same where some have other ways: they go them, not all at once.
const WHILE_OTHERS: Duration = Duration::from_millis(100);
/// A clock may be set while nothing is due.
const LONGEST: Duration = Duration::from_secs(60);
/// Receipts that are written at once.
const KEEPING: usize = 1_024;

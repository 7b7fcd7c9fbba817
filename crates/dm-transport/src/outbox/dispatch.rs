//! Sends what is due in an outbox over its routes, until it is stopped.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::read::Due;
use super::{Outbox, OutboxError, now};
use crate::{Address, Guarded, Outgoing, PushId, SendError, Told};

/// Outbox, routes, and what the routes tell.
pub struct Dispatch {
    /// What is to be sent.
    pub outbox: Arc<Outbox>,
    /// The routes; those that the entries name.
    pub routes: Vec<Arc<Guarded>>,
    /// What the routes tell: it is kept in the outbox.
    pub told: mpsc::Receiver<Told>,
    /// How long one attempt may take, the wait for its turn included.
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
            let route = Sender {
                outbox: self.outbox.clone(),
                route: route.clone(),
                attempt: self.attempt,
                most: self.most.max(1),
                flying: JoinSet::new(),
                out: HashSet::new(),
            };
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

/// One route.
struct Sender {
    outbox: Arc<Outbox>,
    route: Arc<Guarded>,
    attempt: Duration,
    most: usize,
    flying: JoinSet<(PushId, Settled)>,
    /// Identities of those.
    out: HashSet<PushId>,
}

struct Settled {
    /// How long nothing more is taken for the route, for it is down.
    rest: Option<Duration>,
    outcome: Result<(), OutboxError>,
}

impl Sender {
    async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), OutboxError> {
        let changed = self.outbox.changed.clone();
        let mut rest = None;
        while !*stop.borrow() {
            // Before it is looked whether something is due: what comes meanwhile is not missed.
            let news = changed.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if rest.is_none() && self.flying.len() <= self.most / 2 {
                self.fill()?;
            }
            let is_full = self.flying.len() > self.most / 2;
            let wake = rest.map_or_else(|| self.until_due(), Ok)?;
            tokio::select! {
                Some(ended) = self.flying.join_next() => {
                    rest = rest.into_iter().chain(self.ended(ended)?).min();
                }
                () = &mut news, if !is_full && rest.is_none() => {}
                () = tokio::time::sleep(wake), if !is_full || rest.is_some() => rest = None,
                _ = stop.changed() => {}
            }
        }
        while let Some(ended) = self.flying.join_next().await {
            self.ended(ended)?;
        }
        Ok(())
    }

    /// Takes what is due, as many as there is room for.
    fn fill(&mut self) -> Result<(), OutboxError> {
        let room = self.most - self.flying.len();
        for due in self.outbox.due(self.route.name(), now(), room, &self.out)? {
            self.out.insert(due.id.clone());
            let (outbox, route) = (self.outbox.clone(), self.route.clone());
            let deadline = Instant::now() + self.attempt;
            self.flying.spawn(async move {
                let id = due.id.clone();
                let when_down = if due.has_others { WHILE_OTHERS } else { WHEN_DOWN };
                let outcome = send(&route, due, deadline).await;
                let is_down = matches!(outcome, Err(SendError::RouteDown { .. }));
                let rest = is_down.then_some(when_down);
                let outcome = outbox.settle(&id, outcome).await;
                (id, Settled { rest, outcome })
            });
        }
        Ok(())
    }

    /// One of them ended; how long to rest, if the route is down.
    fn ended(
        &mut self,
        ended: Result<(PushId, Settled), tokio::task::JoinError>,
    ) -> Result<Option<Duration>, OutboxError> {
        let Ok((id, Settled { rest, outcome })) = ended else { return Err(OutboxError::Closed) };
        self.out.remove(&id);
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

async fn send(route: &Guarded, due: Due, deadline: Instant) -> Result<(), SendError> {
    let to: Address = due
        .way
        .to
        .parse()
        .map_err(|source| SendError::NotAnAddress { text: due.way.to.as_str().into(), source })?;
    let valid_until = Some(due.until);
    route.send(&Outgoing { id: due.id, octets: due.octets.into(), to, deadline, valid_until }).await
}

/// Pause after a route said that it is down: between two looks nothing is written of what waits for it.
const WHEN_DOWN: Duration = Duration::from_secs(1);
/// The same where some have other ways: they go them, not all at once.
const WHILE_OTHERS: Duration = Duration::from_millis(100);
/// A clock may be set while nothing is due.
const LONGEST: Duration = Duration::from_secs(60);
/// Receipts that are written at once.
const KEEPING: usize = 1_024;

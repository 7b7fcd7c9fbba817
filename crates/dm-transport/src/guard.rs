//! A route with its limits: how fast it may go, how much at once, and when it is left alone.

mod acceptance;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dm_push::pace::{Backoff, Breaker, Bucket, Health};
use tokio::sync::{Mutex as Queue, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

pub use acceptance::Acceptance;

use crate::chance::chance;
use crate::route::{Outgoing, Plan, Route, attempt};
use crate::{Next, SendError, Tariff};

/// A route that keeps its limits, knows how it is, and counts.
pub struct Guarded {
    name: Arc<str>,
    route: Box<dyn Route>,
    start: Instant,
    security: Security,
    tariff: Option<Tariff>,
    window: Arc<Semaphore>,
    /// Whoever waits for the rates waits here, in the order of coming.
    queue: Queue<()>,
    state: Mutex<State>,
    counted: Counted,
    acceptance: Acceptance,
}

/// What protects a route, beside the signature of each message. (R16)
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Security {
    /// Nothing: its owner said that this is allowed.
    None,
    /// This, whatever the address.
    Mechanism(&'static str),
    /// TLS, if the address is one of TLS; others are refused.
    OfAddress,
}

/// The limits of a route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The time between two messages; without one, they follow at once.
    pub messages: Option<Duration>,
    /// The time between two segments.
    pub segments: Option<Duration>,
    /// Messages, or segments, that may go at once after a pause.
    pub burst: u32,
    /// Messages on their way at once.
    pub window: usize,
    /// Failures behind one another after which it is left alone.
    pub failures: u32,
    /// The first wait after that, and the longest.
    pub waits: (Duration, Duration),
}

/// What a route did since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Messages that the other end took.
    pub sent: u64,
    /// Segments of them.
    pub segments: u64,
    /// Messages that it will not take, ever.
    pub refused: u64,
    /// Attempts that failed and may be made again.
    pub failed: u64,
    /// Attempts that were not made, for the route was down.
    pub held: u64,
}

struct State {
    breaker: Breaker<Arc<str>>,
    messages: Option<Bucket>,
    segments: Option<Bucket>,
}

#[derive(Default)]
struct Counted {
    sent: AtomicU64,
    segments: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    held: AtomicU64,
}

impl Guarded {
    /// A route of this name.
    #[must_use]
    pub fn new(name: &str, route: Box<dyn Route>, limits: &Limits) -> Self {
        let bucket = |interval: Option<Duration>| Some(Bucket::new(interval?, limits.burst));
        let (least, most) = limits.waits;
        let state = State {
            breaker: Breaker::new(limits.failures, Backoff::new(least, most)),
            messages: bucket(limits.messages),
            segments: bucket(limits.segments),
        };
        Self {
            name: name.into(),
            route,
            start: Instant::now(),
            security: Security::None,
            tariff: None,
            window: Arc::new(Semaphore::new(limits.window)),
            queue: Queue::new(()),
            state: Mutex::new(state),
            counted: Counted::default(),
            acceptance: Acceptance::default(),
        }
    }

    /// The same, protected by this.
    #[must_use]
    pub const fn secured(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// The same, which charges this.
    #[must_use]
    pub const fn charging(mut self, tariff: Option<Tariff>) -> Self {
        self.tariff = tariff;
        self
    }

    /// What protects it.
    #[must_use]
    pub const fn security(&self) -> Security {
        self.security
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What a message takes on it, and costs.
    ///
    /// # Errors
    /// [`SendError`]: it never goes this way.
    pub fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        if self.security == Security::OfAddress && !outgoing.to.is_protected() {
            let (route, to) = (self.name.clone(), outgoing.to.clone());
            return Err(SendError::Unprotected { route, to });
        }
        let plan = self.route.plan(outgoing)?;
        let cost = self.tariff.and_then(|tariff| tariff.of(plan.segments));
        Ok(Plan { cost: cost.or(plan.cost), ..plan })
    }

    /// Sends when the limits allow it. They may take until the deadline; from then on the attempt has as long
    /// as there was at first: nothing is begun that is broken off at once.
    ///
    /// # Errors
    /// [`SendError`]; [`SendError::RouteDown`] at once, so that another route may be tried.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<(), SendError> {
        let came = Instant::now();
        let allowed = outgoing.deadline.saturating_duration_since(came);
        let segments = self.segments(outgoing)?;
        let turn = tokio::time::timeout_at(outgoing.deadline, self.turn(segments)).await;
        let no_turn = |_| SendError::NoTurn { route: self.name.clone() };
        let _permit = turn.map_err(no_turn)??;
        let deadline = Instant::now().checked_add(allowed).unwrap_or(outgoing.deadline);
        self.attempt(&Outgoing { deadline, ..outgoing.clone() }, segments).await
    }

    /// What its limits are asked for.
    pub(crate) fn segments(&self, outgoing: &Outgoing) -> Result<u32, SendError> {
        let plan = self.plan(outgoing).inspect_err(|_| count(&self.counted.refused, 1))?;
        Ok(plan.segments)
    }

    /// Sends now: whoever calls has the turn.
    pub(crate) async fn attempt(
        &self,
        outgoing: &Outgoing,
        segments: u32,
    ) -> Result<(), SendError> {
        let start = Instant::now();
        let outcome = attempt(&*self.route, outgoing).await;
        let mut state = self.state();
        match &outcome {
            Ok(()) => {
                state.breaker.works();
                self.acceptance.add(start.elapsed());
                count(&self.counted.sent, 1);
                count(&self.counted.segments, segments.into());
            }
            Err(error) => {
                if self.route.is_to_blame(error) {
                    state.breaker.fails(self.now(), error.to_string().into(), chance());
                } else {
                    state.breaker.works();
                }
                let is_for_good = error.next() != Next::Again;
                count(if is_for_good { &self.counted.refused } else { &self.counted.failed }, 1);
            }
        }
        outcome
    }

    /// How it is, and why.
    #[must_use]
    pub fn health(&self) -> Health<Arc<str>> {
        self.state().breaker.health()
    }

    /// What it did.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counted { sent, segments, refused, failed, held } = &self.counted;
        Counts {
            sent: read(sent),
            segments: read(segments),
            refused: read(refused),
            failed: read(failed),
            held: read(held),
        }
    }

    /// What the route itself counted, by name.
    #[must_use]
    pub fn events(&self) -> Vec<(&'static str, u64)> {
        self.route.events()
    }

    /// How long the other end took to accept what it accepted, the wait for a turn not included.
    #[must_use]
    pub const fn acceptance(&self) -> &Acceptance {
        &self.acceptance
    }

    /// Ends it in order.
    pub async fn close(&self, deadline: Instant) {
        self.route.close(deadline).await;
    }

    /// Waits for its turn in the window and by the rates, behind all who came before. Whoever does not wait any
    /// longer has taken nothing.
    pub(crate) async fn turn(&self, segments: u32) -> Result<OwnedSemaphorePermit, SendError> {
        let permit = self.window.clone().acquire_owned().await;
        let permit = permit.unwrap_or_else(|_| unreachable!("the window is never closed"));
        let _first = self.queue.lock().await;
        loop {
            let now = self.now();
            let asked = self.state().ask(now, segments);
            match asked {
                Ok(()) => return Ok(permit),
                Err(Not::Yet(until)) => tokio::time::sleep_until(self.start + until).await,
                Err(Not::Down { until, reason }) => {
                    count(&self.counted.held, 1);
                    let (route, again) = (self.name.clone(), until.saturating_sub(now));
                    return Err(SendError::RouteDown { route, reason, again });
                }
            }
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why it is nobody's turn.
enum Not {
    /// The rates allow it then.
    Yet(Duration),
    /// The route is left alone.
    Down { until: Duration, reason: Arc<str> },
}

impl State {
    fn ask(&mut self, now: Duration, segments: u32) -> Result<(), Not> {
        // The one that may try whether the route works again has its turn by the rates, too.
        let mut breaker = self.breaker.clone();
        breaker.admit(now).map_err(|until| {
            let reason = breaker.health().reason().cloned().unwrap_or_default();
            Not::Down { until, reason }
        })?;
        self.take(now, segments).map_err(Not::Yet)?;
        self.breaker = breaker;
        Ok(())
    }

    fn take(&mut self, now: Duration, segments: u32) -> Result<(), Duration> {
        // Both or none: what one gives must not be lost on the other.
        let (mut one, mut other) = (self.messages, self.segments);
        one.as_mut().map_or(Ok(()), |messages| messages.take(now, 1))?;
        other.as_mut().map_or(Ok(()), |bucket| bucket.take(now, segments))?;
        (self.messages, self.segments) = (one, other);
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: None,
            segments: None,
            burst: 1,
            window: 64,
            failures: 5,
            waits: (Duration::from_secs(1), Duration::from_secs(300)),
        }
    }
}

fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;

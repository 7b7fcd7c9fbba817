//! A breaker: what failed again and again is left alone for a while, then tried with one message.

use core::time::Duration;

use super::Backoff;

/// Of a route: whether it works, as far as is known, and when it is tried again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Breaker<R> {
    backoff: Backoff,
    /// Failures behind one another that open it.
    most: u32,
    trouble: Option<Trouble<R>>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Trouble<R> {
    reason: R,
    /// When one message may be tried; before it is open.
    until: Option<Duration>,
    /// That one is on its way, since then.
    probe: Option<Duration>,
}

/// How a route is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Health<R> {
    /// It works, as far as is known.
    Up,
    /// It failed, and goes on being tried with every message.
    Degraded(R),
    /// It failed again and again: it is left alone.
    Down(R),
}

impl<R: Clone> Breaker<R> {
    /// Opens after so many failures behind one another, for waits such as these.
    #[must_use]
    pub const fn new(most: u32, backoff: Backoff) -> Self {
        Self { backoff, most, trouble: None }
    }

    /// Whether one may go now.
    ///
    /// # Errors
    /// When to ask again.
    pub fn admit(&mut self, now: Duration) -> Result<(), Duration> {
        let Some(Trouble { until: Some(until), probe, .. }) = &mut self.trouble else {
            return Ok(());
        };
        if now < *until {
            return Err(*until);
        }
        match probe {
            // The one before has not ended, and may at any time; should it never end, another goes.
            Some(since) if now < *since + PROBE => Err((*since + PROBE).min(now + LOOK)),
            _ => {
                *probe = Some(now);
                Ok(())
            }
        }
    }

    /// One got through to the other end, whatever that said of the message.
    pub fn works(&mut self) {
        self.trouble = None;
        self.backoff.reset();
    }

    /// One could not be sent, and the route is to blame.
    pub fn fails(&mut self, now: Duration, reason: R, chance: u64) {
        let was_open = self.trouble.as_ref().is_some_and(|trouble| trouble.until.is_some());
        let is_late =
            self.trouble.as_ref().is_some_and(|it| it.until.is_some_and(|until| now < until));
        if is_late {
            return; // one of those that were on their way when it opened: known already
        }
        let pause = self.backoff.next(chance);
        let opens = was_open || self.backoff.failures() >= self.most;
        let until = opens.then(|| now.saturating_add(pause));
        self.trouble = Some(Trouble { reason, until, probe: None });
    }

    /// How it is.
    #[must_use]
    pub fn health(&self) -> Health<R> {
        match &self.trouble {
            None => Health::Up,
            Some(Trouble { reason, until: None, .. }) => Health::Degraded(reason.clone()),
            Some(Trouble { reason, .. }) => Health::Down(reason.clone()),
        }
    }
}

impl<R> Health<R> {
    /// `up`, `degraded` or `down`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded(_) => "degraded",
            Self::Down(_) => "down",
        }
    }

    /// Why it is not up.
    #[must_use]
    pub const fn reason(&self) -> Option<&R> {
        match self {
            Self::Up => None,
            Self::Degraded(reason) | Self::Down(reason) => Some(reason),
        }
    }
}

/// After this long another one is tried, though the first has not ended.
const PROBE: Duration = Duration::from_secs(60);
/// Between two looks whether it has.
const LOOK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn breaker() -> Breaker<&'static str> {
        Breaker::new(3, Backoff::new(S(8), S(32)))
    }

    #[test]
    fn it_opens_after_some_failures_and_closes_with_one_that_works() {
        let mut route = breaker();
        assert_eq!(route.health(), Health::Up);
        route.fails(S(1), "no", 0);
        route.fails(S(1), "no", 0);
        assert_eq!(route.health(), Health::Degraded("no"));
        assert_eq!(route.admit(S(1)), Ok(()));
        route.fails(S(1), "gone", 0);
        assert_eq!(route.health(), Health::Down("gone"));
        assert_eq!(route.admit(S(2)), Err(S(17)), "the third wait: 32 s, half of it");
        assert_eq!(route.admit(S(17)), Ok(()));
        assert_eq!(route.admit(S(18)), Err(S(19)), "one alone is tried, which may end soon");
        route.works();
        assert_eq!((route.health(), route.admit(S(18))), (Health::Up, Ok(())));
        route.fails(S(19), "no", 0);
        assert_eq!(route.health(), Health::Degraded("no"), "it counts anew");
    }

    #[test]
    fn the_one_that_is_tried_opens_it_again_and_those_that_were_on_their_way_do_not() {
        let mut route = breaker();
        (0..3).for_each(|_| route.fails(S(0), "no", 0));
        let before = route.clone();
        route.fails(S(1), "no", 0);
        assert_eq!(route, before);
        assert_eq!(route.admit(S(16)), Ok(()));
        route.fails(S(16), "still", 0);
        assert_eq!(route.health(), Health::Down("still"));
        assert_eq!(route.admit(S(31)), Err(S(32)));
    }

    #[test]
    fn one_that_never_ends_is_followed_by_another() {
        let mut route = breaker();
        (0..3).for_each(|_| route.fails(S(0), "no", 0));
        assert_eq!(route.admit(S(20)), Ok(()));
        assert_eq!(route.admit(S(78)), Err(S(79)));
        assert_eq!(route.admit(S(79)), Err(S(80)));
        assert_eq!(route.admit(S(80)), Ok(()));
    }
}

//! One sending that waits: over which ways it may go, and what is tried next. It decides, and neither
//! sends nor stores.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Next, SendError};

/// One route, and the device's address on it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Way {
    /// The name of the route.
    pub route: String,
    /// The address, as text.
    pub to: String,
}

/// What is known of one sending, its octets and receipts aside.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Entry {
    /// In the order in which they came.
    pub seq: u64,
    pub ways: Vec<Way>,
    /// Until when it is tried, in milliseconds since 1970.
    pub until: u64,
    pub state: State,
    /// The way that is tried now.
    way: usize,
    /// Ways that will not do.
    dead: Vec<usize>,
    /// Attempts on this way, one behind another.
    tries: u32,
    /// How often all ways were tried in vain.
    rounds: u32,
    /// Receipts that are kept of it.
    pub receipts: u32,
    /// Those before this one are of attempts before it was to be tried again.
    #[serde(default)]
    pub since: u32,
    /// How long it may be tried, in milliseconds; it counts from anew when it is tried again.
    #[serde(default)]
    span: u64,
}

/// Where one sending stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// It is tried at this time, in milliseconds since 1970.
    Waiting {
        /// When.
        due: u64,
    },
    /// A route took it.
    Sent,
    /// No route took it, or none before its time was over.
    GivenUp {
        /// Why, in words.
        reason: String,
    },
}

/// Where the next way is.
enum Turn {
    Next,
    Around,
}

impl Entry {
    pub fn new(seq: u64, ways: Vec<Way>, now: u64, until: u64) -> Self {
        let (state, dead, span) =
            (State::Waiting { due: now }, Vec::new(), until.saturating_sub(now));
        Self {
            seq,
            ways,
            until,
            state,
            way: 0,
            dead,
            tries: 0,
            rounds: 0,
            receipts: 0,
            since: 0,
            span,
        }
    }

    /// It is tried again, if it was given up: over all of its ways, and for as long as it was to be at first.
    pub fn retry(&mut self, now: u64) {
        if matches!(self.state, State::GivenUp { .. }) {
            self.until = self.until.max(now.saturating_add(self.span));
            self.state = State::Waiting { due: now };
            (self.way, self.tries, self.rounds, self.since) = (0, 0, 0, self.receipts);
            self.dead.clear();
        }
    }

    /// The way that is tried next, and when.
    pub fn next(&self) -> Option<(&Way, u64)> {
        match self.state {
            State::Waiting { due } => Some((self.ways.get(self.way)?, due)),
            State::Sent | State::GivenUp { .. } => None,
        }
    }

    /// What came of an attempt.
    pub fn settle(&mut self, outcome: Result<(), &SendError>, now: u64) {
        let Err(error) = outcome else {
            self.state = State::Sent;
            return;
        };
        match (error, error.next()) {
            (SendError::RouteDown { again, .. }, _) => self.pass_over(now, *again, error),
            (SendError::NoTurn { .. }, _) => self.at(now, Duration::from_secs(1), error),
            (_, Next::Again) => {
                self.tries += 1;
                let pause = (PAUSE * 2_u32.saturating_pow(self.tries - 1)).min(LONGEST);
                // Longer, if the other end asks for it.
                let asked = error.wait().unwrap_or_default().min(ASKED);
                match self.tries < TRIES || self.alive() == 1 {
                    true => self.at(now, pause.max(asked), error),
                    false => self.elsewhere(now, asked, error),
                }
            }
            (_, Next::OtherRoute) => {
                self.dead.push(self.way);
                self.elsewhere(now, Duration::ZERO, error);
            }
            (_, Next::Never) => self.give_up(error.to_string()),
        }
    }

    /// A route took it, and says now that it did not get there. It may have said so before, and another one
    /// have it since.
    pub fn fails_later(&mut self, route: &str, word: &str, now: u64) {
        let took_it = self.ways.get(self.way).is_some_and(|way| way.route == route);
        if took_it {
            self.fails(word, now);
        }
    }

    /// What took it last says that it did not get there.
    pub fn fails(&mut self, word: &str, now: u64) {
        if self.state != State::Sent {
            return;
        }
        self.dead.push(self.way);
        match self.alive() {
            0 => self.give_up(format!("{word}, as the last of its routes says")),
            _ => self.elsewhere(now, Duration::ZERO, &word),
        }
    }

    /// The next way; behind the last one it is waited for.
    fn elsewhere(&mut self, now: u64, pause: Duration, why: &dyn std::fmt::Display) {
        match self.turn() {
            Some(Turn::Next) => self.at(now, Duration::ZERO, why),
            Some(Turn::Around) => {
                self.rounds += 1;
                let round = (PAUSE * 2_u32.saturating_pow(self.rounds)).min(LONGEST);
                self.at(now, pause.max(round), why);
            }
            None => self.give_up(why.to_string()),
        }
    }

    /// The same, of a way that was not tried, for its route is down: that is no attempt of this one, and is
    /// looked at again soon. Whoever else is sent first finds out that it works.
    fn pass_over(&mut self, now: u64, again: Duration, why: &dyn std::fmt::Display) {
        match self.turn() {
            Some(Turn::Next) => self.at(now, Duration::ZERO, why),
            Some(Turn::Around) => self.at(now, again.clamp(PAUSE, LOOK), why),
            None => self.give_up(why.to_string()),
        }
    }

    /// Goes to the next way that is alive, from the last to the first.
    fn turn(&mut self) -> Option<Turn> {
        let is_alive = |way: &usize| !self.dead.contains(way);
        let behind = ((self.way + 1)..self.ways.len()).find(is_alive);
        let (way, turn) = match behind {
            Some(way) => (way, Turn::Next),
            None => ((0..self.ways.len()).find(is_alive)?, Turn::Around),
        };
        (self.way, self.tries) = (way, 0);
        Some(turn)
    }

    fn at(&mut self, now: u64, pause: Duration, why: &dyn std::fmt::Display) {
        let due = now.saturating_add(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        match due > self.until {
            true => self.give_up(format!("its time is over; last: {why}")),
            false => self.state = State::Waiting { due },
        }
    }

    fn give_up(&mut self, reason: String) {
        self.state = State::GivenUp { reason };
    }

    /// How many ways it may go.
    pub fn alive(&self) -> usize {
        (0..self.ways.len()).filter(|way| !self.dead.contains(way)).count()
    }
}

/// Attempts on one way before another one is tried.
const TRIES: u32 = 3;
/// The first wait after a failure; it doubles.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// How long a route that is down is not looked at, at most: it may work again before it is expected to.
const LOOK: Duration = Duration::from_secs(10);
/// What another end may ask for, at most.
const ASKED: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn entry(ways: &[&str]) -> Entry {
        let way = |route: &&str| Way { route: (*route).to_owned(), to: "udp://192.0.2.7".into() };
        Entry::new(1, ways.iter().map(way).collect(), 0, 60 * MINUTE)
    }

    fn next(entry: &Entry) -> Option<(&str, u64)> {
        entry.next().map(|(way, due)| (&*way.route, due))
    }

    fn status(status: u16) -> SendError {
        SendError::Status { to: "http://192.0.2.7/push".parse().unwrap(), status, wait: None }
    }

    #[test]
    fn it_is_tried_thrice_with_growing_waits_then_elsewhere_and_then_from_the_first_again() {
        let mut entry = entry(&["sms", "http"]);
        let (mut seen, mut now) = (Vec::new(), 0);
        for _ in 0..7 {
            entry.settle(Err(&status(503)), now);
            let (route, due) = next(&entry).unwrap();
            seen.push((route.to_owned(), due - now));
            now = due;
        }
        let seen: Vec<_> = seen.iter().map(|(route, wait)| (&**route, *wait)).collect();
        assert_eq!(
            seen,
            [
                ("sms", 1_000),
                ("sms", 2_000),
                ("http", 0),
                ("http", 1_000),
                ("http", 2_000),
                ("sms", 2_000),
                ("sms", 1_000)
            ]
        );
        entry.settle(Ok(()), now);
        assert_eq!((next(&entry), &entry.state), (None, &State::Sent));
    }

    #[test]
    fn whoever_asks_for_time_is_given_it_but_not_all_the_time_there_is() {
        let busy = |seconds| SendError::Sip {
            to: "sip:d@192.0.2.7".parse().unwrap(),
            status: 503,
            wait: Some(Duration::from_secs(seconds)),
        };
        let mut entry = Entry { until: 600 * MINUTE, ..entry(&["sip"]) };
        entry.settle(Err(&busy(100)), 0);
        assert_eq!(next(&entry), Some(("sip", 100_000)));
        entry.settle(Err(&busy(0)), 100_000);
        assert_eq!(next(&entry), Some(("sip", 102_000)), "the wait of the second try");
        entry.settle(Err(&busy(u64::MAX)), 102_000);
        assert_eq!(next(&entry), Some(("sip", 102_000 + 60 * MINUTE)));
    }

    #[test]
    fn a_way_that_never_does_is_not_tried_again_and_without_one_it_is_given_up() {
        let mut entry = entry(&["sms", "http"]);
        entry.settle(Err(&status(413)), 0);
        assert_eq!(next(&entry), Some(("http", 0)));
        for round in 0..9 {
            entry.settle(Err(&status(503)), round);
            assert_eq!(next(&entry).unwrap().0, "http");
        }
        entry.settle(Err(&status(415)), 9);
        let State::GivenUp { reason } = &entry.state else { panic!("{entry:?}") };
        assert!(reason.contains("answered 415"), "{reason}");
    }

    #[test]
    fn a_route_that_is_down_is_passed_over_and_waited_for_when_all_are() {
        let down = |again| SendError::RouteDown {
            route: "sms".into(),
            reason: "no".into(),
            again: Duration::from_secs(again),
        };
        let mut entry = entry(&["sms", "http"]);
        entry.settle(Err(&down(30)), 0);
        assert_eq!(next(&entry), Some(("http", 0)));
        entry.settle(Err(&down(4)), 0);
        assert_eq!(next(&entry), Some(("sms", 4_000)));
        for look in 0..9 {
            entry.settle(Err(&down(0)), look);
            assert_eq!(next(&entry), Some(("http", look)));
            entry.settle(Err(&down(0)), look);
            assert_eq!(next(&entry), Some(("sms", look + 1_000)), "a second, however often");
        }
        entry.settle(Err(&down(300)), 0);
        entry.settle(Err(&down(300)), 0);
        assert_eq!(next(&entry), Some(("sms", 10_000)), "it may work before that");
    }

    #[test]
    fn what_was_given_up_is_tried_again_over_all_of_its_ways_and_for_as_long() {
        let mut entry = entry(&["sms", "http"]);
        entry.settle(Err(&status(413)), 0);
        entry.retry(1);
        assert_eq!(next(&entry), Some(("http", 0)), "it was not given up");
        entry.settle(Err(&status(413)), 2);
        entry.receipts = 3;
        entry.retry(50 * MINUTE);
        assert_eq!(next(&entry), Some(("sms", 50 * MINUTE)));
        assert_eq!((entry.alive(), entry.until, entry.since), (2, 110 * MINUTE, 3));
    }

    #[test]
    fn nothing_is_tried_when_its_time_is_over() {
        let mut entry = entry(&["sms"]);
        entry.settle(Err(&status(503)), 60 * MINUTE);
        let State::GivenUp { reason } = &entry.state else { panic!("{entry:?}") };
        assert!(reason.starts_with("its time is over; last: http://"), "{reason}");
    }

    #[test]
    fn a_receipt_that_says_no_sends_it_elsewhere_once() {
        let mut entry = entry(&["sms", "http"]);
        entry.settle(Ok(()), 0);
        entry.fails_later("sms", "undeliverable", 5);
        assert_eq!(next(&entry), Some(("http", 5)));
        entry.fails_later("sms", "undeliverable", 6);
        assert_eq!(next(&entry), Some(("http", 5)), "said already");
        entry.settle(Ok(()), 7);
        entry.fails_later("sms", "undeliverable", 8);
        assert_eq!(entry.state, State::Sent, "said already, and it is with another one now");
        entry.fails_later("http", "expired", 9);
        assert!(
            matches!(&entry.state, State::GivenUp { reason } if reason.starts_with("expired,"))
        );
    }
}

//! Messages that wait for the client, in the order in which they came.
//!
//! When the key of the first one cannot be used now, all wait with it: an older message is not
//! carried out after a newer one. It is tried again, later each time, and after some minutes the
//! others go on: whoever sends what no key can open must not stop the device.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{error, warn};

use crate::keeper::Taken;

/// Messages that wait for their turn.
#[derive(Default)]
pub(crate) struct Line {
    waiting: VecDeque<Taken>,
    /// When the first one is tried again, and after which wait.
    until: Option<(Instant, Duration)>,
    /// How often in vain since the last time that a key could be used again.
    tries: u32,
}

/// Waits of 1, 2, 4, 8, 16, 32, 60 and 60 seconds.
const TRIES: u32 = 8;
const LONGEST: Duration = Duration::from_secs(60);
/// Messages that wait though nobody was told that they are kept.
const UNKEPT: usize = 64;

impl Line {
    /// One more comes.
    pub fn push(&mut self, taken: Taken) {
        let unkept = || self.waiting.iter().filter(|taken| taken.place.is_none()).count();
        if taken.place.is_none() && self.is_held() && unkept() >= UNKEPT {
            warn!(
                from = taken.message.from,
                "message lost: too many wait for a key; send it again"
            );
            return;
        }
        self.waiting.push_back(taken);
    }

    /// Ends when the first one can be taken.
    pub async fn ready(&self) {
        match (self.waiting.is_empty(), self.until) {
            (true, _) => std::future::pending().await,
            (false, None) => {}
            (false, Some((until, _))) => tokio::time::sleep_until(until).await,
        }
    }

    /// The first one.
    pub fn pop(&mut self) -> Option<Taken> {
        self.waiting.pop_front()
    }

    /// It was taken, whatever became of it.
    pub fn went(&mut self) {
        if self.until.take().is_some() {
            self.tries = 0;
        }
    }

    /// The key of this one, which was the first, cannot be used now.
    pub fn hold(&mut self, taken: Taken, said: &str) {
        let (from, is_kept) = (&taken.message.from, taken.place.is_some());
        if self.tries < TRIES {
            let pause = Duration::from_secs(1 << self.tries).min(LONGEST);
            self.tries += 1;
            error!(%said, from, ?pause, "message waits, and others with it: its key cannot be used now");
            self.until = Some((Instant::now() + pause, pause));
            self.waiting.push_front(taken);
            return;
        }
        self.until = None;
        match is_kept {
            true => error!(%said, from, "message kept for the next start: its key cannot be used"),
            false => {
                error!(%said, from, "message lost: its key cannot be used; it may be sent again")
            }
        }
    }

    pub fn is_held(&self) -> bool {
        self.until.is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::Message;

    fn taken(number: u8) -> Taken {
        let message = Message { octets: vec![number], received: None, from: "udp".to_owned() };
        Taken { message, place: None }
    }

    /// Takes the first one when its time has come, without waiting for it.
    fn first(line: &mut Line) -> (u64, Taken) {
        let waited = line.until.map_or(0, |(_, pause)| pause.as_secs());
        (waited, line.pop().unwrap())
    }

    #[test]
    fn others_wait_with_the_first_and_keep_their_order() {
        let mut line = Line::default();
        line.push(taken(1));
        line.push(taken(2));
        for wait in [0, 1, 2] {
            let (waited, message) = first(&mut line);
            assert_eq!((waited, &message.message.octets[..]), (wait, &[1][..]));
            line.hold(message, "no token");
            assert!(line.is_held());
            line.push(taken(3));
        }
        for wanted in [1, 2, 3, 3, 3] {
            assert_eq!(first(&mut line).1.message.octets, [wanted]);
            line.went();
            assert!(!line.is_held());
        }
        assert!(line.is_empty());
    }

    #[test]
    fn what_no_key_opens_stops_the_others_for_minutes_and_only_once() {
        let mut line = Line::default();
        (1..=3).for_each(|number| line.push(taken(number)));
        let mut waits = Vec::new();
        while !line.is_empty() {
            let (waited, message) = first(&mut line);
            waits.push((message.message.octets[0], waited));
            match message.message.octets[0] {
                3 => line.went(),
                _ => line.hold(message, "no"),
            }
        }
        let first = [0, 1, 2, 4, 8, 16, 32, 60, 60].map(|wait| (1, wait));
        assert_eq!(waits[..9], first);
        assert_eq!(waits[9..], [(2, 0), (3, 0)], "the second one is not waited for");
    }

    #[tokio::test]
    async fn a_line_is_ready_when_its_first_message_may_be_taken() {
        let is_ready = async |line: &Line| {
            tokio::select! { biased; () = line.ready() => true, () = std::future::ready(()) => false }
        };
        let mut line = Line::default();
        assert!(!is_ready(&line).await);
        line.push(taken(1));
        assert!(is_ready(&line).await);
        let (_, message) = first(&mut line);
        line.hold(message, "no");
        assert!(!is_ready(&line).await);
    }

    #[test]
    fn what_waits_and_is_not_kept_is_bounded() {
        let mut line = Line::default();
        line.hold(taken(0), "no");
        (0..200).for_each(|_| line.push(taken(1)));
        assert_eq!(line.waiting.len(), UNKEPT);
    }
}

//! Who waits, and until when: one request a device.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

/// Requests that wait, each for one device; all their ends in one place, so that none needs a timer.
///
/// Times are counted from any start that the caller likes.
#[derive(Debug)]
pub struct Waiting<R> {
    devices: BTreeMap<Arc<str>, Request<R>>,
    ends: BTreeMap<(Duration, Ticket), Arc<str>>,
    tickets: u64,
}

/// Names one request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ticket(u64);

#[derive(Debug)]
struct Request<R> {
    ticket: Ticket,
    until: Duration,
    request: R,
}

impl<R> Default for Waiting<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Waiting<R> {
    /// Nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self { devices: BTreeMap::new(), ends: BTreeMap::new(), tickets: 0 }
    }

    /// A request waits until then. With it comes the older one of its device, which is to be ended.
    pub fn wait(&mut self, device: &str, until: Duration, request: R) -> (Ticket, Option<R>) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let (device, older) = match self.devices.remove_entry(device) {
            Some((device, older)) => {
                self.ends.remove(&(older.until, older.ticket));
                (device, Some(older.request))
            }
            None => (Arc::from(device), None),
        };
        self.ends.insert((until, ticket), device.clone());
        self.devices.insert(device, Request { ticket, until, request });
        (ticket, older)
    }

    /// A request does not wait any more; it comes back, unless it was taken or ended before.
    pub fn leave(&mut self, device: &str, ticket: Ticket) -> Option<R> {
        match self.devices.get(device) {
            Some(request) if request.ticket == ticket => self.take(device),
            _ => None,
        }
    }

    /// Something has come for a device: its request, to be answered.
    pub fn take(&mut self, device: &str) -> Option<R> {
        let request = self.devices.remove(device)?;
        self.ends.remove(&(request.until, request.ticket));
        Some(request.request)
    }

    /// Requests whose time is over, at most so many.
    pub fn due(&mut self, now: Duration, most: usize) -> Vec<R> {
        let mut due = Vec::new();
        while due.len() < most {
            let Some(first) = self.ends.first_entry().filter(|first| first.key().0 <= now) else {
                break;
            };
            due.extend(self.devices.remove(&first.remove()).map(|request| request.request));
        }
        due
    }

    /// When the time of the next one is over.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        self.ends.keys().next().map(|(until, _)| *until)
    }

    /// All of them, to be ended.
    pub fn end(&mut self) -> Vec<R> {
        self.ends.clear();
        core::mem::take(&mut self.devices).into_values().map(|request| request.request).collect()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_newer_request_ends_the_older_and_keeps_its_own_time() {
        let mut waiting = Waiting::new();
        let (first, none) = waiting.wait("a", at(50), 1);
        let (_, older) = waiting.wait("a", at(20), 2);
        assert_eq!((none, older), (None, Some(1)));
        assert_eq!(waiting.leave("a", first), None, "it was ended");
        assert_eq!(waiting.next(), Some(at(20)));
        assert_eq!(waiting.due(at(19), 9), vec![]);
        assert_eq!(waiting.due(at(20), 9), vec![2]);
        assert_eq!((waiting.next(), waiting.len()), (None, 0));
    }

    #[test]
    fn of_many_that_are_due_only_as_many_as_asked_for_come_at_once() {
        let mut waiting = Waiting::new();
        for number in 0..10 {
            waiting.wait(&number.to_string(), at(number), number);
        }
        assert_eq!(waiting.due(at(5), 4), vec![0, 1, 2, 3]);
        assert_eq!(waiting.due(at(5), 4), vec![4, 5]);
        assert_eq!(waiting.end().len(), 4);
        assert_eq!(waiting.next(), None);
    }

    proptest! {
        #[test]
        fn every_request_comes_back_once_and_at_most_one_a_device_waits(
            steps in prop::collection::vec((0_u8..4, 0_u8..4, 0_u64..60), 1..200),
        ) {
            let mut waiting = Waiting::new();
            let (mut back, mut tickets) = (Vec::new(), Vec::new());
            let (mut now, mut count) = (0, 0);
            for (what, device, time) in steps {
                let name = device.to_string();
                match what {
                    0 | 1 => {
                        let (ticket, older) = waiting.wait(&name, at(now + time), count);
                        tickets.push((name, ticket));
                        back.extend(older);
                        count += 1;
                    }
                    2 => {
                        let some = tickets.get(usize::from(device));
                        back.extend(some.and_then(|(name, ticket)| waiting.leave(name, *ticket)));
                        back.extend(waiting.take(&name));
                    }
                    _ => {
                        now += time;
                        back.extend(waiting.due(at(now), usize::MAX));
                        prop_assert!(waiting.next().is_none_or(|next| next > at(now)));
                    }
                }
                prop_assert!(waiting.len() <= 4 && waiting.ends.len() == waiting.len());
            }
            back.extend(waiting.end());
            back.sort_unstable();
            prop_assert_eq!(back, (0..count).collect::<Vec<_>>());
        }
    }
}

//! A ledger in memory: for tools that end, and for tests.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::route::{Ledger, Sent};

/// A [`Ledger`] that forgets: what it has no room for, the oldest first, and everything at its end.
///
/// ```
/// use dm_transport::{Ledger, MemoryLedger, PushId, Sent};
/// let ledger = MemoryLedger::new(1_000);
/// let sent = Sent { id: PushId::new("one").unwrap(), part: None };
/// ledger.note("operator", "4711", &sent)?;
/// assert_eq!(ledger.find("operator", "4711")?, Some(sent));
/// assert_eq!(ledger.find("another", "4711")?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct MemoryLedger {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By route and by what its gateway calls it; with the number of the note.
    sent: HashMap<(String, String), (u64, Sent)>,
    /// The notes in their order. One that was noted again is there twice, and only the later one counts.
    order: VecDeque<(u64, (String, String))>,
    noted: u64,
}

impl MemoryLedger {
    /// One that keeps at most so many, and at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most: most.max(1), kept: Mutex::default() }
    }
}

impl Ledger for MemoryLedger {
    fn note(&self, route: &str, called: &str, sent: &Sent) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (route.to_owned(), called.to_owned());
        kept.noted += 1;
        let number = kept.noted;
        kept.sent.insert(key.clone(), (number, sent.clone()));
        kept.order.push_back((number, key));
        while kept.order.len() > self.most {
            let Some((number, key)) = kept.order.pop_front() else { break };
            if kept.sent.get(&key).is_some_and(|(latest, _)| *latest == number) {
                kept.sent.remove(&key);
            }
        }
        Ok(())
    }

    fn find(&self, route: &str, called: &str) -> io::Result<Option<Sent>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.sent.get(&(route.to_owned(), called.to_owned()));
        Ok(found.map(|(_, sent)| sent.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PushId;

    fn sent(id: &str) -> Sent {
        Sent { id: PushId::new(id).unwrap(), part: None }
    }

    #[test]
    fn the_oldest_goes_first_and_what_is_noted_again_is_young() {
        let ledger = MemoryLedger::new(3);
        for called in ["1", "2", "1"] {
            ledger.note("a", called, &sent(called)).unwrap();
        }
        ledger.note("a", "3", &sent("3")).unwrap();
        let is_known = |called| ledger.find("a", called).unwrap().is_some();
        assert_eq!(["1", "2", "3"].map(is_known), [true, true, true]);
        ledger.note("a", "4", &sent("4")).unwrap();
        assert_eq!(["1", "2", "3", "4"].map(is_known), [true, false, true, true]);
    }

    #[test]
    fn an_id_that_is_given_out_again_is_that_of_the_later_message() {
        let ledger = MemoryLedger::new(3);
        ledger.note("a", "1", &sent("old")).unwrap();
        ledger.note("a", "1", &sent("new")).unwrap();
        assert_eq!(ledger.find("a", "1").unwrap(), Some(sent("new")));
    }
}

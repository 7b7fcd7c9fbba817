//! Short messages that a modem has, as they come: whole pushes, or segments to be joined.
//! [TS 23.040 §9.2.3.24.1]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use dm_push::sms::reassembly::{Added, Limits, Part, Pending, Reassembler, Refused};
use dm_push::sms::{ShortMessage, Udhi};

/// Segments of all modems that wait for others; `P` names a short message in its modem.
pub(super) struct Segments<P> {
    age: Duration,
    begun: Instant,
    inputs: usize,
    /// The short messages that are held, by the number of their input.
    places: BTreeMap<usize, P>,
    /// Those that are held no longer, and will never be joined.
    discarded: Vec<P>,
    reassembler: Reassembler<Key>,
}

/// The modem, and who sent it.
pub(super) type Key = (String, String);

/// What a short message was.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Step<P> {
    /// It was there before; it need not be there twice.
    Duplicate(P),
    /// It is to another port.
    OtherPort,
    /// It does not go with the others, and is discarded, some of them perhaps, too.
    Refused(Refused),
    /// It waits for others.
    Waiting,
    /// A push, and the short messages that it came in.
    Whole(Vec<u8>, Vec<P>),
}

impl<P> Segments<P> {
    pub(super) fn new(age: Duration) -> Self {
        let limits = Limits { age: Some(age.as_secs().max(1)), ..LIMITS };
        Self {
            age,
            begun: Instant::now(),
            inputs: 0,
            places: BTreeMap::new(),
            discarded: Vec::new(),
            reassembler: Reassembler::new(limits),
        }
    }

    /// Takes a short message: user data, with its header if the modem shows it.
    pub(super) fn take(&mut self, data: &[u8], from: Key, place: P, now: Instant) -> Step<P> {
        let message = match ShortMessage::read(data, Udhi::Unknown) {
            Ok(message) if message.header.is_some() => message,
            // The header is gone, and the service has joined what belongs together.
            _ => return Step::Whole(data.to_vec(), vec![place]),
        };
        let ports = message.header.as_ref().and_then(|header| header.ports());
        if ports.is_some_and(|ports| ports.destination != PORT) {
            return Step::OtherPort;
        }
        let input = self.inputs;
        self.inputs += 1;
        let mut part = Part::of(&message, from, input);
        part.time = Some(now.saturating_duration_since(self.begun).as_secs());
        let mut added = self.reassembler.add(part.clone());
        while let Err(
            Refused::TooManySets { .. }
            | Refused::TooManyParts { .. }
            | Refused::TooManyOctets { .. },
        ) = added
        {
            // Whoever sends the most loses first; nobody keeps others out.
            let Some(shed) = self.reassembler.shed() else { break };
            let shed = self.forget(&shed);
            self.discarded.extend(shed);
            added = self.reassembler.add(part.clone());
        }
        match added {
            Ok(Added::Whole(whole)) => {
                let is_ours = whole.ports.is_some_and(|ports| ports.destination == PORT);
                let inputs = whole.contributions.iter().map(|part| part.input);
                let mut places: Vec<_> =
                    inputs.filter_map(|input| self.places.remove(&input)).collect();
                places.push(place);
                if is_ours { Step::Whole(whole.octets, places) } else { Step::OtherPort }
            }
            Ok(Added::Waiting { .. }) => {
                self.places.insert(input, place);
                Step::Waiting
            }
            Ok(_) => Step::Duplicate(place),
            Err(refused) => {
                // A conflict discards the others as well.
                let held = self.reassembler.pending().flat_map(|set| set.inputs);
                let held: BTreeSet<_> = held.map(|(_, input)| input).collect();
                let places = std::mem::take(&mut self.places).into_iter();
                let (held, gone): (BTreeMap<_, _>, BTreeMap<_, _>) =
                    places.partition(|(input, _)| held.contains(input));
                self.places = held;
                self.discarded.extend(gone.into_values().chain([place]));
                Step::Refused(refused)
            }
        }
    }

    /// Short messages whose others did not come in time, with who sent them.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(Key, Vec<P>)> {
        let now = now.saturating_duration_since(self.begun).as_secs();
        let expired = self.reassembler.expire(now);
        expired.into_iter().map(|set| (set.sender.clone(), self.forget(&set))).collect()
    }

    /// What was discarded since this was asked last: whoever fills the modem with such segments must
    /// not keep others out of it.
    pub(super) fn discarded(&mut self) -> Vec<P> {
        std::mem::take(&mut self.discarded)
    }

    /// How long to wait before something may be too old; none if nothing waits.
    pub(super) fn next_expiry(&self) -> Option<Duration> {
        let is_waiting = self.reassembler.pending().next().is_some();
        is_waiting.then(|| self.age + Duration::from_secs(1))
    }

    /// Short messages that are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.places.len()
    }

    fn forget(&mut self, set: &Pending<Key>) -> Vec<P> {
        set.inputs.iter().filter_map(|(_, input)| self.places.remove(input)).collect()
    }
}

/// Whether a header was left before the user data.
pub(super) fn has_header(data: &[u8]) -> bool {
    ShortMessage::read(data, Udhi::Unknown).is_ok_and(|message| message.header.is_some())
}

/// WAP pushes, connectionless, without security. [WDP App. B]
const PORT: u16 = 2948;
/// What all senders together may hold: a few whole messages of the greatest length.
const LIMITS: Limits = Limits { sets: 64, parts: 2048, octets: 256 << 10, age: None };

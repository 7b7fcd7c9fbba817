//! Segments become whole messages: in any order, with duplicates, within limits.
//! [TS 23.040 §9.2.3.24.1]
//!
//! Segments belong together that agree in sender, destination port, reference (of the same width)
//! and total. A segment without ports joins the only message that it can belong to; the ports
//! are those of the first segment that names them. There is no clock in here: give [`Part::time`]
//! and call [`Reassembler::expire`], or do neither.
//!
//! ```
//! use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
//! use dm_push::sms::{Ports, Reference, segment};
//! let ports = Ports { destination: 2948, source: 9200 };
//! let parts = segment(&[7; 200], ports, Reference::Eight(1))?;
//! let mut reassembler = Reassembler::new(Limits::default());
//! let second = Part::of(&parts[1], "+123", 0);
//! assert_eq!(reassembler.add(second)?, Added::Waiting { missing: 1 });
//!
//! let Added::Whole(whole) = reassembler.add(Part::of(&parts[0], "+123", 1))? else { panic!() };
//! assert_eq!((whole.octets.len(), whole.ports), (200, Some(ports)));
//! let (contribution, at) = whole.locate(130).expect("inside");
//! assert_eq!((contribution.input, contribution.sequence, at), (0, 2, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod set;
#[cfg(test)]
mod tests;
mod whole;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::{Concatenation, Ports, Reference, ShortMessage, UserDataHeader};
use set::Set;
pub use whole::{Contribution, Pending, Whole};

/// How much a reassembler holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Messages, finished ones included that are kept to recognise duplicates.
    pub sets: usize,
    /// Segments of all messages.
    pub parts: usize,
    /// Octets of all segments.
    pub octets: usize,
    /// How long a message may take from its first segment on, in the unit of [`Part::time`].
    pub age: Option<u64>,
}

impl Default for Limits {
    /// 256 messages, 4,096 segments, 1 MiB, and no limit of time.
    fn default() -> Self {
        Self { sets: 256, parts: 4_096, octets: 1 << 20, age: None }
    }
}

/// One short message for the reassembler. `S` is whatever names a sender.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part<'a, S> {
    /// Which input it was: comes back in [`Contribution::input`].
    pub input: usize,
    /// Who sent it.
    pub sender: S,
    /// Its ports.
    pub ports: Option<Ports>,
    /// Its place; without one it is a whole message.
    pub concatenation: Option<Concatenation>,
    /// Its user data after the header.
    pub data: &'a [u8],
    /// When it came, if anybody knows.
    pub time: Option<u64>,
}

impl<'a, S> Part<'a, S> {
    /// The part that a short message with this header is.
    pub fn new(
        header: Option<&UserDataHeader<'_>>,
        data: &'a [u8],
        sender: S,
        input: usize,
    ) -> Self {
        let ports = header.and_then(UserDataHeader::ports);
        let concatenation = header.and_then(UserDataHeader::concatenation);
        Self { input, sender, ports, concatenation, data, time: None }
    }

    /// The part that a message of SMPP is.
    pub fn of(message: &ShortMessage<'a>, sender: S, input: usize) -> Self {
        Self::new(message.header.as_ref(), message.data, sender, input)
    }
}

/// What became of a part.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Added<S> {
    /// It completed a message, or was one.
    Whole(Whole<S>),
    /// Its message waits for more segments.
    Waiting {
        /// How many.
        missing: u8,
    },
    /// The same segment with the same octets was there before. Nothing changed but its count.
    Duplicate {
        /// The input that brought it first.
        of: usize,
    },
}

/// A part was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The same segment with other octets was there before. All of the message is discarded,
    /// since nobody can say which is right.
    #[error(
        "segment {sequence} of input {second} differs from that of input {first}; the message is discarded"
    )]
    Conflict {
        /// Which segment.
        sequence: u8,
        /// The input that brought it first.
        first: usize,
        /// The input that brought it again.
        second: usize,
    },
    /// The segment's number is not one of 1 to `total`.
    #[error("segment {sequence} of {total} does not exist")]
    OutOfRange {
        /// Its number.
        sequence: u8,
        /// How many there are.
        total: u8,
    },
    /// [`Limits::octets`].
    #[error("more than {limit} octets wait for missing segments")]
    TooManyOctets {
        /// The limit.
        limit: usize,
    },
    /// [`Limits::parts`].
    #[error("more than {limit} segments wait for missing ones")]
    TooManyParts {
        /// The limit.
        limit: usize,
    },
    /// [`Limits::sets`].
    #[error("more than {limit} messages wait for missing segments")]
    TooManySets {
        /// The limit.
        limit: usize,
    },
}

/// Sender, reference, total, destination port.
type Key<S> = (S, Reference, u8, Option<u16>);

/// Puts segments together.
#[derive(Clone, Debug)]
pub struct Reassembler<S> {
    limits: Limits,
    sets: BTreeMap<Key<S>, Set>,
    /// The finished sets, by [`Set::begun`]: making room must not look at all sets.
    finished: BTreeMap<u64, Key<S>>,
    parts: usize,
    octets: usize,
    /// Sets begun so far: the age of a set relative to others.
    begun: u64,
}

impl<S: Clone + Ord> Reassembler<S> {
    /// An empty one.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        let sets = BTreeMap::new();
        Self { limits, sets, finished: BTreeMap::new(), parts: 0, octets: 0, begun: 0 }
    }

    /// Takes one short message.
    ///
    /// # Errors
    /// [`Refused`]: a conflict discards the message that the part belongs to; any other refusal
    /// changes nothing.
    pub fn add(&mut self, part: Part<'_, S>) -> Result<Added<S>, Refused> {
        let Some(concatenation) = part.concatenation else {
            return Ok(Added::Whole(Whole::of_one(part)));
        };
        let Concatenation { total, sequence, .. } = concatenation;
        if !concatenation.is_valid() {
            return Err(Refused::OutOfRange { sequence, total });
        }
        let mut key = self.key(&part, concatenation);
        if let Some(set) = self.sets.get_mut(&key)
            && let Some(held) = set.parts.get_mut(&sequence)
        {
            if held.data == part.data {
                held.duplicates = held.duplicates.saturating_add(1);
                return Ok(Added::Duplicate { of: held.input });
            }
            let (first, is_complete) = (held.input, set.is_complete(total));
            self.remove(&key);
            if !is_complete {
                return Err(Refused::Conflict { sequence, first, second: part.input });
            }
            // The reference came round again: a new message.
            key = self.key(&part, concatenation);
        }
        self.make_room(&key, part.data.len())?;
        Ok(self.insert(key, &part, concatenation))
    }

    /// Messages that still wait for segments.
    pub fn pending(&self) -> impl Iterator<Item = Pending<S>> + '_ {
        let waiting = |(key, set): &(&Key<S>, &Set)| !set.is_complete(key.2);
        self.sets.iter().filter(waiting).map(|(key, set)| set.pending(key))
    }

    /// Forgets what is older than [`Limits::age`]; gives the messages that were not complete.
    pub fn expire(&mut self, now: u64) -> Vec<Pending<S>> {
        let Some(age) = self.limits.age else { return Vec::new() };
        let is_old = |set: &Set| set.time.is_some_and(|time| now.saturating_sub(time) > age);
        let old = self.sets.iter().filter(|(_, set)| is_old(set));
        let old: Vec<Key<S>> = old.map(|(key, _)| key.clone()).collect();
        let mut expired = Vec::new();
        for key in old {
            if let Some(set) = self.remove(&key)
                && !set.is_complete(key.2)
            {
                expired.push(set.pending(&key));
            }
        }
        expired
    }

    /// Makes room by force: forgets, of the sender with the most unfinished messages, the one that
    /// began first. None if nothing waits.
    pub fn shed(&mut self) -> Option<Pending<S>> {
        let waiting = || self.sets.iter().filter(|(key, set)| !set.is_complete(key.2));
        let mut counts = BTreeMap::<&S, usize>::new();
        waiting().for_each(|(key, _)| *counts.entry(&key.0).or_default() += 1);
        let first = |(key, set): &(&Key<S>, &Set)| (Reverse(counts.get(&key.0)), set.begun);
        let first = waiting().min_by_key(first)?.0.clone();
        let set = self.remove(&first)?;
        Some(set.pending(&first))
    }

    /// The key of the set that the part belongs to, begun or not.
    fn key(&mut self, part: &Part<'_, S>, concatenation: Concatenation) -> Key<S> {
        let Concatenation { reference, total, .. } = concatenation;
        let with = |port| (part.sender.clone(), reference, total, port);
        let portless = with(None);
        let Some(ports) = part.ports else {
            let mut same = self.sets.range(portless.clone()..=with(Some(u16::MAX)));
            let first = same.next().map(|(key, _)| key.clone());
            return match (first, same.next()) {
                (Some(key), next) if next.is_none() || key.3.is_none() => key,
                _ => portless,
            };
        };
        let key = with(Some(ports.destination));
        let adopts = |set: &Set| !set.is_complete(total);
        if !self.sets.contains_key(&key)
            && self.sets.get(&portless).is_some_and(adopts)
            && let Some(set) = self.sets.remove(&portless)
        {
            self.sets.insert(key.clone(), set);
        }
        key
    }

    fn insert(
        &mut self,
        key: Key<S>,
        part: &Part<'_, S>,
        concatenation: Concatenation,
    ) -> Added<S> {
        self.parts += 1;
        self.octets += part.data.len();
        let whole_key = key.clone();
        let set = self.sets.entry(key).or_insert_with(|| {
            self.begun += 1;
            Set::new(self.begun, part.time)
        });
        set.insert(concatenation.sequence, part);
        match set.missing(concatenation.total) {
            0 => {
                self.finished.insert(set.begun, whole_key.clone());
                Added::Whole(set.whole(&whole_key))
            }
            missing => Added::Waiting { missing },
        }
    }

    /// Makes room for one more segment; finished messages go first, the oldest first.
    fn make_room(&mut self, key: &Key<S>, octets: usize) -> Result<(), Refused> {
        loop {
            let Limits { sets, parts, octets: most, .. } = self.limits;
            let refused = if !self.sets.contains_key(key) && self.sets.len() >= sets {
                Refused::TooManySets { limit: sets }
            } else if self.parts >= parts {
                Refused::TooManyParts { limit: parts }
            } else if self.octets.saturating_add(octets) > most {
                Refused::TooManyOctets { limit: most }
            } else {
                return Ok(());
            };
            let oldest = self.finished.first_key_value().map(|(_, key)| key.clone());
            self.remove(&oldest.ok_or(refused)?);
        }
    }

    fn remove(&mut self, key: &Key<S>) -> Option<Set> {
        let set = self.sets.remove(key)?;
        self.finished.remove(&set.begun);
        self.parts -= set.parts.len();
        self.octets -= set.octets();
        Some(set)
    }
}

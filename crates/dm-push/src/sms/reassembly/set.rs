//! The segments of one message.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Contribution, Key, Part, Pending, Whole};
use crate::sms::Ports;

/// The segments of one message that came so far.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) begun: u64,
    pub(super) time: Option<u64>,
    pub(super) parts: BTreeMap<u8, Held>,
    ports: Option<Ports>,
}

/// A segment.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) input: usize,
    pub(super) data: Vec<u8>,
    pub(super) duplicates: usize,
}

impl Set {
    pub(super) const fn new(begun: u64, time: Option<u64>) -> Self {
        Self { begun, time, parts: BTreeMap::new(), ports: None }
    }

    pub(super) fn insert<S>(&mut self, sequence: u8, part: &Part<'_, S>) {
        let held = Held { input: part.input, data: part.data.to_vec(), duplicates: 0 };
        self.parts.insert(sequence, held);
        self.ports = self.ports.or(part.ports);
    }

    pub(super) fn missing(&self, total: u8) -> u8 {
        let held = u8::try_from(self.parts.len()).unwrap_or(u8::MAX);
        total.saturating_sub(held)
    }

    pub(super) fn is_complete(&self, total: u8) -> bool {
        self.missing(total) == 0
    }

    pub(super) fn octets(&self) -> usize {
        self.parts.values().map(|held| held.data.len()).sum()
    }

    pub(super) fn whole<S: Clone>(&self, key: &Key<S>) -> Whole<S> {
        let (contributions, octets) = self.join();
        let (sender, reference, ..) = key.clone();
        Whole { sender, ports: self.ports, reference: Some(reference), octets, contributions }
    }

    pub(super) fn pending<S: Clone>(&self, key: &Key<S>) -> Pending<S> {
        let (sender, reference, total, _) = key.clone();
        Pending {
            sender,
            ports: self.ports,
            reference,
            total,
            missing: (1..=total).filter(|sequence| !self.parts.contains_key(sequence)).collect(),
            inputs: self.parts.iter().map(|(sequence, held)| (*sequence, held.input)).collect(),
            octets: self.octets(),
        }
    }

    fn join(&self) -> (Vec<Contribution>, Vec<u8>) {
        let (mut contributions, mut octets) = (Vec::new(), Vec::with_capacity(self.octets()));
        for (sequence, held) in &self.parts {
            let start = octets.len();
            octets.extend_from_slice(&held.data);
            contributions.push(Contribution {
                input: held.input,
                sequence: *sequence,
                range: start..octets.len(),
                duplicates: held.duplicates,
            });
        }
        (contributions, octets)
    }
}

//! A whole message, and one that is not yet whole.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::Part;
use crate::sms::{Ports, Reference};

/// The user data of all segments, and where each came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Whole<S> {
    /// Who sent it.
    pub sender: S,
    /// The ports.
    pub ports: Option<Ports>,
    /// The number that its segments shared; none if it had no segments.
    pub reference: Option<Reference>,
    /// The user data without headers.
    pub octets: Vec<u8>,
    /// The segments in their order.
    pub contributions: Vec<Contribution>,
}

/// What one segment contributed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contribution {
    /// The input that brought it.
    pub input: usize,
    /// Its number, from 1.
    pub sequence: u8,
    /// Its octets in the whole.
    pub range: Range<usize>,
    /// How often it came again before the message was whole.
    pub duplicates: usize,
}

/// A message of which segments are missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pending<S> {
    /// Who sent it.
    pub sender: S,
    /// The ports, if a segment named them.
    pub ports: Option<Ports>,
    /// The number that its segments share.
    pub reference: Reference,
    /// How many segments it has.
    pub total: u8,
    /// The numbers of those that did not come.
    pub missing: Vec<u8>,
    /// The numbers of those that came, each with its input.
    pub inputs: Vec<(u8, usize)>,
    /// Octets of those that came.
    pub octets: usize,
}

impl<S> Whole<S> {
    /// A message of a single part.
    pub(super) fn of_one(part: Part<'_, S>) -> Self {
        let range = 0..part.data.len();
        let contribution = Contribution { input: part.input, sequence: 1, range, duplicates: 0 };
        Self {
            sender: part.sender,
            ports: part.ports,
            reference: None,
            octets: part.data.to_vec(),
            contributions: vec![contribution],
        }
    }

    /// The segment that holds the octet at `offset`, and the place of that octet in its data.
    #[must_use]
    pub fn locate(&self, offset: usize) -> Option<(&Contribution, usize)> {
        let at = self.contributions.partition_point(|part| part.range.end <= offset);
        let part = self.contributions.get(at)?;
        Some((part, offset - part.range.start))
    }
}

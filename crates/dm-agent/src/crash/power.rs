//! What a loss of power leaves on a disk.
//!
//! What was synced is there. Of what was done to a file since its last sync, each sector may have
//! come to the disk up to any moment, and the length too; of a name, whatever was done to it since
//! the last sync of the folder. How they differ is drawn from a seed.

use std::collections::BTreeMap;

use super::disk::{File, Image, Step};
use super::random::Random;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What came to the disk of that which was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// All of it.
    Kept,
    /// Nothing.
    Lost,
    /// All up to some moment, the last write in part.
    Prefix,
    /// Each sector, length and name up to a moment of its own.
    Torn,
}

pub const ALL: [Unsynced; 4] = [Unsynced::Kept, Unsynced::Lost, Unsynced::Prefix, Unsynced::Torn];

/// What is left of `before` and these steps.
pub fn lost(before: &Image, steps: &[Step], how: Unsynced, random: &mut Random) -> Image {
    let mut left = before.clone();
    let mut synced: BTreeMap<Option<File>, usize> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Sync(file) => drop(synced.insert(Some(*file), at)),
            Step::SyncNames => drop(synced.insert(None, at)),
            _ => {}
        }
    }
    let moment = match how {
        Unsynced::Kept | Unsynced::Torn => steps.len(),
        Unsynced::Lost => 0,
        Unsynced::Prefix => random.below(steps.len() + 1),
    };
    let mut moments = Moments { random, end: steps.len(), of: BTreeMap::new() };
    for (at, step) in steps.iter().enumerate() {
        let is_synced = |of: Option<File>| synced.get(&of).is_some_and(|sync| at < *sync);
        let file = match step {
            Step::Write(file, ..) | Step::Resize(file, _) => Some(*file),
            _ => None,
        };
        if let Step::Name(_, Some(file)) = step {
            left.files.resize(left.files.len().max(file + 1), Vec::new()); // it may yet have no name
        }
        match step {
            _ if is_synced(file) || (how != Unsynced::Torn && at < moment) => left.apply(step),
            Step::Write(file, offset, octets) if how == Unsynced::Prefix && at == moment => {
                let part = octets[..moments.random.below(octets.len() + 1)].to_vec();
                left.apply(&Step::Write(*file, *offset, part));
            }
            _ if how != Unsynced::Torn => {}
            Step::Write(file, offset, octets) => {
                for (sector, part) in sectors(*offset, octets) {
                    if at < moments.of(Of::Sector(*file, sector / SECTOR)) {
                        left.apply(&Step::Write(*file, sector, part.to_vec()));
                    }
                }
            }
            Step::Resize(file, _) if at < moments.of(Of::Length(*file)) => left.apply(step),
            Step::Name(name, _) if at < moments.of(Of::Name(name.clone())) => left.apply(step),
            _ => {}
        }
    }
    left
}

/// The parts of a write, by sector.
fn sectors(offset: usize, octets: &[u8]) -> Vec<(usize, &[u8])> {
    let (mut at, mut rest, mut parts) = (offset, octets, Vec::new());
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
        parts.push((at, part));
        (at, rest) = (at + part.len(), behind);
    }
    parts
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Length(File),
    Name(String),
    Sector(File, usize),
}

/// Up to which step each thing came to the disk, drawn when it is first asked for.
struct Moments<'r> {
    random: &'r mut Random,
    end: usize,
    of: BTreeMap<Of, usize>,
}

impl Moments<'_> {
    fn of(&mut self, of: Of) -> usize {
        let (random, end) = (&mut *self.random, self.end);
        // Half of them have all: else hardly anything is ever complete.
        *self.of.entry(of).or_insert_with(|| match random.below(2) {
            0 => end,
            _ => random.below(end + 1),
        })
    }
}

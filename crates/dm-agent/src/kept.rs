//! Messages that were acknowledged and are not carried out yet, on the disk.
//!
//! A sender that was told "accepted" does not send again. So a message is here, and the disk has
//! said so, before a transport acknowledges it; and stays until its outcome is durable. That it is
//! done is a record of the store in the same commit as the outcome ([`Kept::mark`]), so after a
//! loss of power what is left here is what was not carried out: nothing is lost, and nothing is done
//! twice, however long ago it came. The replay protection [profile §7] alone would not do: it
//! remembers 256 messages.
//!
//! So an outcome need not be durable at once: one wait for the disk a message is enough. What is
//! done stays here until the store is [due](Kept::is_due) to be synced, then it is
//! [swept](Kept::sweep).
//!
//! The folder `queue` holds segments: files that only grow, and go as a whole when all in them is
//! done; whether a file that went comes back with the power makes no difference. One whose middle is
//! damaged is kept aside under another name.

mod folder;
mod record;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use tracing::{error, warn};

pub(crate) use folder::Folder;
use folder::OnDisk;

/// The folder in a state folder.
pub const FOLDER: &str = "queue";
/// The key of the record that says which messages are done.
pub const RECORD: &str = "kept/done";
/// What is added to the name of a segment that is damaged.
const ASIDE: &str = ".damaged";
/// Octets after which a new segment is begun.
const SEGMENT: u64 = 256 << 10;
/// The most octets in segments.
const MOST_OCTETS: u64 = 32 << 20;
/// The most messages that wait.
const MOST_MESSAGES: usize = 4_096;
/// The most messages that are done and not swept: they are taken again after a loss of power.
const MOST_DONE: usize = 64;

/// The folder of kept messages.
#[derive(Debug)]
pub struct Kept {
    folder: Box<dyn Folder>,
    /// The number of the segment that grows.
    current: Option<u64>,
    /// The number of the segment to come.
    next_segment: u64,
    segments: BTreeMap<u64, Segment>,
    /// The number of the message to come.
    next_message: u64,
    /// Messages that are not done, each with its segment.
    undone: BTreeMap<u64, u64>,
    /// The highest number of a message that is done.
    highest_done: u64,
    /// How many are done since the last sweep.
    done_since: usize,
}

#[derive(Debug, Default)]
struct Segment {
    octets: u64,
    undone: usize,
    is_damaged: bool,
}

/// A message, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message, without the wrapping of its transport.
    pub octets: Vec<u8>,
    /// When it came, in seconds since 1970, if the device has a clock.
    pub received: Option<u64>,
    /// How it came and from where.
    pub from: String,
}

/// Where a message is kept: its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(u64);

impl Kept {
    /// Opens the folder, and reads what is left in it, in the order it came. `done` is the record of
    /// the key [`RECORD`], as the store has it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(state: &Path, done: Option<&[u8]>) -> io::Result<(Self, Vec<(Place, Message)>)> {
        Self::open_folder(Box::new(OnDisk::new(state.join(FOLDER))), done)
    }

    pub(crate) fn open_folder(
        folder: Box<dyn Folder>,
        done: Option<&[u8]>,
    ) -> io::Result<(Self, Vec<(Place, Message)>)> {
        let names = folder.names()?;
        let mut numbers: Vec<u64> =
            names.iter().filter_map(|name| number_of_segment(name)).collect();
        numbers.sort_unstable();
        // One that is put aside keeps its number.
        let aside = names.iter().filter_map(|name| number_of_segment(name.strip_suffix(ASIDE)?));
        let last = aside.chain(numbers.last().copied()).max();
        let (highest_done, left_undone) = read_mark(done.unwrap_or_default());
        let mut kept = Self {
            folder,
            current: None,
            next_segment: last.map_or(1, |last| last.saturating_add(1)),
            segments: BTreeMap::new(),
            next_message: highest_done.saturating_add(1),
            undone: BTreeMap::new(),
            highest_done,
            done_since: 0,
        };
        let mut left = Vec::new();
        for segment in numbers {
            for (number, message) in kept.read(segment)? {
                kept.next_message = kept.next_message.max(number.saturating_add(1));
                let is_undone = number > highest_done || left_undone.contains(&number);
                if is_undone && !kept.undone.contains_key(&number) {
                    kept.add(number, segment);
                    left.push((Place(number), message));
                }
            }
        }
        kept.sweep()?;
        Ok((kept, left))
    }

    /// Reads a segment, and says what of it cannot be read.
    fn read(&mut self, segment: u64) -> io::Result<Vec<(u64, Message)>> {
        let name = name_of_segment(segment);
        let octets = self.folder.read(&name)?;
        let record::Contents { messages, unread, is_damaged } = record::decode(&octets);
        if is_damaged {
            let aside = format!("{FOLDER}/{name}{ASIDE}");
            error!(
                unread,
                aside,
                "kept messages are damaged: those behind the damage cannot be carried out, and are put aside"
            );
        } else if unread > 0 {
            warn!(
                segment = name,
                unread,
                "the last kept message is not whole: it was being written when the power went, and \
                 was not acknowledged; or else the disk is damaged"
            );
        }
        let octets = octets.len() as u64;
        self.segments.insert(segment, Segment { octets, undone: 0, is_damaged });
        Ok(messages)
    }

    fn add(&mut self, number: u64, segment: u64) {
        self.undone.insert(number, segment);
        self.segments.entry(segment).or_default().undone += 1;
    }

    /// Keeps messages; when it returns they survive a loss of power, all with one wait for the disk.
    ///
    /// # Errors
    /// What the operating system says, or that too many wait already; then they may be there or not,
    /// and must not be acknowledged.
    pub fn keep(&mut self, messages: &[Message]) -> io::Result<Vec<Place>> {
        let (mut octets, mut numbers) = (Vec::new(), Vec::new());
        for message in messages {
            let number = self.next_message + numbers.len() as u64;
            record::encode(number, message, &mut octets);
            numbers.push(number);
        }
        let held: u64 = self.segments.values().map(|segment| segment.octets).sum();
        let is_full = held + octets.len() as u64 > MOST_OCTETS
            || self.undone.len() + messages.len() > MOST_MESSAGES;
        if is_full {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many messages wait"));
        }
        // Even if this fails: what is half written must not be taken for something else.
        self.next_message += numbers.len() as u64;
        let segment = self.growing()?;
        self.append(segment, &octets)?;
        numbers.iter().for_each(|number| self.add(*number, segment));
        Ok(numbers.into_iter().map(Place).collect())
    }

    /// Appends to the segment that grows, durably or not at all.
    fn append(&mut self, segment: u64, octets: &[u8]) -> io::Result<()> {
        let before = self.segments.entry(segment).or_default().octets;
        let written = self.folder.append(octets);
        if let Err(error) = written {
            // What is behind a half record could not be found: the segment ends before it.
            if self.folder.cut(before).is_err() {
                self.abandon(segment);
            }
            return Err(error);
        }
        if let Err(error) = self.folder.sync() {
            let _ = self.folder.cut(before); // the sender is told to come again
            self.abandon(segment); // after a failed sync nobody knows what a later one means
            return Err(error);
        }
        self.segments.entry(segment).or_default().octets += octets.len() as u64;
        Ok(())
    }

    /// No more is written to the segment that grows.
    fn abandon(&mut self, segment: u64) {
        self.current = None;
        if self.segments.get(&segment).is_some_and(|segment| segment.undone == 0)
            && self.folder.remove(&name_of_segment(segment)).is_ok()
        {
            self.segments.remove(&segment);
        }
    }

    /// The segment that grows; a new one when there is none, or it has grown enough.
    fn growing(&mut self) -> io::Result<u64> {
        if let Some(current) = self.current
            && self.segments.get(&current).is_none_or(|segment| segment.octets < SEGMENT)
        {
            return Ok(current);
        }
        let segment = self.next_segment;
        // Not again, even if this fails: the file may be there then.
        self.next_segment = segment.saturating_add(1);
        self.segments.insert(segment, Segment::default());
        if let Err(error) = self.folder.begin(&name_of_segment(segment)) {
            self.abandon(segment);
            return Err(error);
        }
        self.current = Some(segment);
        Ok(segment)
    }

    /// How many messages wait, and the octets of the files that hold them.
    #[must_use]
    pub fn waiting(&self) -> (usize, u64) {
        (self.undone.len(), self.segments.values().map(|segment| segment.octets).sum())
    }

    /// What the store is to hold under [`RECORD`] when the outcome of this message is durable.
    ///
    /// The highest number of a message that is done, then the numbers below it of those that are
    /// not: eight octets each, big-endian.
    #[must_use]
    pub fn mark(&self, Place(number): Place) -> Vec<u8> {
        let highest = self.highest_done.max(number);
        let below = self.undone.range(..highest).map(|(left, _)| *left);
        let left = below.filter(|left| *left != number);
        std::iter::once(highest).chain(left).flat_map(u64::to_be_bytes).collect()
    }

    /// The outcome of a message, and its [mark](Self::mark), are in the store, durable or not.
    pub fn done(&mut self, Place(number): Place) {
        self.highest_done = self.highest_done.max(number);
        self.done_since += 1;
        if let Some(segment) = self.undone.remove(&number)
            && let Some(segment) = self.segments.get_mut(&segment)
        {
            segment.undone = segment.undone.saturating_sub(1);
        }
    }

    /// Whether so much is done that the store should be synced, and this be swept.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let held = || self.segments.values().map(|segment| segment.octets).sum::<u64>();
        let is_idle = || self.undone.is_empty() && self.done_since > 0;
        self.done_since >= MOST_DONE || (is_idle() && held() >= SEGMENT)
    }

    /// Removes the segments in which nothing is left; the one that grows is emptied. All that is done
    /// must be durable in the store.
    ///
    /// # Errors
    /// What the operating system says; what could not go goes with a later sweep, or at the next
    /// start.
    pub fn sweep(&mut self) -> io::Result<()> {
        self.done_since = 0;
        let is_over = |segment: &Segment| segment.undone == 0;
        let over: Vec<u64> =
            self.segments.iter().filter(|(_, it)| is_over(it)).map(|(number, _)| *number).collect();
        for number in over {
            let name = name_of_segment(number);
            let is_damaged = self.segments.get(&number).is_some_and(|it| it.is_damaged);
            if self.current == Some(number) {
                if self.segments.get(&number).is_some_and(|it| it.octets > 0) {
                    self.folder.cut(0)?;
                    self.segments.insert(number, Segment::default());
                }
                continue;
            }
            match is_damaged {
                true => self.folder.rename(&name, &format!("{name}{ASIDE}"))?,
                false => self.folder.remove(&name)?,
            }
            self.segments.remove(&number);
        }
        Ok(())
    }
}

fn name_of_segment(number: u64) -> String {
    format!("{number:020}")
}

fn number_of_segment(name: &str) -> Option<u64> {
    name.parse().ok().filter(|number| name_of_segment(*number) == name)
}

/// What a [mark](Kept::mark) says: the highest number, and those below it that are not done.
fn read_mark(octets: &[u8]) -> (u64, Vec<u64>) {
    let (numbers, _) = octets.as_chunks::<8>();
    let mut numbers = numbers.iter().map(|number| u64::from_be_bytes(*number));
    (numbers.next().unwrap_or(0), numbers.collect())
}

#[cfg(test)]
mod tests;

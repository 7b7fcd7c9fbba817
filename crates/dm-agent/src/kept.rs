//! Messages that were acknowledged and are not carried out yet, on the disk.
//!
//! A sender that was told "accepted" does not send again. So a message is here, and the disk has
//! said so, before a transport acknowledges it; and stays until its outcome is durable. After a loss
//! of power all that is left here is taken once more. What had been carried out already is then
//! refused as a replay [profile §7]: nothing is lost, and nothing is done twice.
//!
//! The folder `queue` holds segments: files that only grow, and go as a whole when all in them is
//! done. A segment is records of a length, a checksum, and a head (a line of JSON) before the octets
//! of the message. What a loss of power left half written has another checksum, and was never
//! acknowledged.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folder in a state folder.
pub const FOLDER: &str = "queue";
/// Octets after which a new segment is begun.
const SEGMENT: u64 = 256 << 10;
/// Octets before a record: its length and its checksum.
const PREFIX: usize = 8;

/// The folder of kept messages.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    /// The segment that grows, and how long it is.
    current: Option<(File, u64)>,
    /// Its number, or that of the one to come.
    number: u64,
    /// How many messages of each segment are not done.
    undone: BTreeMap<u64, usize>,
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

/// Where a message is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u64);

#[derive(Serialize, Deserialize)]
struct Head {
    received: Option<u64>,
    from: String,
}

impl Kept {
    /// Opens the folder, and reads what is left in it, in the order it came. Nothing is written.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(state: &Path) -> io::Result<(Self, Vec<(Place, Message)>)> {
        let folder = state.join(FOLDER);
        let mut numbers = Vec::new();
        match std::fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry?.file_name();
                    numbers.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        numbers.sort_unstable();
        let number = numbers.last().map_or(1, |last| last + 1);
        let mut kept = Self { folder, current: None, number, undone: BTreeMap::new() };
        let mut left = Vec::new();
        for number in numbers {
            let octets = std::fs::read(kept.path(number))?;
            let before = left.len();
            left.extend(messages(&octets).map(|message| (Place(number), message)));
            kept.undone.insert(number, left.len() - before);
        }
        kept.sweep()?;
        Ok((kept, left))
    }

    /// Keeps messages; when it returns they survive a loss of power, all with one wait for the disk.
    ///
    /// # Errors
    /// What the operating system says; then they may be there or not, and must not be acknowledged.
    pub fn keep(&mut self, messages: &[Message]) -> io::Result<Vec<Place>> {
        let octets = messages.iter().fold(Vec::new(), |mut octets, message| {
            encode(message, &mut octets);
            octets
        });
        if self.current.as_ref().is_none_or(|(_, length)| *length >= SEGMENT) {
            self.begin()?;
        }
        let Some((file, length)) = &mut self.current else { return Ok(Vec::new()) };
        let written = file.write_all(&octets).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // What is behind a half record could not be found: the segment ends before it.
            let is_cut = file.set_len(*length).is_ok();
            if !is_cut {
                self.current = None;
            }
            return Err(error);
        }
        *length += octets.len() as u64;
        let segment = self.number - 1;
        *self.undone.entry(segment).or_default() += messages.len();
        Ok(vec![Place(segment); messages.len()])
    }

    /// The outcome of a message is durable. Its segment goes when it was the last one in it.
    ///
    /// # Errors
    /// What the operating system says; the message is taken once more after the next start, then,
    /// and refused as a replay.
    pub fn done(&mut self, Place(segment): Place) -> io::Result<()> {
        if let Some(undone) = self.undone.get_mut(&segment) {
            *undone = undone.saturating_sub(1);
        }
        self.sweep()
    }

    /// Removes the segments in which nothing is left; the one that grows is emptied.
    fn sweep(&mut self) -> io::Result<()> {
        let over: Vec<u64> = self
            .undone
            .iter()
            .filter(|(_, undone)| **undone == 0)
            .map(|(number, _)| *number)
            .collect();
        for number in over {
            match &mut self.current {
                Some((file, length)) if number + 1 == self.number => {
                    file.set_len(0)?;
                    *length = 0;
                }
                _ => std::fs::remove_file(self.path(number))?,
            }
            self.undone.remove(&number);
        }
        Ok(())
    }

    /// Begins a segment: its name is durable before anything in it is.
    fn begin(&mut self) -> io::Result<()> {
        if !self.folder.exists() {
            DirBuilder::new().mode(0o700).create(&self.folder)?;
            if let Some(state) = self.folder.parent() {
                File::open(state)?.sync_all()?;
            }
        }
        let path = self.path(self.number);
        let mut options = OpenOptions::new();
        let file = options.append(true).create_new(true).mode(0o600).open(path)?;
        File::open(&self.folder)?.sync_all()?;
        self.current = Some((file, 0));
        self.number += 1;
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}"))
    }
}

fn encode(message: &Message, into: &mut Vec<u8>) {
    let head = Head { received: message.received, from: message.from.clone() };
    let mut record = serde_json::to_vec(&head).unwrap_or_default(); // a number and a text: cannot fail
    record.push(b'\n');
    record.extend_from_slice(&message.octets);
    let length = u32::try_from(record.len()).unwrap_or(u32::MAX); // limits keep messages far below
    into.extend_from_slice(&length.to_be_bytes());
    into.extend_from_slice(&crc32fast::hash(&record).to_be_bytes());
    into.extend_from_slice(&record);
}

/// The messages of a segment, up to the first one that is not whole.
fn messages(mut octets: &[u8]) -> impl Iterator<Item = Message> + '_ {
    std::iter::from_fn(move || {
        let (prefix, rest) = octets.split_at_checked(PREFIX)?;
        let (length, checksum) = prefix.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (record, rest) = rest.split_at_checked(length)?;
        if crc32fast::hash(record).to_be_bytes() != checksum {
            return None;
        }
        octets = rest;
        let end = record.iter().position(|octet| *octet == b'\n')?;
        let Head { received, from } = serde_json::from_slice(&record[..end]).ok()?;
        Some(Message { octets: record[end + 1..].to_vec(), received, from })
    })
}

#[cfg(test)]
mod tests;

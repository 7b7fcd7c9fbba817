//! The sender's counters: which number the next message to a device, or to a group, has. [profile §7]
//!
//! A device counts per account and Target, so the sender does too: by ServerID, and by the id of
//! the device, or of the group, that Target names. A number is given out once; numbers that are
//! left out do no harm.
//!
//! [`Counters::write`] and [`Counters::read`] are the form of a file. Who keeps it makes it durable
//! before a message leaves, for a number that was forgotten would be given out again:
//!
//! ```text
//! marconigram-counters 1
//! floor 0
//! 12 dm.operator.example urn:imei:004999010640001
//! 3 dm.operator.example urn:group:trucks
//! end 8a3fe1c2
//! ```
//!
//! Each line is the last number, the ServerID, and the Target, in which blanks, control characters
//! and `%` are written as `%` and two hexadecimal digits. `floor` counts for every Target without a
//! line. `end` is the CRC-32 of all octets before its line.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use thiserror::Error;

/// The most that 19 digits say, which is the most that a device reads. [profile §7]
pub const MOST: u64 = 9_999_999_999_999_999_999;

/// The last number that was given out, for each server and Target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    floor: u64,
    last: BTreeMap<(String, String), u64>,
}

/// A number is not given out, or a file is none of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CountersError {
    /// The text is cut off, changed, or something else.
    #[error("the counters are damaged at line {line}: {what}")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
        /// The highest number in the lines before it that can be read.
        highest: u64,
    },
    /// All numbers of 19 digits were given out.
    #[error("there is no number above {MOST}, the last one")]
    Exhausted,
    /// A number that is not above the last one might have been given out.
    #[error("the counter {counter} is not above {last}, the last one that was given out")]
    NotAbove {
        /// The number that was asked for.
        counter: u64,
        /// The last one.
        last: u64,
    },
}

impl Counters {
    /// No number was given out for anybody, but all up to `floor` count as if.
    #[must_use]
    pub fn above(floor: u64) -> Self {
        Self { floor, last: BTreeMap::new() }
    }

    /// The last number that was given out.
    #[must_use]
    pub fn last(&self, server_id: &str, target: &str) -> u64 {
        let key = (server_id.to_owned(), target.to_owned());
        self.last.get(&key).copied().unwrap_or(self.floor)
    }

    /// Gives out the next number.
    ///
    /// # Errors
    /// [`CountersError::Exhausted`], when there is none.
    ///
    /// ```
    /// use dm_seal::counters::Counters;
    /// let mut counters = Counters::default();
    /// assert_eq!(counters.take("srv.example", "urn:imei:1"), Ok(1));
    /// assert_eq!(counters.take("srv.example", "urn:imei:1"), Ok(2));
    /// assert_eq!(counters.take("srv.example", "urn:group:1"), Ok(1));
    /// assert_eq!(Counters::read(&counters.write()), Ok(counters));
    /// ```
    pub fn take(&mut self, server_id: &str, target: &str) -> Result<u64, CountersError> {
        let last = self.last(server_id, target);
        if last >= MOST {
            return Err(CountersError::Exhausted);
        }
        self.last.insert((server_id.to_owned(), target.to_owned()), last + 1);
        Ok(last + 1)
    }

    /// Gives out this number, which is above the last one.
    ///
    /// # Errors
    /// [`CountersError::NotAbove`], when it is not; [`CountersError::Exhausted`], when it has more
    /// than 19 digits.
    pub fn raise(
        &mut self,
        server_id: &str,
        target: &str,
        counter: u64,
    ) -> Result<(), CountersError> {
        let last = self.last(server_id, target);
        if counter <= last {
            return Err(CountersError::NotAbove { counter, last });
        }
        if counter > MOST {
            return Err(CountersError::Exhausted);
        }
        self.last.insert((server_id.to_owned(), target.to_owned()), counter);
        Ok(())
    }

    /// The octets of a file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut text = format!("{FORMAT}\nfloor {}\n", self.floor);
        for ((server_id, target), last) in &self.last {
            text.push_str(&format!("{last} "));
            escape(server_id, &mut text);
            text.push(' ');
            escape(target, &mut text);
            text.push('\n');
        }
        let crc = crc32(text.as_bytes());
        text.push_str(&format!("end {crc:08x}\n"));
        text.into_bytes()
    }

    /// Reads what [`write`](Self::write) wrote, and nothing else.
    ///
    /// # Errors
    /// [`CountersError::Damaged`], with the first line that cannot be as it was written.
    pub fn read(octets: &[u8]) -> Result<Self, CountersError> {
        let mut reader = Reader { octets, at: 0, line: 0, highest: 0 };
        if reader.line()? != FORMAT {
            return Err(reader.damaged("it does not begin as counters do"));
        }
        let floor = reader.line()?.strip_prefix("floor ").and_then(number);
        let floor = floor.ok_or_else(|| reader.damaged("there is no floor"))?;
        let mut counters = Self::above(floor);
        reader.highest = floor;
        loop {
            let before = reader.at;
            let line = reader.line()?;
            if let Some(crc) = line.strip_prefix("end ") {
                if crc != format!("{:08x}", crc32(&octets[..before])) {
                    return Err(reader.damaged("the checksum is that of another text"));
                }
                if reader.at != octets.len() {
                    return Err(reader.damaged("there is more behind the end"));
                }
                return Ok(counters);
            }
            let (key, last) =
                entry(line).ok_or_else(|| reader.damaged("it is not NUMBER SERVER TARGET"))?;
            reader.highest = reader.highest.max(last);
            if counters.last.insert(key, last).is_some() {
                return Err(reader.damaged("there are two numbers for one target"));
            }
        }
    }
}

const FORMAT: &str = "marconigram-counters 1";

/// Line by line, with what there is to say when one is wrong.
struct Reader<'o> {
    octets: &'o [u8],
    at: usize,
    line: usize,
    highest: u64,
}

impl<'o> Reader<'o> {
    fn line(&mut self) -> Result<&'o str, CountersError> {
        self.line += 1;
        let rest = &self.octets[self.at..];
        let end = rest.iter().position(|&octet| octet == b'\n');
        let end = end.ok_or_else(|| self.damaged("it is cut off"))?;
        self.at += end + 1;
        core::str::from_utf8(&rest[..end]).map_err(|_| self.damaged("it is no text"))
    }

    fn damaged(&self, what: &'static str) -> CountersError {
        CountersError::Damaged { line: self.line, what, highest: self.highest }
    }
}

fn entry(line: &str) -> Option<((String, String), u64)> {
    let (last, names) = line.split_once(' ')?;
    let (server_id, target) = names.split_once(' ')?;
    Some(((unescape(server_id)?, unescape(target)?), number(last)?))
}

/// Digits alone, and no more than are written.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse().ok().filter(|&number: &u64| is_plain && number <= MOST)
}

fn escape(name: &str, text: &mut String) {
    for character in name.chars() {
        if character.is_whitespace() || character.is_control() || character == '%' {
            for octet in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string does not fail.
                let _ = write!(text, "%{octet:02X}");
            }
        } else {
            text.push(character);
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    octets.extend(parts.next()?.bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        octets.extend(rest.bytes());
    }
    String::from_utf8(octets).ok()
}

/// CRC-32 of [ISO/IEC 13239], as Ethernet and zip have it.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(!0, |crc, &octet| {
        (0..8).fold(crc ^ u32::from(octet), |crc: u32, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests;

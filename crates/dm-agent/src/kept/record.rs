//! A message in a segment: a length, a checksum, and a head (a line of JSON) before its octets.
//!
//! What a loss of power left half written has another checksum, and was never acknowledged.

use serde::{Deserialize, Serialize};

use super::Message;

/// Octets that are hashed in the search for a record behind damage. Whoever writes messages that look
/// like many records must not keep the device from starting.
const SEARCH: usize = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Head {
    number: u64,
    received: Option<u64>,
    from: String,
}

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Its messages, each with its number, up to the first record that is not whole.
    pub messages: Vec<(u64, Message)>,
    /// Octets from that record to the end.
    pub unread: usize,
    /// Whether a whole record is behind it, or may be: then it was damaged when it was on the disk
    /// already, for what a loss of power cuts off is at the end.
    pub is_damaged: bool,
}

/// Appends a message to the octets of a segment.
pub(super) fn encode(number: u64, message: &Message, into: &mut Vec<u8>) {
    let head = Head { number, received: message.received, from: message.from.clone() };
    let mut record = serde_json::to_vec(&head).unwrap_or_default(); // numbers and a text: cannot fail
    record.push(b'\n');
    record.extend_from_slice(&message.octets);
    let length = u32::try_from(record.len()).unwrap_or(u32::MAX); // limits keep messages far below
    into.extend_from_slice(&length.to_be_bytes());
    into.extend_from_slice(&crc32fast::hash(&record).to_be_bytes());
    into.extend_from_slice(&record);
}

/// Reads a segment.
pub(super) fn decode(octets: &[u8]) -> Contents {
    let (mut messages, mut rest) = (Vec::new(), octets);
    while let Some((message, behind)) = first(rest) {
        messages.push(message);
        rest = behind;
    }
    Contents { messages, unread: rest.len(), is_damaged: has_record_behind(rest) }
}

/// Whether a record begins anywhere behind the first octet.
fn has_record_behind(octets: &[u8]) -> bool {
    let mut hashed = 0;
    for at in 1..octets.len() {
        let behind = &octets[at..];
        hashed += framed(behind).map_or(0, |(record, ..)| record.len());
        if hashed > SEARCH || first(behind).is_some() {
            return true;
        }
    }
    false
}

/// The message that octets begin with, if it is whole, and what is behind it.
fn first(octets: &[u8]) -> Option<((u64, Message), &[u8])> {
    let (record, checksum, rest) = framed(octets)?;
    if crc32fast::hash(record).to_be_bytes() != checksum {
        return None;
    }
    let end = record.iter().position(|octet| *octet == b'\n')?;
    let Head { number, received, from } = serde_json::from_slice(&record[..end]).ok()?;
    Some(((number, Message { octets: record[end + 1..].to_vec(), received, from }), rest))
}

/// What looks like a record, the checksum it should have, and what is behind it.
fn framed(octets: &[u8]) -> Option<(&[u8], [u8; 4], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let (record, rest) =
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    record.starts_with(b"{").then_some((record, *checksum, rest))
}

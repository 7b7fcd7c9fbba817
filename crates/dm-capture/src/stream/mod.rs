//! The octets of TCP connections, each direction by itself.
//!
//! Segments are put into the order of their numbers, octets that a segment repeats are dropped,
//! and where octets are missing a new [`Stream`] begins. No checksum, window or acknowledgement
//! is looked at.

#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::ops::Range;

use crate::frame::{Frame, Transport};

/// A run of octets that one end sent on one connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stream {
    /// Who sent them.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// The octets.
    pub octets: Vec<u8>,
    /// Which packet brought which of them.
    pub pieces: Vec<Piece>,
    /// How many octets before these were not captured. 0 for the first of a connection, even
    /// if the capture began after the connection.
    pub missing_before: u64,
}

/// What one packet brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Piece {
    /// [`crate::Packet::number`].
    pub packet: usize,
    /// Its octets in the stream.
    pub range: Range<usize>,
    /// Where they begin in the payload of the packet.
    pub payload_offset: usize,
}

/// Collects the segments of a capture. Holds no copy of them until [`Streams::finish`].
#[derive(Clone, Debug, Default)]
pub struct Streams<'a> {
    flows: BTreeMap<(SocketAddr, SocketAddr), Vec<Connection<'a>>>,
}

/// One direction of a connection.
#[derive(Clone, Debug)]
struct Connection<'a> {
    /// The number in the SYN, if it was captured.
    initial: Option<u32>,
    /// The sequence number seen last, and its place in the stream.
    last: (u32, i64),
    segments: Vec<Segment<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Segment<'a> {
    /// Its place in the stream, counted from that of the first segment that was captured.
    at: i64,
    packet: usize,
    payload: &'a [u8],
}

impl<'a> Streams<'a> {
    /// Without any segment.
    #[must_use]
    pub const fn new() -> Self {
        Self { flows: BTreeMap::new() }
    }

    /// Takes the frame of the packet of this number; a frame of UDP is passed over.
    pub fn add(&mut self, frame: &Frame<'a>, packet: usize) {
        let Transport::Tcp { sequence, syn } = frame.transport else { return };
        let flow = self.flows.entry((frame.source, frame.destination)).or_default();
        let is_new = match flow.last() {
            None => true,
            Some(connection) => syn && connection.initial != Some(sequence),
        };
        if is_new {
            flow.push(Connection {
                initial: syn.then_some(sequence),
                last: (sequence, 0),
                segments: Vec::new(),
            });
        }
        let Some(connection) = flow.last_mut() else { return };
        let (last, place) = connection.last;
        let at = place + i64::from(sequence.wrapping_sub(last).cast_signed());
        connection.last = (sequence, at);
        if !frame.payload.is_empty() {
            // The SYN itself has a number.
            let at = at + i64::from(syn);
            connection.segments.push(Segment { at, packet, payload: frame.payload });
        }
    }

    /// All streams, in the order of their first packets.
    #[must_use]
    pub fn finish(self) -> Vec<Stream> {
        let mut streams = Vec::new();
        for ((source, destination), connections) in self.flows {
            for connection in connections {
                connection.join(source, destination, &mut streams);
            }
        }
        streams.sort_by_key(|stream| stream.pieces.first().map(|piece| piece.packet));
        streams
    }
}

impl Connection<'_> {
    fn join(mut self, source: SocketAddr, destination: SocketAddr, streams: &mut Vec<Stream>) {
        self.segments.sort_by_key(|segment| segment.at);
        let first = self.segments.first().map_or(0, |segment| segment.at);
        // With the SYN captured it is known where the first octet should be.
        let mut next = if self.initial.is_some() { 1 } else { first };
        let mut stream: Option<Stream> = None;
        for Segment { at, packet, payload } in self.segments {
            let missing_before = u64::try_from(at - next).unwrap_or(0);
            if missing_before > 0 {
                streams.extend(stream.take());
            }
            let known = usize::try_from(next - at).unwrap_or(0);
            let Some(fresh) = payload.get(known..).filter(|fresh| !fresh.is_empty()) else {
                continue;
            };
            next = at + i64::try_from(payload.len()).unwrap_or(i64::MAX);
            let stream = stream.get_or_insert_with(|| Stream {
                source,
                destination,
                octets: Vec::new(),
                pieces: Vec::new(),
                missing_before,
            });
            let start = stream.octets.len();
            stream.octets.extend_from_slice(fresh);
            let range = start..stream.octets.len();
            stream.pieces.push(Piece { packet, range, payload_offset: known });
        }
        streams.extend(stream);
    }
}

//! Packet captures: everything that is shown stands in the file, and the segments of a connection,
//! in any order and overlapping, become the octets that they were cut from.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use arbitrary::{Result, Unstructured};
use dm_capture::{Frame, Packets, Streams, Transport};

use crate::choices;

/// A capture file, or segments of choices.
///
/// # Panics
/// When an error or anything that is shown is outside the file, layers leave a gap, or a stream is
/// not what its packets brought.
pub fn check(octets: &[u8]) {
    match choices(octets) {
        Some(mut choices) => drop(cut_and_joined(&mut choices)),
        None => file(octets),
    }
}

fn file(file: &[u8]) {
    let inside = |error: dm_capture::Error| assert!(error.offset <= file.len(), "{error}");
    let packets = match Packets::read(file) {
        Ok(packets) => packets,
        Err(error) => return inside(error),
    };
    let mut payloads = BTreeMap::new();
    let mut streams = Streams::new();
    let mut is_over = false;
    for (index, packet) in packets.enumerate() {
        assert!(!is_over, "an error is the last");
        let packet = match packet {
            Ok(packet) => packet,
            Err(error) => {
                is_over = true;
                inside(error);
                continue;
            }
        };
        assert_eq!(packet.number, index + 1);
        assert_eq!(&file[packet.offset..][..packet.octets.len()], packet.octets);
        assert!(packet.time.is_none_or(|time| time.nanoseconds < 1_000_000_000));
        match Frame::read(&packet) {
            Ok(Some(frame)) => {
                assert_eq!(&packet.octets[frame.payload_range()], frame.payload);
                let ends = frame.layers.iter().scan(0, |before, layer| {
                    assert_eq!(layer.range.start, *before, "{:?}", frame.layers);
                    *before = layer.range.end;
                    Some(*before)
                });
                assert!(ends.last().is_some_and(|end| end <= packet.octets.len()));
                streams.add(&frame, packet.number);
                payloads.insert(packet.number, frame.payload);
            }
            Ok(None) => {}
            Err(error) => inside(error),
        }
    }
    joined(streams, &payloads, file.len());
}

/// What each packet brought is in the stream where that says, and nothing else.
fn joined(streams: Streams<'_>, payloads: &BTreeMap<usize, &[u8]>, most: usize) {
    let mut octets = 0;
    for stream in streams.finish() {
        let mut at = 0;
        for piece in &stream.pieces {
            assert_eq!(piece.range.start, at, "one piece behind the other");
            assert!(!piece.range.is_empty(), "no piece is empty");
            at = piece.range.end;
            let brought = &payloads[&piece.packet][piece.payload_offset..][..piece.range.len()];
            assert_eq!(brought, &stream.octets[piece.range.clone()]);
        }
        assert_eq!(at, stream.octets.len());
        octets += at;
    }
    assert!(octets <= most, "{octets} octets of a file of {most}");
}

/// Segments of one connection: overlapping, some twice, in an order of choice.
fn cut_and_joined(choices: &mut Unstructured<'_>) -> Result<()> {
    let length = choices.int_in_range(1..=300_usize)?;
    let data: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    let initial: u32 = choices.arbitrary()?;
    let has_syn = choices.arbitrary()?;
    let mut cuts = vec![];
    let mut end = 0;
    while end < length {
        let start = end - choices.int_in_range(0..=end.min(9))?;
        end = (end + choices.int_in_range(1..=80)?).min(length);
        cuts.push(start..end);
    }
    for at in 0..cuts.len() {
        let other = choices.choose_index(cuts.len())?;
        cuts.swap(at, other);
    }
    if choices.arbitrary()? {
        cuts.push(choices.choose(&cuts)?.clone());
    }
    let [source, destination]: [SocketAddr; 2] =
        [([192, 0, 2, 1], 49_152).into(), ([192, 0, 2, 2], 80).into()];
    let frame =
        |transport, payload| Frame { source, destination, transport, payload, layers: vec![] };
    let mut streams = Streams::new();
    if has_syn {
        streams.add(&frame(Transport::Tcp { sequence: initial, syn: true }, &[]), 1);
    }
    for (index, cut) in cuts.iter().enumerate() {
        let offset = u32::try_from(cut.start + 1).expect("small");
        let transport = Transport::Tcp { sequence: initial.wrapping_add(offset), syn: false };
        streams.add(&frame(transport, &data[cut.clone()]), index + 2);
    }
    let streams = streams.finish();
    assert_eq!(streams.len(), 1, "no octet is missing");
    assert_eq!((streams[0].missing_before, &streams[0].octets), (0, &data));
    Ok(())
}

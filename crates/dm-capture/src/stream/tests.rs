use super::*;

const CLIENT: &str = "192.0.2.1:40000";
const SERVER: &str = "192.0.2.2:80";

fn frame<'a>(source: &str, destination: &str, sequence: u32, payload: &'a [u8]) -> Frame<'a> {
    Frame {
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
        transport: Transport::Tcp { sequence, syn: false },
        payload,
        layers: Vec::new(),
    }
}

fn syn(sequence: u32) -> Frame<'static> {
    let transport = Transport::Tcp { sequence, syn: true };
    Frame { transport, ..frame(CLIENT, SERVER, sequence, b"") }
}

fn sent(sequence: u32, payload: &[u8]) -> Frame<'_> {
    frame(CLIENT, SERVER, sequence, payload)
}

fn joined(frames: &[Frame<'_>]) -> Vec<Stream> {
    let mut streams = Streams::new();
    for (index, frame) in frames.iter().enumerate() {
        streams.add(frame, index + 1);
    }
    streams.finish()
}

fn contents(streams: &[Stream]) -> Vec<(&[u8], u64)> {
    streams.iter().map(|stream| (&stream.octets[..], stream.missing_before)).collect()
}

#[test]
fn segments_are_joined_and_traced_back() {
    let streams = joined(&[syn(9), sent(10, b"abc"), sent(13, b""), sent(13, b"de")]);
    assert_eq!(contents(&streams), [(&b"abcde"[..], 0)]);
    let pieces = [
        Piece { packet: 2, range: 0..3, payload_offset: 0 },
        Piece { packet: 4, range: 3..5, payload_offset: 0 },
    ];
    assert_eq!(streams[0].pieces, pieces);
}

#[test]
fn order_and_repetition_do_not_matter() {
    let streams = joined(&[
        syn(9),
        sent(13, b"de"),
        sent(10, b"abc"),
        syn(9),
        sent(12, b"Xd"),
        sent(12, b"Xdef"),
    ]);
    assert_eq!(contents(&streams), [(&b"abcdef"[..], 0)]);
    let last = streams[0].pieces.last().unwrap();
    assert_eq!((last.packet, last.payload_offset), (6, 2));
}

#[test]
fn numbers_pass_the_end_of_their_range() {
    let streams = joined(&[syn(u32::MAX - 1), sent(u32::MAX, b"ab"), sent(1, b"c")]);
    assert_eq!(contents(&streams), [(&b"abc"[..], 0)]);
}

#[test]
fn missing_octets_begin_a_new_stream() {
    let streams = joined(&[syn(9), sent(10, b"ab"), sent(15, b"cd"), sent(17, b"e")]);
    assert_eq!(contents(&streams), [(&b"ab"[..], 0), (&b"cde"[..], 3)]);
    assert_eq!(contents(&joined(&[syn(9), sent(12, b"x")])), [(&b"x"[..], 2)]);
}

#[test]
fn a_capture_may_begin_after_the_connection() {
    assert_eq!(contents(&joined(&[sent(700, b"b"), sent(699, b"a")])), [(&b"ab"[..], 0)]);
}

#[test]
fn directions_and_later_connections_are_kept_apart() {
    let streams = joined(&[
        sent(10, b"ask"),
        frame(SERVER, CLIENT, 10, b"answer"),
        syn(5000),
        sent(5001, b"again"),
    ]);
    assert_eq!(contents(&streams), [(&b"ask"[..], 0), (b"answer", 0), (b"again", 0)]);
    assert_eq!(streams[1].source, SERVER.parse().unwrap());
}

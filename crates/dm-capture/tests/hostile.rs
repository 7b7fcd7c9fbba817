//! Captures cut and changed at every octet: read or refused, never more than there is.

use dm_capture::{Error, Frame, Packets, Streams};
use proptest::collection::vec;
use proptest::prelude::*;

/// Ethernet, IPv4, UDP from port 9200 to 2948, four octets.
const UDP: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\x02\x08\0\x45\0\0\x20\0\x01\0\0\x40\x11\0\0\
    \xC0\0\x02\x01\xC0\0\x02\x02\x23\xF0\x0B\x84\0\x0C\0\0push";
/// Ethernet, IPv6, destination options, TCP with an option, four octets.
const TCP: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\x02\x86\xDD\x60\0\0\0\0\x24\x3C\x40\
    \x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x02\
    \x06\0\x01\x04\0\0\0\0\x9C\x40\0\x50\0\0\0\x05\0\0\0\0\x60\x18\0\0\0\0\0\0\x02\x04\x05\xB4POST";

fn length(octets: &[u8]) -> [u8; 4] {
    u32::try_from(octets.len()).expect("short").to_le_bytes()
}

fn pcap(packets: &[&[u8]]) -> Vec<u8> {
    let mut file = b"\xD4\xC3\xB2\xA1\x02\0\x04\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\x01\0\0\0".to_vec();
    for packet in packets {
        file.extend([&[0; 8][..], &length(packet), &length(packet), packet].concat());
    }
    file
}

fn pcapng(packets: &[&[u8]]) -> Vec<u8> {
    let block = |block_type: u8, body: &[u8]| {
        let padded = [body, &vec![0; body.len().wrapping_neg() % 4]].concat();
        let around = length(&[&padded[..], &[0; 12]].concat());
        [&[block_type, 0, 0, 0], &around[..], &padded, &around].concat()
    };
    let mut file = block(0x0A, b"\x4D\x3C\x2B\x1A\x01\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    file[..4].copy_from_slice(b"\x0A\x0D\x0D\x0A");
    file.extend(block(1, b"\x01\0\0\0\0\0\0\0\x09\0\x01\0\x06\0\0\0\x0E\0\x08\0\0\0\0\0\0\0\0\0"));
    for packet in packets {
        let numbers = [&[0; 12][..], &length(packet), &length(packet)].concat();
        file.extend(block(6, &[&numbers, *packet].concat()));
        file.extend(block(3, &[&length(packet), *packet].concat()));
    }
    file
}

/// Payloads of all frames, and of all streams.
type Payloads<'a> = (Vec<&'a [u8]>, Vec<Vec<u8>>);

fn read(file: &[u8]) -> Result<Payloads<'_>, Error> {
    let (mut payloads, mut streams) = (Vec::new(), Streams::new());
    for packet in Packets::read(file)? {
        let packet = packet?;
        assert_eq!(&file[packet.offset..packet.offset + packet.octets.len()], packet.octets);
        if let Ok(Some(frame)) = Frame::read(&packet) {
            assert_eq!(&packet.octets[frame.payload_range()], frame.payload);
            payloads.push(frame.payload);
            streams.add(&frame, packet.number);
        }
    }
    Ok((payloads, streams.finish().into_iter().map(|stream| stream.octets).collect()))
}

fn check(file: &[u8]) {
    match read(file) {
        Ok((payloads, streams)) => {
            assert!(payloads.iter().map(|payload| payload.len()).sum::<usize>() <= file.len());
            assert!(streams.iter().map(Vec::len).sum::<usize>() <= file.len());
        }
        Err(error) => assert!(error.offset <= file.len(), "{error}"),
    }
}

#[test]
fn the_files_are_read() {
    let classic = pcap(&[UDP, TCP]);
    assert_eq!(read(&classic), Ok((vec![&b"push"[..], b"POST"], vec![b"POST".to_vec()])));
    let pcapng = pcapng(&[UDP, TCP]);
    let payloads = vec![&b"push"[..], b"push", b"POST", b"POST"];
    assert_eq!(read(&pcapng), Ok((payloads, vec![b"POST".to_vec()])));
}

#[test]
fn every_cut_and_every_change_of_an_octet_is_read_or_refused() {
    for file in [pcap(&[UDP, TCP]), pcapng(&[UDP, TCP])] {
        for end in 0..file.len() {
            check(&file[..end]);
        }
        let mut changed = file.clone();
        for at in 0..file.len() {
            for to in 0..=255 {
                changed[at] = to;
                check(&changed);
            }
            changed[at] = file[at];
        }
    }
}

proptest! {
    #[test]
    fn any_packet_is_read_or_refused(
        packet in vec(any::<u8>(), 0..120),
        link_type in prop::sample::select(vec![0_u8, 1, 101, 108, 113, 228, 229]),
    ) {
        let mut file = pcap(&[&packet]);
        file[20] = link_type;
        check(&file);
    }

    #[test]
    fn any_blocks_are_read_or_refused(octets in vec(any::<u8>(), 0..200)) {
        let mut file = pcapng(&[]);
        file.extend(octets);
        check(&file);
    }
}

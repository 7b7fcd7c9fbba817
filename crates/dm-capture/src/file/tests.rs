use alloc::vec;
use alloc::vec::Vec;

use super::*;

const LITTLE: fn(u32) -> [u8; 4] = u32::to_le_bytes;
const BIG: fn(u32) -> [u8; 4] = u32::to_be_bytes;

type Order = fn(u32) -> [u8; 4];

/// A classic file of one packet `abc`, of which it captured all but the last octet.
fn classic(magic: u32, order: Order) -> Vec<u8> {
    let version = if order(1)[0] == 1 { [2, 0, 4, 0] } else { [0, 2, 0, 4] };
    let mut file = [order(magic), version].concat();
    for number in [0, 0, 65_535, 1, 1_700_000_000, 5, 3, 4] {
        file.extend(order(number));
    }
    file.extend(b"abc");
    file
}

/// A pcapng block.
fn block(order: Order, block_type: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; (4 - body.len() % 4) % 4];
    let length = order(u32::try_from(12 + body.len() + padding.len()).unwrap());
    [&order(block_type)[..], &length, body, &padding, &length].concat()
}

fn section(order: Order) -> Vec<u8> {
    let version = if order(1)[0] == 1 { [1, 0, 0, 0] } else { [0, 1, 0, 0] };
    block(order, SECTION, &[&order(0x1A2B_3C4D)[..], &version, &[0xFF; 8]].concat())
}

const SECTION: u32 = 0x0A0D_0D0A;

/// An interface of Ethernet with these options.
fn interface(order: Order, longest: u32, options: &[u8]) -> Vec<u8> {
    let link_type = if order(1)[0] == 1 { [1, 0, 0, 0] } else { [0, 1, 0, 0] };
    block(order, 1, &[&link_type[..], &order(longest), options].concat())
}

fn enhanced(order: Order, number: u32, ticks: [u32; 2], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let numbers = [number, ticks[0], ticks[1], length, length].map(order).concat();
    block(order, 6, &[&numbers, data].concat())
}

fn all(file: &[u8]) -> Result<Vec<Packet<'_>>, Error> {
    Packets::read(file)?.collect()
}

fn refused(file: &[u8]) -> (ErrorKind, usize) {
    let error = all(file).unwrap_err();
    (error.kind, error.offset)
}

#[test]
fn classic_files_of_both_orders_and_units() {
    for order in [LITTLE, BIG] {
        for (magic, nanoseconds) in [(0xA1B2_C3D4, 5_000), (0xA1B2_3C4D, 5)] {
            let file = classic(magic, order);
            let expected = Packet {
                number: 1,
                time: Some(Time { seconds: 1_700_000_000, nanoseconds }),
                link_type: LinkType::ETHERNET,
                octets: b"abc",
                offset: 40,
                original_length: 4,
            };
            assert_eq!(all(&file), Ok(vec![expected]));
        }
    }
}

#[test]
fn pcapng_sections_of_both_orders_with_interfaces_of_their_own() {
    let mut file = Vec::new();
    for order in [LITTLE, BIG] {
        file.extend(section(order));
        file.extend(block(order, 5, b"some statistics"));
        file.extend(interface(order, 0, b""));
        file.extend(enhanced(order, 0, [0x0006_0A24, 0x181E_4005], b"abcde"));
    }
    let packets = all(&file).unwrap();
    assert_eq!(packets.iter().map(|packet| packet.number).collect::<Vec<_>>(), [1, 2]);
    for packet in packets {
        assert_eq!((packet.octets, packet.link_type), (&b"abcde"[..], LinkType::ETHERNET));
        assert_eq!(&file[packet.offset..packet.offset + 5], b"abcde");
        let time = Time { seconds: 1_700_000_000, nanoseconds: 5_000 };
        assert_eq!(packet.time, Some(time));
    }
}

#[test]
fn resolution_and_offset_of_an_interface_are_heeded() {
    for (resolution, ticks, expected) in [
        (9, 1_500_000_000, (1, 500_000_000)),
        (0, 7, (7, 0)),
        (0x81, 3, (1, 500_000_000)),
        (0x7F, 7, (0, 0)),
    ] {
        let mut options = vec![0, 9, 0, 1, resolution, 0, 0, 0, 0, 14, 0, 8];
        options.extend(100_i64.to_be_bytes());
        options.extend([0, 0, 0, 0]);
        let packet = enhanced(BIG, 0, [0, ticks], b"x");
        let file = [section(BIG), interface(BIG, 0, &options), packet].concat();
        let time = all(&file).unwrap()[0].time.unwrap();
        assert_eq!((time.seconds - 100, time.nanoseconds), expected, "{resolution}");
    }
}

#[test]
fn a_simple_packet_is_as_long_as_its_interface_allows() {
    let simple = block(BIG, 3, &[&BIG(9)[..], b"abcd"].concat());
    let file = [section(BIG), interface(BIG, 4, b""), simple].concat();
    let packets = all(&file).unwrap();
    assert_eq!((packets[0].octets, packets[0].original_length), (&b"abcd"[..], 9));
    assert_eq!(packets[0].time, None);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    assert_eq!(refused(b"GIF89a"), (ErrorKind::NotACapture { magic: 0x4749_4638 }, 0));
    assert_eq!(refused(b"GI"), (ErrorKind::Truncated { missing: 2 }, 0));

    let mut file = classic(0xA1B2_C3D4, BIG);
    file[5] = 3;
    assert_eq!(refused(&file), (ErrorKind::Version { major: 3 }, 4));

    let (head, face) = (section(BIG), interface(BIG, 0, b""));
    let unknown = [head.clone(), enhanced(BIG, 1, [0, 0], b"")].concat();
    assert_eq!(refused(&unknown), (ErrorKind::InterfaceUnknown { interface: 1 }, 36));
    let obsolete = [&head[..], &face, &block(BIG, 2, &[0; 20])].concat();
    assert_eq!(refused(&obsolete), (ErrorKind::ObsoleteBlock, 48));

    let mut file = head.clone();
    file[27] = 32;
    assert_eq!(refused(&file), (ErrorKind::BlockLength { length: 32 }, 24));
    file[7] = 30;
    assert_eq!(refused(&file), (ErrorKind::BlockLength { length: 30 }, 4));
    file[8] = 0;
    assert_eq!(refused(&file), (ErrorKind::NotACapture { magic: 0x002B_3C4D }, 8));
}

#[test]
fn packets_before_the_end_of_a_cut_file_are_given() {
    let mut file = classic(0xA1B2_C3D4, BIG);
    file.extend_from_within(24..);
    file.pop();
    let mut packets = Packets::read(&file).unwrap();
    assert!(packets.next().unwrap().is_ok());
    let truncated = Error::new(ErrorKind::Truncated { missing: 1 }, 59);
    assert_eq!(packets.next(), Some(Err(truncated)));
    assert_eq!(packets.next(), None);
}

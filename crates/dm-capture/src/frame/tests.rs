use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::ErrorKind;

const ETHERNET: [u8; 14] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0x08, 0x00];
const UDP: [u8; 8] = [0x23, 0xF0, 0x0B, 0x84, 0, 12, 0, 0];
const PUSH: [u8; 4] = *b"push";
const V4: &str = "192.0.2.1:9200 > 192.0.2.2:2948";
const V6: &str = "[2001:db8::1]:9200 > [2001:db8::2]:2948";

/// An IPv4 datagram of UDP, with these flags and these octets of options.
fn ipv4(flags: u8, options: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let length = words * 4 + 12;
    let head = [0x40 | words, 0, 0, length, 0, 1, flags, 0, 64, 17, 0, 0];
    let addresses = [192, 0, 2, 1, 192, 0, 2, 2];
    [&head[..], &addresses, options, &UDP, &PUSH].concat()
}

/// An IPv6 datagram of UDP behind these extension headers.
fn ipv6(next: u8, extensions: &[u8]) -> Vec<u8> {
    let length = u8::try_from(extensions.len() + 12).unwrap();
    let mut octets = vec![0x60, 0, 0, 0, 0, length, next, 64];
    for last in [1, 2] {
        octets.extend([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    [&octets, extensions, &UDP, &PUSH].concat()
}

fn packet(link_type: LinkType, octets: &[u8]) -> Packet<'_> {
    let original_length = octets.len();
    Packet { number: 1, time: None, link_type, octets, offset: 100, original_length }
}

fn read(link_type: LinkType, octets: &[u8]) -> Result<Option<Frame<'_>>, Error> {
    Frame::read(&packet(link_type, octets))
}

/// The frame is our push between these addresses, and its layers have these names.
fn is_push(link_type: LinkType, octets: &[u8], addresses: &str, names: &[&str]) {
    let frame = read(link_type, octets).unwrap().unwrap();
    let found = [frame.source.to_string(), frame.destination.to_string()].join(" > ");
    assert_eq!((found.as_str(), frame.transport), (addresses, Transport::Udp));
    assert_eq!(frame.payload, PUSH);
    assert_eq!(octets[frame.payload_range()], PUSH);
    assert_eq!(frame.layers.iter().map(|layer| layer.name).collect::<Vec<_>>(), names);
    let starts = frame.layers.iter().map(|layer| layer.range.start);
    let ends = [0].into_iter().chain(frame.layers.iter().map(|layer| layer.range.end));
    assert!(starts.eq(ends.take(frame.layers.len())), "{:?}", frame.layers);
}

#[test]
fn every_link_type_leads_to_the_payload() {
    let ip = ipv4(0, b"");
    let sll = [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00];
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    for (link_type, front, name) in [
        (LinkType::ETHERNET, &ETHERNET[..], "Ethernet"),
        (LinkType::LINUX_SLL, &sll, "Linux cooked"),
        (LinkType::LINUX_SLL2, &sll2, "Linux cooked 2"),
        (LinkType::NULL, &[2, 0, 0, 0], "loopback"),
        (LinkType::LOOP, &[0, 0, 0, 2], "loopback"),
    ] {
        let octets = [front, &ip].concat();
        is_push(link_type, &octets, V4, &[name, "IPv4", "UDP", "payload"]);
    }
    for link_type in [LinkType::RAW, LinkType::IPV4] {
        is_push(link_type, &ip, V4, &["IPv4", "UDP", "payload"]);
    }
    is_push(LinkType::IPV6, &ipv6(17, b""), V6, &["IPv6", "UDP", "payload"]);
}

#[test]
fn tags_padding_and_options_are_passed() {
    let tagged = [&ETHERNET[..12], &[0x81, 0, 0, 5, 0x08, 0], &ipv4(0, b""), &[0; 9]].concat();
    is_push(LinkType::ETHERNET, &tagged, V4, &["Ethernet", "IPv4", "UDP", "payload"]);
    let options = ipv4(0x40, &[1, 1, 1, 0]);
    is_push(LinkType::RAW, &options, V4, &["IPv4", "UDP", "payload"]);
}

#[test]
fn extension_headers_are_passed() {
    let hop_by_hop_and_destination = [60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0];
    let octets = ipv6(0, &hop_by_hop_and_destination);
    is_push(LinkType::RAW, &octets, V6, &["IPv6", "UDP", "payload"]);
}

#[test]
fn fragments_are_named() {
    let fragment = Err(Error::new(ErrorKind::Fragment, 114));
    let first = [&ETHERNET[..], &ipv4(0x20, b"")].concat();
    assert_eq!(read(LinkType::ETHERNET, &first), fragment);
    let mut later = [&ETHERNET[..], &ipv4(0, b"")].concat();
    later[21] = 9;
    assert_eq!(read(LinkType::ETHERNET, &later), fragment);
    let v6 = ipv6(44, &[17, 0, 0, 1, 0, 0, 0, 7]);
    assert_eq!(read(LinkType::RAW, &v6), Err(Error::new(ErrorKind::Fragment, 100)));
}

#[test]
fn what_is_neither_udp_nor_tcp_is_no_frame() {
    let arp = [&ETHERNET[..12], &[0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1], &[0; 20]].concat();
    assert_eq!(read(LinkType::ETHERNET, &arp), Ok(None));
    let mut icmp = ipv4(0, b"");
    icmp[9] = 1;
    assert_eq!(read(LinkType::RAW, &icmp), Ok(None));
}

#[test]
fn a_packet_not_captured_to_its_end_is_truncated() {
    let octets = [&ETHERNET[..], &ipv4(0, b"")].concat();
    let cut = read(LinkType::ETHERNET, &octets[..octets.len() - 3]).unwrap_err();
    assert_eq!((cut.kind, cut.offset), (ErrorKind::Truncated { missing: 3 }, 114));
    let cut = read(LinkType::LINUX_SLL2, &[8, 0]).unwrap_err();
    assert_eq!((cut.kind, cut.offset), (ErrorKind::Truncated { missing: 18 }, 102));
}

#[test]
fn other_link_types_and_versions_are_named() {
    let kind = ErrorKind::LinkType { link_type: 105 };
    assert_eq!(read(LinkType(105), b""), Err(Error::new(kind, 100)));
    let kind = ErrorKind::Malformed { layer: "IP header" };
    assert_eq!(read(LinkType::RAW, &[0x50; 40]), Err(Error::new(kind, 100)));
}

#[test]
fn a_segment_has_its_number() {
    let tcp =
        [0, 80, 0x1F, 0x90, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 0x02, 0, 0, 0, 0, 0, 0, 2, 4, 5, 0xB4];
    let mut octets = ipv4(0, b"");
    octets.truncate(20);
    (octets[3], octets[9]) = (48, 6);
    let octets = [&octets[..], &tcp, b"data"].concat();
    let frame = read(LinkType::RAW, &octets).unwrap().unwrap();
    assert_eq!(frame.transport, Transport::Tcp { sequence: 0x0102_0304, syn: true });
    assert_eq!((frame.payload, frame.payload_range()), (&b"data"[..], 44..48));
    assert_eq!((frame.source.port(), frame.destination.port()), (80, 8080));
}

//! The layers of a packet, by `etherparse`.

use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use etherparse::err::packet::SliceError;
use etherparse::{EtherType, NetSlice, SlicedPacket, TransportSlice};

use super::{Frame, Layer, LinkType, Transport};
use crate::{Error, ErrorKind};

/// Octets of the header of a Linux cooked capture.
const SLL_HEADER: usize = 16;
/// Octets of the header of a Linux cooked capture, version 2.
const SLL2_HEADER: usize = 20;
/// Octets of the header of a loopback capture.
const LOOPBACK_HEADER: usize = 4;

/// Takes `octets` apart; offsets count from their start.
pub(super) fn read(link_type: LinkType, octets: &[u8]) -> Result<Option<Frame<'_>>, Error> {
    let (front, link, sliced) = match link_type {
        LinkType::ETHERNET => (0, "Ethernet", SlicedPacket::from_ethernet(octets)),
        // Not by `from_linux_sll`, which refuses the loopback interface.
        LinkType::LINUX_SLL => {
            let (header, rest) = split(octets, SLL_HEADER)?;
            (SLL_HEADER, "Linux cooked", of_ether_type(&header[14..], rest))
        }
        LinkType::LINUX_SLL2 => {
            let (header, rest) = split(octets, SLL2_HEADER)?;
            (SLL2_HEADER, "Linux cooked 2", of_ether_type(&header[..2], rest))
        }
        // The family's number differs between systems; the first octet of IP tells its version.
        LinkType::NULL | LinkType::LOOP => {
            let (_, rest) = split(octets, LOOPBACK_HEADER)?;
            (LOOPBACK_HEADER, "loopback", SlicedPacket::from_ip(rest))
        }
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => (0, "", SlicedPacket::from_ip(octets)),
        LinkType(link_type) => return Err(Error::new(ErrorKind::LinkType { link_type }, 0)),
    };
    let sliced = sliced.map_err(|error| fault(&error, front))?;
    frame(octets, link, &sliced)
}

fn of_ether_type<'a>(number: &[u8], rest: &'a [u8]) -> Result<SlicedPacket<'a>, SliceError> {
    let number = number.iter().fold(0, |number, octet| number << 8 | u16::from(*octet));
    SlicedPacket::from_ether_type(EtherType(number), rest)
}

fn split(octets: &[u8], at: usize) -> Result<(&[u8], &[u8]), Error> {
    let missing = at.saturating_sub(octets.len());
    octets.split_at_checked(at).ok_or(Error::new(ErrorKind::Truncated { missing }, octets.len()))
}

fn frame<'a>(
    octets: &'a [u8],
    link: &'static str,
    sliced: &SlicedPacket<'a>,
) -> Result<Option<Frame<'a>>, Error> {
    let (name, net_at, source, destination) = match &sliced.net {
        Some(NetSlice::Ipv4(ip)) => {
            let header = ip.header();
            let (source, destination) = (header.source_addr(), header.destination_addr());
            ("IPv4", offset(octets, header.slice()), source.into(), IpAddr::V4(destination))
        }
        Some(NetSlice::Ipv6(ip)) => {
            let header = ip.header();
            let (source, destination) = (header.source_addr(), header.destination_addr());
            ("IPv6", offset(octets, header.slice()), source.into(), IpAddr::V6(destination))
        }
        _ => return Ok(None),
    };
    if sliced.is_ip_payload_fragmented() {
        return Err(Error::new(ErrorKind::Fragment, net_at));
    }
    let (protocol, header, payload, ports, transport) = match &sliced.transport {
        Some(TransportSlice::Udp(udp)) => {
            let ports = (udp.source_port(), udp.destination_port());
            ("UDP", udp.header_slice(), udp.payload(), ports, Transport::Udp)
        }
        Some(TransportSlice::Tcp(tcp)) => {
            let ports = (tcp.source_port(), tcp.destination_port());
            let transport = Transport::Tcp { sequence: tcp.sequence_number(), syn: tcp.syn() };
            ("TCP", tcp.header_slice(), tcp.payload(), ports, transport)
        }
        _ => return Ok(None),
    };
    let transport_at = offset(octets, header);
    let payload_at = transport_at + header.len();
    let layers = [
        (link, 0..net_at),
        (name, net_at..transport_at),
        (protocol, transport_at..payload_at),
        ("payload", payload_at..payload_at + payload.len()),
    ];
    Ok(Some(Frame {
        source: SocketAddr::new(source, ports.0),
        destination: SocketAddr::new(destination, ports.1),
        transport,
        payload,
        layers: layers
            .into_iter()
            .filter(|(name, range)| !range.is_empty() || *name == "payload")
            .map(|(name, range)| Layer { name, range })
            .collect::<Vec<_>>(),
    }))
}

/// Where `inner`, a part of `outer`, begins in it.
fn offset(outer: &[u8], inner: &[u8]) -> usize {
    inner.as_ptr().addr().saturating_sub(outer.as_ptr().addr())
}

fn fault(error: &SliceError, front: usize) -> Error {
    let layer = match error {
        SliceError::Len(error) => {
            let missing = error.required_len.saturating_sub(error.len);
            let at = front + error.layer_start_offset;
            return match missing {
                0 => Error::new(ErrorKind::Malformed { layer: "length" }, at),
                _ => Error::new(ErrorKind::Truncated { missing }, at),
            };
        }
        SliceError::LinuxSll(_) => "Linux cooked header",
        SliceError::Macsec(_) => "MACsec header",
        SliceError::Ip(_) => "IP header",
        SliceError::Ipv4(_) => "IPv4 header",
        SliceError::Ipv6(_) => "IPv6 header",
        SliceError::Ipv4Exts(_) => "IPv4 authentication header",
        SliceError::Ipv6Exts(_) => "IPv6 extension header",
        SliceError::Tcp(_) => "TCP header",
    };
    Error::new(ErrorKind::Malformed { layer }, front)
}

//! A packet taken apart: link, IP, UDP or TCP.

mod sliced;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::net::SocketAddr;
use core::ops::Range;

use crate::Error;
use crate::file::Packet;

/// What a packet begins with, by the numbers of tcpdump.org.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: four octets that name the family, in the order of the machine.
    pub const NULL: Self = Self(0);
    /// Ethernet, tags of virtual networks included.
    pub const ETHERNET: Self = Self(1);
    /// IPv4 or IPv6 without anything in front.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: as [`LinkType::NULL`], in network order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture.
    pub const LINUX_SLL: Self = Self(113);
    /// IPv4 without anything in front.
    pub const IPV4: Self = Self(228);
    /// IPv6 without anything in front.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// The UDP or TCP content of a packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame<'a> {
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// How.
    pub transport: Transport,
    /// What.
    pub payload: &'a [u8],
    /// Headers and payload from the first octet of the packet on. What is left of the packet
    /// after the payload is padding.
    pub layers: Vec<Layer>,
}

/// UDP or TCP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// A datagram.
    Udp,
    /// A segment of a stream.
    Tcp {
        /// The number of its first octet.
        sequence: u32,
        /// Whether it begins a connection.
        syn: bool,
    },
}

/// A part of a packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layer {
    /// The protocol whose header it is, or `payload`.
    pub name: &'static str,
    /// Its octets, counted from the start of the packet.
    pub range: Range<usize>,
}

impl<'a> Frame<'a> {
    /// Takes a packet apart. `None`: it is neither UDP nor TCP over IP.
    ///
    /// # Errors
    /// [`Fragment`](crate::ErrorKind::Fragment), [`LinkType`](crate::ErrorKind::LinkType), or what
    /// is wrong with a header; a packet that was not captured to its end is
    /// [`Truncated`](crate::ErrorKind::Truncated). Offsets are those of the file.
    pub fn read(packet: &Packet<'a>) -> Result<Option<Self>, Error> {
        sliced::read(packet.link_type, packet.octets)
            .map_err(|error| Error::new(error.kind, packet.offset + error.offset))
    }

    /// Where the payload lies in the packet.
    #[must_use]
    pub fn payload_range(&self) -> Range<usize> {
        self.layers.last().map_or(0..0, |layer| layer.range.clone())
    }
}

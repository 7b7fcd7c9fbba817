//! Capture files: classic pcap and pcapng, of either byte order.
//! [draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng]

mod classic;
mod pcapng;
#[cfg(test)]
mod tests;

use crate::cursor::Cursor;
use crate::frame::LinkType;
use crate::{Error, ErrorKind};
use classic::Classic;
use pcapng::PcapNg;

/// A packet as it was captured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// Its number in the file, from 1, as other tools count.
    pub number: usize,
    /// When it was seen, if the file says so.
    pub time: Option<Time>,
    /// What its first octets are.
    pub link_type: LinkType,
    /// Its octets, as many as were captured.
    pub octets: &'a [u8],
    /// Where they begin in the file.
    pub offset: usize,
    /// How many octets it had on the network.
    pub original_length: usize,
}

/// A time since 1970.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Time {
    /// Whole seconds.
    pub seconds: u64,
    /// And nanoseconds, below a thousand millions.
    pub nanoseconds: u32,
}

/// The packets of a capture file, in its order; ends after the first error.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    cursor: Cursor<'a>,
    format: Format,
    number: usize,
    is_over: bool,
}

#[derive(Clone, Debug)]
enum Format {
    Classic(Classic),
    PcapNg(PcapNg),
}

impl<'a> Packets<'a> {
    /// Reads the head of a file.
    ///
    /// # Errors
    /// [`ErrorKind::NotACapture`], or what is wrong with the head.
    pub fn read(file: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(file);
        let magic = cursor.u32()?;
        let format = if magic == pcapng::SECTION_HEADER {
            // The section header is a block like others: read again from its start.
            cursor = Cursor::new(file);
            Format::PcapNg(PcapNg::default())
        } else if let Some(classic) = Classic::read(magic, &mut cursor)? {
            Format::Classic(classic)
        } else {
            return Err(Error::new(ErrorKind::NotACapture { magic }, 0));
        };
        Ok(Self { cursor, format, number: 0, is_over: false })
    }

    fn packet(&mut self) -> Result<Option<Packet<'a>>, Error> {
        match &mut self.format {
            Format::Classic(classic) => classic.packet(&mut self.cursor),
            Format::PcapNg(pcapng) => pcapng.packet(&mut self.cursor),
        }
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let packet = self.packet();
        self.is_over = !matches!(packet, Ok(Some(_)));
        self.number += 1;
        packet
            .map(|packet| packet.map(|packet| Packet { number: self.number, ..packet }))
            .transpose()
    }
}

/// A length of the file as a number of octets; too long for this machine is too long for a file.
fn length(octets: u32) -> usize {
    usize::try_from(octets).unwrap_or(usize::MAX)
}

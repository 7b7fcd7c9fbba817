//! pcapng: section headers, interfaces, enhanced and simple packets. [draft-ietf-opsawg-pcapng]
//!
//! Other blocks hold no packets and are passed over, as the format demands.

use alloc::vec::Vec;

use super::{Packet, Time, length};
use crate::cursor::Cursor;
use crate::frame::LinkType;
use crate::{Error, ErrorKind};

/// Block type of a section header; reads the same in either byte order.
pub(super) const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER: u32 = 0x1A2B_3C4D;
const VERSION: u16 = 1;
const OPTION_END: u16 = 0;
const OPTION_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;
/// Octets of a block around its body: type, length, length.
const AROUND: u32 = 12;
const SECOND: u128 = 1_000_000_000;

/// The interfaces of the section at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct PcapNg {
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: LinkType,
    /// Most octets captured of a packet; 0 is no limit.
    longest: usize,
    /// if_tsresol: a negative power of ten, or of two if the highest bit is set.
    resolution: u8,
    /// if_tsoffset: seconds to add.
    offset: i64,
}

impl PcapNg {
    pub(super) fn packet<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
    ) -> Result<Option<Packet<'a>>, Error> {
        while cursor.left() > 0 {
            let (block_type, mut body) = block(cursor)?;
            match block_type {
                SECTION_HEADER => {
                    self.interfaces.clear();
                    section(&mut body)?;
                }
                INTERFACE => self.interfaces.push(Interface::read(&mut body)?),
                ENHANCED_PACKET => return self.enhanced(&mut body).map(Some),
                SIMPLE_PACKET => return self.simple(&mut body).map(Some),
                OBSOLETE_PACKET => {
                    return Err(Error::new(ErrorKind::ObsoleteBlock, body.at() - 8));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn enhanced<'a>(&self, body: &mut Cursor<'a>) -> Result<Packet<'a>, Error> {
        let at = body.at();
        let number = body.u32()?;
        let interface = self.interface(number, at)?;
        let ticks = u64::from(body.u32()?) << 32 | u64::from(body.u32()?);
        let (captured, original) = (length(body.u32()?), length(body.u32()?));
        packet(body, interface, captured, original, Some(interface.time(ticks)))
    }

    fn simple<'a>(&self, body: &mut Cursor<'a>) -> Result<Packet<'a>, Error> {
        let interface = self.interface(0, body.at())?;
        let original = length(body.u32()?);
        let longest = if interface.longest == 0 { usize::MAX } else { interface.longest };
        packet(body, interface, original.min(longest), original, None)
    }

    fn interface(&self, number: u32, at: usize) -> Result<&Interface, Error> {
        let unknown = Error::new(ErrorKind::InterfaceUnknown { interface: number }, at);
        self.interfaces.get(length(number)).ok_or(unknown)
    }
}

/// The next block: its type, and a cursor over its body.
fn block<'a>(cursor: &mut Cursor<'a>) -> Result<(u32, Cursor<'a>), Error> {
    let mut ahead = cursor.clone();
    let block_type = ahead.u32()?;
    if block_type == SECTION_HEADER {
        ahead.take(4)?;
        let at = ahead.at();
        cursor.set_big_endian(match u32::from_be_bytes(ahead.array()?) {
            BYTE_ORDER => true,
            magic if magic == BYTE_ORDER.swap_bytes() => false,
            magic => return Err(Error::new(ErrorKind::NotACapture { magic }, at)),
        });
    }
    cursor.take(4)?;
    let at = cursor.at();
    let octets = cursor.u32()?;
    if octets < AROUND || octets % 4 != 0 {
        return Err(Error::new(ErrorKind::BlockLength { length: octets }, at));
    }
    let body = cursor.part(length(octets - AROUND))?;
    let at = cursor.at();
    let again = cursor.u32()?;
    if again != octets {
        return Err(Error::new(ErrorKind::BlockLength { length: again }, at));
    }
    Ok((block_type, body))
}

fn section(body: &mut Cursor<'_>) -> Result<(), Error> {
    body.take(4)?;
    let at = body.at();
    match body.u16()? {
        VERSION => Ok(()),
        major => Err(Error::new(ErrorKind::Version { major }, at)),
    }
}

fn packet<'a>(
    body: &mut Cursor<'a>,
    interface: &Interface,
    captured: usize,
    original_length: usize,
    time: Option<Time>,
) -> Result<Packet<'a>, Error> {
    let offset = body.at();
    let octets = body.take(captured)?;
    Ok(Packet { number: 0, time, link_type: interface.link_type, octets, offset, original_length })
}

impl Interface {
    fn read(body: &mut Cursor<'_>) -> Result<Self, Error> {
        let link_type = LinkType(body.u16()?);
        body.take(2)?;
        let longest = length(body.u32()?);
        let mut interface = Self { link_type, longest, resolution: 6, offset: 0 };
        while body.left() > 0 {
            let (code, octets) = (body.u16()?, usize::from(body.u16()?));
            match (code, octets) {
                (OPTION_END, _) => break,
                (OPTION_RESOLUTION, 1) => [interface.resolution] = body.array()?,
                (OPTION_TIME_OFFSET, 8) => interface.offset = body.i64()?,
                _ => drop(body.take(octets)?),
            }
            body.take((4 - octets % 4) % 4)?;
        }
        Ok(interface)
    }

    fn time(&self, ticks: u64) -> Time {
        let power = u32::from(self.resolution & 0x7F);
        let base: u128 = if self.resolution & 0x80 == 0 { 10 } else { 2 };
        // Beyond the range of a number no tick is as long as a nanosecond.
        let units = base.checked_pow(power).unwrap_or(u128::MAX);
        let ticks = u128::from(ticks);
        let fraction = (ticks % units).saturating_mul(SECOND) / units;
        let seconds = u64::try_from(ticks / units).unwrap_or(u64::MAX);
        Time {
            seconds: seconds.saturating_add_signed(self.offset),
            nanoseconds: u32::try_from(fraction).unwrap_or(0),
        }
    }
}

//! Classic pcap. [draft-ietf-opsawg-pcap]

use super::{Packet, Time, length};
use crate::cursor::Cursor;
use crate::frame::LinkType;
use crate::{Error, ErrorKind};

const MICROSECONDS: u32 = 0xA1B2_C3D4;
const NANOSECONDS: u32 = 0xA1B2_3C4D;
const VERSION: u16 = 2;
/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// What the head of the file says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Classic {
    link_type: LinkType,
    /// Nanoseconds in the unit of the times.
    unit: u64,
}

impl Classic {
    /// Reads the head after its magic number. `None`: it is another file.
    pub(super) fn read(magic: u32, cursor: &mut Cursor<'_>) -> Result<Option<Self>, Error> {
        let (is_big_endian, unit) = match magic {
            MICROSECONDS => (true, 1_000),
            NANOSECONDS => (true, 1),
            _ if magic == MICROSECONDS.swap_bytes() => (false, 1_000),
            _ if magic == NANOSECONDS.swap_bytes() => (false, 1),
            _ => return Ok(None),
        };
        cursor.set_big_endian(is_big_endian);
        let at = cursor.at();
        let major = cursor.u16()?;
        if major != VERSION {
            return Err(Error::new(ErrorKind::Version { major }, at));
        }
        // Minor version, two reserved numbers, longest packet.
        cursor.take(2 + 4 + 4 + 4)?;
        // The high bits tell about the frame check sequence.
        let [_, _, high, low] = cursor.u32()?.to_be_bytes();
        let link_type = LinkType(u16::from_be_bytes([high, low]));
        Ok(Some(Self { link_type, unit }))
    }

    pub(super) fn packet<'a>(&self, cursor: &mut Cursor<'a>) -> Result<Option<Packet<'a>>, Error> {
        if cursor.left() == 0 {
            return Ok(None);
        }
        let seconds = u64::from(cursor.u32()?);
        let fraction = u64::from(cursor.u32()?) * self.unit;
        let captured = length(cursor.u32()?);
        let original_length = length(cursor.u32()?);
        let offset = cursor.at();
        Ok(Some(Packet {
            number: 0,
            time: Some(Time {
                seconds: seconds + fraction / SECOND,
                nanoseconds: u32::try_from(fraction % SECOND).unwrap_or(0),
            }),
            link_type: self.link_type,
            octets: cursor.take(captured)?,
            offset,
            original_length,
        }))
    }
}

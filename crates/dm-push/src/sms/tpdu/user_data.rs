//! TP-UDL and TP-UD. [TS 23.040 §9.2.3.16, §9.2.3.24]

use alloc::vec::Vec;

use crate::cursor::Cursor;
use crate::sms::{DataCoding, MAX_USER_DATA, UserDataHeader};
use crate::{Error, ErrorKind};

/// Header and content of a short message.
///
/// Text is not taken apart; its packed octets are kept.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserData<'a> {
    /// The header, if TP-UDHI is set.
    pub header: Option<UserDataHeader<'a>>,
    /// All octets after the header.
    pub octets: &'a [u8],
    /// TP-UDL of seven-bit text: characters, which the octets alone do not tell.
    septets: Option<u8>,
}

impl<'a> UserData<'a> {
    /// User data of 8-bit data.
    #[must_use]
    pub const fn new(header: Option<UserDataHeader<'a>>, octets: &'a [u8]) -> Self {
        Self { header, octets, septets: None }
    }

    /// TP-UDL: octets, or septets of 7-bit text.
    #[must_use]
    pub fn length(&self) -> usize {
        self.septets.map_or_else(|| self.total(), usize::from)
    }

    /// Octets of header and content.
    pub(super) fn total(&self) -> usize {
        self.header.as_ref().map_or(0, UserDataHeader::octets) + self.octets.len()
    }

    pub(super) fn read(
        cursor: &mut Cursor<'a>,
        udhi: bool,
        coding: DataCoding,
    ) -> Result<Self, Error> {
        let at = cursor.at();
        let length = cursor.octet()?;
        let septets = coding.counts_septets().then_some(length);
        let octets = octets_of(length.into(), septets.is_some());
        if octets > MAX_USER_DATA {
            let kind = ErrorKind::UserDataTooLong { octets, limit: MAX_USER_DATA };
            return Err(Error::new(kind, at));
        }
        let mut block = cursor.part(octets)?;
        let header = if udhi { Some(UserDataHeader::read_from(&mut block)?) } else { None };
        Ok(Self { header, octets: block.rest(), septets })
    }

    pub(super) fn write(&self, coding: DataCoding, out: &mut Vec<u8>) -> Result<(), Error> {
        let at = out.len();
        let total = self.total();
        if total > MAX_USER_DATA {
            let kind = ErrorKind::UserDataTooLong { octets: total, limit: MAX_USER_DATA };
            return Err(Error::new(kind, at));
        }
        let length = match (coding.counts_septets(), self.septets) {
            (true, Some(septets)) => septets.into(),
            (true, None) => total * 8 / 7,
            (false, _) => total,
        };
        out.push(u8::try_from(length).unwrap_or(u8::MAX));
        if let Some(header) = &self.header {
            out.append(&mut header.write()?);
        }
        out.extend_from_slice(self.octets);
        Ok(())
    }
}

fn octets_of(length: usize, is_septets: bool) -> usize {
    if is_septets { (length * 7).div_ceil(8) } else { length }
}

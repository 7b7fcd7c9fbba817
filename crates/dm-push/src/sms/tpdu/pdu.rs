//! A TPDU as a modem gives it: with the service centre's address in front. [TS 27.005 §3.1]

use alloc::vec::Vec;
use core::ops::Range;

use super::Tpdu;
use crate::Error;
use crate::cursor::Cursor;
use crate::sms::Address;

/// A TPDU, and the service centre's address if it stands in front.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pdu<'a> {
    /// What stands in front.
    pub service_centre: ServiceCentre,
    /// The TPDU.
    pub tpdu: Tpdu<'a>,
}

/// The service centre's address in front of a TPDU.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServiceCentre {
    /// Not even its length: a bare TPDU.
    Absent,
    /// Length 0: the one that the modem knows.
    Default,
    /// An address.
    Address(Address),
}

impl<'a> Pdu<'a> {
    /// Reads a TPDU that may follow a service centre's address: nothing in the octets says so.
    ///
    /// A reading holds if it uses all octets and breaks no rule; the one with an address is tried
    /// first. The two seldom fit both: the second octet of an address is its type, with the
    /// highest bit set, and that of a bare SMS-DELIVER is a length of at most 20. If neither
    /// holds, the error is that of the reading that came further.
    ///
    /// # Errors
    /// Those of [`Tpdu::read`]; offsets count from the service centre's address.
    pub fn read(octets: &'a [u8]) -> Result<Self, Error> {
        let with = match Self::read_with_service_centre(octets) {
            Ok(pdu) => return Ok(pdu),
            Err(error) => error,
        };
        match Tpdu::read(octets) {
            Ok(tpdu) => Ok(Self { service_centre: ServiceCentre::Absent, tpdu }),
            Err(bare) if bare.offset >= with.offset => Err(bare),
            Err(_) => Err(with),
        }
    }

    /// Reads a TPDU that follows a service centre's address, as `AT+CMGL` and `+CMT` give it.
    ///
    /// # Errors
    /// Those of [`Tpdu::read`]; offsets count from the service centre's address.
    pub fn read_with_service_centre(octets: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(octets);
        let service_centre = match cursor.octet()? {
            0 => ServiceCentre::Default,
            length => {
                let length = usize::from(length);
                ServiceCentre::Address(Address::read_octets(&mut cursor, length)?)
            }
        };
        Ok(Self { service_centre, tpdu: Tpdu::read_from(&mut cursor)? })
    }

    /// The octets.
    ///
    /// # Errors
    /// Those of [`Tpdu::write`].
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        match &self.service_centre {
            ServiceCentre::Absent => {}
            ServiceCentre::Default => out.push(0),
            ServiceCentre::Address(address) => {
                let octets = self.service_centre.octets() - 1;
                out.extend([u8::try_from(octets).unwrap_or(u8::MAX), address.type_of_address()]);
                out.extend_from_slice(address.value());
            }
        }
        out.append(&mut self.tpdu.write()?);
        Ok(out)
    }

    /// Where the octets of the user data after the header lie in the input.
    #[must_use]
    pub fn data_range(&self) -> Range<usize> {
        let (front, data) = (self.service_centre.octets(), self.tpdu.data_range());
        front + data.start..front + data.end
    }
}

impl ServiceCentre {
    /// Octets in front of the TPDU.
    #[must_use]
    pub fn octets(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Default => 1,
            Self::Address(address) => 2 + address.value().len(),
        }
    }
}

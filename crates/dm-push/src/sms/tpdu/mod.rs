//! SMS-DELIVER and SMS-SUBMIT. [TS 23.040 §9.2.2.1, §9.2.2.2]
//!
//! | SMS-DELIVER | SMS-SUBMIT | Octets |
//! | -- | -- | -- |
//! | first octet | first octet | 1 |
//! | | TP-MR | 1 |
//! | TP-OA | TP-DA | 2 to 12 |
//! | TP-PID | TP-PID | 1 |
//! | TP-DCS | TP-DCS | 1 |
//! | TP-SCTS | TP-VP | 7; 0, 1 or 7 |
//! | TP-UDL | TP-UDL | 1 |
//! | TP-UD | TP-UD | up to 140 |

mod fields;
mod pdu;
#[cfg(test)]
mod tests;
mod user_data;

use alloc::vec::Vec;
use core::ops::Range;

pub use pdu::{Pdu, ServiceCentre};
pub use user_data::UserData;

use super::address::Address;
use super::data_coding::{Alphabet, DataCoding};
use super::timestamp::Timestamp;
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

const MTI: u8 = 0x03;
const MTI_DELIVER: u8 = 0x00;
const MTI_SUBMIT: u8 = 0x01;
const VPF: u8 = 0x18;
const VPF_ENHANCED: u8 = 0x08;
const VPF_RELATIVE: u8 = 0x10;
const VPF_ABSOLUTE: u8 = 0x18;
const UDHI: u8 = 0x40;

/// A short message on its way to a device, or from one.
///
/// ```
/// use dm_push::sms::{Address, DataCoding, Flags, MessageType, Timestamp, Tpdu, UserData};
/// let tpdu = Tpdu {
///     message_type: MessageType::Deliver { time: Timestamp::new([24, 1, 2, 3, 4, 5], 0)? },
///     flags: Flags::NO_MORE_MESSAGES,
///     address: Address::number("+123")?,
///     protocol_id: 0,
///     coding: DataCoding::DATA,
///     user_data: UserData::new(None, b"\x01\x06"),
/// };
/// let octets = tpdu.write()?;
/// assert_eq!(octets[..8], [0x04, 0x03, 0x91, 0x21, 0xF3, 0x00, 0x04, 0x42]);
/// assert_eq!(Tpdu::read(&octets)?.data()?, b"\x01\x06");
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tpdu<'a> {
    /// TP-MTI, and what only one of the types has.
    pub message_type: MessageType,
    /// What else the first octet says.
    pub flags: Flags,
    /// TP-OA of an SMS-DELIVER, TP-DA of an SMS-SUBMIT.
    pub address: Address,
    /// TP-PID. 0 is a plain short message.
    pub protocol_id: u8,
    /// TP-DCS.
    pub coding: DataCoding,
    /// TP-UDHI, TP-UDL and TP-UD.
    pub user_data: UserData<'a>,
}

/// The type of a TPDU. [TS 23.040 §9.2.3.1]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MessageType {
    /// From the service centre to the device.
    Deliver {
        /// TP-SCTS: when the service centre had it.
        time: Timestamp,
    },
    /// From the sender to the service centre.
    Submit {
        /// TP-MR: the sender's number of the message.
        reference: u8,
        /// TP-VPF and TP-VP.
        validity: Validity,
    },
}

/// TP-VP: how long the service centre keeps a message. [TS 23.040 §9.2.3.12]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// As long as it likes.
    Unsaid,
    /// A coded duration.
    Relative(u8),
    /// Until a time.
    Absolute(Timestamp),
    /// The enhanced format, not taken apart.
    Enhanced([u8; 7]),
}

/// The bits of the first octet that neither the type, the validity nor the header determine.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flags(u8);

impl Flags {
    /// TP-MMS of an SMS-DELIVER, inverted on the wire: nothing else is waiting. The same bit is
    /// TP-RD of an SMS-SUBMIT: reject duplicates. [TS 23.040 §9.2.3.2, §9.2.3.25]
    pub const NO_MORE_MESSAGES: Self = Self(0x04);
    /// TP-SRI, TP-SRR: a status report is, or shall be, made. [TS 23.040 §9.2.3.4, §9.2.3.5]
    pub const STATUS_REPORT: Self = Self(0x20);
    /// TP-RP: a reply path exists. [TS 23.040 §9.2.3.17]
    pub const REPLY_PATH: Self = Self(0x80);

    /// These flags and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl<'a> Tpdu<'a> {
    /// Reads a TPDU without a service centre's address in front.
    ///
    /// # Errors
    /// Whatever is wrong and where. Text is no fault here, but in [`Tpdu::data`].
    pub fn read(octets: &'a [u8]) -> Result<Self, Error> {
        Self::read_from(&mut Cursor::new(octets))
    }

    fn read_from(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        let first = cursor.octet()?;
        let (message_type, address, protocol_id, coding) = match first & MTI {
            MTI_DELIVER => {
                let address = Address::read(cursor)?;
                let (protocol_id, coding) = (cursor.octet()?, cursor.octet()?);
                let time = Timestamp::read(cursor)?;
                (MessageType::Deliver { time }, address, protocol_id, coding)
            }
            MTI_SUBMIT => {
                let reference = cursor.octet()?;
                let address = Address::read(cursor)?;
                let (protocol_id, coding) = (cursor.octet()?, cursor.octet()?);
                let validity = Validity::read(first & VPF, cursor)?;
                (MessageType::Submit { reference, validity }, address, protocol_id, coding)
            }
            indicator => return Err(Error::new(ErrorKind::MessageType { indicator }, at)),
        };
        let coding = DataCoding(coding);
        let user_data = UserData::read(cursor, first & UDHI != 0, coding)?;
        if !cursor.is_at_end() {
            let extra = cursor.rest().len();
            return Err(Error::new(ErrorKind::TrailingOctets { extra }, cursor.at()));
        }
        let flags = Flags(first & !message_type.bits() & !UDHI);
        Ok(Self { message_type, flags, address, protocol_id, coding, user_data })
    }

    /// The data after the header.
    ///
    /// # Errors
    /// [`ErrorKind::NotData`] if it is text, compressed or of a reserved coding; the offset is
    /// that of TP-DCS in the TPDU.
    pub fn data(&self) -> Result<&'a [u8], Error> {
        match self.coding.alphabet() {
            Alphabet::Data => Ok(self.user_data.octets),
            alphabet => {
                let kind = ErrorKind::NotData { coding: self.coding.0, alphabet };
                Err(Error::new(kind, self.coding_at()))
            }
        }
    }

    /// Where the octets of the user data after the header lie in the TPDU.
    #[must_use]
    pub fn data_range(&self) -> Range<usize> {
        let end = self.octets();
        end - self.user_data.octets.len()..end
    }

    /// Octets of the TPDU.
    fn octets(&self) -> usize {
        let after_coding = match self.message_type {
            MessageType::Deliver { .. } => 7,
            MessageType::Submit { validity, .. } => validity.octets().len(),
        };
        self.coding_at() + 1 + after_coding + 1 + self.user_data.total()
    }

    fn coding_at(&self) -> usize {
        let reference = usize::from(matches!(self.message_type, MessageType::Submit { .. }));
        1 + reference + 2 + self.address.value().len() + 1
    }

    /// The octets of the TPDU, without a service centre's address.
    ///
    /// # Errors
    /// [`ErrorKind::UserDataTooLong`] if the user data has more than 140 octets.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let udhi = if self.user_data.header.is_some() { UDHI } else { 0 };
        let mut out = Vec::from([self.message_type.first_octet() | self.flags.0 | udhi]);
        if let MessageType::Submit { reference, .. } = self.message_type {
            out.push(reference);
        }
        self.address.write(&mut out);
        out.extend([self.protocol_id, self.coding.0]);
        match &self.message_type {
            MessageType::Deliver { time } => out.extend(time.octets()),
            MessageType::Submit { validity, .. } => out.extend(validity.octets()),
        }
        self.user_data.write(self.coding, &mut out)?;
        Ok(out)
    }
}

impl MessageType {
    /// TP-MTI and TP-VPF.
    const fn first_octet(&self) -> u8 {
        match self {
            Self::Deliver { .. } => MTI_DELIVER,
            Self::Submit { validity, .. } => MTI_SUBMIT | validity.format(),
        }
    }

    /// The bits of the first octet that the type determines.
    const fn bits(&self) -> u8 {
        match self {
            Self::Deliver { .. } => MTI,
            Self::Submit { .. } => MTI | VPF,
        }
    }
}

impl Validity {
    fn read(format: u8, cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        Ok(match format {
            VPF_RELATIVE => Self::Relative(cursor.octet()?),
            VPF_ABSOLUTE => Self::Absolute(Timestamp::read(cursor)?),
            VPF_ENHANCED => {
                let mut octets = [0; 7];
                octets.copy_from_slice(cursor.take(7)?);
                Self::Enhanced(octets)
            }
            _ => Self::Unsaid,
        })
    }

    const fn format(&self) -> u8 {
        match self {
            Self::Unsaid => 0,
            Self::Relative(_) => VPF_RELATIVE,
            Self::Absolute(_) => VPF_ABSOLUTE,
            Self::Enhanced(_) => VPF_ENHANCED,
        }
    }

    fn octets(&self) -> Vec<u8> {
        match self {
            Self::Unsaid => Vec::new(),
            Self::Relative(octet) => Vec::from([*octet]),
            Self::Absolute(time) => Vec::from(time.octets()),
            Self::Enhanced(octets) => Vec::from(*octets),
        }
    }
}

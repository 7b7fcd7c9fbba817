//! bind: who sends, and whether it may. [SMPP 3.4 §4.1]

use alloc::vec::Vec;

use super::pdu::{Field, put_text, text};
use super::tlv::{Tlv, Tlvs, tag};
use crate::Error;
use crate::cursor::Cursor;

/// The version of SMPP that a side speaks. [SMPP 5.0 §4.7.13]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version(pub u8);

impl Version {
    /// SMPP 3.4.
    pub const V3_4: Self = Self(0x34);
    /// SMPP 5.0: an SMS centre may say how busy it is.
    pub const V5_0: Self = Self(0x50);
}

/// What a bound session may do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BindMode {
    /// bind_receiver: take messages and receipts.
    Receiver,
    /// bind_transmitter: submit messages.
    Transmitter,
    /// bind_transceiver: both.
    Transceiver,
}

/// Who binds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bind<'a> {
    /// What for.
    pub mode: BindMode,
    /// Whose account; at most 15 octets.
    pub system_id: &'a [u8],
    /// Its password; at most 8 octets.
    pub password: &'a [u8],
    /// What kind of system; at most 12 octets, and mostly none.
    pub system_type: &'a [u8],
    /// The version that is spoken.
    pub version: Version,
    /// Type of number of `address_range`.
    pub ton: u8,
    /// Numbering plan of `address_range`.
    pub npi: u8,
    /// Which addresses are served; at most 40 octets, and mostly none.
    pub address_range: &'a [u8],
}

/// The SMS centre's answer to a bind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BindResp<'a> {
    /// What was asked for.
    pub mode: BindMode,
    /// Who the SMS centre is.
    pub system_id: &'a [u8],
    /// `sc_interface_version`, and what else it says.
    pub tlvs: Tlvs<'a>,
}

const SYSTEM_ID: Field = Field { limit: 15 };
const PASSWORD: Field = Field { limit: 8 };
const SYSTEM_TYPE: Field = Field { limit: 12 };
const ADDRESS_RANGE: Field = Field { limit: 40 };

impl<'a> Bind<'a> {
    pub(super) fn read(mode: BindMode, cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Ok(Self {
            mode,
            system_id: cursor.text()?,
            password: cursor.text()?,
            system_type: cursor.text()?,
            version: Version(cursor.octet()?),
            ton: cursor.octet()?,
            npi: cursor.octet()?,
            address_range: text(cursor),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        put_text(out, self.system_id, SYSTEM_ID)?;
        put_text(out, self.password, PASSWORD)?;
        put_text(out, self.system_type, SYSTEM_TYPE)?;
        out.extend([self.version.0, self.ton, self.npi]);
        put_text(out, self.address_range, ADDRESS_RANGE)
    }
}

impl<'a> BindResp<'a> {
    /// The version that the SMS centre speaks; without the parameter, 3.4 at most.
    #[must_use]
    pub fn version(&self) -> Version {
        self.tlvs.octet(tag::SC_INTERFACE_VERSION).map_or(Version::V3_4, Version)
    }

    /// The octets of the parameter that tells the version.
    #[must_use]
    pub fn version_tlv(version: Version) -> Vec<u8> {
        let mut octets = Vec::new();
        let tlv = Tlv { tag: tag::SC_INTERFACE_VERSION, value: &[version.0] };
        let _ = tlv.write(&mut octets); // one octet is not too long
        octets
    }

    pub(super) fn read(mode: BindMode, cursor: &mut Cursor<'a>) -> Self {
        let system_id = text(cursor);
        let (rest, at) = (cursor.rest(), cursor.at());
        Self { mode, system_id, tlvs: Tlvs::at(rest, at) }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        put_text(out, self.system_id, SYSTEM_ID)?;
        out.extend_from_slice(self.tlvs.octets());
        Ok(())
    }
}

//! submit_sm and deliver_sm: the same fields both ways. [SMPP 3.4 §4.4.1, §4.6.1]

use alloc::vec::Vec;

use super::pdu::{Field, put_text, text};
use super::tlv::{Tlvs, tag};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// In esm_class: the user data begins with a header. [SMPP 3.4 §5.2.12]
pub const ESM_CLASS_UDHI: u8 = 0x40;

/// In esm_class of a deliver_sm: it is a receipt of the SMS centre. [SMPP 3.4 §5.2.12]
pub const ESM_CLASS_RECEIPT: u8 = 0x04;

/// In esm_class of a deliver_sm: it is a notification on the way. [SMPP 3.4 §5.2.12]
const ESM_CLASS_INTERMEDIATE: u8 = 0x20;

/// The bits of esm_class that tell the type of a message.
const ESM_CLASS_TYPE: u8 = 0x3C;

/// An address: type of number, numbering plan, and at most 20 octets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Party<'a> {
    /// Type of number: 0 unknown, 1 international, 2 national, 5 alphanumeric. [SMPP 3.4 §5.2.5]
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 that of telephones. [SMPP 3.4 §5.2.6]
    pub npi: u8,
    /// The digits or letters.
    pub address: &'a [u8],
}

/// A short message. Everything that is left at its default is 0 or empty.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Message<'a> {
    /// service_type, at most 5 octets.
    pub service_type: &'a [u8],
    /// Who sends.
    pub source: Party<'a>,
    /// Who shall have it.
    pub destination: Party<'a>,
    /// esm_class.
    pub esm_class: u8,
    /// protocol_id, TP-PID of the short message.
    pub protocol_id: u8,
    /// priority_flag.
    pub priority: u8,
    /// schedule_delivery_time: empty, or 16 octets.
    pub schedule: &'a [u8],
    /// validity_period: empty, or 16 octets as [`super::absolute_time`] writes them.
    pub validity: &'a [u8],
    /// registered_delivery: 1 asks for a receipt.
    pub registered_delivery: u8,
    /// replace_if_present_flag.
    pub replace: u8,
    /// data_coding: 4 is octets.
    pub data_coding: u8,
    /// sm_default_msg_id.
    pub default_message: u8,
    /// short_message: at most 254 octets.
    pub short_message: &'a [u8],
    /// The optional parameters.
    pub tlvs: Tlvs<'a>,
}

const SERVICE_TYPE: Field = Field { limit: 5 };
const ADDRESS: Field = Field { limit: 20 };
const TIME: Field = Field { limit: 16 };
/// Octets of short_message, at most. [SMPP 3.4 §5.2.22]
const SHORT_MESSAGE: usize = 254;

impl<'a> Message<'a> {
    /// The user data, wherever it stands.
    #[must_use]
    pub fn user_data(&self) -> &'a [u8] {
        match self.tlvs.get(tag::MESSAGE_PAYLOAD) {
            Some(payload) if self.short_message.is_empty() => payload,
            _ => self.short_message,
        }
    }

    /// Whether, as a deliver_sm, it tells of a message that was sent before.
    #[must_use]
    pub const fn is_receipt(&self) -> bool {
        matches!(self.esm_class & ESM_CLASS_TYPE, ESM_CLASS_RECEIPT | ESM_CLASS_INTERMEDIATE)
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let service_type = cursor.text()?;
        let source = Party::read(cursor)?;
        let destination = Party::read(cursor)?;
        let (esm_class, protocol_id, priority) =
            (cursor.octet()?, cursor.octet()?, cursor.octet()?);
        let (schedule, validity) = (cursor.text()?, cursor.text()?);
        let (registered_delivery, replace) = (cursor.octet()?, cursor.octet()?);
        let (data_coding, default_message) = (cursor.octet()?, cursor.octet()?);
        let length = cursor.octet()?;
        let short_message = cursor.take(length.into())?;
        let (rest, at) = (cursor.rest(), cursor.at());
        Ok(Self {
            service_type,
            source,
            destination,
            esm_class,
            protocol_id,
            priority,
            schedule,
            validity,
            registered_delivery,
            replace,
            data_coding,
            default_message,
            short_message,
            tlvs: Tlvs::at(rest, at),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        put_text(out, self.service_type, SERVICE_TYPE)?;
        self.source.write(out)?;
        self.destination.write(out)?;
        out.extend([self.esm_class, self.protocol_id, self.priority]);
        put_text(out, self.schedule, TIME)?;
        put_text(out, self.validity, TIME)?;
        out.extend([self.registered_delivery, self.replace]);
        out.extend([self.data_coding, self.default_message]);
        let (octets, limit) = (self.short_message.len(), SHORT_MESSAGE);
        let length = u8::try_from(octets).ok().filter(|_| octets <= limit);
        let too_long = Error::new(ErrorKind::FieldTooLong { octets, limit }, out.len());
        out.push(length.ok_or(too_long)?);
        out.extend_from_slice(self.short_message);
        out.extend_from_slice(self.tlvs.octets());
        Ok(())
    }
}

impl<'a> Party<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Ok(Self { ton: cursor.octet()?, npi: cursor.octet()?, address: cursor.text()? })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend([self.ton, self.npi]);
        put_text(out, self.address, ADDRESS)
    }
}

/// message_id of a response: what the SMS centre calls the message. The NUL behind it is sometimes missing.
pub(super) fn message_id<'a>(cursor: &mut Cursor<'a>) -> (&'a [u8], Tlvs<'a>) {
    let id = text(cursor);
    (id, Tlvs::at(cursor.rest(), cursor.at()))
}

//! A PDU: length, command, status, sequence number, and what the command needs. [SMPP 3.4 §3.2]

use alloc::vec::Vec;

use super::bind::{Bind, BindMode, BindResp};
use super::message::{self, Message};
use super::status::Status;
use super::tlv::Tlvs;
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// Octets of the header of a PDU.
pub const HEADER: usize = 16;

/// The bit of command_id that makes a response of a request.
pub const RESPONSE: u32 = 0x8000_0000;

/// One PDU.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pdu<'a> {
    /// What became of the request, if it is a response.
    pub status: Status,
    /// What a response has from its request.
    pub sequence: u32,
    /// What it is.
    pub body: Body<'a>,
}

/// What a PDU is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Body<'a> {
    /// bind_receiver, bind_transmitter, bind_transceiver.
    Bind(Bind<'a>),
    /// The answer to one of those.
    BindResp(BindResp<'a>),
    /// deliver_sm: a message, or a receipt.
    DeliverSm(Message<'a>),
    /// deliver_sm_resp.
    DeliverSmResp,
    /// enquire_link: is anybody there?
    EnquireLink,
    /// enquire_link_resp.
    EnquireLinkResp,
    /// generic_nack: a PDU that was not understood.
    GenericNack,
    /// Another command.
    Other {
        /// command_id.
        command: u32,
        /// What is behind the header.
        body: &'a [u8],
    },
    /// submit_sm.
    SubmitSm(Message<'a>),
    /// submit_sm_resp.
    SubmitSmResp {
        /// What the SMS centre calls the message from now on; at most 64 octets.
        message_id: &'a [u8],
        /// The optional parameters.
        tlvs: Tlvs<'a>,
    },
    /// unbind: the end of the session.
    Unbind,
    /// unbind_resp.
    UnbindResp,
}

const BIND_RECEIVER: u32 = 0x01;
const BIND_TRANSMITTER: u32 = 0x02;
const BIND_TRANSCEIVER: u32 = 0x09;
const SUBMIT_SM: u32 = 0x04;
const SUBMIT_SM_RESP: u32 = SUBMIT_SM | RESPONSE;
const DELIVER_SM: u32 = 0x05;
const DELIVER_SM_RESP: u32 = DELIVER_SM | RESPONSE;
const UNBIND: u32 = 0x06;
const UNBIND_RESP: u32 = UNBIND | RESPONSE;
const ENQUIRE_LINK: u32 = 0x15;
const ENQUIRE_LINK_RESP: u32 = ENQUIRE_LINK | RESPONSE;
const GENERIC_NACK: u32 = RESPONSE;

impl<'a> Pdu<'a> {
    /// One with the status that requests have.
    #[must_use]
    pub const fn ok(sequence: u32, body: Body<'a>) -> Self {
        Self { status: Status::OK, sequence, body }
    }

    /// command_length, command_status and sequence_number of what may be a PDU, whatever its body is.
    #[must_use]
    pub fn head(octets: &[u8]) -> Option<(u32, Status, u32)> {
        let word = |at| {
            let octets = octets.get(at..at + 4)?;
            Some(u32::from_be_bytes(octets.try_into().ok()?))
        };
        Some((word(4)?, Status(word(8)?), word(12)?))
    }

    /// Reads exactly one.
    ///
    /// # Errors
    /// [`ErrorKind::CommandLength`] if these octets are not one PDU; [`ErrorKind::Truncated`] and
    /// [`ErrorKind::TextUnterminated`] if its body ends within a field.
    pub fn read(octets: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(octets);
        let [length, command, status, sequence] =
            [word(&mut cursor)?, word(&mut cursor)?, word(&mut cursor)?, word(&mut cursor)?];
        if usize::try_from(length).ok() != Some(octets.len()) {
            return Err(Error::new(ErrorKind::CommandLength { length, limit: octets.len() }, 0));
        }
        let body = Body::read(command, &mut cursor)?;
        Ok(Self { status: Status(status), sequence, body })
    }

    /// Writes it behind what is there.
    ///
    /// # Errors
    /// [`ErrorKind::FieldTooLong`] and [`ErrorKind::NotText`], with the place of the field in `out`; then
    /// `out` is as it was.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        for word in [self.body.command(), self.status.0, self.sequence] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        let written = self.body.write(out).and_then(|()| {
            let octets = out.len() - start;
            let limit = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
            let too_long = Error::new(ErrorKind::FieldTooLong { octets, limit }, start);
            let length = u32::try_from(octets).map_err(|_| too_long)?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
            Ok(())
        });
        if written.is_err() {
            out.truncate(start);
        }
        written
    }
}

impl<'a> Body<'a> {
    /// command_id.
    #[must_use]
    pub const fn command(&self) -> u32 {
        match self {
            Self::Bind(Bind { mode, .. }) => of_mode(*mode),
            Self::BindResp(BindResp { mode, .. }) => of_mode(*mode) | RESPONSE,
            Self::DeliverSm(_) => DELIVER_SM,
            Self::DeliverSmResp => DELIVER_SM_RESP,
            Self::EnquireLink => ENQUIRE_LINK,
            Self::EnquireLinkResp => ENQUIRE_LINK_RESP,
            Self::GenericNack => GENERIC_NACK,
            Self::Other { command, .. } => *command,
            Self::SubmitSm(_) => SUBMIT_SM,
            Self::SubmitSmResp { .. } => SUBMIT_SM_RESP,
            Self::Unbind => UNBIND,
            Self::UnbindResp => UNBIND_RESP,
        }
    }

    fn read(command: u32, cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Ok(match (command, mode(command & !RESPONSE)) {
            (_, Some(mode)) if command & RESPONSE == 0 => Self::Bind(Bind::read(mode, cursor)?),
            (_, Some(mode)) => Self::BindResp(BindResp::read(mode, cursor)),
            (DELIVER_SM, _) => Self::DeliverSm(Message::read(cursor)?),
            (DELIVER_SM_RESP, _) => Self::DeliverSmResp,
            (ENQUIRE_LINK, _) => Self::EnquireLink,
            (ENQUIRE_LINK_RESP, _) => Self::EnquireLinkResp,
            (GENERIC_NACK, _) => Self::GenericNack,
            (SUBMIT_SM, _) => Self::SubmitSm(Message::read(cursor)?),
            (SUBMIT_SM_RESP, _) => {
                let (message_id, tlvs) = message::message_id(cursor);
                Self::SubmitSmResp { message_id, tlvs }
            }
            (UNBIND, _) => Self::Unbind,
            (UNBIND_RESP, _) => Self::UnbindResp,
            (command, _) => Self::Other { command, body: cursor.rest() },
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Bind(bind) => bind.write(out)?,
            Self::BindResp(answer) => answer.write(out)?,
            Self::DeliverSm(message) | Self::SubmitSm(message) => message.write(out)?,
            Self::DeliverSmResp => out.push(0), // message_id, which is always empty
            Self::SubmitSmResp { message_id, tlvs } => {
                put_text(out, message_id, MESSAGE_ID)?;
                out.extend_from_slice(tlvs.octets());
            }
            Self::Other { body, .. } => out.extend_from_slice(body),
            Self::EnquireLink
            | Self::EnquireLinkResp
            | Self::GenericNack
            | Self::Unbind
            | Self::UnbindResp => {}
        }
        Ok(())
    }
}

const MESSAGE_ID: Field = Field { limit: 64 };

const fn mode(command: u32) -> Option<BindMode> {
    match command {
        BIND_RECEIVER => Some(BindMode::Receiver),
        BIND_TRANSMITTER => Some(BindMode::Transmitter),
        BIND_TRANSCEIVER => Some(BindMode::Transceiver),
        _ => None,
    }
}

const fn of_mode(mode: BindMode) -> u32 {
    match mode {
        BindMode::Receiver => BIND_RECEIVER,
        BindMode::Transmitter => BIND_TRANSMITTER,
        BindMode::Transceiver => BIND_TRANSCEIVER,
    }
}

fn word(cursor: &mut Cursor<'_>) -> Result<u32, Error> {
    let mut octets = [0; 4];
    octets.copy_from_slice(cursor.take(4)?);
    Ok(u32::from_be_bytes(octets))
}

/// A C-octet string in what we write.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Its octets, without the NUL.
    pub limit: usize,
}

/// Writes text and the NUL behind it.
pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8], field: Field) -> Result<(), Error> {
    let (octets, limit) = (text.len(), field.limit);
    if octets > limit {
        return Err(Error::new(ErrorKind::FieldTooLong { octets, limit }, out.len()));
    }
    if let Some(at) = text.iter().position(|octet| *octet == 0) {
        return Err(Error::new(ErrorKind::NotText { octet: 0 }, out.len() + at));
    }
    out.extend_from_slice(text);
    out.push(0);
    Ok(())
}

/// Text that may end with the PDU: some leave the last NUL out, or the whole field.
pub(super) fn text<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let rest = cursor.rest();
    match cursor.text() {
        Ok(text) => text,
        Err(_) => cursor.take(rest.len()).unwrap_or(rest),
    }
}

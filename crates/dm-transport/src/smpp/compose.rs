//! A message becomes submit_sm PDUs: a WSP push, cut into short messages with ports. [TS 23.040 §9.2.3.24]

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use dm_push::smpp::session::Submission;
use dm_push::smpp::{ESM_CLASS_UDHI, Message, Party, absolute_time};
use dm_push::sms::{MAX_USER_DATA, Ports, Reference, ShortMessage, segment};
use dm_push::wsp::PORT_PUSH;

use super::config::SmppConfig;
use crate::protect::Wrapping;
use crate::route::{Outgoing, PushId};
use crate::setup::SetupError;
use crate::{Address, Plan, SendError};

/// The source port of pushes. [WAP-259]
const PORT_WSP: u16 = 9200;

/// data_coding: octets. [SMPP 3.4 §5.2.19]
const OCTETS: u8 = 4;

/// registered_delivery: a receipt when it is delivered or will not be. [SMPP 3.4 §5.2.17]
const RECEIPT: u8 = 1;

/// How messages are written.
#[derive(Debug)]
pub(super) struct Composer {
    config: SmppConfig,
    wrapping: Wrapping,
}

impl Composer {
    /// As the configuration says.
    ///
    /// # Errors
    /// [`SetupError`]: no short message can be written with it, or a secret is missing.
    pub(super) fn new(config: &SmppConfig) -> Result<Self, SetupError> {
        let wrapping = Wrapping::new(config.sec_mac.as_ref())?;
        let composer = Self { config: config.clone(), wrapping };
        match Submission::new(&composer.message(&[], b"", "")) {
            Ok(_) => Ok(composer),
            Err(_) => Err(SetupError::Key(
                "`source` has at most 20 octets, and `service_type` at most 5: shorten them",
            )),
        }
    }

    /// What it takes.
    pub(super) fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        self.number(&outgoing.to)?;
        let push = self.wrapped(outgoing)?;
        let parts = self.parts(&push, outgoing)?;
        let octets = |part: &ShortMessage<'_>| part.data_range().end;
        let segments = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        Ok(Plan::new(segments, parts.iter().map(octets).sum()))
    }

    /// All of it, in order. The same outgoing message is written to the same octets each time.
    pub(super) fn submissions(&self, outgoing: &Outgoing) -> Result<Vec<Submission>, SendError> {
        let number = self.number(&outgoing.to)?;
        let push = self.wrapped(outgoing)?;
        let until = outgoing.valid_until.map(|time| {
            absolute_time(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
        });
        let validity = until.as_deref().unwrap_or_default();
        let parts = self.parts(&push, outgoing)?;
        let submission = |part: ShortMessage<'_>| {
            // A segment fits by what it is; were that not so, it would be too large.
            let too_large = || {
                let (to, octets) = (outgoing.to.clone(), outgoing.octets.len());
                SendError::TooLarge { to, octets, limit: MAX_USER_DATA }
            };
            let user_data = part.write().map_err(|_| too_large())?;
            Submission::new(&self.message(&user_data, number, validity)).map_err(|_| too_large())
        };
        parts.into_iter().map(submission).collect()
    }

    fn message<'a>(
        &'a self,
        user_data: &'a [u8],
        number: &'a [u8],
        validity: &'a str,
    ) -> Message<'a> {
        let config = &self.config;
        let source = Party {
            ton: config.source_ton(),
            npi: config.source_npi,
            address: config.source.as_bytes(),
        };
        let (ton, npi) = (config.destination_ton, config.destination_npi);
        Message {
            service_type: config.service_type.as_bytes(),
            source,
            destination: Party { ton, npi, address: number },
            esm_class: ESM_CLASS_UDHI,
            validity: validity.as_bytes(),
            registered_delivery: if config.receipts { RECEIPT } else { 0 },
            data_coding: OCTETS,
            short_message: user_data,
            ..Message::default()
        }
    }

    fn parts<'a>(
        &self,
        push: &'a [u8],
        outgoing: &Outgoing,
    ) -> Result<Vec<ShortMessage<'a>>, SendError> {
        let ports = Ports { destination: PORT_PUSH, source: PORT_WSP };
        segment(push, ports, self.reference(&outgoing.id)).map_err(|_| {
            let octets = outgoing.octets.len();
            let header = if self.config.reference_bits == 16 { 13 } else { 12 };
            let most = (MAX_USER_DATA - header) * usize::from(u8::MAX);
            let limit = most.saturating_sub(push.len().saturating_sub(octets));
            SendError::TooManySegments { to: outgoing.to.clone(), octets, limit }
        })
    }

    /// The reference that segments have in common. The same sending has the same one, after a restart,
    /// too: what is sent again completes what arrived before.
    fn reference(&self, id: &PushId) -> Reference {
        let id = id.as_str().as_bytes();
        match self.config.reference_bits {
            16 => Reference::Sixteen(crc16(id)),
            _ => {
                let digits = id.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
                let (name, number) = id.split_at(id.len() - digits);
                // Neighbours count: what is sent behind one another differs.
                let number = number
                    .iter()
                    .fold(0_u8, |number, digit| number.wrapping_mul(10).wrapping_add(digit - b'0'));
                Reference::Eight(crc8(name).wrapping_add(number))
            }
        }
    }

    /// A WSP push; of octets that are one already, these.
    fn wrapped<'a>(&self, outgoing: &'a Outgoing) -> Result<Cow<'a, [u8]>, SendError> {
        let transaction = crc8(outgoing.id.as_str().as_bytes());
        let push = self.wrapping.push(&outgoing.octets, transaction);
        push.ok_or_else(|| SendError::Unproven { to: outgoing.to.clone() })
    }

    fn number<'a>(&self, to: &'a Address) -> Result<&'a [u8], SendError> {
        match to {
            Address::Tel(number) => Ok(number.digits().as_bytes()),
            _ => Err(SendError::Address { to: to.clone(), transport: "SMPP" }),
        }
    }
}

/// CRC-8 with the polynomial 0x07: two texts of one length that differ in one octet have different ones.
fn crc8(octets: &[u8]) -> u8 {
    octets.iter().fold(0, |checked, octet| {
        (0..8).fold(checked ^ octet, |checked, _| {
            if checked & 0x80 == 0 { checked << 1 } else { (checked << 1) ^ 0x07 }
        })
    })
}

/// CRC-16 with the polynomial 0x1021: two texts of one length that differ within two neighbouring octets
/// have different ones.
fn crc16(octets: &[u8]) -> u16 {
    octets.iter().fold(0xFFFF, |checked, octet| {
        (0..8).fold(checked ^ (u16::from(*octet) << 8), |checked, _| {
            if checked & 0x8000 == 0 { checked << 1 } else { (checked << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests;

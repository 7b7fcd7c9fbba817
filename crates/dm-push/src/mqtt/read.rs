//! Packets of a broker. [MQTT 5 §2, §3]

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// What a broker sends.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Packet {
    /// CONNACK. [MQTT 5 §3.2]
    ConnAck(ConnAck),
    /// DISCONNECT, with its reason. [MQTT 5 §3.14]
    Disconnect(u8),
    /// PUBACK. [MQTT 5 §3.4]
    PubAck {
        /// What it acknowledges.
        id: u16,
        /// Its reason.
        reason: u8,
    },
    /// PUBLISH. [MQTT 5 §3.3]
    Publish(Publish),
    /// SUBACK, with the reason for each filter. [MQTT 5 §3.9]
    SubAck(Vec<u8>),
    /// PINGRESP, and what asks nothing of us.
    Other,
}

/// The answer to CONNECT, and what the broker asks of the connection. [MQTT 5 §3.2.2.3]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConnAck {
    /// Its reason: 0, or why there is no connection.
    pub reason: u8,
    /// How often it wants to hear from us, in seconds; without it, as often as was said in CONNECT.
    pub keep_alive: Option<u16>,
    /// Messages at QoS 1 that may be on their way to it at once; without it, 65,535.
    pub receive_maximum: Option<u16>,
    /// Octets of a packet, at most.
    pub maximum_packet: Option<u32>,
    /// The highest QoS that it knows, if it is not 2.
    pub maximum_qos: Option<u8>,
}

/// A message on a topic.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Publish {
    /// To acknowledge it with; none at QoS 0.
    pub id: Option<u16>,
    /// Where it was published.
    pub topic: String,
    /// What it says of its payload.
    pub content_type: Option<String>,
    /// How long it is still valid, in seconds.
    pub expiry: Option<u32>,
    /// Whether the broker kept it for whoever subscribes.
    pub is_retained: bool,
    /// The message.
    pub payload: Vec<u8>,
}

/// The first packet of what was read, and its length; none if it is not whole yet.
///
/// # Errors
/// [`Error`] if it is longer than `most` octets, or cannot be read: the connection is of no use then.
pub fn first(octets: &[u8], most: usize) -> Result<Option<(Packet, usize)>, Error> {
    let Some(&kind) = octets.first() else { return Ok(None) };
    let mut rest = Octets { all: octets, at: 1 };
    let length = match rest.variable() {
        Ok(length) => length,
        Err(_) if octets.len() < 5 => return Ok(None),
        Err(error) => return Err(error),
    };
    let whole = rest.at.saturating_add(length);
    if whole > most {
        return Err(Error::new(ErrorKind::MqttTooLarge { limit: most }, 0));
    }
    let Some(all) = octets.get(..whole) else { return Ok(None) };
    let packet = read(kind, Octets { all, at: rest.at })?;
    Ok(Some((packet, whole)))
}

/// Takes the first packet off what was read; none if it is not whole yet.
///
/// # Errors
/// As [`first`].
pub fn take(buffer: &mut Vec<u8>, most: usize) -> Result<Option<Packet>, Error> {
    Ok(first(buffer, most)?.map(|(packet, length)| {
        buffer.drain(..length);
        packet
    }))
}

fn read(first: u8, mut body: Octets<'_>) -> Result<Packet, Error> {
    Ok(match first >> 4 {
        2 => {
            body.u8()?; // whether there was a session: whoever needs to know subscribes anyway
            let reason = body.u8()?;
            let mut ack = body.properties()?.ack;
            ack.reason = reason;
            Packet::ConnAck(ack)
        }
        3 => {
            let topic = body.text()?.to_owned();
            let id = if first & 0b110 == 0 { None } else { Some(body.u16()?) };
            let Properties { content_type, expiry, .. } = body.properties()?;
            let (is_retained, payload) = (first & 1 == 1, body.rest().to_vec());
            Packet::Publish(Publish { id, topic, content_type, expiry, is_retained, payload })
        }
        // Without a reason it is a success. [MQTT 5 §3.4.2.1]
        4 => Packet::PubAck { id: body.u16()?, reason: body.u8().unwrap_or(0) },
        9 => {
            body.u16()?;
            body.properties()?;
            Packet::SubAck(body.rest().to_vec())
        }
        14 => Packet::Disconnect(body.u8().unwrap_or(0)),
        _ => Packet::Other,
    })
}

/// A packet, and how far it was read.
struct Octets<'a> {
    all: &'a [u8],
    at: usize,
}

#[derive(Default)]
struct Properties {
    ack: ConnAck,
    content_type: Option<String>,
    expiry: Option<u32>,
}

impl<'a> Octets<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.all[self.at..]
    }

    fn error(&self) -> Error {
        Error::new(ErrorKind::MqttPacket, self.at)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, _) = self.rest().split_at_checked(length).ok_or_else(|| self.error())?;
        self.at += length;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Error> {
        self.take(1).map(|octets| octets[0])
    }

    fn u16(&mut self) -> Result<u16, Error> {
        self.take(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }

    fn u32(&mut self) -> Result<u32, Error> {
        self.take(4).map(|it| u32::from_be_bytes([it[0], it[1], it[2], it[3]]))
    }

    fn binary(&mut self) -> Result<&'a [u8], Error> {
        let length = self.u16()?;
        self.take(length.into())
    }

    fn text(&mut self) -> Result<&'a str, Error> {
        let error = self.error();
        core::str::from_utf8(self.binary()?).map_err(|_| error)
    }

    /// A variable byte integer. [MQTT 5 §1.5.5]
    fn variable(&mut self) -> Result<usize, Error> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let octet = self.u8()?;
            value |= usize::from(octet & 0x7F) << shift;
            if octet & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.error())
    }

    /// The properties of a packet; those that nobody asks for are passed over. [MQTT 5 §2.2.2.2]
    fn properties(&mut self) -> Result<Properties, Error> {
        let length = self.variable()?;
        let end = self.at.saturating_add(length);
        let all = self.all.get(..end).ok_or_else(|| self.error())?;
        let mut rest = Octets { all, at: self.at };
        let mut found = Properties::default();
        while !rest.rest().is_empty() {
            match rest.u8()? {
                0x02 => found.expiry = Some(rest.u32()?),
                0x03 => found.content_type = Some(rest.text()?.to_owned()),
                0x13 => found.ack.keep_alive = Some(rest.u16()?),
                0x21 => found.ack.receive_maximum = Some(rest.u16()?),
                0x24 => found.ack.maximum_qos = Some(rest.u8()?),
                // Nobody may say 0. [MQTT 5 §3.2.2.3.6]
                0x27 => found.ack.maximum_packet = Some(rest.u32()?.max(1)),
                0x01 | 0x17 | 0x19 | 0x25 | 0x28 | 0x29 | 0x2A => drop(rest.take(1)?),
                0x22 | 0x23 => drop(rest.take(2)?),
                0x11 | 0x18 => drop(rest.take(4)?),
                0x0B => drop(rest.variable()?),
                0x08 | 0x09 | 0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => drop(rest.binary()?),
                0x26 => drop((rest.binary()?, rest.binary()?)),
                _ => return Err(Error::new(ErrorKind::MqttPacket, rest.at - 1)),
            }
        }
        self.at = end;
        Ok(found)
    }
}

//! Packets for a broker. [MQTT 5 §3]

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::media_type;

/// CONNECT. [MQTT 5 §3.1]
#[derive(Clone, Copy, Debug)]
pub struct Connect<'a> {
    /// By which the broker knows the session; where it is empty, the broker gives one.
    pub client_id: &'a str,
    /// Whether a session of before is ended.
    pub clean_start: bool,
    /// How long the session is kept without a connection, in seconds.
    pub session_expiry: u32,
    /// How often the broker hears from us at least, in seconds.
    pub keep_alive: u16,
    /// User and password.
    pub login: Option<(&'a str, &'a str)>,
    /// Messages at QoS 1 that the broker may send before the first is acknowledged.
    pub receive_maximum: u16,
    /// Octets of a packet that we take.
    pub maximum_packet: u32,
}

/// A push: PUBLISH at QoS 1, not retained. [MQTT 5 §3.3]
#[derive(Clone, Copy, Debug)]
pub struct PushPublish<'a> {
    /// What the broker acknowledges it by; not 0.
    pub id: u16,
    /// The topic of the device.
    pub topic: &'a str,
    /// How long the broker may keep it, in seconds.
    pub expiry: Option<u32>,
    /// The sealed message.
    pub payload: &'a [u8],
}

impl Connect<'_> {
    /// The packet. Texts above 65,535 octets are cut: check them before.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put(&mut body, b"MQTT");
        body.push(5);
        let login = if self.login.is_some() { 0b1100_0000 } else { 0 };
        body.push(login | u8::from(self.clean_start) << 1);
        body.extend_from_slice(&self.keep_alive.to_be_bytes());
        body.push(13);
        body.push(0x11);
        body.extend_from_slice(&self.session_expiry.to_be_bytes());
        body.push(0x21);
        body.extend_from_slice(&self.receive_maximum.to_be_bytes());
        body.push(0x27);
        body.extend_from_slice(&self.maximum_packet.to_be_bytes());
        put(&mut body, self.client_id.as_bytes());
        if let Some((user, password)) = self.login {
            put(&mut body, user.as_bytes());
            put(&mut body, password.as_bytes());
        }
        framed(0x10, &[&body])
    }
}

impl PushPublish<'_> {
    /// The packet; none if it has more than the 268,435,455 octets that MQTT can count.
    #[must_use]
    pub fn write(&self) -> Option<Vec<u8>> {
        let mut head = Vec::with_capacity(64);
        put(&mut head, self.topic.as_bytes());
        head.extend_from_slice(&self.id.to_be_bytes());
        let mut properties = Vec::with_capacity(40);
        if let Some(expiry) = self.expiry {
            properties.push(0x02);
            properties.extend_from_slice(&expiry.to_be_bytes());
        }
        properties.push(0x03);
        put(&mut properties, media_type::DM_WBXML.as_bytes());
        head.push(u8::try_from(properties.len()).ok()?);
        head.extend_from_slice(&properties);
        let length = head.len().checked_add(self.payload.len())?;
        (length <= LONGEST).then(|| framed(0x32, &[&head, self.payload]))
    }
}

/// SUBSCRIBE at QoS 1; what was retained comes only with a new subscription. [MQTT 5 §3.8]
#[must_use]
pub fn subscribe(topics: &[String]) -> Vec<u8> {
    let mut body = vec![0, 1, 0];
    for topic in topics {
        put(&mut body, topic.as_bytes());
        body.push(0b01_0001);
    }
    framed(0x82, &[&body])
}

/// PUBACK, always "success": what came is kept, or can be no message. [MQTT 5 §3.4]
#[must_use]
pub fn puback(id: u16) -> Vec<u8> {
    framed(0x40, &[&id.to_be_bytes()])
}

/// PINGREQ. [MQTT 5 §3.12]
pub const PINGREQ: [u8; 2] = [0xC0, 0];
/// DISCONNECT, in order. [MQTT 5 §3.14]
pub const DISCONNECT: [u8; 2] = [0xE0, 0];

/// Octets with their length before them.
fn put(body: &mut Vec<u8>, octets: &[u8]) {
    let octets = &octets[..octets.len().min(u16::MAX.into())];
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(octets);
}

pub(super) fn framed(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut length: usize = parts.iter().map(|part| part.len()).sum();
    let mut packet = Vec::with_capacity(length + 5);
    packet.push(first);
    loop {
        let low = u8::try_from(length & 0x7F).unwrap_or(0x7F);
        length >>= 7;
        packet.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    parts.iter().for_each(|part| packet.extend_from_slice(part));
    packet
}

/// What four octets of seven bits can count. [MQTT 5 §1.5.5]
const LONGEST: usize = (1 << 28) - 1;

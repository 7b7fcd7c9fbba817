//! Control packets of MQTT 5, as far as a receiver needs them: what it sends, and what it reads.

use crate::config::Mqtt;

/// What a broker sends.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Packet {
    /// CONNACK, with its reason and the keep-alive that the broker wants, in seconds. [§3.2]
    ConnAck { reason: u8, keep_alive: Option<u16> },
    /// PUBLISH. [§3.3]
    Publish(Publish),
    /// SUBACK, with the reason for each filter. [§3.9]
    SubAck(Vec<u8>),
    /// DISCONNECT. [§3.14]
    Disconnect(u8),
    /// PINGRESP, and what asks nothing of us.
    Other,
}

/// A message on a topic.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Publish {
    /// To acknowledge it with; none at QoS 0.
    pub(super) id: Option<u16>,
    pub(super) topic: String,
    pub(super) content_type: Option<String>,
    pub(super) payload: Vec<u8>,
}

/// A packet cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("a packet ends before what it says is in it, or has what it must not have")]
    Content,
    #[error("a packet is larger than we said it may be")]
    TooLarge,
}

/// Takes the first packet off what was read; none if it is not whole yet.
pub(super) fn take(buffer: &mut Vec<u8>, most: usize) -> Result<Option<Packet>, Malformed> {
    let Some((first, rest)) = buffer.split_first() else { return Ok(None) };
    let mut rest = Octets(rest);
    let length = match rest.variable() {
        Ok(length) => length,
        Err(_) if buffer.len() < 5 => return Ok(None),
        Err(error) => return Err(error),
    };
    let head = buffer.len() - rest.0.len();
    if head.saturating_add(length) > most {
        return Err(Malformed::TooLarge);
    }
    let Some(body) = rest.0.get(..length) else { return Ok(None) };
    let packet = read(*first, Octets(body))?;
    buffer.drain(..head + length);
    Ok(Some(packet))
}

fn read(first: u8, mut body: Octets<'_>) -> Result<Packet, Malformed> {
    Ok(match first >> 4 {
        2 => {
            body.u8()?; // whether there was a session: we subscribe anyway
            let reason = body.u8()?;
            let keep_alive = body.properties()?.keep_alive;
            Packet::ConnAck { reason, keep_alive }
        }
        3 => {
            let topic = body.text()?;
            let id = if first & 0b110 == 0 { None } else { Some(body.u16()?) };
            let content_type = body.properties()?.content_type;
            Packet::Publish(Publish { id, topic, content_type, payload: body.0.to_vec() })
        }
        9 => {
            body.u16()?;
            body.properties()?;
            Packet::SubAck(body.0.to_vec())
        }
        14 => Packet::Disconnect(body.0.first().copied().unwrap_or(0)),
        _ => Packet::Other,
    })
}

/// What is left of a packet.
struct Octets<'a>(&'a [u8]);

#[derive(Default)]
struct Properties {
    keep_alive: Option<u16>,
    content_type: Option<String>,
}

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::Content)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        self.take(1).map(|octets| octets[0])
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        self.take(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }

    fn binary(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.u16()?;
        self.take(length.into())
    }

    fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.binary()?.to_vec()).map_err(|_| Malformed::Content)
    }

    /// A variable byte integer. [§1.5.5]
    fn variable(&mut self) -> Result<usize, Malformed> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let octet = self.u8()?;
            value |= usize::from(octet & 0x7F) << shift;
            if octet & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed::Content)
    }

    /// The properties of a packet; those that we have no use for are passed over. [§2.2.2.2]
    fn properties(&mut self) -> Result<Properties, Malformed> {
        let length = self.variable()?;
        let mut rest = Octets(self.take(length)?);
        let mut properties = Properties::default();
        while !rest.0.is_empty() {
            match rest.u8()? {
                0x03 => properties.content_type = Some(rest.text()?),
                0x13 => properties.keep_alive = Some(rest.u16()?),
                0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => drop(rest.take(1)?),
                0x21..=0x23 => drop(rest.take(2)?),
                0x02 | 0x11 | 0x18 | 0x27 => drop(rest.take(4)?),
                0x0B => drop(rest.variable()?),
                0x08 | 0x09 | 0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => drop(rest.binary()?),
                0x26 => drop((rest.binary()?, rest.binary()?)),
                _ => return Err(Malformed::Content),
            }
        }
        Ok(properties)
    }
}

/// CONNECT: the session goes on where it was, and is kept while we are away. [§3.1]
pub(super) fn connect(mqtt: &Mqtt, login: Option<(&str, &str)>, most: u32) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, b"MQTT");
    body.push(5);
    body.push(if login.is_some() { 0b1100_0000 } else { 0 });
    let seconds = u16::try_from(mqtt.keep_alive.as_secs()).unwrap_or(u16::MAX);
    body.extend_from_slice(&seconds.to_be_bytes());
    let expiry = u32::try_from(mqtt.session_expiry.as_secs()).unwrap_or(u32::MAX);
    body.push(13);
    body.push(0x11);
    body.extend_from_slice(&expiry.to_be_bytes());
    body.push(0x21);
    body.extend_from_slice(&IN_FLIGHT.to_be_bytes());
    body.push(0x27);
    body.extend_from_slice(&most.to_be_bytes());
    put(&mut body, mqtt.client_id.as_bytes());
    if let Some((user, password)) = login {
        put(&mut body, user.as_bytes());
        put(&mut body, password.as_bytes());
    }
    framed(0x10, &body)
}

/// SUBSCRIBE at QoS 1; what was retained comes only with a new subscription. [§3.8]
pub(super) fn subscribe(topics: &[String]) -> Vec<u8> {
    let mut body = vec![0, 1, 0];
    for topic in topics {
        put(&mut body, topic.as_bytes());
        body.push(0b01_0001);
    }
    framed(0x82, &body)
}

/// PUBACK, always "success": it is kept, or can be no message. [§3.4]
pub(super) fn puback(id: u16) -> Vec<u8> {
    framed(0x40, &id.to_be_bytes())
}

/// PINGREQ. [§3.12]
pub(super) const PINGREQ: [u8; 2] = [0xC0, 0];

/// Octets with their length before them; what is longer was refused with the configuration.
fn put(body: &mut Vec<u8>, octets: &[u8]) {
    let octets = &octets[..octets.len().min(u16::MAX.into())];
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(octets);
}

fn framed(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length & 0x7F).unwrap_or(0x7F);
        length >>= 7;
        packet.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}

/// Messages that the broker may send before the first is acknowledged.
const IN_FLIGHT: u16 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// PUBLISH at QoS 1 on "a/b", id 7, with a user property and a content type.
    const PUBLISH: &[u8] =
        b"\x32\x18\x00\x03a/b\x00\x07\x0c\x26\x00\x01k\x00\x01v\x03\x00\x02ct\x02xyz";

    #[test]
    fn a_publish_is_read_whole_or_not_at_all() {
        for length in 0..PUBLISH.len() {
            let mut part = PUBLISH[..length].to_vec();
            assert_eq!(take(&mut part, 99), Ok(None), "{length}");
            assert_eq!(part.len(), length);
        }
        let mut two = [PUBLISH, &[0xD0, 0], &[0xE0, 1, 0x8E]].concat();
        let publish = Publish {
            id: Some(7),
            topic: "a/b".into(),
            content_type: Some("ct".into()),
            payload: b"\x02xyz".to_vec(),
        };
        assert_eq!(take(&mut two, 99), Ok(Some(Packet::Publish(publish))));
        assert_eq!(take(&mut two, 99), Ok(Some(Packet::Other)));
        assert_eq!(take(&mut two, 99), Ok(Some(Packet::Disconnect(0x8E))));
        assert_eq!((take(&mut two, 99), two.len()), (Ok(None), 0));
    }

    #[test]
    fn what_a_broker_must_not_send_is_an_error_and_never_more() {
        assert_eq!(take(&mut PUBLISH.to_vec(), PUBLISH.len() - 1), Err(Malformed::TooLarge));
        let long = b"\x32\xFF\xFF\xFF\x7F".to_vec();
        assert_eq!(take(&mut long.clone(), 1 << 20), Err(Malformed::TooLarge));
        let endless = b"\x32\xFF\xFF\xFF\xFF\x01".to_vec();
        assert_eq!(take(&mut endless.clone(), usize::MAX), Err(Malformed::Content));
        for at in 2..PUBLISH.len() {
            for octet in [0, 1, 0x7F, 0xFF] {
                let mut changed = PUBLISH.to_vec();
                changed[at] = octet;
                let _ = take(&mut changed, 99); // an error or another packet, and no panic
            }
        }
        assert_eq!(take(&mut b"\x20\x02\x00\x00".to_vec(), 99), Err(Malformed::Content));
    }

    #[test]
    fn the_keep_alive_of_the_broker_is_found() {
        let mut octets = b"\x20\x09\x00\x00\x06\x13\x00\x1E\x21\x00\x05".to_vec();
        let expected = Packet::ConnAck { reason: 0, keep_alive: Some(30) };
        assert_eq!(take(&mut octets, 99), Ok(Some(expected)));
    }

    #[test]
    fn a_length_takes_as_many_octets_as_it_needs() {
        assert_eq!(framed(0x82, &[0; 127])[..2], [0x82, 127]);
        assert_eq!(framed(0x82, &[0; 128])[..3], [0x82, 0x80, 1]);
        assert_eq!(puback(0x0102), [0x40, 2, 1, 2]);
        assert_eq!(subscribe(&["a".into()]), [0x82, 7, 0, 1, 0, 0, 1, b'a', 0x11]);
    }
}

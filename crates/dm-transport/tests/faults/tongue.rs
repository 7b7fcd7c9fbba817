//! What the other ends of routes speak, as little of it as a message takes.

use std::net::SocketAddr;

use dm_push::mqtt::{self, Packet};
use dm_push::pap::{self, Code, Document, PushResponse, Verdict};
use dm_push::sip::{Answer, Message, answer};
use dm_push::smpp::{BindMode, BindResp, Body, Pdu, Status, Tlvs};

/// A protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tongue {
    /// HTTP of a device itself.
    Device,
    /// HTTP of a gateway.
    Http,
    Mqtt,
    Pap,
    Sip,
    Smpp,
}

/// Something that came: a message, or what goes before one.
pub struct Heard {
    /// What it carries, if it is a message.
    pub message: Option<Vec<u8>>,
    /// The answer that takes it,
    pub takes: Vec<u8>,
    /// and the one of who is too busy,
    pub is_busy: Vec<u8>,
    /// and of who does not know who asks.
    pub refuses: Vec<u8>,
}

impl Tongue {
    /// The next that came, taken out of the buffer.
    pub fn hear(self, buffer: &mut Vec<u8>) -> Option<Heard> {
        match self {
            Self::Device | Self::Http | Self::Pap => self.hear_http(buffer),
            Self::Mqtt => hear_mqtt(buffer),
            Self::Sip => hear_sip(buffer),
            Self::Smpp => hear_smpp(buffer),
        }
    }

    fn hear_http(self, buffer: &mut Vec<u8>) -> Option<Heard> {
        let (head, body) = headed(buffer)?;
        let (message, taken) = match self {
            Self::Pap => {
                let parts = pap::split(field(&head, "content-type")?, &body).expect("PAP");
                let document = pap::read(parts.control).expect("PAP");
                let Document::PushMessage(push) = document else { panic!("{document:?}") };
                (parts.content.to_vec(), accepted(push.push_id()))
            }
            _ => (body, String::new()),
        };
        let says = |status: &str, body: &str| {
            let length = body.len();
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
        };
        Some(Heard {
            message: Some(message),
            takes: says("202 Accepted", &taken),
            is_busy: says("503 Busy\r\nretry-after: 1", ""),
            refuses: says("401 Who\r\nwww-authenticate: Basic realm=\"r\"", ""),
        })
    }

    /// What begins as an answer and never ends; the second part is repeated.
    pub const fn endless(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Device | Self::Http | Self::Pap => (b"HTTP/1.1 202 Accepted\r\n", b"x: y\r\n"),
            Self::Mqtt => (b"\x40\xFF\xFF\xFF\x7F", b"xxxx"),
            Self::Sip => (b"SIP/2.0 200 OK\r\n", b"x: y\r\n"),
            Self::Smpp => (b"\x7F\xFF\xFF\xFF\x80\0\0\x04\0\0\0\0\0\0\0\x02", b"xxxx"),
        }
    }
}

/// A gateway has it. [PAP §9.3]
pub fn accepted(push_id: &str) -> String {
    let result = Verdict { code: Code::new(1001).expect("a code"), text: String::new() };
    let response = PushResponse { push_id: push_id.to_owned(), result };
    Document::PushResponse(response).write().expect("written")
}

fn field<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then_some(value.trim())
    })
}

/// A head and its body, taken.
fn headed(buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let length: usize = field(&head, "content-length")?.parse().expect("a length");
    (buffer.len() >= end + length).then(|| {
        let body = buffer[end..end + length].to_vec();
        buffer.drain(..end + length);
        (head, body)
    })
}

fn hear_sip(buffer: &mut Vec<u8>) -> Option<Heard> {
    let before = buffer.clone();
    let (_, body) = headed(buffer)?;
    let request = Message::read(&before[..before.len() - buffer.len()]).expect("SIP");
    let from = SocketAddr::from(([127, 0, 0, 1], 5060));
    let says = |status, fields| {
        answer(&request, from, Answer { status, tag: "p", fields }).expect("an answer")
    };
    Some(Heard {
        message: Some(body),
        takes: says("200 OK", ""),
        is_busy: says("503 Busy", "Retry-After: 1\r\n"),
        refuses: says("407 Who", ""),
    })
}

fn hear_mqtt(buffer: &mut Vec<u8>) -> Option<Heard> {
    let first = *buffer.first()?;
    let all = |octets: &[u8]| Heard {
        message: None,
        takes: octets.to_vec(),
        is_busy: octets.to_vec(),
        refuses: b"\x20\x03\x00\x86\x00".to_vec(),
    };
    Some(match mqtt::take(buffer, 99_999).expect("MQTT")? {
        Packet::Publish(publish) => {
            let [high, low] = publish.id.expect("QoS 1").to_be_bytes();
            Heard {
                message: Some(publish.payload),
                is_busy: vec![0x40, 4, high, low, 0x97, 0],
                ..all(&[0x40, 2, high, low])
            }
        }
        _ if first >> 4 == 1 => all(b"\x20\x03\x00\x00\x00"), // CONNECT
        _ if first >> 4 == 12 => all(b"\xD0\x00"),            // PINGREQ
        _ => Heard { refuses: Vec::new(), ..all(b"") },
    })
}

fn hear_smpp(buffer: &mut Vec<u8>) -> Option<Heard> {
    let length = u32::from_be_bytes(*buffer.first_chunk()?);
    let length = usize::try_from(length).expect("a length");
    let octets: Vec<u8> = (buffer.len() >= length).then(|| buffer.drain(..length).collect())?;
    let pdu = Pdu::read(&octets).expect("SMPP");
    let says = |status, body: &Body<'_>| {
        let mut octets = Vec::new();
        let pdu = Pdu { status, sequence: pdu.sequence, body: *body };
        pdu.write(&mut octets).expect("a PDU");
        octets
    };
    let alike = |body: &Body<'_>| Heard {
        message: None,
        takes: says(Status::OK, body),
        is_busy: says(Status::OK, body),
        refuses: says(Status::OK, body),
    };
    let bind = || {
        Body::BindResp(BindResp {
            mode: BindMode::Transceiver,
            system_id: b"",
            tlvs: Tlvs::default(),
        })
    };
    Some(match pdu.body {
        Body::Bind(_) => {
            Heard { refuses: says(Status::INVALID_PASSWORD, &bind()), ..alike(&bind()) }
        }
        Body::SubmitSm(message) => {
            // What a segment is, is named by all of its octets: its device, and its place there.
            let segment = [message.destination.address, message.user_data()].concat();
            let id = pdu.sequence.to_string();
            let (message_id, tlvs) = (id.as_bytes(), Tlvs::default());
            let response = Body::SubmitSmResp { message_id, tlvs };
            let none = Body::SubmitSmResp { message_id: b"", tlvs };
            let is_busy = says(Status::THROTTLED, &none);
            Heard { message: Some(segment), is_busy, ..alike(&response) }
        }
        Body::Unbind => alike(&Body::UnbindResp),
        _ => alike(&Body::EnquireLinkResp),
    })
}

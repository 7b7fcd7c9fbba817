//! A push by `MESSAGE`, and what comes back. [RFC 3428 §4, OMA SIP Push 1.0 §5]

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use core::net::SocketAddr;

use super::date::date;
use super::digest::Challenge;
use super::message::{Message, Start, decimal};
use super::value::{Via, elements};
use crate::media_type;

/// One push, the same over every hop and however often its proxy asks who sends it.
///
/// What stands in it is text of one line: whoever configures it has seen to that.
#[derive(Clone, Copy, Debug)]
pub struct PushRequest<'a> {
    /// The device, `sip:USER@HOST`.
    pub uri: &'a str,
    /// Who sends, `sip:USER@HOST`.
    pub from: &'a str,
    /// What marks this request among those of the sender. [RFC 3261 §19.3]
    pub tag: &'a str,
    /// A word that no other request has.
    pub call_id: &'a str,
    /// Values of `Accept-Contact`: which of the user's devices are meant. [RFC 3841 §9.2]
    pub accept_contact: &'a [String],
    /// Until when it is worth delivering, if it is ever not. [RFC 3428 §4]
    pub validity: Option<Validity>,
    /// The sealed message.
    pub body: &'a [u8],
}

/// How long a push is worth delivering.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// Now, in seconds since 1970.
    pub date: u64,
    /// How long, in seconds.
    pub expires: u32,
}

/// What a request is given for one hop.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// `UDP`, `TCP` or `TLS`.
    pub transport: &'a str,
    /// Our end.
    pub local: SocketAddr,
    /// The transaction: begins with `z9hG4bK`, and no other has it. [RFC 3261 §8.1.1.7]
    pub branch: &'a str,
    /// Number of `CSeq`.
    pub sequence: u32,
    /// Answers to challenges, each with its CRLF.
    pub answers: &'a str,
}

impl PushRequest<'_> {
    /// The octets.
    #[must_use]
    pub fn write(&self, hop: Hop<'_>) -> Vec<u8> {
        let Self { uri, from, tag, call_id, body, .. } = self;
        let Hop { transport, local, branch, sequence, answers } = hop;
        let mut head = String::with_capacity(640);
        let _ = write!(
            head,
            "MESSAGE {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;branch={branch}\r\n\
             Max-Forwards: 70\r\nFrom: <{from}>;tag={tag}\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\n\
             CSeq: {sequence} MESSAGE\r\n{answers}"
        );
        for value in self.accept_contact {
            let _ = write!(head, "Accept-Contact: {value}\r\n");
        }
        if let Some(Validity { date: now, expires }) = self.validity {
            let _ = write!(head, "Date: {}\r\nExpires: {expires}\r\n", date(now));
        }
        let (kind, length) = (media_type::DM_WBXML, body.len());
        let _ = write!(head, "Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// A response to a `MESSAGE` of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushResponse<'a> {
    /// The status; below 200 it is not the last one.
    pub status: u16,
    /// The transaction that it answers.
    pub branch: &'a str,
    /// How long to wait before asking again, in seconds. [RFC 3261 §20.33]
    pub retry_after: Option<u32>,
    /// What must be answered, of 401 and 407.
    pub challenge: Option<Challenge>,
}

impl<'a> PushResponse<'a> {
    /// Reads one; none, if the message is none: a request, a response to another method, or one that
    /// is on its way to somebody else. [RFC 3261 §8.1.3.3]
    #[must_use]
    pub fn read(message: &Message<'a>) -> Option<Self> {
        let Start::Response { status, .. } = message.start else { return None };
        let mut vias = message.fields("Via").flat_map(elements);
        let (branch, others) = (Via::read(vias.next()?)?.branch()?, vias.next());
        let is_ours = others.is_none() && matches!(message.cseq(), Some((_, "MESSAGE")));
        let field = match status {
            401 => "WWW-Authenticate",
            407 => "Proxy-Authenticate",
            _ => "",
        };
        let retry_after = message.field("Retry-After").and_then(|value| {
            let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
            decimal(&value[..digits]).map(|seconds| seconds.try_into().unwrap_or(u32::MAX))
        });
        let challenge = Challenge::strongest(message.fields(field));
        is_ours.then_some(Self { status, branch, retry_after, challenge })
    }
}

/// The branch of a transaction: a word of chance that is ours, and a number.
#[must_use]
pub fn branch(chance: &str, number: u64) -> String {
    format!("z9hG4bK{chance}.{number:x}")
}

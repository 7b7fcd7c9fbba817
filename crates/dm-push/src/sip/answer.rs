//! Responses without content. [RFC 3261 §8.2.6]

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use core::net::SocketAddr;

use super::message::Message;
use super::value::{Address, Split, Via, elements};

/// What to say.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status and its words: `200 OK`.
    pub status: &'a str,
    /// What marks our end in `To`. [RFC 3261 §19.3]
    pub tag: &'a str,
    /// Further fields, each with its CRLF.
    pub fields: &'a str,
}

/// The response to a request that came from there. Its body is empty, whatever is asked.
///
/// None if the request lacks what a response copies: `Via`, `From`, `To`, `Call-ID`, `CSeq`.
#[must_use]
pub fn answer(request: &Message<'_>, from: SocketAddr, answer: Answer<'_>) -> Option<Vec<u8>> {
    let via = request.field("Via")?;
    Via::read(via)?;
    let to = request.field("To")?;
    let mut text = String::new();
    let _ = write!(text, "SIP/2.0 {}\r\nVia: {}\r\n", answer.status, seen(via, from));
    for further in request.fields("Via").skip(1) {
        let _ = write!(text, "Via: {further}\r\n");
    }
    let _ = write!(text, "From: {}\r\nTo: {to}", request.field("From")?);
    if Address::read(to)?.parameter("tag").is_none() {
        let _ = write!(text, ";tag={}", answer.tag);
    }
    let _ = write!(
        text,
        "\r\nCall-ID: {}\r\nCSeq: {}\r\n{}Content-Length: 0\r\n\r\n",
        request.field("Call-ID")?,
        request.field("CSeq")?,
        answer.fields
    );
    Some(text.into_bytes())
}

/// The first `Via` with what we saw of its sender. [RFC 3261 §18.2.1, RFC 3581 §4]
fn seen(via: &str, from: SocketAddr) -> String {
    let end = elements(via).next().map_or(0, |first| via.find(first).unwrap_or(0) + first.len());
    let (first, rest) = via.split_at(end);
    let mut text = String::new();
    let parts = Split { rest: Some(first), separator: b';' };
    for (number, part) in parts.enumerate() {
        let name = part.split_once('=').map_or(part, |(name, _)| name).trim();
        match name.to_ascii_lowercase().as_str() {
            _ if number == 0 => text.push_str(part),
            "received" => {}
            "rport" => text += &format!(";rport={}", from.port()),
            _ => text += &format!(";{part}"),
        }
    }
    text + &format!(";received={}{rest}", from.ip())
}

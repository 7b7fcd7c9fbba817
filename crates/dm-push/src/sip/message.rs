//! A message: start line, fields, body. [RFC 3261 §7]
//!
//! Read strictly: lines end in CRLF, and no other control character stands in them. So nothing of
//! a field that is copied into an answer can become a field of its own.

use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// Octets of start line and fields, at most.
pub const HEAD_LIMIT: usize = 16 << 10;
/// Fields, at most.
const FIELDS: usize = 128;

/// A request or a response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message<'a> {
    /// The first line.
    pub start: Start<'a>,
    /// The content, as long as `Content-Length` says; without one all that follows the fields.
    pub body: &'a [u8],
    fields: Vec<(&'a str, &'a str)>,
}

/// The first line of a message. [RFC 3261 §7.1, §7.2]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start<'a> {
    /// A request.
    Request {
        /// What is asked for.
        method: &'a str,
        /// Of whom.
        uri: &'a str,
    },
    /// A response.
    Response {
        /// The status, 100 to 699.
        status: u16,
        /// Words for it.
        reason: &'a str,
    },
}

impl<'a> Message<'a> {
    /// Reads the message of a datagram, or of a stream that was cut by a [`Framer`](super::Framer).
    /// Octets behind the end of its body are passed over. [RFC 3261 §18.3]
    ///
    /// # Errors
    /// [`Error`], with its offset: a line that is none, too many of them, or octets that are missing.
    pub fn read(octets: &'a [u8]) -> Result<Self, Error> {
        let mut message = Self::read_head(octets)?;
        let at = head_end(octets, 0)?.unwrap_or(octets.len());
        let rest = &octets[at..];
        message.body = match message.content_length()? {
            None => rest,
            Some(length) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                rest.get(..length).ok_or_else(|| {
                    Error::new(ErrorKind::Truncated { missing: length - rest.len() }, at)
                })?
            }
        };
        Ok(message)
    }

    /// Reads what comes before a body, and passes over what is there of it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_head(octets: &'a [u8]) -> Result<Self, Error> {
        match head_end(octets, 0)? {
            Some(end) => Self::head(&octets[..end]),
            None => Err(Error::new(ErrorKind::Truncated { missing: 1 }, octets.len())),
        }
    }

    /// Reads start line and fields, with the empty line behind them; the body is empty.
    pub(super) fn head(octets: &'a [u8]) -> Result<Self, Error> {
        let text = core::str::from_utf8(octets)
            .map_err(|error| Error::new(ErrorKind::SipText, error.valid_up_to()))?;
        let lines = text.strip_suffix("\r\n").unwrap_or(text);
        printable(lines.as_bytes())?;
        let (line, mut rest) = lines.split_once("\r\n").unwrap_or((lines, ""));
        let start = start(line).ok_or(Error::new(ErrorKind::SipStartLine, 0))?;
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let at = lines.len() - rest.len();
            let end = field_end(rest);
            let (name, value) = rest[..end]
                .split_once(':')
                .map(|(name, value)| (name.trim_end_matches(BLANK), value.trim_matches(BLANK)))
                .filter(|(name, _)| is_token(name))
                .ok_or(Error::new(ErrorKind::SipField, at))?;
            if fields.len() >= FIELDS {
                return Err(Error::new(ErrorKind::TooMany { limit: FIELDS }, at));
            }
            fields.push((name, value));
            rest = &rest[end + 2..];
        }
        Ok(Self { start, body: &[], fields })
    }

    /// The value of the first field of this name; its compact form counts. [RFC 3261 §7.3.3]
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'a str> {
        self.fields(name).next()
    }

    /// The values of all fields of this name.
    pub fn fields<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'a str> + use<'a, 'm> {
        let compact = COMPACT.iter().find(|(_, long)| long.eq_ignore_ascii_case(name));
        let compact = compact.map(|(short, _)| *short);
        let is_it = move |found: &str| {
            found.eq_ignore_ascii_case(name)
                || compact.is_some_and(|short| found.eq_ignore_ascii_case(short))
        };
        self.fields.iter().filter(move |(found, _)| is_it(found)).map(|(_, value)| *value)
    }

    /// Number and method of `CSeq`. [RFC 3261 §20.16]
    #[must_use]
    pub fn cseq(&self) -> Option<(u32, &'a str)> {
        let (number, method) = self.field("CSeq")?.split_once(BLANK)?;
        Some((decimal(number)?.try_into().ok()?, method.trim_start_matches(BLANK)))
    }

    /// `Content-Length`, which may stand there once. [RFC 3261 §20.14]
    pub(super) fn content_length(&self) -> Result<Option<u64>, Error> {
        let mut found = self.fields("Content-Length");
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => match decimal(value) {
                Some(length) => Ok(Some(length)),
                None => Err(Error::new(ErrorKind::SipLength, 0)),
            },
            (Some(_), Some(_)) => Err(Error::new(ErrorKind::SipLength, 0)),
        }
    }
}

/// Where the head ends, its empty line included; `from` on it is looked for.
pub(super) fn head_end(octets: &[u8], from: usize) -> Result<Option<usize>, Error> {
    let seen = &octets[..octets.len().min(HEAD_LIMIT)];
    let from = from.min(seen.len());
    match seen[from..].windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => Ok(Some(from + at + 4)),
        None if octets.len() >= HEAD_LIMIT => {
            Err(Error::new(ErrorKind::SipHeadTooLong { limit: HEAD_LIMIT }, HEAD_LIMIT))
        }
        None => Ok(None),
    }
}

/// Refuses control characters: CR and LF are the end of a line, and together.
fn printable(octets: &[u8]) -> Result<(), Error> {
    let mut before = 0;
    for (offset, octet) in octets.iter().enumerate() {
        let is_paired = match octet {
            b'\n' => before == b'\r',
            _ => before != b'\r',
        };
        if !is_paired || (*octet < b' ' && !b"\t\r\n".contains(octet)) || *octet == 0x7F {
            return Err(Error::new(ErrorKind::NotText { octet: *octet }, offset));
        }
        before = *octet;
    }
    Ok(())
}

/// Where a field ends: a line that begins with white space goes on with it. [RFC 3261 §7.3.1]
fn field_end(rest: &str) -> usize {
    let mut from = 0;
    while let Some(at) = rest[from..].find("\r\n") {
        let end = from + at;
        if !rest[end + 2..].starts_with([' ', '\t']) {
            return end;
        }
        from = end + 2;
    }
    rest.len().saturating_sub(2) // lines always end in CRLF
}

fn start(line: &str) -> Option<Start<'_>> {
    let (first, rest) = line.split_once(' ')?;
    let (second, third) = rest.split_once(' ').unwrap_or((rest, ""));
    if first.eq_ignore_ascii_case(VERSION) {
        let status = decimal(second).filter(|_| second.len() == 3)?;
        let status = u16::try_from(status).ok().filter(|status| (100..700).contains(status))?;
        return Some(Start::Response { status, reason: third });
    }
    let is_request = is_token(first) && !second.is_empty() && third.eq_ignore_ascii_case(VERSION);
    is_request.then_some(Start::Request { method: first, uri: second })
}

/// [RFC 3261 §25.1]
pub(super) fn is_token(text: &str) -> bool {
    let is_one = |octet: u8| octet.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&octet);
    !text.is_empty() && text.bytes().all(is_one)
}

pub(super) fn decimal(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// White space, in a folded line too.
pub(super) const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
const VERSION: &str = "SIP/2.0";

/// Compact forms of the fields that are asked for. [RFC 3261 §20]
const COMPACT: [(&str, &str); 8] = [
    ("c", "Content-Type"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("t", "To"),
    ("v", "Via"),
];

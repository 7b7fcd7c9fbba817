//! What stands in fields: lists, parameters, addresses, `Via`. [RFC 3261 §7.3, §20]

use super::message::{BLANK, decimal};

/// The members of a list, which commas divide: not those in quotes or in angle brackets.
pub fn elements(value: &str) -> impl Iterator<Item = &str> {
    Split { rest: Some(value), separator: b',' }
        .map(|part| part.trim_matches(BLANK))
        .filter(|part| !part.is_empty())
}

/// The value of a parameter: empty if it has none.
pub(super) fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = Split { rest: Some(parameters), separator: b';' };
    parts.find_map(|part| {
        let (found, value) = part.split_once('=').unwrap_or((part, ""));
        found.trim_matches(BLANK).eq_ignore_ascii_case(name).then(|| value.trim_matches(BLANK))
    })
}

/// Text at a separator that is outside of quotes and angle brackets.
pub(super) struct Split<'a> {
    pub(super) rest: Option<&'a str>,
    pub(super) separator: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let mut place = Place::default();
        for (at, octet) in rest.bytes().enumerate() {
            if place.is_outside() && octet == self.separator {
                self.rest = Some(&rest[at + 1..]);
                return Some(&rest[..at]);
            }
            place.pass(octet);
        }
        self.rest.take()
    }
}

/// The value of `From`, `To`, `Contact` or `P-Asserted-Identity`. [RFC 3261 §20.10]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address<'a> {
    /// The URI; parameters in it are its own.
    pub uri: &'a str,
    parameters: &'a str,
}

impl<'a> Address<'a> {
    /// Reads one address, with a name before it or without.
    #[must_use]
    pub fn read(value: &'a str) -> Option<Self> {
        let (uri, parameters) = match after_bracket(value) {
            Some(rest) => rest.split_once('>')?,
            None => value.split_once(';').unwrap_or((value, "")),
        };
        let uri = uri.trim_matches(BLANK);
        let is_one = !uri.is_empty() && !uri.contains(BLANK) && uri.contains(':');
        let is_one = is_one && is_closed(value);
        is_one.then_some(Self { uri, parameters })
    }

    /// A parameter of the field, not of the URI: empty if it has no value.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        parameter(self.parameters, name)
    }
}

/// What follows the first `<` outside of quotes.
fn after_bracket(value: &str) -> Option<&str> {
    let mut place = Place::default();
    let mut octets = value.bytes().enumerate();
    let found = octets.find(|(_, octet)| {
        place.pass(*octet);
        place.is_bracketed
    });
    found.map(|(at, _)| &value[at + 1..])
}

/// Whether all quotes and brackets are closed: what is added behind stands by itself then.
fn is_closed(text: &str) -> bool {
    let mut place = Place::default();
    text.bytes().for_each(|octet| place.pass(octet));
    place.is_outside()
}

/// Whether a place is in quotes or in angle brackets. [RFC 3261 §25.1]
#[derive(Default)]
struct Place {
    is_bracketed: bool,
    is_escaped: bool,
    is_quoted: bool,
}

impl Place {
    const fn is_outside(&self) -> bool {
        !self.is_quoted && !self.is_bracketed
    }

    fn pass(&mut self, octet: u8) {
        match octet {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_quoted => self.is_escaped = true,
            b'"' => self.is_quoted = !self.is_quoted,
            b'<' if !self.is_quoted => self.is_bracketed = true,
            b'>' if !self.is_quoted => self.is_bracketed = false,
            _ => {}
        }
    }
}

/// The first element of `Via`: who sent the message last. [RFC 3261 §20.42]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Via<'a> {
    /// Host and port, as its sender knows them.
    pub sent_by: &'a str,
    parameters: &'a str,
}

impl<'a> Via<'a> {
    /// Reads the first element of a field.
    #[must_use]
    pub fn read(value: &'a str) -> Option<Self> {
        let first = elements(value).next()?;
        let (head, parameters) = first.split_once(';').unwrap_or((first, ""));
        let (protocol, sent_by) = head.trim_matches(BLANK).rsplit_once(BLANK)?;
        let is_sip = protocol.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/"));
        (is_sip && is_closed(first)).then_some(Self { sent_by, parameters })
    }

    /// The transaction. [RFC 3261 §8.1.1.7]
    #[must_use]
    pub fn branch(&self) -> Option<&'a str> {
        parameter(self.parameters, "branch").filter(|branch| !branch.is_empty())
    }

    /// Whence the message came, as the one who answers saw it. [RFC 3261 §18.2.1]
    #[must_use]
    pub fn received(&self) -> Option<core::net::IpAddr> {
        parameter(self.parameters, "received")?.trim_matches(['[', ']']).parse().ok()
    }

    /// From which port; 0 asks for it. [RFC 3581 §4]
    #[must_use]
    pub fn rport(&self) -> Option<u16> {
        match parameter(self.parameters, "rport")? {
            "" => Some(0),
            port => decimal(port)?.try_into().ok(),
        }
    }

    /// The port in `sent_by`. [RFC 3261 §18.2.2]
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        let (host, port) = self.sent_by.rsplit_once(':')?;
        let is_port = !host.contains(':') || host.ends_with(']');
        is_port.then(|| decimal(port)?.try_into().ok()).flatten()
    }
}

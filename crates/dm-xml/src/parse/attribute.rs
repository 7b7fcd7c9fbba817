//! Attributes: their syntax, their normal form, and the ones that declare namespaces.
//! [XML 1.0 §3.1, §3.3.3], [Namespaces §3, §6.3]

use alloc::borrow::Cow;
use alloc::string::String;
use core::mem;

use super::reference::resolve;
use super::tag::name_length;
use super::{Parser, Stop};
use crate::character::is_ncname;
use crate::{LimitExceeded, Profile, Sink, XmlError, XmlErrorKind};

/// Up to this many attributes are compared with one another; more are sorted first.
const COMPARED: usize = 8;

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    /// One attribute; the white space before it is behind us.
    pub(super) fn one_attribute(&mut self) -> Result<(), Stop<S::Error>> {
        if self.attributes.len() >= self.limits.attributes {
            return Err(LimitExceeded::Attributes(self.limits.attributes).into());
        }
        let text = self.text;
        let octets = text.as_bytes();
        let name = &text[self.at..self.at + name_length(&octets[self.at..])];
        self.at += name.len();
        self.skip_white_space();
        if name.is_empty() || octets.get(self.at) != Some(&b'=') {
            return Err(XmlErrorKind::Syntax.into());
        }
        self.at += 1;
        self.skip_white_space();
        let Some(&quote @ (b'"' | b'\'')) = octets.get(self.at) else {
            return Err(XmlErrorKind::Syntax.into());
        };
        self.at += 1;
        let length = octets[self.at..].iter().position(|&octet| octet == quote);
        let raw = &text[self.at..self.at + length.ok_or(XmlErrorKind::Syntax)?];
        self.at += raw.len() + 1;
        let value = normalised(raw)?;
        self.attributes.push((name, value));
        Ok(())
    }

    /// Takes the namespace declarations out of the attributes; whether there were any.
    pub(super) fn declarations(&mut self) -> Result<bool, Stop<S::Error>> {
        self.no_duplicates()?;
        let mut declares = false;
        let mut wrong = false;
        let scope = &mut self.scope;
        self.attributes.retain(|(name, value)| {
            let prefix = match name.split_once(':') {
                None if *name == "xmlns" => "",
                Some(("xmlns", prefix)) => {
                    wrong |= !is_ncname(prefix);
                    prefix
                }
                _ => return true,
            };
            declares = true;
            wrong |= !scope.declare(prefix, mem::take(value));
            false
        });
        if wrong {
            return Err(XmlErrorKind::Namespace.into());
        }
        Ok(declares)
    }

    fn no_duplicates(&mut self) -> Result<(), XmlErrorKind> {
        let twice = if self.attributes.len() <= COMPARED {
            let mut before = self.attributes.iter().enumerate();
            before.any(|(at, (name, _))| self.attributes[..at].iter().any(|(n, _)| n == name))
        } else {
            let mut names: alloc::vec::Vec<&str> =
                self.attributes.iter().map(|&(name, _)| name).collect();
            names.sort_unstable();
            names.windows(2).any(|pair| pair[0] == pair[1])
        };
        if twice { Err(XmlErrorKind::AttributeTwice) } else { Ok(()) }
    }

    /// Hands the attributes of the element that has begun to the sink.
    pub(super) fn attributes(&mut self) -> Result<(), Stop<S::Error>> {
        for (name, value) in mem::take(&mut self.attributes) {
            if let Some((prefix, local)) = name.split_once(':') {
                self.deviates(XmlErrorKind::AttributeWithNamespace)?;
                if !is_ncname(prefix) || !is_ncname(local) {
                    return Err(XmlErrorKind::Name.into());
                }
            } else if !is_ncname(name) {
                return Err(XmlErrorKind::Name.into());
            }
            self.meter.text(&value)?;
            self.sink.attribute(name, value).map_err(Stop::Sink)?;
        }
        Ok(())
    }
}

/// The value as it is meant: references resolved, each white space a space.
fn normalised(raw: &str) -> Result<Cow<'_, str>, XmlErrorKind> {
    let special = |octet: u8| matches!(octet, b'<' | b'&' | b'\t' | b'\n' | b'\r');
    if !raw.bytes().fold(false, |found, octet| found | special(octet)) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.bytes().position(special) {
        value.push_str(&rest[..at]);
        let length = match rest.as_bytes()[at] {
            b'<' => return Err(XmlErrorKind::Syntax),
            b'&' => {
                let (resolved, length) = resolve(&rest[at..])?;
                value.push_str(&resolved);
                length
            }
            octet => {
                value.push(' ');
                1 + usize::from(octet == b'\r' && rest.as_bytes().get(at + 1) == Some(&b'\n'))
            }
        };
        rest = &rest[at + length..];
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

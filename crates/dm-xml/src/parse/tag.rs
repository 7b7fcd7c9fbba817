//! Start tags and end tags. [XML 1.0 §3.1], [Namespaces §5, §6]

use alloc::borrow::Cow;

use super::{Parser, Stop};
use crate::character::is_ncname;
use crate::{LimitExceeded, Profile, Sink, XmlError, XmlErrorKind};

/// The place of a declaration that does not exist.
const NOWHERE: usize = usize::MAX;

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    pub(super) fn start_tag(&mut self) -> Result<(), Stop<S::Error>> {
        if self.meter.is_complete() {
            return Err(XmlErrorKind::Root.into());
        }
        let text = self.text;
        let octets = text.as_bytes();
        let from = self.at + 1;
        let end = from + name_length(&octets[from..]);
        let qualified = &text[from..end];
        self.at = end;
        let empty = match octets.get(end) {
            Some(b'>') => {
                self.at += 1;
                false
            }
            _ => self.rest_of_tag()?,
        };
        let before = self.scope.depth();
        let declares = !self.attributes.is_empty() && self.declarations()?;
        let (from, namespace, local) = match self.scope.resolve(qualified) {
            Some(resolved) => resolved,
            None => {
                self.deviates(XmlErrorKind::Namespace)?;
                (NOWHERE, Cow::Borrowed(""), qualified)
            }
        };
        if !is_ncname(local) && (local != qualified || !is_qualified(local)) {
            return Err(XmlErrorKind::Name.into());
        }
        self.meter.start()?;
        let around = self.open.last().map_or(NOWHERE, |&(_, from)| from);
        if from != around || matches!(namespace, Cow::Owned(_)) {
            self.charge_namespace(namespace.len())?; // it is declared again, or each use is a copy
        }
        self.sink.start(namespace, local).map_err(Stop::Sink)?;
        if !self.attributes.is_empty() {
            self.attributes()?;
        }
        if empty {
            self.meter.end();
            if declares {
                self.scope.leave(before);
            }
            return self.sink.end().map_err(Stop::Sink);
        }
        self.open.push((qualified, from));
        self.scope.enter(before, declares);
        Ok(())
    }

    fn charge_namespace(&mut self, octets: usize) -> Result<(), LimitExceeded> {
        self.namespaces += octets;
        if self.namespaces > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text));
        }
        Ok(())
    }

    /// What follows the name, up to and with the `>`; whether the element is empty.
    #[inline]
    fn rest_of_tag(&mut self) -> Result<bool, Stop<S::Error>> {
        self.attributes.clear();
        loop {
            let spaces = self.skip_white_space();
            match self.text.as_bytes().get(self.at) {
                Some(b'>') => {
                    self.at += 1;
                    return Ok(false);
                }
                Some(b'/') if self.text.as_bytes().get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    return Ok(true);
                }
                Some(_) if spaces > 0 => self.one_attribute()?,
                _ => return Err(XmlErrorKind::Syntax.into()),
            }
        }
    }

    #[inline]
    pub(super) fn end_tag(&mut self) -> Result<(), Stop<S::Error>> {
        let Some(&(name, _)) = self.open.last() else {
            return Err(XmlErrorKind::Root.into());
        };
        let octets = self.text.as_bytes();
        let end = self.at + 2 + name.len();
        if octets.get(self.at + 2..end) != Some(name.as_bytes()) {
            return Err(XmlErrorKind::Syntax.into()); // another element is open
        }
        self.at = end;
        if octets.get(end) != Some(&b'>') {
            self.skip_white_space();
            if octets.get(self.at) != Some(&b'>') {
                return Err(XmlErrorKind::Syntax.into());
            }
        }
        self.at += 1;
        self.open.pop();
        self.scope.exit();
        self.meter.end();
        self.sink.end().map_err(Stop::Sink)
    }

    /// Moves over white space; tells how much there was.
    pub(super) fn skip_white_space(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let spaces = rest.iter().take_while(|octet| matches!(octet, b' ' | b'\t' | b'\n' | b'\r'));
        let spaces = spaces.count();
        self.at += spaces;
        spaces
    }
}

/// The octets of a name: up to what cannot be in one.
pub(super) fn name_length(octets: &[u8]) -> usize {
    let ends = |octet: &u8| {
        matches!(
            octet,
            b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'/' | b'=' | b'<' | b'"' | b'\'' | b'&'
        )
    };
    octets.iter().position(ends).unwrap_or(octets.len())
}

/// A name with a prefix, as it is shown where the prefix means nothing.
fn is_qualified(name: &str) -> bool {
    name.split_once(':').is_some_and(|(prefix, local)| is_ncname(prefix) && is_ncname(local))
}

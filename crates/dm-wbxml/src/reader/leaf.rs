//! The element that holds one text and nothing else: most of every message, read in one go.
//! [WBXML 1.3 §5.8.1]

use core::ops::Range;

use dm_xml::{LimitExceeded, Profile, Sink};

use super::{Reader, Stop};
use crate::tokens::Leaf;
use crate::{Error, OctetRule};

impl<'s, R: OctetRule, P: Profile<Error>, S: Sink<'s>> Reader<'s, '_, R, P, S> {
    /// Reads the content and the end of the element whose tag was just read, if it is a leaf of
    /// text that needs no further look. Otherwise nothing has happened, and the usual way is to be taken.
    #[inline(always)]
    pub(super) fn leaf(
        &mut self,
        namespace: &'s str,
        local: &'s str,
    ) -> Result<bool, Stop<S::Error>> {
        let before = self.tokens.offset();
        let (text, is_plain) = match self.tokens.leaf() {
            Some(Leaf::InPlace(place)) => (self.known.text(place), true),
            Some(Leaf::OfTable(offset)) => (self.table.known(offset), self.table.is_plain()),
            None => return Ok(false),
        };
        let is_usual = !self.has_octets;
        let Some(text) = text.filter(|text| is_usual && !text.is_empty()) else {
            self.tokens.go_back(before);
            return Ok(false);
        };
        let characters = if is_plain { text.len() } else { text.chars().count() };
        if let Err(limit) = self.meter.leaf(characters) {
            if matches!(limit, LimitExceeded::Text(_)) {
                self.here = before; // the text is to blame, not the tag
            }
            return Err(limit.into());
        }
        self.has_other = true;
        self.rule.leaf(namespace, local, text);
        self.sink.leaf(namespace, local, text).map_err(Stop::Sink)?;
        Ok(true)
    }
}

/// A stretch of the document that is known to be UTF-8. It mostly holds many texts, each of which
/// would cost more to look at by itself.
pub(super) struct Known<'s> {
    octets: &'s [u8],
    from: usize,
    text: &'s str,
    /// Whether stretches are too short to be worth a look: the token and the offsets of table
    /// strings are no UTF-8.
    is_broken: bool,
}

impl<'s> Known<'s> {
    /// Of these octets nothing is known yet.
    pub(super) fn new(octets: &'s [u8], is_broken: bool) -> Self {
        Self { octets, from: 0, text: "", is_broken }
    }

    /// The text at this place. Places must come in ascending order; each octet is looked at once.
    #[inline]
    pub(super) fn text(&mut self, place: Range<usize>) -> Option<&'s str> {
        if self.is_broken {
            return core::str::from_utf8(&self.octets[place]).ok();
        }
        if place.end > self.from + self.text.len() {
            self.look(place.start);
        }
        self.text.get(place.start.checked_sub(self.from)?..place.end.checked_sub(self.from)?)
    }

    /// Looks at the octets from this one on, as far as they are UTF-8.
    fn look(&mut self, from: usize) {
        let rest = &self.octets[from..];
        self.from = from;
        self.text = match core::str::from_utf8(rest) {
            Ok(text) => text,
            Err(invalid) => {
                core::str::from_utf8(&rest[..invalid.valid_up_to()]).unwrap_or_default()
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_known_as_far_as_octets_are_text_and_from_there_on_again() {
        let octets = b"one\xC3two \xC3\xA4 three\xFF";
        let mut known = Known::new(octets, false);
        assert_eq!(known.text(0..3), Some("one"));
        assert_eq!(known.text(4..7), Some("two"));
        assert_eq!((known.from, known.text), (4, "two \u{E4} three"));
        assert_eq!(known.text(11..16), Some("three"));
        assert_eq!(known.from, 4, "what is known is not looked at again");
        assert_eq!(known.text(16..17), None);
    }
}

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
    /// How far a look goes at most: where texts are in a table, too, the tokens and offsets between
    /// are no UTF-8, and stretches are short.
    reach: usize,
}

/// How far a look goes in a document with a string table.
const NEAR: usize = 192;

impl<'s> Known<'s> {
    /// Of these octets nothing is known yet.
    pub(super) fn new(octets: &'s [u8], is_broken: bool) -> Self {
        let reach = if is_broken { NEAR } else { octets.len() };
        Self { octets, from: 0, text: "", reach }
    }

    /// The text at this place. Places must come in ascending order; each octet is looked at once.
    #[inline]
    pub(super) fn text(&mut self, place: Range<usize>) -> Option<&'s str> {
        if place.end > self.from + self.text.len() {
            self.look(place.clone());
        }
        self.text.get(place.start.checked_sub(self.from)?..place.end.checked_sub(self.from)?)
    }

    /// Looks at these octets, and at those behind them as far as they are UTF-8.
    fn look(&mut self, place: Range<usize>) {
        let end = place.end.max(place.start.saturating_add(self.reach)).min(self.octets.len());
        let rest = &self.octets[place.start..end];
        self.from = place.start;
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

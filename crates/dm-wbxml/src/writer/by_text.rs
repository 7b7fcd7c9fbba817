//! What is known of strings, by the string.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::code_page::{SLOTS, hash};

/// Values by string. The first few, which is all of a usual message, are found by a glance at
/// their length and three of their octets.
#[derive(Clone, Debug)]
pub(super) struct ByText<V> {
    first: Vec<(Box<str>, V)>,
    /// One more than the place in `first` of the string that hashes here, or 0.
    slots: [u8; SLOTS],
    others: BTreeMap<Box<str>, V>,
}

const FIRST: usize = SLOTS / 2;

impl<V: Copy> ByText<V> {
    #[inline]
    pub(super) fn get(&self, text: &str) -> Option<V> {
        let mut slot = hash(text.as_bytes());
        while let Some(place) = self.slots[slot].checked_sub(1) {
            let (known, value) = &self.first[usize::from(place)];
            if **known == *text {
                return Some(*value);
            }
            slot = (slot + 1) % SLOTS;
        }
        if self.others.is_empty() { None } else { self.others.get(text).copied() }
    }
}

impl<'t, V> FromIterator<(&'t str, V)> for ByText<V> {
    fn from_iter<I: IntoIterator<Item = (&'t str, V)>>(pairs: I) -> Self {
        let mut pairs = pairs.into_iter().map(|(text, value)| (Box::from(text), value));
        let first: Vec<(Box<str>, V)> = pairs.by_ref().take(FIRST).collect();
        let mut slots = [0; SLOTS];
        for (place, (text, _)) in (1..).zip(&first) {
            let mut slot = hash(text.as_bytes());
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = place;
        }
        Self { first, slots, others: pairs.collect() }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    #[test]
    fn every_string_is_found_however_many_there_are() {
        for count in [0, 1, 2, 63, 64, 65, 300] {
            let texts: Vec<String> = (0..count).map(|number| format!("./A/{number}/B")).collect();
            let known: ByText<usize> =
                texts.iter().enumerate().map(|(at, text)| (&**text, at)).collect();
            for (at, text) in texts.iter().enumerate() {
                assert_eq!(known.get(text), Some(at));
            }
            assert_eq!(known.get("./A/x/B"), None);
            assert_eq!(known.get(""), None);
        }
    }
}

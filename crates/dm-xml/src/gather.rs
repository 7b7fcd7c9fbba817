//! Octets gathered before they are handed on.
//!
//! Most of what a writer writes is a few octets long: a name, a number, a token. A call of `memcpy`
//! costs more than such a copy, so these are copied in place, in two halves that may overlap.

use alloc::vec;
use alloc::vec::Vec;

/// Octets that are being written.
///
/// ```
/// use dm_xml::Gather;
/// let mut gather = Gather::default();
/// gather.push(b'<');
/// gather.extend(b"Replace");
/// gather.push(b'>');
/// assert_eq!(gather.octets(), b"<Replace>");
/// gather.clear();
/// assert!(gather.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gather {
    /// Room beyond `filled` is there already, so that writing needs no more than a comparison.
    room: Vec<u8>,
    filled: usize,
}

/// The longest octets that are copied without a call.
const SHORT: usize = 32;

impl Gather {
    /// None yet, with room for this many.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { room: vec![0; capacity], filled: 0 }
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.filled
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// The octets.
    #[inline]
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.room[..self.filled]
    }

    /// The octets, which may be changed in place.
    #[inline]
    pub fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.room[..self.filled]
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Appends one.
    #[inline]
    pub fn push(&mut self, octet: u8) {
        if self.filled == self.room.len() {
            self.grow(1);
        }
        self.room[self.filled] = octet;
        self.filled += 1;
    }

    /// Takes back the last one.
    pub(crate) fn pop(&mut self) {
        self.filled = self.filled.saturating_sub(1);
    }

    /// Appends octets.
    #[inline]
    pub fn extend(&mut self, octets: &[u8]) {
        let length = octets.len();
        copy(octets, self.next(length));
        self.filled += length;
    }

    /// Appends octets between two others: a tag between its brackets, a text behind its token.
    #[inline]
    pub fn enclosed<const B: usize, const A: usize>(
        &mut self,
        before: [u8; B],
        octets: &[u8],
        after: [u8; A],
    ) {
        let length = octets.len();
        let place = self.next(B + length + A);
        if let Some((begin, rest)) = place.split_first_chunk_mut::<B>()
            && let Some((middle, end)) = rest.split_at_mut_checked(length)
            && let Some(end) = end.first_chunk_mut::<A>()
        {
            *begin = before;
            copy(octets, middle);
            *end = after;
        }
        self.filled += B + length + A;
    }

    /// Appends an element of XML text that holds this text, if the text is one that
    /// [`extend_plain`](Self::extend_plain) takes, and says whether it did.
    #[inline]
    pub(crate) fn plain_element(&mut self, local: &str, text: &str) -> bool {
        let (name, text) = (local.as_bytes(), text.as_bytes());
        let length = 2 * name.len() + text.len() + 5;
        let place = self.next(length);
        let mut found = 0;
        if let Some((begin, rest)) = place.split_first_chunk_mut()
            && let Some((first, rest)) = rest.split_at_mut_checked(name.len())
            && let Some((close, rest)) = rest.split_first_chunk_mut()
            && let Some((middle, rest)) = rest.split_at_mut_checked(text.len())
            && let Some((again, rest)) = rest.split_first_chunk_mut()
            && let Some((second, end)) = rest.split_at_mut_checked(name.len())
            && let Some(end) = end.first_chunk_mut()
        {
            (*begin, *close, *again, *end) = (*b"<", *b">", *b"</", *b">");
            copy(name, first);
            found = copy_plain(text, middle);
            copy(name, second);
        }
        if found == 0 {
            self.filled += length;
        }
        found == 0
    }

    /// Appends a text of which no octet is among those that writers of XML text replace, and says
    /// whether it did: no `&`, `<`, `>`, quotation mark or control character.
    #[inline]
    pub(crate) fn extend_plain(&mut self, text: &str) -> bool {
        let octets = text.as_bytes();
        let place = self.next(octets.len());
        let found = copy_plain(octets, place);
        if found == 0 {
            self.filled += octets.len();
        }
        found == 0
    }

    /// Appends this many, which are to be written over.
    pub(crate) fn appended(&mut self, length: usize) -> &mut [u8] {
        self.next(length);
        self.filled += length;
        &mut self.room[self.filled - length..self.filled]
    }

    /// Room for this many more.
    #[inline]
    fn next(&mut self, length: usize) -> &mut [u8] {
        if self.room.len() - self.filled < length {
            self.grow(length);
        }
        &mut self.room[self.filled..self.filled + length]
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, length: usize) {
        let wanted = self.filled + length;
        self.room.resize(wanted.max(self.room.len() * 2).max(256), 0);
    }
}

/// Copies octets to a place of their length.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    match from.len() {
        0..4 => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
        4..8 => halves::<4>(from, to),
        8..16 => halves::<8>(from, to),
        16..=SHORT => halves::<16>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Copies octets to a place of their length; 0 if none of them is [`special`].
#[inline]
fn copy_plain(from: &[u8], to: &mut [u8]) -> u64 {
    match from.len() {
        0 => 0,
        1..4 => {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            let (first, middle, last) = (from[0], from[from.len() / 2], from[from.len() - 1]);
            special(u64::from_le_bytes([first, middle, last, b' ', b' ', b' ', b' ', b' ']))
        }
        4..8 => {
            halves::<4>(from, to);
            let (first, last) = ends::<4>(from);
            special(
                u64::from(u32::from_le_bytes(first)) << 32 | u64::from(u32::from_le_bytes(last)),
            )
        }
        8..=16 => {
            halves::<8>(from, to);
            let (first, last) = ends::<8>(from);
            special(u64::from_le_bytes(first)) | special(u64::from_le_bytes(last))
        }
        _ => copy_long(from, to),
    }
}

/// As [`copy_plain`], of more than sixteen octets.
#[inline(never)]
fn copy_long(from: &[u8], to: &mut [u8]) -> u64 {
    to.copy_from_slice(from);
    // The odd rest is looked at with the eight that end the text.
    let (_, last) = ends::<8>(from);
    let (eights, _) = from.as_chunks();
    eights.iter().fold(special(u64::from_le_bytes(last)), |found, eight| {
        found | special(u64::from_le_bytes(*eight))
    })
}

/// The first and the last `N` octets of so many or more.
#[inline]
fn ends<const N: usize>(octets: &[u8]) -> ([u8; N], [u8; N]) {
    match (octets.first_chunk(), octets.last_chunk()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => ([0; N], [0; N]), // not reached
    }
}

/// Copies `N` to `2 * N` octets.
#[inline]
fn halves<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
        if let Some(to) = to.first_chunk_mut() {
            *to = *first;
        }
        if let Some(to) = to.last_chunk_mut() {
            *to = *last;
        }
    }
}

/// Not 0 if one of these eight is `"`, `&`, `<`, `>` or a control character below 0x20.
#[inline]
fn special(octets: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // `"` and `&`, `<` and `>` differ in one bit. A borrow from a match may mark the octet above
    // it as well, never one alone.
    let same = |masked: u64, octet: u64| {
        let difference = masked ^ (ONES * octet);
        difference.wrapping_sub(ONES) & !difference
    };
    let quoted = same(octets & !(ONES * 0x04), 0x22);
    let brackets = same(octets & !(ONES * 0x02), 0x3C);
    let control = octets.wrapping_sub(ONES * 0x20) & !octets;
    (quoted | brackets | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn octets_of_any_length_are_appended_as_they_are() {
        for length in 0..100_u8 {
            let octets: Vec<u8> = (1..=length).collect();
            let mut gather = Gather::with_capacity(3);
            gather.extend(b"x");
            gather.extend(&octets);
            gather.enclosed(*b"</", &octets, *b">");
            gather.push(b'y');
            let expected = [b"x", &octets[..], b"</", &octets[..], b">y"].concat();
            assert_eq!(gather.octets(), expected);
            assert_eq!(gather.len(), expected.len());
        }
    }

    #[test]
    fn only_plain_text_is_appended_as_it_is() {
        for length in 0..40 {
            let plain =
                &"abcdefghijklmnopqrstuvwxyz01234567890!#%';=?@~\u{7F}äöü".as_bytes()[..length];
            let mut gather = Gather::default();
            assert!(gather.extend_plain(core::str::from_utf8(plain).unwrap()));
            assert_eq!(gather.octets(), plain);
            for at in 0..length {
                for octet in 0..0x80_u8 {
                    let mut octets = plain.to_vec();
                    octets[at] = octet;
                    let text = String::from_utf8(octets).unwrap();
                    let is_plain = octet >= 0x20 && !b"\"&<>".contains(&octet);
                    let mut gather = Gather::default();
                    assert_eq!(gather.extend_plain(&text), is_plain, "{octet:#x} at {at}");
                    assert_eq!(gather.octets(), if is_plain { text.as_bytes() } else { b"" });
                    let mut gather = Gather::default();
                    assert_eq!(gather.plain_element("Name", &text), is_plain);
                    let expected = alloc::format!("<Name>{text}</Name>");
                    let expected = if is_plain { expected.as_bytes() } else { b"" };
                    assert_eq!(gather.octets(), expected);
                }
            }
        }
    }

    #[test]
    fn octets_of_other_scripts_are_plain() {
        let mut gather = Gather::default();
        assert!(gather.extend_plain("ÄÖÜß, 日本語, \u{10FFFF}"));
        assert_eq!(gather.octets(), "ÄÖÜß, 日本語, \u{10FFFF}".as_bytes());
    }
}

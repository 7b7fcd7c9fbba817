//! The string table: strings by octet offset. [WBXML 1.3 §5.7]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_xml::character::is_allowed;

use crate::Charset;
use crate::tokens::first_nul;

/// The strings of one document, readable as UTF-8 at every offset.
///
/// Where each long string ends is known beforehand, so a reference costs no search of it, however
/// often it is used.
#[derive(Debug)]
pub(crate) struct StringTable<'a> {
    octets: Cow<'a, [u8]>,
    /// For ISO-8859-1 with octets over 7F: how far each offset moved in the conversion.
    moved: Vec<u32>,
    /// Offsets of those NULs in `octets` that are more than [`SEARCHED`] octets behind the one
    /// before: where long strings end.
    ends: Vec<u32>,
    length: usize,
    charset: Charset,
    /// The whole table, when it stands in the document as UTF-8 and no character of it is
    /// forbidden but the NULs: then none of its strings needs to be looked at again.
    whole: Option<&'a str>,
    /// Whether the whole table is printable US-ASCII, but for the NULs.
    is_plain: bool,
}

/// Octets at the beginning of a string that are searched for its NUL; most strings are shorter.
const SEARCHED: usize = 64;

impl<'a> StringTable<'a> {
    pub(crate) fn new(octets: &'a [u8], charset: Charset) -> Self {
        let mut table = Self {
            octets: octets.into(),
            moved: Vec::new(),
            ends: Vec::new(),
            length: octets.len(),
            charset,
            whole: None,
            is_plain: false,
        };
        if charset == Charset::Latin1 && !octets.is_ascii() {
            let mut converted = Vec::with_capacity(octets.len() * 2);
            for &octet in octets {
                table.moved.push(index(converted.len()));
                let mut utf8 = [0; 2];
                converted.extend_from_slice(char::from(octet).encode_utf8(&mut utf8).as_bytes());
            }
            table.octets = converted.into();
        }
        (table.ends, table.is_plain) = nuls(&table.octets);
        let is_utf_8 = charset == Charset::Utf8 || table.is_plain;
        let may_stand =
            |text: &&str| table.is_plain || text.chars().all(|c| c == '\0' || is_allowed(c));
        if is_utf_8 {
            table.whole = core::str::from_utf8(octets).ok().filter(may_stand);
        }
        table
    }

    /// The string at this offset, if the table is such that none of its strings can be refused;
    /// otherwise it has to be looked at.
    #[inline]
    pub(crate) fn known(&self, offset: u32) -> Option<&'a str> {
        let (whole, start) = (self.whole?, offset as usize);
        let rest = whole.get(start..).filter(|rest| !rest.is_empty())?;
        match first_nul(&rest.as_bytes()[..rest.len().min(SEARCHED)]) {
            Some(length) => rest.get(..length),
            None => rest.get(..self.long(start)),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether every string is printable US-ASCII.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The octets of the string at this offset, up to its NUL or the end of the table.
    pub(crate) fn octets(&self, offset: u32) -> Option<&[u8]> {
        if offset as usize >= self.length {
            return None;
        }
        let start = self.moved.get(offset as usize).copied().unwrap_or(offset);
        let rest = &self.octets[start as usize..];
        let length = match first_nul(&rest[..rest.len().min(SEARCHED)]) {
            Some(length) => length,
            None => self.long(start as usize).min(rest.len()),
        };
        Some(&rest[..length])
    }

    /// The length of a string, from its beginning or from within, that goes on for longer than is
    /// searched: the NUL behind it is the next of those that are noted.
    fn long(&self, start: usize) -> usize {
        let next = self.ends.partition_point(|&end| (end as usize) < start);
        self.ends.get(next).map_or(self.octets.len(), |&end| end as usize) - start
    }

    /// These octets of the table as text.
    pub(crate) fn text<'t>(&self, octets: &'t [u8]) -> Option<&'t str> {
        if self.charset == Charset::Ascii && !octets.is_ascii() {
            return None;
        }
        core::str::from_utf8(octets).ok()
    }
}

/// Where the NULs of long strings stand, and whether everything else is printable US-ASCII: eight octets at once.
fn nuls(octets: &[u8]) -> (Vec<u32>, bool) {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    const SPACES: u64 = 0x2020_2020_2020_2020;
    let (mut ends, mut odd, mut start) = (Vec::new(), 0, 0);
    for (at, eight) in octets.chunks(8).enumerate() {
        let mut padded = [b' '; 8];
        let octets = match eight.first_chunk() {
            Some(&eight) => u64::from_le_bytes(eight),
            None => {
                padded[..eight.len()].copy_from_slice(eight);
                u64::from_le_bytes(padded)
            }
        };
        // The high bit of each octet that is 0.
        let mut nuls = !(((octets & LOW) + LOW) | octets | LOW);
        let others = octets | nuls >> 2; // a space in the place of each NUL
        odd |= (others.wrapping_sub(SPACES) | others) & !LOW;
        while nuls != 0 {
            let end = at * 8 + nuls.trailing_zeros() as usize / 8;
            if end - start >= SEARCHED {
                ends.push(index(end));
            }
            start = end + 1;
            nuls &= nuls - 1;
        }
    }
    (ends, odd == 0)
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX) // a table is no longer than its document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string<'t>(table: &'t StringTable<'_>, offset: u32) -> Option<&'t str> {
        let string = table.octets(offset).and_then(|octets| table.text(octets));
        let known = table.known(offset);
        assert!(known.is_none() || known == string);
        string
    }

    #[test]
    fn what_is_known_of_a_whole_table_is_known_of_its_strings() {
        let (long, short) = ("x".repeat(SEARCHED), "y".repeat(SEARCHED - 1));
        let text = alloc::format!("a b\0\0{long}\0{short}\0~{long}");
        let table = StringTable::new(text.as_bytes(), Charset::Latin1);
        assert!(table.is_plain());
        assert_eq!(table.ends, [5 + index(long.len())]);
        for offset in 0..text.len() {
            let expected = text[offset..].split('\0').next();
            assert_eq!(string(&table, index(offset)), expected, "{offset}");
            assert_eq!(table.known(index(offset)), expected, "{offset}");
        }
        assert_eq!(table.known(index(text.len())), None);

        let table = StringTable::new("a\0\u{E4}\tb".as_bytes(), Charset::Utf8);
        assert!(!table.is_plain());
        assert_eq!(table.known(2), Some("\u{E4}\tb"));
        assert_eq!(table.known(3), None, "the middle of a character");
    }

    #[test]
    fn a_table_with_anything_to_refuse_is_not_known() {
        for octet in (1..0x20).chain(0x80..=0xFF).filter(|octet| !b"\t\n\r".contains(octet)) {
            for at in 0..11 {
                let mut octets = *b"one\0two\0abc";
                octets[at] = octet;
                for charset in [Charset::Utf8, Charset::Ascii] {
                    let table = StringTable::new(&octets, charset);
                    assert_eq!(table.known(0), None, "{octet:#x} at {at}");
                    assert!(!table.is_plain());
                }
            }
        }
        let text = "\u{E4}\0\u{FFFE}".as_bytes();
        assert_eq!(StringTable::new(text, Charset::Utf8).known(0), None);
        assert_eq!(StringTable::new(&text[..3], Charset::Ascii).known(0), None);
        assert_eq!(StringTable::new(&text[..3], Charset::Latin1).known(0), None);
    }

    #[test]
    fn strings_end_at_nul_or_at_the_end() {
        let table = StringTable::new(b"one\0two", Charset::Utf8);
        assert_eq!(string(&table, 0), Some("one"));
        assert_eq!(string(&table, 1), Some("ne"));
        assert_eq!(string(&table, 3), Some(""));
        assert_eq!(string(&table, 4), Some("two"));
        assert_eq!(string(&table, 7), None);
    }

    #[test]
    fn latin_1_moves_offsets() {
        let table = StringTable::new(b"\xE4\xE4\0b\xFC", Charset::Latin1);
        assert_eq!(string(&table, 0), Some("ää"));
        assert_eq!(string(&table, 1), Some("ä"));
        assert_eq!(string(&table, 3), Some("bü"));
        assert_eq!(string(&table, 5), None);
    }

    #[test]
    fn octets_of_no_charset_are_no_text() {
        assert_eq!(string(&StringTable::new(b"\xE4", Charset::Utf8), 0), None);
        assert_eq!(string(&StringTable::new("ä".as_bytes(), Charset::Ascii), 0), None);
    }
}

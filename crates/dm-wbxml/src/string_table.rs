//! The string table: strings by octet offset. [WBXML 1.3 §5.7]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::Charset;

/// The strings of one document, readable as UTF-8 at every offset.
///
/// Where each string ends is known beforehand, so a reference costs no search, however long the
/// string and however often it is used.
#[derive(Debug)]
pub(crate) struct StringTable<'a> {
    octets: Cow<'a, [u8]>,
    /// For ISO-8859-1 with octets over 7F: how far each offset moved in the conversion.
    moved: Vec<u32>,
    /// Offsets of the NULs in `octets`.
    ends: Vec<u32>,
    length: usize,
    charset: Charset,
}

impl<'a> StringTable<'a> {
    pub(crate) fn new(octets: &'a [u8], charset: Charset) -> Self {
        let mut table = Self {
            octets: octets.into(),
            moved: Vec::new(),
            ends: Vec::new(),
            length: octets.len(),
            charset,
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
        let nuls = table.octets.iter().enumerate().filter(|&(_, &octet)| octet == 0);
        table.ends = nuls.map(|(at, _)| index(at)).collect();
        table
    }

    /// The octets of the string at this offset, up to its NUL or the end of the table.
    pub(crate) fn octets(&self, offset: u32) -> Option<&[u8]> {
        if offset as usize >= self.length {
            return None;
        }
        let start = self.moved.get(offset as usize).copied().unwrap_or(offset);
        let next = self.ends.partition_point(|&end| end < start);
        let end = self.ends.get(next).map_or(self.octets.len(), |&end| end as usize);
        Some(&self.octets[start as usize..end])
    }

    /// These octets of the table as text.
    pub(crate) fn text<'t>(&self, octets: &'t [u8]) -> Option<&'t str> {
        if self.charset == Charset::Ascii && !octets.is_ascii() {
            return None;
        }
        core::str::from_utf8(octets).ok()
    }
}

fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX) // a table is no longer than its document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string<'t>(table: &'t StringTable<'_>, offset: u32) -> Option<&'t str> {
        table.octets(offset).and_then(|octets| table.text(octets))
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

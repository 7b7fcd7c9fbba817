//! Hexadecimal for people: octets that are read aloud or typed in, with what finds a mistake.
//!
//! ```text
//! 0000  026d 6573 7361 6765                       2e13
//! = 8 octets, CRC-32 0cd63715
//! ```
//!
//! Each line has its offset, at most 16 octets in groups, and a check: the low 16 bits of the CRC-32 over
//! the offset, in four octets, and the octets. The last line has the whole.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::crc::{crc32, crc32_of};
use crate::{Error, ErrorKind};

/// The text of these octets.
///
/// ```
/// let text = dm_push::hex::write(b"hello");
/// assert_eq!(dm_push::hex::read(&text)?, b"hello");
/// # Ok::<(), dm_push::Error>(())
/// ```
#[must_use]
pub fn write(octets: &[u8]) -> String {
    let mut text = String::new();
    for (line, at) in octets.chunks(LINE).zip((0_u32..).step_by(LINE)) {
        let mut groups = String::new();
        for (group, number) in line.chunks(2).zip(0..) {
            let gap = if number == 4 { "  " } else { " " };
            groups.push_str(if number == 0 { "" } else { gap });
            group.iter().for_each(|octet| put(&mut groups, format_args!("{octet:02x}")));
        }
        put(&mut text, format_args!("{at:04x}  {groups:40}  {:04x}\n", check(at, line)));
    }
    text + &format!("= {} octets, CRC-32 {:08x}\n", octets.len(), crc32(octets))
}

/// The octets of such a text; white space, empty lines and the case of digits do not matter.
///
/// # Errors
/// [`Error`], with the octet of the text at which the bad line begins.
pub fn read(text: &str) -> Result<Vec<u8>, Error> {
    let mut octets = Vec::new();
    let mut begin = 0;
    for line in text.split('\n') {
        let at = begin;
        begin += line.len() + 1;
        if let Some(end) = line.trim().strip_prefix('=') {
            return whole(end, &octets).map(|()| octets).map_err(|kind| Error::new(kind, at));
        }
        if !line.trim().is_empty() {
            self::line(line, &mut octets).map_err(|kind| Error::new(kind, at))?;
        }
    }
    Err(Error::new(ErrorKind::NotOf { form: "text with a last line of hexadecimal" }, text.len()))
}

/// Reads one line behind these octets.
fn line(line: &str, octets: &mut Vec<u8>) -> Result<(), ErrorKind> {
    let bad = ErrorKind::NotOf { form: "line of hexadecimal" };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let mut words = line.split_whitespace();
    let at = words.next().and_then(hex).ok_or(bad)?;
    let written = words.next_back().and_then(hex).ok_or(bad)?;
    let before = octets.len();
    for word in words {
        for pair in word.as_bytes().chunks(2) {
            let pair = core::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
            let octet = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            octets.push(octet.ok_or(bad)?);
        }
    }
    let found = check(at, &octets[before..]);
    match u32::try_from(before) {
        Ok(before) if before == at && octets.len() <= before as usize + LINE => {}
        _ => return Err(bad),
    }
    if written != found {
        return Err(ErrorKind::Checksum { written, found });
    }
    Ok(())
}

fn whole(end: &str, octets: &[u8]) -> Result<(), ErrorKind> {
    let bad = ErrorKind::NotOf { form: "last line of hexadecimal" };
    let (count, crc) = end.split_once("octets, CRC-32").ok_or(bad)?;
    let count: usize = count.trim().parse().map_err(|_| bad)?;
    let written = u32::from_str_radix(crc.trim(), 16).map_err(|_| bad)?;
    if count > octets.len() {
        return Err(ErrorKind::Truncated { missing: count - octets.len() });
    }
    match crc32(octets) {
        found if found != written || count != octets.len() => {
            Err(ErrorKind::Checksum { written, found })
        }
        _ => Ok(()),
    }
}

fn check(at: u32, line: &[u8]) -> u32 {
    crc32_of(&[&at.to_be_bytes(), line]) & 0xFFFF
}

/// Writing to text never fails.
fn put(text: &mut String, what: core::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

/// Octets of a line.
const LINE: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_also_in_capitals(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = write(&octets);
            prop_assert_eq!(read(&text).unwrap(), &octets[..]);
            let shouted = text.to_uppercase().replace("OCTETS", "octets").replace('\n', "\r\n");
            prop_assert_eq!(read(&shouted).unwrap(), octets);
        }

        #[test]
        fn one_wrong_digit_is_found(octets in prop::collection::vec(any::<u8>(), 1..64), at in 0_usize..1000) {
            let mut text = write(&octets).into_bytes();
            let digits: Vec<usize> = (0..text.len()).filter(|at| text[*at].is_ascii_hexdigit()).collect();
            let at = digits[at % digits.len()];
            text[at] = if text[at] == b'0' { b'1' } else { b'0' };
            let text = String::from_utf8(text).unwrap();
            // The letters of the last line's words are no digits.
            prop_assert!(read(&text).is_err(), "{}", text);
        }
    }

    #[test]
    fn the_text_is_that_of_the_document() {
        // The checks by another implementation of CRC-32.
        let line = "0000  026d 6573 7361 6765                       2e13\n";
        let wanted = [line, "= 8 octets, CRC-32 0cd63715\n"].concat();
        assert_eq!(write(b"\x02message"), wanted);
    }

    #[test]
    fn a_bad_line_is_named_by_where_it_begins() {
        let text = write(&[7; 40]);
        let second = text.find('\n').unwrap() + 1;
        let wrong = text.replacen("0010  0707", "0010  0708", 1);
        let error = read(&wrong).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Checksum { .. }));
        assert_eq!(error.offset, second);
        let left_out = text.replacen("0010", "0020", 1);
        assert_eq!(read(&left_out).unwrap_err().offset, second);
        let last = text.rfind('=').unwrap();
        assert!(matches!(read(&text[..last]).unwrap_err().kind, ErrorKind::NotOf { .. }));
    }
}

//! QR codes: a message as text for one code, or split and numbered over several; codes as pictures.
//!
//! One code has the message in base64, as a camera writes it into a spool folder. What is too long for
//! one is split: each code has one line of upper-case text, which QR packs tightly and no reader alters,
//!
//! ```text
//! MGQ1:<CRC-32 of the message>:<number>:<total>:<CRC-32 of this part>:<this part in base32>
//! ```
//!
//! numbers in decimal from 1, CRCs in eight hexadecimal digits, base32 of RFC 4648 §6 without padding. The
//! lines of all codes in any order, in one file, are the message again.
//!
//! ```
//! use dm_push::qr;
//! let lines = qr::split(&[7; 100], 40)?;
//! assert_eq!(lines.len(), 3);
//! let scanned = format!("{}\n{}\r\n{}\n", lines[2], lines[0], lines[1]);
//! assert_eq!(qr::join(scanned.as_bytes())?, [7; 100]);
//! # Ok::<(), dm_push::Error>(())
//! ```

mod base32;
mod picture;

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub use picture::{png, terminal};

use crate::crc::crc32;
use crate::{Error, ErrorKind};

/// What lines of a split message begin with.
pub const PREFIX: &str = "MGQ1:";
/// Most codes of one message.
pub const MAX_PARTS: usize = 64;

/// The lines of a message, each of at most so many octets of it.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if more than [`MAX_PARTS`] would be needed.
pub fn split(message: &[u8], most: usize) -> Result<Vec<String>, Error> {
    let total = message.len().div_ceil(most.max(1)).max(1);
    if total > MAX_PARTS {
        let kind = ErrorKind::TooLarge { octets: message.len(), limit: MAX_PARTS * most };
        return Err(Error::new(kind, 0));
    }
    let (whole, each) = (crc32(message), message.len().div_ceil(total).max(1));
    let parts = message.chunks(each).enumerate().map(|(at, part)| {
        let (number, crc, text) = (at + 1, crc32(part), base32::write(part));
        format!("{PREFIX}{whole:08X}:{number}:{total}:{crc:08X}:{text}")
    });
    Ok(parts.collect())
}

/// Whether this is text of split codes.
#[must_use]
pub fn is_split(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    text.strip_prefix(SCANNER).unwrap_or(text).starts_with(PREFIX.as_bytes())
}

/// The message of the lines of all its codes, in any order; lines may be there twice.
///
/// # Errors
/// [`Error`], with the octet at which the bad line begins.
pub fn join(text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut parts: Vec<Option<Vec<u8>>> = Vec::new();
    let mut of = None;
    let mut at = 0;
    for line in text.split(|octet| *octet == b'\n') {
        let begin = at;
        at += line.len() + 1;
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let fault = |kind| Error::new(kind, begin);
        let Part { whole, number, total, octets } = Part::read(line).map_err(fault)?;
        if *of.get_or_insert((whole, total)) != (whole, total) {
            return Err(fault(ErrorKind::PartOfOther));
        }
        if parts.is_empty() {
            parts = vec![None; total];
        }
        parts[number - 1] = Some(octets);
    }
    let Some((whole, total)) = of else {
        return Err(Error::new(ErrorKind::NotOf { form: "text of QR codes" }, 0));
    };
    let mut message = Vec::new();
    for (part, number) in parts.into_iter().zip(1..) {
        let missing = ErrorKind::PartMissing { number, total };
        message.extend(part.ok_or(Error::new(missing, text.len()))?);
    }
    match crc32(&message) {
        found if found == whole => Ok(message),
        found => Err(Error::new(ErrorKind::Checksum { written: whole, found }, 0)),
    }
}

/// One line.
struct Part {
    whole: u32,
    number: usize,
    total: usize,
    octets: Vec<u8>,
}

impl Part {
    fn read(line: &[u8]) -> Result<Self, ErrorKind> {
        let bad = ErrorKind::NotOf { form: "line of a split QR code" };
        let line = line.strip_prefix(SCANNER).unwrap_or(line);
        let line = line.strip_prefix(PREFIX.as_bytes()).ok_or(bad)?;
        let mut fields = core::str::from_utf8(line).map_err(|_| bad)?.splitn(5, ':');
        let mut field = || fields.next().ok_or(bad);
        let hex = |text: &str| u32::from_str_radix(text, 16).ok().filter(|_| text.len() == 8);
        let number =
            |text: &str| text.parse().ok().filter(|number| (1..=MAX_PARTS).contains(number));
        let whole = hex(field()?).ok_or(bad)?;
        let (at, total) = (number(field()?).ok_or(bad)?, number(field()?).ok_or(bad)?);
        let written = hex(field()?).ok_or(bad)?;
        let octets = base32::read(field()?).ok_or(bad)?;
        match crc32(&octets) {
            _ if at > total => Err(bad),
            found if found != written => Err(ErrorKind::Checksum { written, found }),
            _ => Ok(Self { whole, number: at, total, octets }),
        }
    }
}

/// What a scanner writes before what it read, unless it is told not to.
const SCANNER: &[u8] = b"QR-Code:";

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_in_any_order_and_twice_are_the_message(
            message in prop::collection::vec(any::<u8>(), 1..300), most in 5_usize..400, turn in 0_usize..60,
        ) {
            let mut lines = split(&message, most).unwrap();
            let (count, text) = (lines.len(), lines.concat());
            prop_assert!(text.bytes().all(|octet| octet.is_ascii_digit() || octet.is_ascii_uppercase() || octet == b':'));
            lines.rotate_left(turn % count);
            lines.push(lines[0].clone());
            prop_assert_eq!(join(lines.join("\n").as_bytes()).unwrap(), message);
        }
    }

    #[test]
    fn what_is_missing_wrong_or_of_another_message_is_named() {
        let (one, other) = (split(b"abcdefghij", 4).unwrap(), split(b"ABCDEFGHIJ", 4).unwrap());
        let kind = |lines: &[&str]| join(lines.join("\n").as_bytes()).unwrap_err();
        let error = kind(&[&one[0], &one[2]]);
        assert_eq!(error.kind, ErrorKind::PartMissing { number: 2, total: 3 });
        let error = kind(&[&one[0], &other[1]]);
        assert_eq!((error.kind, error.offset), (ErrorKind::PartOfOther, one[0].len() + 1));
        let mut typed = one[1].to_string();
        let last = if typed.pop() == Some('A') { 'Q' } else { 'A' };
        typed.push(last);
        assert!(matches!(
            kind(&[&one[0], &typed]).kind,
            ErrorKind::Checksum { .. } | ErrorKind::NotOf { .. }
        ));
        for line in [
            "",
            "MGQ1:",
            "MGQ1:00000000:0:1:00000000:",
            "MGQ1:00000000:2:1:00000000:",
            "MGQ1:0:1:1:0:",
        ] {
            assert!(matches!(kind(&[line]).kind, ErrorKind::NotOf { .. }), "{line}");
        }
        assert!(matches!(split(&[0; 65], 1).unwrap_err().kind, ErrorKind::TooLarge { .. }));
    }

    #[test]
    fn text_that_a_scanner_marks_is_read() {
        let lines = split(b"abcdefghij", 4).unwrap();
        let text = lines.iter().map(|line| format!("QR-Code:{line}\n")).collect::<String>();
        assert!(is_split(text.as_bytes()) && is_split(lines[0].as_bytes()) && !is_split(b"AgAA"));
        assert_eq!(join(text.as_bytes()).unwrap(), b"abcdefghij");
    }
}

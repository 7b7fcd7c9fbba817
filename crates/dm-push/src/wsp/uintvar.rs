//! Unsigned numbers of variable length: seven bits to an octet, high first. [WSP §8.1.2]

use alloc::vec::Vec;

use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// Reads a number of at most 32 bits in at most five octets.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<u32, Error> {
    let start = cursor.at();
    let mut number = 0_u32;
    for _ in 0..5 {
        let octet = cursor.octet()?;
        let Some(shifted) = number.checked_mul(0x80) else { break };
        number = shifted | u32::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Error::new(ErrorKind::UintvarTooLong, start))
}

/// Writes a number in as few octets as hold it.
pub(super) fn write(number: usize, out: &mut Vec<u8>) {
    let mut shift = 0;
    while shift + 7 < usize::BITS && number >> (shift + 7) != 0 {
        shift += 7;
    }
    loop {
        let bits = u8::try_from((number >> shift) & 0x7F).unwrap_or(0x7F);
        if shift == 0 {
            return out.push(bits);
        }
        out.push(bits | 0x80);
        shift -= 7;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn written(number: usize) -> Vec<u8> {
        let mut out = Vec::new();
        write(number, &mut out);
        out
    }

    #[test]
    fn borders_of_seven_bits() {
        for (number, octets) in [
            (0, vec![0x00]),
            (0x7F, vec![0x7F]),
            (0x80, vec![0x81, 0x00]),
            (0x3FFF, vec![0xFF, 0x7F]),
            (0x4000, vec![0x81, 0x80, 0x00]),
            (0xFFFF_FFFF, vec![0x8F, 0xFF, 0xFF, 0xFF, 0x7F]),
        ] {
            assert_eq!(written(number), octets);
            assert_eq!(read(&mut Cursor::new(&octets)).map(|n| n as usize), Ok(number));
        }
    }

    #[test]
    fn more_than_32_bits_is_refused() {
        let too_long = Err(Error::new(ErrorKind::UintvarTooLong, 0));
        assert_eq!(read(&mut Cursor::new(&[0x90, 0x80, 0x80, 0x80, 0x00])), too_long);
        assert_eq!(read(&mut Cursor::new(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01])), too_long);
    }

    #[test]
    fn leading_zeros_are_accepted() {
        assert_eq!(read(&mut Cursor::new(&[0x80, 0x80, 0x03])), Ok(3));
    }

    #[test]
    fn an_unfinished_number_is_truncated() {
        let truncated = Err(Error::new(ErrorKind::Truncated { missing: 1 }, 2));
        assert_eq!(read(&mut Cursor::new(&[0x81, 0x80])), truncated);
    }
}

//! Base32 without padding. [RFC 4648 §6]

use alloc::string::String;
use alloc::vec::Vec;

pub(super) fn write(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(5) * 8);
    let (mut bits, mut count) = (0_u32, 0);
    for octet in octets {
        bits = (bits << 8) | u32::from(*octet);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(character(bits >> count));
        }
    }
    if count > 0 {
        text.push(character(bits << (5 - count)));
    }
    text
}

/// None if there is anything else in it, or bits that belong to no octet and are not 0.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|own| *own == character)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            octets.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    (count < 5 && bits & ((1 << count) - 1) == 0).then_some(octets)
}

fn character(bits: u32) -> char {
    char::from(ALPHABET[(bits & 0x1F) as usize])
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_standard() {
        for (octets, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(write(octets.as_bytes()), text);
            assert_eq!(read(text).as_deref(), Some(octets.as_bytes()));
        }
        for text in ["M", "MZ", "MZX", "my", "MY======", "0Y", "MZXW6YTBO"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

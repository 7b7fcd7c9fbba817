//! The default alphabet, seven bits to a character: for alphanumeric addresses. [TS 23.038 §6]

use alloc::string::String;
use alloc::vec::Vec;

/// Shifts to the extension table for one character.
const ESCAPE: u8 = 0x1B;

/// Characters of the codes 0x00 to 0x7F; the escape stands as U+001B. [TS 23.038 §6.2.1]
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\x1B', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// Characters after an escape. [TS 23.038 §6.2.1.1]
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\x0C'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// The first `count` characters' codes, packed from the lowest bit on, as text.
///
/// An escape without a known character after it is a space, as the standard has it.
pub(super) fn unpack(octets: &[u8], count: usize) -> String {
    let (mut bits, mut held, mut text) = (0_u16, 0, String::new());
    let (mut seen, mut is_escaped) = (0, false);
    for octet in octets {
        if seen == count {
            break;
        }
        bits |= u16::from(*octet) << held;
        held += 8;
        while held >= 7 && seen < count {
            let [_, low] = bits.to_be_bytes();
            let code = low & 0x7F;
            (bits, held, seen) = (bits >> 7, held - 7, seen + 1);
            let extended = EXTENSION.iter().find(|(listed, _)| *listed == code);
            match (is_escaped, extended) {
                (false, _) if code == ESCAPE => is_escaped = true,
                (true, Some((_, character))) => {
                    text.push(*character);
                    is_escaped = false;
                }
                (true, None) => {
                    text.push(' ');
                    is_escaped = false;
                }
                (false, _) => text.push(DEFAULT[usize::from(code)]),
            }
        }
    }
    text
}

/// The codes of `text` packed, and how many there are; `Err` holds the place in `text` of a
/// character that the alphabet lacks.
pub(super) fn pack(text: &str) -> Result<(Vec<u8>, usize), usize> {
    let mut codes = Vec::new();
    for (at, character) in text.char_indices() {
        if let Some((code, _)) = EXTENSION.iter().find(|(_, listed)| *listed == character) {
            codes.extend([ESCAPE, *code]);
        } else {
            let is_it = |listed: &char| *listed == character && character != '\x1B';
            let code = DEFAULT.iter().position(is_it).ok_or(at)?;
            codes.push(u8::try_from(code).unwrap_or(0));
        }
    }
    let (mut bits, mut held, mut packed) = (0_u16, 0, Vec::new());
    for code in &codes {
        bits |= u16::from(*code) << held;
        held += 7;
        if held >= 8 {
            let [high, low] = bits.to_be_bytes();
            packed.push(low);
            (bits, held) = (u16::from(high), held - 8);
        }
    }
    if held > 0 {
        let [_, low] = bits.to_be_bytes();
        packed.push(low);
    }
    Ok((packed, codes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `hellohello`, the example known from many descriptions of the format.
    const HELLO: [u8; 9] = [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37];

    #[test]
    fn the_known_example_packs_and_unpacks() {
        assert_eq!(pack("hellohello"), Ok((HELLO.to_vec(), 10)));
        assert_eq!(unpack(&HELLO, 10), "hellohello");
        assert_eq!(unpack(&HELLO, 5), "hello");
    }

    #[test]
    fn an_escape_makes_one_character_of_two_codes() {
        let (packed, codes) = pack("a€").unwrap();
        assert_eq!(codes, 3);
        assert_eq!(unpack(&packed, 3), "a€");
    }

    #[test]
    fn an_unknown_character_is_refused_with_its_place() {
        assert_eq!(pack("né\u{4E2D}"), Err(3));
    }
}

//! Base64 text, with or without padding, of either alphabet, in lines or not. [RFC 4648]

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Decoded, list_or_one};

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ENGINES: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&STANDARD, CONFIG), GeneralPurpose::new(&URL_SAFE, CONFIG)];

/// Shorter text is rather a word.
const SHORTEST: usize = 8;

/// Whether the text is base64 and nothing else.
pub(super) fn is_base64(text: &str) -> bool {
    decode(text, false).is_some()
}

/// What the text stands for.
pub(super) fn decode(text: &str, is_list: bool) -> Option<Vec<Decoded>> {
    let joined: String = text.lines().map(str::trim).collect();
    // Words with spaces between them are text of people, though every letter is one of base64.
    if joined.len() < SHORTEST || joined.contains([' ', '\t']) {
        return None;
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let lines: Option<Vec<Decoded>> = lines
        .map(|(at, line)| Some(Decoded { line: at + 1, octets: octets(line.trim())? }))
        .collect();
    match lines.map(|lines| list_or_one(lines, is_list)) {
        Some(list) if list.len() > 1 => Some(list),
        // Lines may be cut anywhere: only the whole is sure to be a multiple of four characters.
        _ => Some(vec![Decoded { line: 1, octets: octets(&joined)? }]),
    }
}

fn octets(text: &str) -> Option<Vec<u8>> {
    ENGINES.iter().find_map(|engine| engine.decode(text).ok())
}

//! Modules of a code as a picture: PNG of one bit a pixel, or text for a terminal.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crc::crc32_of;

/// A PNG of a square code with so many modules a side, each of `scale` pixels, and the quiet zone of four
/// modules around it. What is dark is asked by column and row. [ISO 18004 §6.3.8, PNG 3.0]
#[must_use]
pub fn png(side: usize, scale: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let scale = scale.clamp(1, 64);
    let pixels = (side + 2 * QUIET) * scale;
    let is_light = |x: usize, y: usize| !quiet(side, x / scale, y / scale, &is_dark);
    let mut lines = Vec::with_capacity(pixels * (pixels / 8 + 2));
    for y in 0..pixels {
        lines.push(0); // a line without a filter
        for first in (0..pixels).step_by(8) {
            let bit = |x: usize| u8::from(x < pixels && is_light(x, y));
            lines.push((0..8).fold(0, |octet, at| (octet << 1) | bit(first + at)));
        }
    }
    let length = u32::try_from(pixels).unwrap_or(u32::MAX).to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    let depth_1_grey = [1, 0, 0, 0, 0];
    chunk(&mut png, b"IHDR", &[&length[..], &length[..], &depth_1_grey[..]].concat());
    chunk(&mut png, b"IDAT", &stored(&lines));
    chunk(&mut png, b"IEND", b"");
    png
}

/// Text for a terminal that writes light on dark: two modules a character, one above the other.
#[must_use]
pub fn terminal(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    let whole = side + 2 * QUIET;
    let mut text = String::new();
    for y in (0..whole).step_by(2) {
        for x in 0..whole {
            let is_light = |y: usize| y < whole && !quiet(side, x, y, &is_dark);
            text.push(match (is_light(y), is_light(y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    text
}

/// Whether a module is dark, the quiet zone counted.
fn quiet(side: usize, x: usize, y: usize, is_dark: impl Fn(usize, usize) -> bool) -> bool {
    let code = QUIET..QUIET + side;
    code.contains(&x) && code.contains(&y) && is_dark(x - QUIET, y - QUIET)
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    png.extend_from_slice(kind);
    png.extend_from_slice(data);
    png.extend(crc32_of(&[kind, data]).to_be_bytes());
}

/// A stream of zlib that compresses nothing. [RFC 1950, RFC 1951 §3.2.4]
fn stored(octets: &[u8]) -> Vec<u8> {
    let mut zlib = [0x78, 0x01].to_vec();
    let blocks = octets.chunks(usize::from(u16::MAX));
    let last = blocks.len().saturating_sub(1);
    for (at, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        zlib.push(u8::from(at == last));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for octet in octets {
        a = (a + u32::from(*octet)) % 65_521;
        b = (b + a) % 65_521;
    }
    zlib.extend(((b << 16) | a).to_be_bytes());
    zlib
}

/// Light modules around a code.
const QUIET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_light_modules_and_the_quiet_zone() {
        // One dark module in the middle of a side of 1, in a quiet zone of 4.
        let text = terminal(1, |_, _| true);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[2], "████▄████");
        assert_eq!(lines[4], "▀▀▀▀▀▀▀▀▀", "the line below is none");
    }

    #[test]
    fn what_is_stored_has_the_checksum_of_zlib() {
        let zlib = stored(b"Wikipedia");
        assert_eq!(zlib[..7], [0x78, 0x01, 1, 9, 0, 0xF6, 0xFF]);
        assert_eq!(zlib[zlib.len() - 4..], [0x11, 0xE6, 0x03, 0x98]);
    }
}

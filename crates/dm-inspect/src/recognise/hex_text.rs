//! Hexadecimal text as people and tools write it: bare, with separators, or as a dump.
//!
//! Dumps are those of xxd, hexdump and Wireshark: an offset, octets, and perhaps the same octets as
//! characters, which are passed over. An offset of 0 begins the next thing of a list.

use super::{Decoded, list_or_one};

/// Whether the text is hexadecimal and nothing else.
pub(super) fn is_hex(text: &str) -> bool {
    decode(text, false).is_some()
}

/// What the text stands for.
pub(super) fn decode(text: &str, is_list: bool) -> Option<Vec<Decoded>> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim_end()))
        .filter(|(_, line)| !is_remark(line.trim_start()))
        .collect();
    if lines.is_empty() {
        return None;
    }
    dump(&lines).or_else(|| bare(&lines, is_list))
}

/// Empty lines, comments, and what a modem says around a PDU.
fn is_remark(line: &str) -> bool {
    line.is_empty()
        || line == "OK"
        || ["#", "//", "+CM", "AT+"].iter().any(|it| line.starts_with(it))
}

/// Digits with separators. A line may end within an octet, if it is not a list.
fn bare(lines: &[(usize, &str)], is_list: bool) -> Option<Vec<Decoded>> {
    let cleaned: Option<Vec<(usize, String)>> =
        lines.iter().map(|&(line, text)| Some((line, digits(text)?))).collect();
    let cleaned = cleaned?;
    if cleaned.iter().all(|(_, digits)| digits.len().is_multiple_of(2)) {
        let decoded = cleaned
            .iter()
            .map(|(line, digits)| Some(Decoded { line: *line, octets: octets(digits)? }));
        let decoded: Vec<Decoded> = decoded.collect::<Option<_>>()?;
        return Some(list_or_one(decoded, is_list))
            .filter(|found| found.iter().any(|it| !it.octets.is_empty()));
    }
    let joined: String = cleaned.iter().map(|(_, digits)| digits.as_str()).collect();
    Some(vec![Decoded { line: cleaned[0].0, octets: octets(&joined)? }])
}

/// The digits of a line, without separators and prefixes; none if there is anything else.
fn digits(line: &str) -> Option<String> {
    let line = line.replace("0x", " ").replace("0X", " ").replace("\\x", " ");
    let mut digits = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            _ if character.is_ascii_hexdigit() => digits.push(character),
            ' ' | '\t' | ':' | ',' | ';' | '-' | '.' | '"' | '\'' | '{' | '}' | '[' | ']' => {}
            _ => return None,
        }
    }
    Some(digits)
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit =
        |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A dump: every line begins with the offset of its first octet.
fn dump(lines: &[(usize, &str)]) -> Option<Vec<Decoded>> {
    let rows: Vec<(usize, usize, &str)> = lines
        .iter()
        .map(|&(line, text)| offset(text).map(|(offset, rest)| (line, offset, rest)))
        .collect::<Option<_>>()?;
    if rows.len() == 1 && !lines[0].1.contains([':', '|']) && !rows[0].2.starts_with("  ") {
        return None; // a single line of groups of digits, the first of which is 0
    }
    let mut found: Vec<Decoded> = Vec::new();
    for (at, &(line, offset, rest)) in rows.iter().enumerate() {
        let begins = offset == 0;
        match found.last() {
            _ if begins => found.push(Decoded { line, octets: Vec::new() }),
            Some(last) if last.octets.len() == offset => {}
            _ => return None,
        }
        let current = found.last_mut()?;
        match rows.get(at + 1) {
            Some(&(_, next, _)) if next > offset => {
                current.octets.extend(first(rest, next - offset)?)
            }
            _ => current.octets.extend(last(rest)?),
        }
    }
    found.retain(|decoded| !decoded.octets.is_empty());
    (!found.is_empty()).then_some(found)
}

/// An offset of four to eight digits, and what follows it.
fn offset(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("0x").unwrap_or(line);
    let length = line.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (offset, rest) = line.split_at(length);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if !(4..=8).contains(&length) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    Some((usize::from_str_radix(offset, 16).ok()?, rest))
}

/// The first `count` octets of a row; whatever follows are characters.
fn first(row: &str, count: usize) -> Option<Vec<u8>> {
    let digits: String =
        row.chars().filter(|c| !c.is_whitespace()).take(count.min(row.len()) * 2).collect();
    octets(&digits).filter(|octets| octets.len() == count)
}

/// The octets of a last row, whose number nothing tells but its characters, if there are any.
fn last(row: &str) -> Option<Vec<u8>> {
    if let Some((hex, _)) = row.split_once('|') {
        return octets(&digits(hex)?);
    }
    // A row that long is no row of a tool, and looking at each gap of it would not end.
    let gaps = || row.match_indices("  ").map(|(at, _)| at).filter(|_| row.len() < 256);
    let before = |fits: fn(usize, usize) -> bool| {
        gaps().find_map(|at| {
            let (hex, characters) = row.split_at(at);
            let found = octets(&digits(hex)?).filter(|found| !found.is_empty())?;
            fits(characters.trim().chars().count(), found.len()).then_some(found)
        })
    };
    // As many characters as octets; or all digits; or fewer characters, for spaces are cut off.
    before(|characters, octets| characters == octets)
        .or_else(|| octets(&digits(row)?))
        .or_else(|| before(|characters, octets| characters <= octets))
}

//! Base64 by the letter. [RFC 4648 §4, §3.2, §3.3, §3.5]

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The octets of a text that is canonical base64: whole groups, padding where it belongs, unused
/// bits zero, and nothing else, no white space either.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let characters: Vec<char> = text.chars().collect();
    if !characters.len().is_multiple_of(4) {
        return None;
    }
    let mut octets = Vec::new();
    let groups = characters.chunks(4);
    let last = groups.len().saturating_sub(1);
    for (at, group) in groups.enumerate() {
        let padding = group.iter().rev().take_while(|&&character| character == '=').count();
        if padding > 2 || (padding > 0 && at != last) {
            return None;
        }
        let mut bits: Vec<bool> = Vec::new();
        for &character in &group[..4 - padding] {
            let value = ALPHABET.iter().position(|&letter| char::from(letter) == character)?;
            bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
        }
        let (whole, unused) = bits.split_at(bits.len() / 8 * 8);
        if unused.contains(&true) {
            return None;
        }
        octets.extend(
            whole
                .chunks(8)
                .map(|eight| eight.iter().fold(0_u8, |octet, &bit| octet << 1 | u8::from(bit))),
        );
    }
    Some(octets)
}

/// The canonical base64 text of these octets.
#[must_use]
pub fn encode(octets: &[u8]) -> String {
    let mut text = String::new();
    for group in octets.chunks(3) {
        let mut bits: Vec<bool> = group
            .iter()
            .flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1))
            .collect();
        bits.resize(bits.len().div_ceil(6) * 6, false);
        for six in bits.chunks(6) {
            let value = six.iter().fold(0_usize, |value, &bit| value << 1 | usize::from(bit));
            text.push(char::from(ALPHABET[value]));
        }
        text.push_str(&"=="[..3 - group.len()]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [RFC 4648 §10]
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (octets, text) in VECTORS {
            assert_eq!(decode(text).as_deref(), Some(octets.as_bytes()), "{text}");
            assert_eq!(encode(octets.as_bytes()), text);
        }
        assert_eq!(decode("+/+/"), Some(vec![0xFB, 0xFF, 0xBF]));
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        for text in
            ["Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Zm 8", "Zm8=\n", "====", "Zm-_", "ä==="]
        {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}

//! Characters, names and namespaces that XML allows. [XML 1.0 §2.2, §2.3], [Namespaces §3]

/// Whether these octets are printable US-ASCII and nothing else: text in every charset, and all
/// of it allowed. Nearly all text is, and is told so at the cost of a glance.
#[must_use]
#[inline]
pub fn is_plain(octets: &[u8]) -> bool {
    match octets.last_chunk::<8>() {
        // The last eight again, some of them for the second time: no copy for the odd rest.
        Some(&last) => {
            let (eights, _) = octets.as_chunks::<8>();
            eights.iter().fold(odd(last), |found, &eight| found | odd(eight)) == 0
        }
        None => octets.iter().all(|octet| (b' '..0x80).contains(octet)),
    }
}

/// How many octets at the beginning are printable US-ASCII, which [`is_plain`] looks for.
#[must_use]
#[inline]
pub fn plain_length(octets: &[u8]) -> usize {
    let (eights, rest) = octets.as_chunks::<8>();
    for (at, &eight) in eights.iter().enumerate() {
        let odd = odd(eight);
        if odd != 0 {
            return at * 8 + odd.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().take_while(|octet| (b' '..0x80).contains(octet)).count();
    eights.len() * 8 + plain
}

/// The high bit of each octet that is not printable US-ASCII: the subtraction sets it under 0x20,
/// or it was set before. The lowest one is right; a borrow may set higher ones without a reason.
#[inline]
fn odd(eight: [u8; 8]) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const SPACES: u64 = 0x2020_2020_2020_2020;
    let octets = u64::from_le_bytes(eight);
    (octets.wrapping_sub(SPACES) | octets) & HIGH
}

/// The first character that XML 1.0 forbids, with its octet offset.
#[must_use]
pub fn forbidden(text: &str) -> Option<(usize, char)> {
    // Every forbidden character begins with an octet below 0x20 or with 0xEF (U+FFFE, U+FFFF).
    // One pass without a branch an octet.
    let suspect = |octet: u8| {
        (octet < 0x20) & (octet != b'\t') & (octet != b'\n') & (octet != b'\r') | (octet == 0xEF)
    };
    if !text.bytes().fold(false, |found, octet| found | suspect(octet)) {
        return None;
    }
    text.char_indices().find(|&(_, character)| !is_allowed(character))
}

/// Whether XML 1.0 allows this character in a document.
#[must_use]
pub fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        _ => character >= ' ',
    }
}

/// Whether this is a name without a colon. [Namespaces §3, NCName]
///
/// ```
/// use dm_xml::character::is_ncname;
/// assert!(is_ncname("DigestValue"));
/// assert!(!is_ncname("ds:DigestValue") && !is_ncname("1st") && !is_ncname(""));
/// ```
#[must_use]
pub fn is_ncname(name: &str) -> bool {
    if let (eights, Some(&last)) = (name.as_bytes().as_chunks().0, name.as_bytes().last_chunk())
        && are_letters(last)
        && eights.iter().all(|&eight| are_letters(eight))
    {
        return true; // as most names are
    }
    let plain = |octet: u8| PLAIN_IN_NAMES[usize::from(octet)];
    if name.bytes().all(plain)
        && name.as_bytes().first().is_some_and(|first| !first.is_ascii_digit())
    {
        return true; // nearly every other one
    }
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_character)
}

/// Whether these octets are letters of US-ASCII.
#[inline]
fn are_letters(eight: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let octets = u64::from_le_bytes(eight);
    // Small ones, seven bits each, so that no sum reaches the octet above it.
    let small = (octets | ONES << 5) & !HIGH;
    let from_a = small + ONES * u64::from(0x80 - b'a');
    let behind_z = small + ONES * u64::from(0x7F - b'z');
    from_a & !behind_z & !octets & HIGH == HIGH
}

/// For each octet, whether it is a letter, a digit or an underscore of US-ASCII.
const PLAIN_IN_NAMES: [bool; 256] = {
    let mut plain = [false; 256];
    let mut octet = 0_u8;
    while octet.is_ascii() {
        plain[octet as usize] = octet.is_ascii_alphanumeric() || octet == b'_';
        octet += 1;
    }
    plain
};

fn is_name_start(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether this namespace may be declared as a default: an absolute URI, not that of `xml` or
/// `xmlns`. [profile §2]
///
/// ```
/// use dm_xml::character::is_namespace;
/// assert!(is_namespace("syncml:metinf"));
/// assert!(!is_namespace("") && !is_namespace("relative/path"));
/// assert!(!is_namespace("http://www.w3.org/2000/xmlns/"));
/// ```
#[must_use]
pub fn is_namespace(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else { return false };
    let mut octets = scheme.bytes();
    octets.next().is_some_and(|first| first.is_ascii_alphabetic())
        && octets.all(|octet| octet.is_ascii_alphanumeric() || b"+.-".contains(&octet))
        && uri != "http://www.w3.org/XML/1998/namespace"
        && uri != "http://www.w3.org/2000/xmlns/"
}

/// Whether two names or namespaces are equal. Readers and tables lend out their strings, so equal
/// ones mostly are the very same one, however long, and are not looked at; nor are those of
/// different lengths, nor empty ones (`memcmp` of no octets at a dangling address was slow
/// on a machine with AVX-512 on which we measured).
#[must_use]
#[inline]
pub fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && (one.is_empty()
            || core::ptr::eq(one.as_ptr(), other.as_ptr())
            || is_equal(one.as_bytes(), other.as_bytes()))
}

/// Whether octets of one length are equal. Up to 16, which most names have, they are compared as
/// two numbers that may overlap.
#[inline]
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    match one.len() {
        8..=16 => {
            one.first_chunk::<8>() == other.first_chunk()
                && one.last_chunk::<8>() == other.last_chunk()
        }
        4..8 => {
            one.first_chunk::<4>() == other.first_chunk()
                && one.last_chunk::<4>() == other.last_chunk()
        }
        0..4 => one.iter().zip(other).all(|(one, other)| one == other),
        _ => one == other,
    }
}

/// Whether the text is nothing but white space as XML defines it.
#[must_use]
pub fn is_white_space(text: &str) -> bool {
    text.bytes().all(is_white_space_octet)
}

/// Whether this octet is one of the four white space characters.
#[must_use]
pub fn is_white_space_octet(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_found_where_they_stand() {
        assert_eq!(forbidden("tab\tnewline\nreturn\r\u{FEFF}\u{FFFD}ä"), None);
        assert_eq!(forbidden("ä\u{1}"), Some((2, '\u{1}')));
        assert_eq!(forbidden("a\u{FFFF}"), Some((1, '\u{FFFF}')));
        assert_eq!(forbidden("\0"), Some((0, '\0')));
    }

    #[test]
    fn plain_text_is_printable_ascii() {
        for length in 0..=20 {
            let mut octets = alloc::vec![b'~'; length];
            assert!(is_plain(&octets));
            for at in 0..length {
                for (octet, plain) in [
                    (0, false),
                    (0x1F, false),
                    (b' ', true),
                    (0x7F, true),
                    (0x80, false),
                    (0xFF, false),
                ] {
                    octets[at] = octet;
                    assert_eq!(is_plain(&octets), plain, "{octet:#x} at {at} of {length}");
                    let expected = if plain { length } else { at };
                    assert_eq!(plain_length(&octets), expected, "{octet:#x} at {at} of {length}");
                }
                octets[at] = b'a';
            }
        }
    }

    #[test]
    fn every_octet_of_a_name_is_looked_at() {
        for length in 1..=20 {
            let mut name = alloc::vec![b'z'; length];
            for at in 0..length {
                for octet in 0..0x80_u8 {
                    name[at] = octet;
                    let allowed = octet.is_ascii_alphabetic()
                        || octet == b'_'
                        || at > 0 && (octet.is_ascii_digit() || b"-.".contains(&octet));
                    let name = core::str::from_utf8(&name).unwrap();
                    assert_eq!(is_ncname(name), allowed, "{name:?}");
                }
                name[at] = b'A';
            }
        }
        assert!(is_ncname("abcdefgh\u{E4}") && !is_ncname("abcdefgh\u{D7}"));
    }

    #[test]
    fn names_are_the_same_when_all_octets_are() {
        let name = "abcdefghijklmnopqrstuvwxyz";
        for length in 0..=name.len() {
            let one = &name[..length];
            assert!(is_same(one, &alloc::string::String::from(one)));
            for at in 0..length {
                let other = [&name[..at], "_", &name[at + 1..length]].concat();
                assert!(!is_same(one, &other), "{one} {other}");
            }
            assert!(!is_same(one, &[one, "_"].concat()));
        }
    }

    #[test]
    fn namespaces_need_a_scheme() {
        assert!(is_namespace("SYNCML:SYNCML1.2"));
        assert!(!is_namespace(":x") && !is_namespace("1a:b") && !is_namespace("a b:c"));
    }
}

//! Values that are octets: `base64Binary`, exact. [XML Schema 2 §3.2.16], [RFC 4648 §4]

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Element, character};

/// The octets of a base64 value.
pub(crate) struct Octets {
    pub(crate) octets: Vec<u8>,
    /// Whether the text is the one base64 text of these octets, without white space.
    pub(crate) is_exact: bool,
}

/// The octets of an element without child elements; none when its text is not exact base64. White
/// space is let through.
pub(crate) fn octets_of(element: Element<'_>) -> Option<Octets> {
    if let Some(octets) = element.octets() {
        return Some(Octets { octets: octets.to_vec(), is_exact: true });
    }
    let text = element.text();
    // The decoder takes no other text for these octets: neither without padding nor with bits in it.
    if let Ok(octets) = STANDARD.decode(text.as_bytes()) {
        return Some(Octets { octets, is_exact: true });
    }
    let is_digit = |octet: &u8| !character::is_white_space_octet(*octet);
    let digits: Vec<u8> = text.bytes().filter(is_digit).collect();
    let octets = STANDARD.decode(digits).ok()?;
    Some(Octets { octets, is_exact: false })
}

//! Values that are octets: `base64Binary`, exact. [XML Schema 2 §3.2.16], [RFC 4648 §4]

use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Element, character};

/// The octets of an element without child elements; none when its text is not exact base64. White
/// space is let through.
pub(crate) fn octets_of(element: Element<'_>) -> Option<Vec<u8>> {
    if let Some(octets) = element.octets() {
        return Some(octets.to_vec());
    }
    let text = element.text();
    let is_space = |octet: &u8| character::is_white_space_octet(*octet);
    let decoded = if text.as_bytes().iter().any(is_space) {
        STANDARD.decode(text.bytes().filter(|octet| !is_space(octet)).collect::<Vec<u8>>())
    } else {
        STANDARD.decode(text.as_bytes())
    };
    decoded.ok()
}

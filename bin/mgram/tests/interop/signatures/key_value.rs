//! Keys as old vectors show them: our reader ignores `KeyValue`, the vectors have nothing else.
//! [XMLDSIG §4.4.2], [RFC 4050]

use dm_xml::Element;

use crate::libwbxml::tree::octets;

/// The DER SubjectPublicKeyInfo or certificate that this `KeyInfo` shows.
pub fn shown(key_info: Element<'_>) -> Option<Vec<u8>> {
    let find = |local: &str| key_info.walk().find(|element| element.local() == local);
    let octets_of = |local: &str| find(local).and_then(base64);
    if let Some(der) = octets_of("DEREncodedKeyValue").or_else(|| octets_of("X509Certificate")) {
        return Some(der);
    }
    if let (Some(modulus), Some(exponent)) = (octets_of("Modulus"), octets_of("Exponent")) {
        let key = tlv(0x30, &[integer(&modulus), integer(&exponent)].concat());
        return Some(spki(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], &[5, 0], &key));
    }
    let curve = find("NamedCurve")?;
    let curve = curve.attribute("URI").or_else(|| curve.attribute("URN"))?;
    let (oid, width): (&[u8], usize) = match curve.rsplit(':').next()? {
        "1.2.840.10045.3.1.7" => (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7], 32),
        "1.3.132.0.34" => (&[0x2B, 0x81, 0x04, 0x00, 0x22], 48),
        "1.3.132.0.35" => (&[0x2B, 0x81, 0x04, 0x00, 0x23], 66),
        _ => return None,
    };
    let decimal = |local| find(local).and_then(|element| element.attribute("Value"));
    let point = match (decimal("X"), decimal("Y")) {
        (Some(x), Some(y)) => [vec![4], number(x, width), number(y, width)].concat(),
        _ => octets_of("PublicKey")?,
    };
    Some(spki(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1], &tlv(6, oid), &point))
}

fn base64(element: Element<'_>) -> Option<Vec<u8>> {
    octets(&element.text().split_whitespace().collect::<String>())
        .filter(|octets| !octets.is_empty())
}

/// A decimal number in so many octets.
fn number(decimal: &str, width: usize) -> Vec<u8> {
    let mut octets = vec![0_u8; width];
    for digit in decimal.trim().bytes() {
        let mut carry = u32::from(digit - b'0');
        for octet in octets.iter_mut().rev() {
            carry += u32::from(*octet) * 10;
            *octet = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        assert_eq!(carry, 0, "{decimal} does not fit");
    }
    octets
}

fn spki(oid: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &[&tlv(6, oid), parameters].concat());
    tlv(0x30, &[algorithm, tlv(3, &[&[0], key].concat())].concat())
}

fn integer(octets: &[u8]) -> Vec<u8> {
    tlv(2, &[if octets[0] & 0x80 == 0 { &[][..] } else { &[0] }, octets].concat())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().take_while(|&&octet| octet == 0).count()..];
    let head = match value.len() {
        0..128 => vec![tag, value.len().to_le_bytes()[0]],
        _ => [&[tag, 0x80 | length.len().to_le_bytes()[0]], length].concat(),
    };
    [&head, value].concat()
}

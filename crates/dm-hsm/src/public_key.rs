//! The public key beside a private one, as the token shows it. [PKCS 11 v3.0 §2.1.2, §2.3.3]

use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use crate::method::KeyKind;

/// The DER SubjectPublicKeyInfo, or the DER certificate, that has the id of the private key, or
/// where that has none its label; none if there is neither.
pub(crate) fn beside(
    session: &Session,
    key: ObjectHandle,
    kind: KeyKind,
) -> Result<Option<Vec<u8>>, Error> {
    let [mut id, mut label] = [None, None];
    for attribute in session.get_attributes(key, &[AttributeType::Id, AttributeType::Label])? {
        match attribute {
            Attribute::Id(octets) if !octets.is_empty() => id = Some(Attribute::Id(octets)),
            Attribute::Label(octets) if !octets.is_empty() => {
                label = Some(Attribute::Label(octets))
            }
            _ => {}
        }
    }
    let Some(same) = id.or(label) else { return Ok(None) };
    let find = |class| session.find_objects(&[Attribute::Class(class), same.clone()]);
    for object in find(ObjectClass::PUBLIC_KEY)? {
        if let Some(spki) = of_public_key(session, object, kind)? {
            return Ok(Some(spki));
        }
    }
    for object in find(ObjectClass::CERTIFICATE)? {
        for attribute in session.get_attributes(object, &[AttributeType::Value])? {
            if let Attribute::Value(der) = attribute {
                return Ok(Some(der));
            }
        }
    }
    Ok(None)
}

fn of_public_key(
    session: &Session,
    object: ObjectHandle,
    kind: KeyKind,
) -> Result<Option<Vec<u8>>, Error> {
    let wanted: &[AttributeType] = match kind {
        KeyKind::Rsa(_) => &[AttributeType::Modulus, AttributeType::PublicExponent],
        _ => &[AttributeType::EcPoint],
    };
    let [mut modulus, mut exponent, mut point] = [None, None, None];
    for attribute in session.get_attributes(object, wanted)? {
        match attribute {
            Attribute::Modulus(octets) => modulus = Some(octets),
            Attribute::PublicExponent(octets) => exponent = Some(octets),
            Attribute::EcPoint(octets) => point = Some(octets),
            _ => {}
        }
    }
    Ok(match (kind, modulus, exponent, point) {
        (KeyKind::Rsa(_), Some(modulus), Some(exponent), _) => Some(rsa(&modulus, &exponent)),
        (KeyKind::P256, _, _, Some(point)) => Some(info(P256, unwrapped(&point, 65))),
        (KeyKind::P384, _, _, Some(point)) => Some(info(P384, unwrapped(&point, 97))),
        (KeyKind::Ed25519, _, _, Some(point)) => Some(info(ED25519, unwrapped(&point, 32))),
        _ => None,
    })
}

/// AlgorithmIdentifiers, as content of their sequence.
const P256: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// A point as it is: most tokens wrap it in an OCTET STRING, as the standard says, some do not.
fn unwrapped(point: &[u8], octets: usize) -> &[u8] {
    match point {
        [4, length, rest @ ..] if usize::from(*length) == octets && rest.len() == octets => rest,
        _ => point,
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    info(RSA, &tlv(0x30, &[integer(modulus), integer(exponent)].concat()))
}

/// A SubjectPublicKeyInfo.
fn info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let bits = [&[0], key].concat();
    tlv(0x30, &[tlv(0x30, algorithm), tlv(3, &bits)].concat())
}

/// A number without superfluous noughts, and positive.
fn integer(octets: &[u8]) -> Vec<u8> {
    let start = octets.iter().position(|&octet| octet != 0).unwrap_or(octets.len());
    let sign: &[u8] =
        if octets.get(start).is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
    tlv(2, &[sign, &octets[start..]].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let start = length.iter().position(|&octet| octet != 0).unwrap_or(length.len() - 1);
    let length = &length[start..];
    let mut octets = vec![tag];
    if content.len() >= 0x80 {
        octets.push(0x80 | u8::try_from(length.len()).unwrap_or(8)); // 8 octets at most
    }
    octets.extend(length);
    octets.extend(content);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lengths_are_der() {
        assert_eq!(integer(&[1, 0, 1]), [2, 3, 1, 0, 1]);
        assert_eq!(integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(tlv(4, &[7; 127])[..2], [4, 127]);
        assert_eq!(tlv(4, &[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(tlv(4, &[7; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn a_point_is_taken_in_either_form() {
        let raw = [vec![4], vec![9; 64]].concat();
        assert_eq!(unwrapped(&raw, 65), raw);
        assert_eq!(unwrapped(&tlv(4, &raw), 65), raw);
    }
}

//! Weak and malformed signatures: algorithms that are on no list, values that are none.
//! [profile §3], [XMLDSIG §6.4], [RFC 9231 §2.3]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::hand::hex;
use conformance::server::OtherKey;
use conformance::{Device, alpha, encode, forge};
use dm_client::{Refusal, Stage};
use dm_seal::{DigestMethod, SignatureMethod, StructureError};
use dm_wbxml::Version;

use super::{beaten_on, beaten_text, honest, signed, structure};

#[test]
fn algorithms_are_a_closed_list() {
    let sha1 = "http://www.w3.org/2000/09/xmldsig#";
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    for (element, old, new) in [
        ("CanonicalizationMethod", "exc-c14n#", "exc-c14n#WithComments"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256", &format!("{sha1}sha1")),
        ("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256", &format!("{more}md5")),
        ("DigestMethod", "xmlenc#sha256", "xmlenc#SHA256"),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}rsa-sha1")),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}dsa-sha1")),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}hmac-sha1")),
        ("SignatureMethod", "#ecdsa-sha256", "#hmac-sha256"),
        ("SignatureMethod", "#ecdsa-sha256", "#ecdsa-sha1"),
        ("SignatureMethod", "#ecdsa-sha256", "#rsa-md5"),
        ("SignatureMethod", "#ecdsa-sha256", "#ecdsa-sha256 "),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), ""),
    ] {
        match signed(old, new) {
            StructureError::Algorithm { element: named, .. } => assert_eq!(&*named, element),
            other => panic!("{new}: {other}"),
        }
    }
    let truncated = "ecdsa-sha256\"><HMACOutputLength>8</HMACOutputLength></SignatureMethod>";
    let error = signed("ecdsa-sha256\"/>", truncated);
    assert!(matches!(error, StructureError::Shape(_)), "{error}");
    let error = signed("ecdsa-sha256\"/>", "ecdsa-sha256\" Id=\"m\"/>");
    assert!(matches!(error, StructureError::Shape(_)), "{error}");
}

#[test]
fn values_are_exact_base64() {
    let sealed = honest().sealed_text();
    for name in ["DigestValue", "SignatureValue"] {
        let value = forge::content(&sealed, name);
        let with = |new: &str| forge::swapped(&sealed, value, new);
        // The last character before the padding carries bits that must be zero.
        let at = value.find('=').unwrap() - 1;
        let last = value.as_bytes()[at];
        let stray_bits = format!("{}{}{}", &value[..at], char::from(last + 1), &value[at + 1..]);
        for wrong in [
            value.trim_end_matches('=').to_owned(),
            format!("{value}="),
            stray_bits,
            format!("{value}!"),
            format!("{}-{}", &value[..4], &value[5..]),
            format!("{value}{value}"),
            "=".to_owned(),
            format!("<x xmlns=\"urn:x\"/>{value}"),
        ] {
            let error = structure(&with(&wrong));
            assert!(matches!(error, StructureError::Base64(_)), "{name} {wrong}: {error}");
        }
        // Nothing is base64 too, but no digest and no signature.
        assert_eq!(beaten_text(&with("")).stage(), Stage::Signature, "{name}");
    }
}

#[test]
fn ecdsa_values_are_r_and_s_of_fixed_width() {
    let sealed = honest().sealed_text();
    let value = forge::content(&sealed, "SignatureValue");
    let raw = STANDARD.decode(value).unwrap();
    assert_eq!(raw.len(), 64);
    let integer = |octets: &[u8]| {
        let octets = [&[0], octets].concat(); // always long enough to be positive
        [&[2, 33][..], &octets].concat()
    };
    let sequence = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let der = [&[0x30, 70][..], &sequence].concat();
    for wrong in [
        der,
        raw[..63].to_vec(),
        [&raw[..], &[0]].concat(),
        [&[0], &raw[..32], &[0], &raw[32..]].concat(),
        [&raw[32..], &raw[..32]].concat(),
        vec![0; 64],
    ] {
        let wrong = forge::swapped(&sealed, value, &STANDARD.encode(wrong));
        assert_eq!(beaten_text(&wrong), Refusal::SignatureInvalid(alpha().id.into()));
    }
}

/// The order of the group of P-256.
const ORDER: &str = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

/// `order - s`: the other value that holds with the same r.
fn negated(s: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let pairs = hex(ORDER).into_iter().zip(s).rev();
    let mut octets: Vec<u8> = pairs
        .map(|(order, s)| {
            let difference = i16::from(order) - i16::from(*s) - borrow;
            borrow = i16::from(difference < 0);
            u8::try_from(difference & 0xFF).expect("an octet")
        })
        .collect();
    octets.reverse();
    octets
}

/// The sealed text, with its value as octets.
fn value_of(sealed: &str) -> (&str, Vec<u8>) {
    let value = forge::content(sealed, "SignatureValue");
    (value, STANDARD.decode(value).expect("base64"))
}

#[test]
fn r_and_s_are_numbers_of_the_group() {
    let sealed = honest().sealed_text();
    let (value, raw) = value_of(&sealed);
    let (r, s) = raw.split_at(32);
    let (zero, one, order) = (vec![0; 32], [&[0; 31][..], &[1]].concat(), hex(ORDER));
    for wrong in [
        [&zero, s].concat(),
        [r, &zero].concat(),
        [&one[..], &zero].concat(),
        [&zero[..], &one].concat(),
        [&order[..], s].concat(),
        [r, &order].concat(),
        [&order[..], &order].concat(),
        vec![0xFF; 64],
    ] {
        let forged = forge::swapped(&sealed, value, &STANDARD.encode(&wrong));
        let invalid = Refusal::SignatureInvalid(alpha().id.into());
        assert_eq!(beaten_text(&forged), invalid, "{wrong:02x?}");
    }
}

/// ECDSA is malleable: whoever sees a signature can make a second one that holds. It is not
/// another message, neither before nor behind the first.
#[test]
fn the_other_s_holds_and_makes_no_second_message() {
    let sealed = honest().sealed_text();
    let (value, raw) = value_of(&sealed);
    let other = [&raw[..32], &negated(&raw[32..])].concat();
    assert_ne!(other, raw);
    let respelled = forge::swapped(&sealed, value, &STANDARD.encode(other));
    let [first, second] = [&sealed, &respelled].map(|text| encode(text, Version::default()));
    for (first, second) in [(&first, &second), (&second, &first)] {
        let mut device = Device::new();
        device.accept(first);
        assert_eq!(device.refuse(second), Refusal::Replayed);
    }
}

/// A device of a server with a new key, and its honest message.
fn device_of(key: OtherKey) -> (Device, String) {
    let server = key.server(alpha().id, "alpha 1");
    let sealed = forge::sealed_with(&honest().text(), &server, |info| info);
    (Device::with_accounts(&[("Alpha", &server)]), sealed)
}

#[test]
fn rsa_values_are_as_long_as_the_modulus_and_no_fixed_points() {
    use DigestMethod::Sha256;
    for method in [SignatureMethod::Rsa(Sha256), SignatureMethod::RsaPss(Sha256)] {
        let server = OtherKey::rsa(method).server(alpha().id, "alpha 1");
        let sealed = forge::sealed_with(&honest().text(), &server, |info| info);
        let (value, raw) = value_of(&sealed);
        let zeros = |last: u8| [vec![0; raw.len() - 1], vec![last]].concat();
        for wrong in [
            vec![],
            raw[1..].to_vec(),
            raw[..raw.len() - 1].to_vec(),
            [&[0], &raw[..]].concat(),
            [&raw[..], &[0]].concat(),
            raw.iter().rev().copied().collect(),
            zeros(0),
            zeros(1),
            vec![0xFF; raw.len()],
            STANDARD.encode(&raw).into_bytes(),
        ] {
            let forged = forge::swapped(&sealed, value, &STANDARD.encode(&wrong));
            let [forged, sealed] = [&forged, &sealed].map(|text| encode(text, Version::default()));
            let refusal = beaten_on(Device::with_accounts(&[("Alpha", &server)]), &forged, &sealed);
            assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()), "{method:?}");
        }
    }
}

/// RFC 8032 wants S below the order of the group: S plus the order is the classical second value.
#[test]
fn ed25519_values_are_canonical() {
    const GROUP_ORDER: &str = "EDD3F55C1A631258D69CF7A2DEF9DE1400000000000000000000000000000010";
    let plus_order = |s: &[u8]| -> Vec<u8> {
        let mut carry = 0;
        let pairs = s.iter().zip(hex(GROUP_ORDER));
        pairs
            .map(|(s, order)| {
                let sum = u16::from(*s) + u16::from(order) + carry;
                carry = sum >> 8;
                u8::try_from(sum & 0xFF).expect("an octet")
            })
            .collect()
    };
    type Change<'c> = &'c dyn Fn(&[u8]) -> Vec<u8>;
    let changes: [Change<'_>; 6] = [
        &|raw| [&raw[..32], &plus_order(&raw[32..])].concat(),
        &|raw| vec![0; raw.len()],
        &|raw| [&[1], &vec![0; 63][..], &raw[..0]].concat(), // the neutral point, S = 0
        &|raw| raw[..63].to_vec(),
        &|raw| [raw, &[0]].concat(),
        &|raw| [&raw[32..], &raw[..32]].concat(),
    ];
    for change in changes {
        let (device, sealed) = device_of(OtherKey::ed25519());
        let (value, raw) = value_of(&sealed);
        let forged = forge::swapped(&sealed, value, &STANDARD.encode(change(&raw)));
        let [forged, sealed] = [&forged, &sealed].map(|text| encode(text, Version::default()));
        let refusal = beaten_on(device, &forged, &sealed);
        assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
    }
}

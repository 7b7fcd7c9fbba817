//! KeyInfo that brings its own key: it selects among the keys of the account and brings no trust.
//! [profile §3]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::{Device, Message, Server, alpha, encode, forge, gamma, stranger};
use dm_client::Refusal;
use dm_crypto::Algorithm;
use dm_mo::{DmAcc, PinnedKey};
use dm_seal::{MOST_TRIED, StructureError};
use dm_wbxml::Version;

use super::{beaten, honest};

/// The message with this in place of its KeyInfo, which no signature covers.
fn showing(key_info: &str) -> Vec<u8> {
    let own = "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>";
    encode(&forge::swapped(&honest().sealed_text(), own, key_info), Version::default())
}

fn certificate(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("<KeyInfo><X509Data><X509Certificate>{text}</X509Certificate></X509Data></KeyInfo>")
}

#[test]
fn key_info_may_be_missing_or_empty() {
    for nothing in ["", "<KeyInfo/>"] {
        Device::new().accept(&showing(nothing));
    }
}

#[test]
fn a_key_name_selects_that_key_alone() {
    let shown = |name: &str| showing(&format!("<KeyInfo><KeyName>{name}</KeyName></KeyInfo>"));
    for unknown in ["alpha 2", "", "ALPHA 1", " alpha 1", "alpha 1 ", "gamma 1"] {
        let refusal = beaten(&shown(unknown));
        assert_eq!(refusal, Refusal::KeyNotPinned(unknown.into()));
    }
    // The account also pins another key: named, it is the only one tried.
    let pins = [alpha().pin(), PinnedKey { name: "other".to_owned(), ..stranger().pin() }];
    let account = DmAcc::object("Alpha", alpha().id, &[pins[0].clone()]);
    let mut device = Device::with_objects(vec![account]);
    device.accept(&shown("alpha 1"));
    let bare = PinnedKey { name: "other".to_owned(), der: gamma().material.clone() };
    let account = DmAcc::object("Alpha", alpha().id, &[pins[0].clone(), bare]);
    let mut device = Device::with_objects(vec![account]);
    assert_eq!(device.refuse(&shown("other")), Refusal::SignatureInvalid(alpha().id.into()));
    device.accept(&shown("alpha 1"));
}

#[test]
fn a_certificate_selects_the_pinned_key_that_it_holds() {
    Device::new().accept(&showing(&certificate(&alpha().material)));
    for other in [stranger(), gamma()] {
        let refusal = beaten(&showing(&certificate(&other.material)));
        assert!(matches!(refusal, Refusal::KeyNotPinned(_)), "{refusal}");
    }
}

#[test]
fn a_certificate_brings_no_trust() {
    // A self-signed certificate of another key that names the right server, and signed with it.
    let impostor: &'static Server =
        Box::leak(Box::new(Server::new(Algorithm::Es256, alpha().id, "alpha 1")));
    let forged = Message { server: impostor, ..honest() };
    let named = "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>";
    let shown = certificate(&impostor.material);
    let octets = encode(&forge::swapped(&forged.sealed_text(), named, &shown), Version::default());
    assert!(matches!(beaten(&octets), Refusal::KeyNotPinned(_)));
    let octets = encode(&forge::swapped(&forged.sealed_text(), named, ""), Version::default());
    assert_eq!(beaten(&octets), Refusal::SignatureInvalid(alpha().id.into()));
}

#[test]
fn key_value_and_retrieval_method_are_ignored() {
    let value = "<KeyValue><RSAKeyValue><Modulus>AA==</Modulus></RSAKeyValue></KeyValue>";
    let method = "<RetrievalMethod URI=\"http://evil.example/key\"/>";
    let name = "<KeyName>alpha 1</KeyName>";
    for children in [
        value.to_owned(),
        method.to_owned(),
        format!("{value}{name}{method}"),
        format!("{name}{value}{value}"),
    ] {
        Device::new().accept(&showing(&format!("<KeyInfo>{children}</KeyInfo>")));
    }
}

#[test]
fn everything_else_in_key_info_is_refused() {
    let name = "<KeyName>alpha 1</KeyName>";
    let der = STANDARD.encode(&alpha().material);
    let x509 = format!("<X509Certificate>{der}</X509Certificate>");
    for wrong in [
        format!("{name}{name}"),
        format!("{name}<X509Data>{x509}</X509Data>"),
        format!("<X509Data>{x509}</X509Data><X509Data>{x509}</X509Data>"),
        format!("<X509Data>{x509}{x509}</X509Data>"),
        format!("<X509Data>{x509}<X509SubjectName>CN=x</X509SubjectName></X509Data>"),
        "<X509Data><X509SubjectName>CN=x</X509SubjectName></X509Data>".to_owned(),
        "<X509Data/>".to_owned(),
        "<X509Data>text</X509Data>".to_owned(),
        "<PGPData/>".to_owned(),
        "<MgmtData>x</MgmtData>".to_owned(),
        "<Signature/>".to_owned(),
        "<KeyName><x xmlns=\"urn:x\"/></KeyName>".to_owned(),
        "<X509Certificate/>".to_owned(),
        format!("text{name}"),
        "<x xmlns=\"urn:x\"/>".to_owned(),
        "<KeyName xmlns=\"urn:x\">alpha 1</KeyName>".to_owned(),
        format!("<X509Data Id=\"x\">{x509}</X509Data>"),
    ] {
        let refusal = beaten(&showing(&format!("<KeyInfo>{wrong}</KeyInfo>")));
        assert!(matches!(refusal, Refusal::Structure(_)), "{wrong}: {refusal}");
    }
}

#[test]
fn an_unreadable_certificate_is_refused() {
    for der in [&b"no DER"[..], &[0x30, 0x80, 0, 0], &alpha().material[..100], &[]] {
        let refusal = beaten(&showing(&certificate(der)));
        assert_eq!(refusal, Refusal::Structure(StructureError::Certificate));
    }
}

#[test]
fn without_key_info_eight_keys_are_tried() {
    // Bare keys, so that no certificate is refused for its name first.
    let bare = |server: &Server, name: String| PinnedKey { name, der: server.spki() };
    for (before, accepted) in [(MOST_TRIED - 1, true), (MOST_TRIED, false)] {
        let mut pins: Vec<PinnedKey> =
            (0..before).map(|n| bare(gamma(), format!("old {n}"))).collect();
        pins.push(bare(alpha(), "alpha 1".to_owned()));
        let mut device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &pins)]);
        if accepted {
            assert_eq!(device.accept(&showing("")).key_name, "alpha 1");
        } else {
            let refusal = device.refuse(&showing(""));
            assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
            assert_eq!(device.accept(&honest().seal()).key_name, "alpha 1", "named, it is found");
        }
    }
}

#[test]
fn a_weak_rsa_key_is_never_used() {
    // SubjectPublicKeyInfo of RSA: 1024 bits with 65537, 2048 bits with the exponents 1 and 2.
    let spki = |modulus: usize, exponent: &[u8]| {
        let tlv = |tag: u8, value: &[u8]| {
            let length = value.len();
            let length = match length {
                0..128 => vec![u8::try_from(length).unwrap()],
                128..256 => vec![0x81, u8::try_from(length).unwrap()],
                _ => [&[0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
            };
            [&[tag][..], &length, value].concat()
        };
        let modulus = tlv(2, &[&[0][..], &vec![0xC1; modulus]].concat());
        let key = tlv(0x30, &[modulus, tlv(2, exponent)].concat());
        let rsa = conformance::hand::hex("30 0D 06 09 2A 86 48 86 F7 0D 01 01 01 05 00");
        tlv(0x30, &[rsa, tlv(3, &[&[0][..], &key].concat())].concat())
    };
    for der in [spki(128, &[1, 0, 1]), spki(255, &[1, 0, 1]), spki(256, &[1]), spki(256, &[2])] {
        assert!(dm_seal::Material::from_der(&der).is_ok(), "the test key is well formed");
        let pin = PinnedKey { name: "alpha 1".to_owned(), der };
        let mut device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &[pin])]);
        assert_eq!(device.refuse(&showing("")), Refusal::NoPinnedKey(alpha().id.into()));
    }
    let good = PinnedKey { name: "alpha 1".to_owned(), der: spki(256, &[3]) };
    let mut device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &[good])]);
    assert_eq!(device.refuse(&showing("")), Refusal::SignatureInvalid(alpha().id.into()));
}

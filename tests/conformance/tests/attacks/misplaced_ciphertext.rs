//! Encrypted content where none may stand. [profile §6] It is the only child of a `Data`, or in place of
//! `SyncBody`.

use conformance::encryption::{part_refused, with_data};
use conformance::{Device, Encryptor, Message, alpha, command, encode, forge, seal_text};
use dm_client::Refusal;
use dm_seal::encryption::{EncryptionError, Kind};
use dm_wbxml::Version;

use super::meter::MeteredDevice;

fn is_misplaced(message: &Message) {
    let error = part_refused(message);
    assert!(matches!(error, EncryptionError::Misplaced(_)), "{error}");
}

#[test]
fn nothing_stands_beside_it() {
    let inner = Encryptor::of(alpha()).encrypted(Kind::Content, b"x");
    for data in [
        format!("<Data>{inner}{inner}</Data>"),
        format!("<Data>a{inner}</Data>"),
        format!("<Data>{inner} </Data>"),
        format!("<Data>{inner}<Final/></Data>"),
        format!("<Data><x xmlns=\"urn:x\">{inner}</x></Data>"),
    ] {
        is_misplaced(&with_data(&data));
    }
}

#[test]
fn it_stands_nowhere_else_in_the_body() {
    let inner = Encryptor::of(alpha()).encrypted(Kind::Content, b"x");
    let element = Encryptor::of(alpha()).encrypted(Kind::Element, b"<x/>");
    for command in [
        inner.clone(),
        element,
        format!("<Replace>{inner}</Replace>"),
        command::one("Replace", "2", &inner),
        command::one(
            "Replace",
            "2",
            &command::item("./Vendor/Mode", &format!("<Meta>{inner}</Meta>")),
        ),
        format!("<Status><CmdID>3</CmdID>{inner}</Status>"),
    ] {
        is_misplaced(&Message::new(alpha()).with(command));
    }
}

#[test]
fn each_type_has_its_place() {
    let encryptor = Encryptor::of(alpha());
    for kind in [Kind::Element, Kind::Message] {
        let inner = encryptor.encrypted(kind, b"x");
        is_misplaced(&with_data(&format!("<Data>{inner}</Data>")));
    }
    for kind in [Kind::Content, Kind::Message] {
        let text = Message::new(alpha()).text();
        let body = "<SyncBody><Final/></SyncBody>";
        let text = forge::swapped(&text, body, &encryptor.encrypted(kind, body.as_bytes()));
        let octets = encode(&seal_text(&text, alpha()), Version::default());
        let refusal = Device::new().with_keys().refuse(&octets);
        let Refusal::PartNotDecrypted(EncryptionError::Misplaced(_)) = refusal else {
            panic!("{kind:?}: {refusal}")
        };
    }
}

#[test]
fn what_no_signature_covers_is_never_decrypted() {
    let inner = Encryptor::of(alpha()).encrypted(Kind::Content, b"x");
    let sealed = with_data("<Data>fast</Data>").sealed_text();
    let shown = "<KeyName>alpha 1</KeyName>";
    let text = forge::swapped(&sealed, shown, &format!("{shown}<KeyValue>{inner}</KeyValue>"));
    let mut device = Device::new().with_keys();
    let ignored = encode(&text, Version::default());
    device.accept(&ignored);
    assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("fast"));
    let (outcome, work) = MeteredDevice::new().receive(&ignored);
    assert!(outcome.accepted().is_some());
    assert_eq!((work.agreed, work.decrypted), (0, 0));
    // Directly in KeyInfo the shape of the signature does not allow it.
    let text = forge::swapped(&sealed, shown, &format!("{shown}{inner}"));
    let (refusal, work) = MeteredDevice::new().refuse(&encode(&text, Version::default()));
    assert_eq!((refusal, work.agreed, work.decrypted), ("Structure", 0, 0));
}

#[test]
fn in_the_header_it_is_no_header() {
    let inner = Encryptor::of(alpha()).encrypted(Kind::Content, b"dm.alpha.example");
    let text = Message::new(alpha()).text();
    let text = forge::swapped(
        &text,
        "<Source><LocURI>dm.alpha.example<",
        &format!("<Source><LocURI>{inner}<"),
    );
    let octets = encode(&seal_text(&text, alpha()), Version::default());
    let refusal = Device::new().with_keys().refuse(&octets);
    assert!(matches!(refusal, Refusal::Header(_)), "{refusal}");
}

#[test]
fn in_place_of_the_header_it_is_no_header() {
    let header = Message::new(alpha()).header();
    let encryptor = Encryptor::of(alpha());
    for kind in [Kind::Element, Kind::Content, Kind::Message] {
        let encrypted = encryptor.encrypted(kind, header.as_bytes());
        for replaced in
            [encrypted.clone(), format!("{header}{encrypted}"), format!("{encrypted}{header}")]
        {
            let text = forge::swapped(&Message::new(alpha()).text(), &header, &replaced);
            let octets = encode(&seal_text(&text, alpha()), Version::default());
            let refusal = Device::new().with_keys().refuse(&octets);
            assert_eq!(refusal.name(), "Header", "{kind:?}: {refusal}");
        }
    }
}

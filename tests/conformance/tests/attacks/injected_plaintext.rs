//! Plaintext that reaches beyond its place. [profile §6] It is XML text of one element's content, read
//! under the limits and in the namespaces of the message. Whoever encrypts may write anything into it.

use conformance::encryption::{part_refused, with_data};
use conformance::{Device, Encryptor, Message, alpha, command, encode, forge, seal_text};
use dm_client::Refusal;
use dm_seal::encryption::{EncryptionError, Kind, Plaintext};
use dm_wbxml::Version;
use dm_xml::LimitExceeded;

fn content_refused(plaintext: &str) -> Plaintext {
    match part_refused(&with_data(&Encryptor::of(alpha()).data(plaintext))) {
        EncryptionError::Plaintext(what) => what,
        other => panic!("{plaintext:?}: {other}"),
    }
}

fn with_body(plaintext: &[u8]) -> Vec<u8> {
    let encrypted = Encryptor::of(alpha()).encrypted(Kind::Element, plaintext);
    let body = "<SyncBody><Final/></SyncBody>";
    let text = forge::swapped(&Message::new(alpha()).text(), body, &encrypted);
    encode(&seal_text(&text, alpha()), Version::default())
}

fn body_refused(plaintext: &[u8]) -> Plaintext {
    match Device::new().with_keys().refuse(&with_body(plaintext)) {
        Refusal::PartNotDecrypted(EncryptionError::Plaintext(what)) => what,
        other => panic!("{:?}: {other}", String::from_utf8_lossy(plaintext)),
    }
}

const BODY: &str = "<SyncBody xmlns=\"SYNCML:SYNCML1.2\"><Final/></SyncBody>";

#[test]
fn a_document_type_is_refused() {
    let dtd = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>";
    assert_eq!(content_refused(dtd), Plaintext::DocumentType);
    assert_eq!(body_refused(format!("{dtd}{BODY}").as_bytes()), Plaintext::DocumentType);
}

#[test]
fn a_processing_instruction_or_declaration_is_refused() {
    for instruction in ["<?x y?>", "<?xml version=\"1.0\"?>", "<?xml-stylesheet href=\"a\"?>"] {
        assert_eq!(content_refused(instruction), Plaintext::ProcessingInstruction);
        let before = format!("{instruction}{BODY}");
        assert_eq!(body_refused(before.as_bytes()), Plaintext::ProcessingInstruction);
    }
    let behind = format!("{BODY}<?x y?>");
    assert_eq!(body_refused(behind.as_bytes()), Plaintext::ProcessingInstruction);
}

#[test]
fn it_cannot_reach_beyond_the_element_it_stands_in() {
    let injected = command::replace("9", "./Vendor/Speed", "99");
    for plaintext in [
        "</Data>".to_owned(),
        "</Data><Data>".to_owned(),
        format!("x</Data></Item></Replace>{injected}<Replace><CmdID>8</CmdID><Item><Data>"),
        format!("x</Data></Item></Replace>{injected}<!--"),
        "</Data><Data xmlns=\"SYNCML:SYNCML1.2\">".to_owned(),
        "<Final>".to_owned(),
        "x<!--".to_owned(),
        "x<![CDATA[".to_owned(),
        "]]>".to_owned(),
        "&lol;".to_owned(),
        "<x:a/>".to_owned(),
    ] {
        assert_eq!(content_refused(&plaintext), Plaintext::NotXml, "{plaintext:?}");
    }
    for plaintext in [
        BODY.replace("</SyncBody>", ""),
        format!("{BODY}</SyncML>"),
        format!("{BODY}</SyncML><SyncML xmlns=\"SYNCML:SYNCML1.2\">{BODY}"),
        format!("{BODY}<!--"),
    ] {
        assert_eq!(body_refused(plaintext.as_bytes()), Plaintext::NotXml, "{plaintext:?}");
    }
}

#[test]
fn elements_of_syncml_have_no_attributes_encrypted_or_not() {
    for (plaintext, what) in [
        ("<Final x=\"1\"/>", Plaintext::Attribute),
        ("<MgmtTree xmlns=\"syncml:dmddf1.2\" x=\"1\"/>", Plaintext::Attribute),
        ("<Format xmlns=\"syncml:metinf\" xml:lang=\"en\"/>", Plaintext::NotXml),
    ] {
        assert_eq!(content_refused(plaintext), what, "{plaintext}");
    }
    let message = with_data(&Encryptor::of(alpha()).data("<x xmlns=\"urn:x\" y=\"1\"/>"));
    Device::new().with_keys().accept(&message.seal());
}

#[test]
fn octets_that_are_no_text_are_refused() {
    assert_eq!(body_refused(&[0xFF, 0xFE]), Plaintext::NotXml);
    let data = Encryptor::of(alpha()).encrypted(Kind::Content, b"\xC3\x28");
    let error = part_refused(&with_data(&format!("<Data>{data}</Data>")));
    assert_eq!(error, EncryptionError::Plaintext(Plaintext::NotXml));
}

#[test]
fn an_encrypted_part_holds_no_encryption_and_no_signature() {
    let inner = Encryptor::of(alpha()).encrypted(Kind::Content, b"x");
    let sealed = Message::new(alpha()).sealed_text();
    for nested in [
        inner.clone(),
        format!("<x xmlns=\"urn:x\">{inner}</x>"),
        forge::signature(&sealed).to_owned(),
        "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>".to_owned(),
    ] {
        assert_eq!(content_refused(&nested), Plaintext::Nested, "{nested}");
    }
    let item = command::item("./Vendor/Mode", &format!("<Data>{inner}</Data>"));
    let body = format!(
        "<SyncBody xmlns=\"SYNCML:SYNCML1.2\">{}</SyncBody>",
        command::one("Replace", "1", &item)
    );
    assert_eq!(body_refused(body.as_bytes()), Plaintext::Nested);
}

#[test]
fn in_place_of_the_body_stands_the_body() {
    for other in [
        "<SyncBody xmlns=\"urn:x\"/>",
        "<SyncHdr xmlns=\"SYNCML:SYNCML1.2\"/>",
        "<Replace xmlns=\"SYNCML:SYNCML1.2\"/>",
        "<MgmtTree xmlns=\"syncml:dmddf1.2\"/>",
        &format!("{BODY}{BODY}"),
        &format!("{BODY}<SyncHdr/>"),
        &format!("{BODY}x"),
        &format!(" {BODY}"),
        "",
        "plain text",
    ] {
        assert_eq!(body_refused(other.as_bytes()), Plaintext::NotBody, "{other}");
    }
}

#[test]
fn the_namespace_above_is_that_of_the_data() {
    Device::new().with_keys().accept(&with_body(b"<SyncBody><Final/></SyncBody>"));
    // Without a declaration of its own an element is SyncML, and no object.
    let mut device = Device::new().with_keys();
    let message = with_data(&Encryptor::of(alpha()).data("<MgmtTree/>"));
    assert_ne!(device.statuses(&message.seal())[1], 200);
    assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("slow"));
}

/// Each part is within the limits; all of them together are not.
#[test]
fn limits_hold_for_all_parts_together() {
    let part = |n: u32, text: &str| {
        let data = Encryptor::of(alpha()).data(text);
        command::one("Replace", &n.to_string(), &command::item("./Vendor/Mode", &data))
    };
    let with_parts = |count: u32, text: &str| {
        (1..=count).fold(Message::new(alpha()), |message, n| message.with(part(n, text))).seal()
    };
    let limited = |octets: &[u8], change: fn(&mut dm_xml::Limits)| {
        let mut device = Device::new().with_keys().set(|settings| change(&mut settings.limits));
        match device.refuse(octets) {
            Refusal::PartNotDecrypted(EncryptionError::Plaintext(Plaintext::Limit(limit))) => limit,
            other => panic!("{other}"),
        }
    };
    // The octets are counted by their base64 text before they are decrypted; many elements are not.
    let many = "<a/>".repeat(200);
    let mut device = Device::new().with_keys().set(|settings| settings.limits.elements = 400);
    device.accept(&with_parts(1, &many));
    assert_eq!(
        limited(&with_parts(2, &many), |limits| limits.elements = 400),
        LimitExceeded::Elements(400)
    );
    let deep = format!("{}{}", "<a>".repeat(12), "</a>".repeat(12));
    assert_eq!(
        limited(&with_parts(1, &deep), |limits| limits.depth = 16),
        LimitExceeded::Depth(16)
    );
}

#[test]
fn a_huge_plaintext_passes_no_limit_unseen() {
    let data = Encryptor::of(alpha()).data(&"x".repeat(1 << 20));
    let refusal = Device::new().with_keys().refuse(&with_data(&data).seal());
    assert!(matches!(refusal, Refusal::TooLarge(_)), "{refusal}");
}

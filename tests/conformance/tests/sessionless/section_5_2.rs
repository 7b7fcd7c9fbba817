//! 5.2: the sessionless message itself.

use conformance::{
    Device, Message, alpha, beta, command, encode, forge, gamma, infoset, seal_text,
};
use dm_client::Refusal;
use dm_seal::SealError;
use dm_wbxml::{ErrorKind, Version};
use dm_xml::{Limits, parse};

fn speed(value: &str) -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", value))
}

#[test]
fn r9_dm_sm_s_002_m_servers_write_wbxml_1_1_to_1_3() {
    for (version, octet) in [(Version::V1_1, 1), (Version::V1_2, 2), (Version::V1_3, 3)] {
        let octets = speed("2").version(version).seal();
        assert_eq!(octets[..3], [octet, 0xA4, 0x01], "version, then SyncML 1.2 (0x1201)");
    }
}

#[test]
fn r9_dm_sm_c_001_m_xml_text_and_wbxml_1_0_are_refused() {
    let mut device = Device::new();
    let text = speed("2").sealed_text();
    let byte_order_mark = format!("\u{FEFF}{text}");
    let declared = format!("<?xml version=\"1.0\"?>{text}");
    for (octets, first) in
        [(text.as_bytes(), b'<'), (declared.as_bytes(), b'<'), (byte_order_mark.as_bytes(), 0xEF)]
    {
        let refusal = device.refuse(octets);
        assert!(refusal.clause().contains("R9"), "{refusal}");
        let Refusal::Wbxml(error) = refusal else { panic!("{refusal}") };
        assert_eq!((error.kind, error.offset), (ErrorKind::Version(first), 0));
    }
    for version in [0x00, 0x04, 0x10, 0x7F, 0xFF] {
        let mut octets = speed("2").seal();
        octets[0] = version;
        assert!(device.refuse(&octets).clause().contains("R9"), "{version:#04x}");
    }
}

#[test]
fn r9_a_client_reads_each_of_the_three_versions() {
    let mut device = Device::new();
    for (session, version) in [Version::V1_1, Version::V1_2, Version::V1_3].iter().enumerate() {
        let value = (10 + session).to_string();
        device.accept(&speed(&value).session(session).version(*version).seal());
        assert_eq!(device.text("./Vendor/Speed"), Some(value));
    }
}

#[test]
fn r10_dm_sm_s_003_m_source_is_the_server_id_exactly() {
    for server in [alpha(), beta(), gamma()] {
        let octets = Message::new(server).seal();
        let text = infoset(&octets).unwrap();
        let source = format!("<Source><LocURI>{}</LocURI></Source>", server.id);
        assert_eq!(text.matches(&source).count(), 1, "{text}");
        let mut device = Device::with_accounts(&[("It", server)]);
        assert_eq!(device.accept(&octets).header.server_id, server.id);
    }
}

#[test]
fn r11_dm_sm_s_001_m_no_message_depends_on_an_answer_to_the_one_before() {
    // A server that has heard nothing goes on; a device that missed some joins in anywhere.
    let sent: Vec<Vec<u8>> =
        (1..=5).map(|n| speed(&n.to_string()).emi(format!("c={n}")).seal()).collect();
    let mut device = Device::new();
    for index in [1, 4, 0] {
        device.accept(&sent[index]);
        assert_eq!(device.text("./Vendor/Speed"), Some((index + 1).to_string()));
    }
}

#[test]
fn r12_dm_sm_s_004_m_the_signature_covers_header_and_body() {
    // Whatever element of the message loses, gains or changes something: the digest sees it.
    let sealed = speed("2").emi("c=1").sealed_text();
    let unsigned = sealed.len() - forge::signature(&sealed).len() - "</SyncML>".len();
    let mut tried = 0;
    for (at, _) in sealed[..unsigned].match_indices("</") {
        let mut text = sealed.clone();
        text.insert(at, ' ');
        let refusal = Device::new().refuse(&encode(&text, Version::default()));
        let earlier =
            matches!(refusal, Refusal::Header(_) | Refusal::NoAccount(_) | Refusal::OtherTarget(_));
        assert!(earlier || refusal == Refusal::DigestMismatch, "{refusal} for {text}");
        tried += 1;
    }
    assert!(tried > 15, "{tried} elements");
}

#[test]
fn r12_a_signature_over_less_is_refused() {
    let text = forge::swapped(&speed("2").sealed_text(), "URI=\"\"", "URI=\"#body\"");
    let refusal = Device::new().refuse(&encode(&text, Version::default()));
    assert!(matches!(refusal, Refusal::Structure(_)), "{refusal}");
}

#[test]
fn r12_a_message_is_sealed_once_and_as_a_whole() {
    let sealed = speed("2").sealed_text();
    let document = parse(sealed.as_bytes(), &Limits::default()).unwrap();
    let again = dm_seal::seal(document, "alpha 1", &*alpha().key, &dm_crypto::AwsLc);
    assert!(matches!(again, Err(SealError::AlreadySigned(_))));
}

#[test]
fn r14_the_elements_of_a_session_must_be_there() {
    let message = speed("2");
    for element in [
        "<VerDTD>1.2</VerDTD>",
        "<VerProto>DM/1.3</VerProto>",
        "<SessionID>1</SessionID>",
        "<MsgID>1</MsgID>",
        "<Target><LocURI>urn:imei:004999010640000</LocURI></Target>",
        "<Source><LocURI>dm.alpha.example</LocURI></Source>",
    ] {
        let (start, end) = element.split_once('>').unwrap();
        let name = &start[1..];
        let twice = element.repeat(2);
        let empty = format!("<{name}></{name}>");
        assert!(end.ends_with(&format!("</{name}>")));
        for wrong in ["", &twice, &empty] {
            let text = forge::swapped(&message.text(), element, wrong);
            let octets = encode(&seal_text(&text, alpha()), Version::default());
            let refusal = Device::new().refuse(&octets);
            assert!(matches!(refusal, Refusal::Header(_)), "{name} as {wrong:?}: {refusal}");
            assert!(refusal.clause().contains("R14"));
        }
    }
}

#[test]
fn r14_a_command_without_a_number_of_its_own_is_refused() {
    for (old, new) in [
        ("<CmdID>1</CmdID>", ""),
        ("<CmdID>1</CmdID>", "<CmdID></CmdID>"),
        ("<CmdID>1</CmdID>", "<CmdID>0</CmdID>"),
        ("<CmdID>1</CmdID>", "<CmdID>1</CmdID><CmdID>2</CmdID>"),
        ("<Final/>", "<Delete><CmdID>1</CmdID></Delete><Final/>"),
    ] {
        let text = forge::swapped(&speed("2").text(), old, new);
        let octets = encode(&seal_text(&text, alpha()), Version::default());
        let refusal = Device::new().refuse(&octets);
        assert!(matches!(refusal, Refusal::Model(_)), "{new:?}: {refusal}");
    }
}

#[test]
fn r14_what_only_a_session_needs_is_there_and_has_no_effect() {
    let mut device = Device::new();
    let superfluous = "<RespURI>http://evil.example/</RespURI><NoResp/><Cred><Data>x</Data></Cred>\
                       </SyncHdr>";
    let text = forge::swapped(&speed("2").text(), "</SyncHdr>", superfluous);
    device.accept(&encode(&seal_text(&text, alpha()), Version::default()));
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
}

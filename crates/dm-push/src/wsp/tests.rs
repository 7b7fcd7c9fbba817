//! Vectors: the forms of the standard, and one datagram for every fault.

extern crate std;

use alloc::vec::Vec;
use alloc::{format, vec};

use super::*;
use crate::{ErrorKind, media_type};

fn datagram(block: &[u8], body: &[u8]) -> Vec<u8> {
    let mut octets = vec![0x01, 0x06];
    uintvar::write(block.len(), &mut octets);
    octets.extend_from_slice(block);
    octets.extend_from_slice(body);
    octets
}

fn content_type_of(block: &[u8]) -> Option<std::string::String> {
    let octets = datagram(block, b"x");
    let push = Push::read(&octets).unwrap();
    assert_eq!(push.body, b"x");
    push.content_type.media_type.name().map(Into::into)
}

fn fault(octets: &[u8]) -> (ErrorKind, usize) {
    let error = Push::read(octets).unwrap_err();
    (error.kind, error.offset)
}

fn fault_in(block: &[u8]) -> (ErrorKind, usize) {
    fault(&datagram(block, b""))
}

#[test]
fn the_shortest_sessionless_push_has_six_octets() {
    assert_eq!(Push::dm(1, b"").write(), [0x01, 0x06, 0x03, 0xC2, 0xAF, 0x87]);
}

#[test]
fn the_shortest_push_is_read() {
    let push = Push::read(&[0x01, 0x06, 0x03, 0xC2, 0xAF, 0x87, 0x02, 0x00]).unwrap();
    assert_eq!(push, Push::dm(1, &[0x02, 0x00]));
}

#[test]
fn a_content_type_has_five_forms() {
    let dm = Some(media_type::DM_WBXML.into());
    assert_eq!(content_type_of(&[0xC2]), dm);
    assert_eq!(content_type_of(b"application/vnd.syncml.dm+wbxml\0"), dm);
    assert_eq!(content_type_of(&[0x01, 0xC2]), dm);
    assert_eq!(content_type_of(&[0x1F, 0x01, 0xC2]), dm);
    assert_eq!(content_type_of(b"\x1F\x20application/vnd.syncml.dm+wbxml\0"), dm);
}

#[test]
fn a_long_media_type_code_stands_in_the_general_form() {
    let syncml = MediaType::from_code(0x0303);
    assert_eq!(syncml.name(), Some(media_type::SYNCML_WBXML));
    let push = Push { content_type: syncml.into(), application_id: None, ..Push::dm(9, b"") };
    assert_eq!(push.write(), [0x09, 0x06, 0x04, 0x03, 0x02, 0x03, 0x03]);
}

#[test]
fn a_long_media_type_code_may_stand_bare() {
    assert_eq!(content_type_of(&[0x02, 0x03, 0x02]), Some(media_type::SYNCML_XML.into()));
    assert_eq!(content_type_of(&[0x02, 0x03, 0x03]), Some(media_type::SYNCML_WBXML.into()));
    let octets = datagram(&[0x02, 0x02, 0x07], b"");
    assert_eq!(Push::read(&octets).unwrap().content_type.media_type.code(), Some(0x0207));
}

#[test]
fn parameters_are_read_by_code_and_by_name() {
    let octets = datagram(b"\x0B\xB6\x81\xEA\x91\x81\x92AB12\0", b"");
    let content_type = Push::read(&octets).unwrap().content_type;
    assert!(content_type.media_type.is(media_type::CONNECTIVITY_WBXML));
    assert_eq!(content_type.charset(), Some(0x6A));
    assert_eq!(content_type.sec(), Some(1));
    assert_eq!(content_type.mac().and_then(|mac| mac.as_str()), Some("AB12"));

    let octets = datagram(b"\x06\xC2SEC\0\x83", b"");
    assert_eq!(Push::read(&octets).unwrap().content_type.sec(), Some(3));
}

#[test]
fn an_application_id_has_four_forms() {
    let forms: [&[u8]; 4] = [
        b"\xC2\xAF\x87",
        b"\xC2\xAF\x01\x07",
        b"\xC2\xAFx-wap-application:syncml.dm\0",
        b"\xC2x-wap-APPLICATION-id\0x-wap-application:syncml.dm\0",
    ];
    for form in forms {
        let octets = datagram(form, b"");
        let push = Push::read(&octets).unwrap();
        assert_eq!(push.application_id, Some(ApplicationId::SYNCML_DM), "{form:02X?}");
        assert_eq!(push.headers, []);
    }
}

#[test]
fn unknown_codes_are_kept_as_codes() {
    let octets = datagram(&[0xFF, 0xAF, 0xFE, 0x9A, 0x02, 0x01, 0x02], b"");
    let push = Push::read(&octets).unwrap();
    assert_eq!(push.content_type.media_type.code(), Some(0x7F));
    assert_eq!(push.application_id.unwrap().code(), Some(0x7E));
    assert_eq!(push.headers[0].name().code(), Some(0x1A));
    assert_eq!(push.headers[0].value(), Value::Data(&[1, 2]));
    assert_eq!(push.write(), octets);
}

#[test]
fn a_quote_protects_text_that_begins_high() {
    let octets = datagram(b"\xC2X-Note\0\x7F\xC3\xA9t\xC3\xA9\0", b"");
    let push = Push::read(&octets).unwrap();
    let text = push.headers[0].value().text().unwrap();
    assert_eq!((push.headers[0].name().as_str(), text.as_str()), (Some("X-Note"), Some("été")));
    assert_eq!(push.write(), octets);
}

#[test]
fn thirty_one_octets_of_data_need_the_length_quote() {
    for (length, head) in [(30, vec![0x1E]), (31, vec![0x1F, 0x1F]), (200, vec![0x1F, 0x81, 0x48])]
    {
        let data = vec![0xAA; length];
        let mut out = Vec::new();
        Value::Data(&data).write(&mut out);
        assert_eq!(out[..out.len() - length], head);
    }
}

#[test]
fn every_fault_has_a_datagram() {
    let many = [&[0xC2][..], &[0xB4, 0x81].repeat(MAX_HEADERS + 1)].concat();
    let many_at = 3 + 1 + 1 + 2 * MAX_HEADERS;
    let faults = [
        (fault(&[]), ErrorKind::Truncated { missing: 1 }, 0),
        (fault(&[0x01]), ErrorKind::Truncated { missing: 1 }, 1),
        (fault(&[0x01, 0x07, 0x00]), ErrorKind::ConfirmedPush, 1),
        (fault(&[0x01, 0x40, 0x00]), ErrorKind::NotAPush { pdu_type: 0x40 }, 1),
        (fault(&[0x01, 0x06, 0x00]), ErrorKind::ContentTypeMissing, 3),
        (fault_in(&[0x00]), ErrorKind::ContentTypeMissing, 3),
        (
            fault(&[1, 6, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F]),
            ErrorKind::Truncated { missing: 0xFFFF_FFFF },
            7,
        ),
        (fault(&[1, 6, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), ErrorKind::UintvarTooLong, 2),
        (fault_in(&[0xC2, 0x9A, 0x1F, 0xFF, 0x7F]), ErrorKind::Truncated { missing: 16_383 }, 8),
        (fault_in(b"application/x"), ErrorKind::TextUnterminated, 3),
        (fault_in(b"\xC2X-Note\0text"), ErrorKind::TextUnterminated, 11),
        (fault_in(b"appl\tic\0"), ErrorKind::NotText { octet: b'\t' }, 7),
        (fault_in(b"\x06\x05\x01\0\0\0\0"), ErrorKind::BadCode, 4),
        (fault_in(b"\xC2\xAF\x00"), ErrorKind::BadCode, 5),
        (fault_in(b"\xC2\xAF\x05\x01\x02\x03\x04\x05"), ErrorKind::BadCode, 5),
        (fault_in(b"\xC2X Note\0v\0"), ErrorKind::BadName { octet: b' ' }, 5),
        (fault_in(b"\xC2\x00"), ErrorKind::BadName { octet: 0 }, 4),
        (fault_in(&[0xC2, 0x7F, 0x02]), ErrorKind::CodePageShift { page: 2 }, 4),
        (fault_in(&[0xC2, 0x05]), ErrorKind::CodePageShift { page: 5 }, 4),
        (fault_in(&[0x03, 0xC2, 0x80, 0x81]), ErrorKind::UnsupportedParameter { code: 0 }, 5),
        (fault_in(&[0xC2, 0xAF, 0x87, 0xAF, 0x87]), ErrorKind::ApplicationIdRepeated, 6),
        (fault_in(&many), ErrorKind::TooMany { limit: MAX_HEADERS }, many_at),
    ];
    let mut seen = [false; KINDS];
    for (found, kind, offset) in faults {
        assert_eq!(found, (kind, offset));
        seen[number(kind)] = true;
    }
    seen[number(ErrorKind::ApplicationIdAsHeader)] = true; // only made by hand, tested below
    assert_eq!(seen, [true; KINDS]);
}

const KINDS: usize = 14;

fn number(kind: ErrorKind) -> usize {
    match kind {
        ErrorKind::ApplicationIdAsHeader => 0,
        ErrorKind::ApplicationIdRepeated => 1,
        ErrorKind::BadCode => 2,
        ErrorKind::BadName { .. } => 3,
        ErrorKind::CodePageShift { .. } => 4,
        ErrorKind::ConfirmedPush => 5,
        ErrorKind::ContentTypeMissing => 6,
        ErrorKind::NotAPush { .. } => 7,
        ErrorKind::NotText { .. } => 8,
        ErrorKind::TextUnterminated => 9,
        ErrorKind::TooMany { .. } => 10,
        ErrorKind::Truncated { .. } => 11,
        ErrorKind::UintvarTooLong => 12,
        ErrorKind::UnsupportedParameter { .. } => 13,
        // Of short messages, files, MQTT, PAP, polls, SIP and SMPP; their tests are there.
        ErrorKind::AddressTooLong { .. }
        | ErrorKind::BadAddressType { .. }
        | ErrorKind::BadSemiOctet { .. }
        | ErrorKind::Checksum { .. }
        | ErrorKind::CommandLength { .. }
        | ErrorKind::Digest
        | ErrorKind::ElementLength { .. }
        | ErrorKind::ElementOverrun { .. }
        | ErrorKind::FieldTooLong { .. }
        | ErrorKind::HeaderOverrun { .. }
        | ErrorKind::MessageType { .. }
        | ErrorKind::MqttPacket
        | ErrorKind::MqttTooLarge { .. }
        | ErrorKind::NotData { .. }
        | ErrorKind::Pap(_)
        | ErrorKind::NotOf { .. }
        | ErrorKind::PartMissing { .. }
        | ErrorKind::PartOfOther
        | ErrorKind::PollAfter
        | ErrorKind::PollPath
        | ErrorKind::SipField
        | ErrorKind::SipHeadTooLong { .. }
        | ErrorKind::SipLength
        | ErrorKind::SipStartLine
        | ErrorKind::SipText
        | ErrorKind::TooLarge { .. }
        | ErrorKind::TrailingOctets { .. }
        | ErrorKind::UserDataTooLong { .. } => KINDS,
    }
}

#[test]
fn a_header_cannot_pose_as_the_application_id() {
    for name in ["x-wap-application-id", "X-WAP-Application-ID"] {
        let name = HeaderName::from_name(Name::new(name).unwrap());
        let error = Header::new(name, Value::Short(2)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ApplicationIdAsHeader);
    }
    assert!(Header::new(HeaderName::from_code(0xAF), Value::Short(2)).is_err());
}

#[test]
fn a_number_has_at_most_eight_octets() {
    assert_eq!(Value::Data(&[0xFF; 8]).integer(), Some(u64::MAX));
    assert_eq!(Value::Data(&[0; 9]).integer(), None);
}

#[test]
fn names_and_text_are_checked_when_made() {
    assert_eq!(MediaType::new("").unwrap_err().kind, ErrorKind::NotText { octet: 0 });
    assert_eq!(Name::new("é").unwrap_err().kind, ErrorKind::BadName { octet: 0xC3 });
    assert_eq!(Text::new(b"ab\0c").unwrap_err().offset, 2);
}

#[test]
fn a_cut_push_never_reads_as_its_whole() {
    let mut push = Push::dm(1, b"");
    push.headers.push(Header::new(HeaderName::from_code(0x34), Value::Data(&[4; 40])).unwrap());
    let whole = push.write_as(Form::Text);
    for end in 0..whole.len() {
        assert!(Push::read(&whole[..end]).is_err(), "{}", format!("{:02X?}", &whole[..end]));
    }
}

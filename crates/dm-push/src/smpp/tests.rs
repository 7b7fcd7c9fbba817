use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as some;
use proptest::prelude::*;

use super::*;
use crate::{Error, ErrorKind};

fn written(pdu: &Pdu<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    pdu.write(&mut out).expect("within the limits");
    out
}

/// The bind_transmitter of the standard's own example. [SMPP 3.4 §3.2.1]
#[test]
fn the_example_of_the_standard_is_written_and_read() {
    let bind = Bind {
        mode: BindMode::Transmitter,
        system_id: b"SMPP3TEST",
        password: b"secret08",
        system_type: b"SUBMIT1",
        version: Version(0x00),
        ton: 1,
        npi: 1,
        address_range: b"",
    };
    let octets =
        b"\0\0\0\x2F\0\0\0\x02\0\0\0\0\0\0\0\x01SMPP3TEST\0secret08\0SUBMIT1\0\0\x01\x01\0";
    let pdu = Pdu::ok(1, Body::Bind(bind));
    assert_eq!(written(&pdu), octets);
    assert_eq!(Pdu::read(octets), Ok(pdu));
}

#[test]
fn every_limit_of_a_field_is_kept_when_writing_and_nothing_is_left_behind() {
    let message = Message::default();
    let party = |address| Party { ton: 1, npi: 1, address };
    let long = [b'1'; 255];
    for (body, octets, limit) in [
        (Body::SubmitSm(Message { destination: party(&long[..21]), ..message }), 21, 20),
        (Body::SubmitSm(Message { validity: &long[..17], ..message }), 17, 16),
        (Body::SubmitSm(Message { service_type: &long[..6], ..message }), 6, 5),
        (Body::SubmitSm(Message { short_message: &long, ..message }), 255, 254),
        (Body::SubmitSmResp { message_id: &long[..65], tlvs: Tlvs::default() }, 65, 64),
    ] {
        let mut out = vec![7];
        let error = Pdu::ok(1, body).write(&mut out).unwrap_err();
        assert_eq!(error.kind, ErrorKind::FieldTooLong { octets, limit });
        assert_eq!(out, [7]);
    }
    let split = Body::SubmitSm(Message { source: party(b"12\x003"), ..message });
    let error = Pdu::ok(1, split).write(&mut Vec::new()).unwrap_err();
    assert_eq!(error, Error::new(ErrorKind::NotText { octet: 0 }, 16 + 1 + 2 + 2));
}

#[test]
fn responses_are_read_with_less_than_the_standard_demands() {
    let resp = |body: &[u8]| {
        let length = u8::try_from(16 + body.len()).unwrap();
        [&[0, 0, 0, length, 0x80, 0, 0, 4, 0, 0, 0, 0x58, 0, 0, 0, 9], body].concat()
    };
    for (octets, id) in [
        (resp(b""), &b""[..]),
        (resp(b"\0"), b""),
        (resp(b"abc"), b"abc"),
        (resp(b"abc\0"), b"abc"),
        (resp(&[b'a'; 99]), &[b'a'; 99]),
        (resp(b"\xE9t\xE9\0\x04\x28\0\x01\x5F"), b"\xE9t\xE9"),
    ] {
        let pdu = Pdu::read(&octets).expect("a response");
        assert_eq!((pdu.status, pdu.sequence), (Status::THROTTLED, 9));
        assert!(
            matches!(pdu.body, Body::SubmitSmResp { message_id, .. } if message_id == id),
            "{pdu:?}"
        );
    }
}

#[test]
fn a_payload_stands_in_for_an_empty_short_message_alone() {
    let mut tlvs = Vec::new();
    Tlv { tag: tag::MESSAGE_PAYLOAD, value: &[5; 300] }.write(&mut tlvs).unwrap();
    let message = Message { tlvs: Tlvs::of(&tlvs), ..Message::default() };
    assert_eq!(message.user_data(), [5; 300]);
    assert_eq!(Message { short_message: b"a", ..message }.user_data(), b"a");
}

#[test]
fn a_length_that_no_pdu_has_ends_the_stream() {
    for length in [0_u32, 15, 1_025, u32::MAX] {
        let mut framer = Framer::new(1_024);
        framer.extend(&[&length.to_be_bytes()[..], &[0; 16]].concat());
        let kind = ErrorKind::CommandLength { length, limit: 1_024 };
        assert_eq!(framer.next(), Err(Error::new(kind, 0)));
    }
}

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    some(1..=u8::MAX, 0..=most)
}

prop_compose! {
    fn parts()(
        texts in [text(5), text(20), text(20), text(16), text(16)],
        numbers in any::<[u8; 11]>(),
        short_message in some(any::<u8>(), 0..=254),
        tlvs in some((any::<u16>(), some(any::<u8>(), 0..40)), 0..4),
    ) -> ([Vec<u8>; 5], [u8; 11], Vec<u8>, Vec<u8>) {
        let mut octets = Vec::new();
        for (tag, value) in &tlvs {
            Tlv { tag: *tag, value }.write(&mut octets).expect("short");
        }
        (texts, numbers, short_message, octets)
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_however_the_stream_is_cut(
        (texts, numbers, short_message, tlvs) in parts(),
        sequence in any::<u32>(),
        cut in 1..90_usize,
    ) {
        let message = Message {
            service_type: &texts[0],
            source: Party { ton: numbers[0], npi: numbers[1], address: &texts[1] },
            destination: Party { ton: numbers[2], npi: numbers[3], address: &texts[2] },
            esm_class: numbers[4],
            protocol_id: numbers[5],
            priority: numbers[6],
            schedule: &texts[3],
            validity: &texts[4],
            registered_delivery: numbers[7],
            replace: numbers[8],
            data_coding: numbers[9],
            default_message: numbers[10],
            short_message: &short_message,
            tlvs: Tlvs::of(&tlvs),
        };
        let mut stream = Vec::new();
        for body in [Body::SubmitSm(message), Body::DeliverSm(message), Body::Unbind] {
            Pdu::ok(sequence, body).write(&mut stream).expect("within the limits");
        }
        let (mut framer, mut found) = (Framer::new(MAX_PDU), Vec::new());
        for piece in stream.chunks(cut) {
            framer.extend(piece);
            while let Some(octets) = framer.next().expect("PDUs") {
                let pdu = Pdu::read(octets).expect("a PDU");
                prop_assert_eq!(pdu.sequence, sequence);
                prop_assert_eq!(&written(&pdu), octets);
                if let Body::SubmitSm(read) | Body::DeliverSm(read) = pdu.body {
                    prop_assert_eq!(read.tlvs.octets(), message.tlvs.octets());
                    prop_assert_eq!(Message { tlvs: message.tlvs, ..read }, message);
                }
                found.extend_from_slice(octets);
            }
        }
        prop_assert_eq!(found, stream);
    }

    #[test]
    fn whatever_comes_is_read_or_refused_and_never_more_than_it_is(
        command in prop_oneof![0_u32..10, 0x8000_0000..0x8000_000A_u32, any::<u32>()],
        body in some(any::<u8>(), 0..200),
    ) {
        let length = u32::try_from(16 + body.len()).expect("short");
        let mut octets = Vec::new();
        for word in [length, command, 0, 1] {
            octets.extend_from_slice(&word.to_be_bytes());
        }
        octets.extend_from_slice(&body);
        match Pdu::read(&octets) {
            Ok(pdu) => prop_assert_eq!(pdu.body.command(), command),
            Err(error) => prop_assert!(error.offset <= octets.len()),
        }
    }
}

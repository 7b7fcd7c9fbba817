use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, vec};

use proptest::prelude::*;

use super::write::framed;
use super::*;
use crate::{Error, ErrorKind};

/// PUBLISH at QoS 1 on "a/b", id 7, with a user property and a content type.
const PUBLISH: &[u8] =
    b"\x32\x18\x00\x03a/b\x00\x07\x0c\x26\x00\x01k\x00\x01v\x03\x00\x02ct\x02xyz";

fn failed(octets: &[u8], most: usize) -> ErrorKind {
    take(&mut octets.to_vec(), most).expect_err("an error").kind
}

#[test]
fn a_publish_is_read_whole_or_not_at_all() {
    for length in 0..PUBLISH.len() {
        let mut part = PUBLISH[..length].to_vec();
        assert_eq!(take(&mut part, 99), Ok(None), "{length}");
        assert_eq!(part.len(), length);
    }
    let mut three = [PUBLISH, &[0xD0, 0], &[0xE0, 1, 0x8E]].concat();
    let publish = Publish {
        id: Some(7),
        topic: "a/b".into(),
        content_type: Some("ct".into()),
        expiry: None,
        is_retained: false,
        payload: b"\x02xyz".to_vec(),
    };
    assert_eq!(take(&mut three, 99), Ok(Some(Packet::Publish(publish))));
    assert_eq!(take(&mut three, 99), Ok(Some(Packet::Other)));
    assert_eq!(take(&mut three, 99), Ok(Some(Packet::Disconnect(0x8E))));
    assert_eq!((take(&mut three, 99), three.len()), (Ok(None), 0));
}

#[test]
fn what_a_broker_must_not_send_is_an_error_and_never_more() {
    let limit = PUBLISH.len() - 1;
    assert_eq!(failed(PUBLISH, limit), ErrorKind::MqttTooLarge { limit });
    let long = b"\x32\xFF\xFF\xFF\x7F";
    assert_eq!(failed(long, 1 << 20), ErrorKind::MqttTooLarge { limit: 1 << 20 });
    assert_eq!(failed(b"\x32\xFF\xFF\xFF\xFF\x01", usize::MAX), ErrorKind::MqttPacket);
    assert_eq!(failed(b"\x20\x02\x00\x00", 99), ErrorKind::MqttPacket);
    // A property that there is none of, at its octet.
    let unknown = take(&mut b"\x20\x05\x00\x00\x02\x7E\x00".to_vec(), 99);
    assert_eq!(unknown, Err(Error::new(ErrorKind::MqttPacket, 5)));
    assert_eq!(failed(b"\x20\x04\x00\x00\x09\x13", 99), ErrorKind::MqttPacket);
}

#[test]
fn what_a_broker_asks_of_a_connection_is_found() {
    let octets = b"\x20\x10\x00\x00\x0D\x13\x00\x1E\x21\x00\x05\x24\x01\x27\x00\x01\x00\x00";
    let expected = ConnAck {
        reason: 0,
        keep_alive: Some(30),
        receive_maximum: Some(5),
        maximum_packet: Some(65_536),
        maximum_qos: Some(1),
    };
    assert_eq!(take(&mut octets.to_vec(), 99), Ok(Some(Packet::ConnAck(expected))));
}

#[test]
fn an_acknowledgement_without_a_reason_is_a_success() {
    for (octets, reason) in [(&b"\x40\x02\x01\x02"[..], 0), (b"\x40\x04\x01\x02\x10\x00", 0x10)] {
        let found = take(&mut octets.to_vec(), 99);
        assert_eq!(found, Ok(Some(Packet::PubAck { id: 0x0102, reason })));
    }
    assert_eq!(take(&mut puback(0x0102), 99), Ok(Some(Packet::PubAck { id: 0x0102, reason: 0 })));
}

#[test]
fn a_length_takes_as_many_octets_as_it_needs() {
    assert_eq!(framed(0x82, &[&[0; 127]])[..2], [0x82, 127]);
    assert_eq!(framed(0x82, &[&[0; 100], &[0; 28]])[..3], [0x82, 0x80, 1]);
    assert_eq!(puback(0x0102), [0x40, 2, 1, 2]);
    assert_eq!(subscribe(&["a".to_string()]), [0x82, 7, 0, 1, 0, 0, 1, b'a', 0x11]);
}

#[test]
fn a_push_is_at_qos_1_not_retained_and_says_what_it_is() {
    let push = PushPublish { id: 0x0102, topic: "t", expiry: Some(5), payload: b"\x02m" };
    let expected = b"\x32\x2F\x00\x01t\x01\x02\x27\x02\x00\x00\x00\x05\x03\x00\x1F\
                     application/vnd.syncml.dm+wbxml\x02m";
    // 0x02: no duplicate and not retained.
    assert_eq!(push.write().unwrap(), expected);
    let lasting = PushPublish { expiry: None, ..push }.write().unwrap();
    assert_eq!(lasting[..8], *b"\x32\x2A\x00\x01t\x01\x02\x22");
}

#[test]
fn a_connect_says_whether_a_session_goes_on() {
    let connect = Connect {
        client_id: "me",
        clean_start: false,
        session_expiry: 3,
        keep_alive: 60,
        login: None,
        receive_maximum: 8,
        maximum_packet: 9,
    };
    let octets = b"\x10\x1C\x00\x04MQTT\x05\x00\x00\x3C\x0D\x11\x00\x00\x00\x03\x21\x00\x08\
                   \x27\x00\x00\x00\x09\x00\x02me";
    assert_eq!(connect.write(), octets);
    let clean = Connect { clean_start: true, login: Some(("u", "p")), ..connect }.write();
    assert_eq!((clean[1], clean[9]), (0x22, 0b1100_0010));
    assert!(clean.ends_with(b"\x00\x02me\x00\x01u\x00\x01p"));
}

#[test]
fn a_topic_is_of_one_device() {
    let long = "x".repeat(TEXT_LIMIT);
    for topic in ["a", "/", "dm/device1", "dm/ä", long.as_str()] {
        assert!(is_topic(topic), "{topic}");
    }
    let longer = format!("{long}x");
    for topic in ["", "+", "dm/#", "a b", "a\0", "a\n", "$SYS/x", longer.as_str()] {
        assert!(!is_topic(topic), "{topic:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_published_is_read_again(
        id in 1..=u16::MAX, topic in "[a-z/]{1,40}", expiry: Option<u32>,
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let push = PushPublish { id, topic: &topic, expiry, payload: &payload };
        let mut octets = push.write().unwrap();
        let found = take(&mut octets, 1_000).unwrap().unwrap();
        let content_type = Some(crate::media_type::DM_WBXML.to_string());
        let (id, is_retained) = (Some(id), false);
        let publish = Publish { id, topic, content_type, expiry, is_retained, payload };
        prop_assert_eq!(found, Packet::Publish(publish));
        prop_assert_eq!(octets, Vec::<u8>::new());
    }

    #[test]
    fn octets_by_chance_are_a_packet_or_an_error_inside_of_them(
        octets in prop::collection::vec(any::<u8>(), 0..60), length in 0..60_u8,
    ) {
        let octets = [&[octets.first().copied().unwrap_or(0x20), length][..], &octets].concat();
        match first(&octets, 50) {
            Ok(Some((_, length))) => prop_assert!(length <= octets.len().min(50)),
            Ok(None) => {}
            Err(error) => prop_assert!(error.offset <= octets.len()),
        }
    }
}

#[test]
fn a_mark_in_any_place_of_a_packet_does_no_harm() {
    for at in 2..PUBLISH.len() {
        for octet in [0, 1, 0x7F, 0xFF] {
            let mut changed = PUBLISH.to_vec();
            changed[at] = octet;
            let found = take(&mut changed, 99);
            let is_taken = matches!(found, Ok(Some(_))) && changed == vec![];
            assert!(is_taken || found.is_err(), "{at} {octet}: {found:?}");
        }
    }
}

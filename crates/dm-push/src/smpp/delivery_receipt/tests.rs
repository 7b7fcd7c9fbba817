use alloc::vec::Vec;

use super::*;
use crate::smpp::message::ESM_CLASS_RECEIPT;
use crate::smpp::tlv::{Tlv, Tlvs};

fn of_text(text: &[u8]) -> Message<'_> {
    Message { esm_class: ESM_CLASS_RECEIPT, short_message: text, ..Message::default() }
}

#[test]
fn receipts_of_several_makers_are_read() {
    for (text, id, state, error) in [
        (
            "id:0123456789 sub:001 dlvrd:001 submit date:2402291200 done date:2402291201 stat:DELIVRD \
          err:000 text:\u{1}id:666 stat:EXPIRED",
            "0123456789",
            2,
            Some("000"),
        ),
        (
            "id:1a2b-c SUB:001 DLVRD:000 Submit Date:240229120000 Done Date:240229120100 Stat:UNDELIV \
          Err:69 Text:none",
            "1a2b-c",
            5,
            Some("69"),
        ),
        ("stat:EXPIRED id:7", "7", 3, None),
        ("id:7 stat:REJECTED err:", "7", 8, None),
        ("id:7\r\nstat:rejectd", "7", 8, None),
        ("id:7 stat:ENROUTE", "7", 1, None),
        ("id:7 stat:DELETED", "7", 4, None),
        ("id:7 stat:UNKNOWN", "7", 7, None),
        ("id:7 stat:ACCEPTD\0", "7", 6, None),
    ] {
        let receipt = DeliveryReceipt::read(&of_text(text.as_bytes())).expect(text);
        assert_eq!(receipt.id_in_text, Some(id.as_bytes()), "{text}");
        assert_eq!((receipt.state, receipt.error), (state, error.map(str::as_bytes)), "{text}");
        assert_eq!(receipt.id, None);
    }
}

#[test]
fn optional_parameters_go_before_text() {
    let mut octets = Vec::new();
    Tlv { tag: tag::RECEIPTED_MESSAGE_ID, value: b"1A\0" }.write(&mut octets).unwrap();
    Tlv { tag: tag::MESSAGE_STATE, value: &[5] }.write(&mut octets).unwrap();
    let message = Message { tlvs: Tlvs::of(&octets), ..of_text(b"id:26 stat:DELIVRD") };
    let receipt = DeliveryReceipt::read(&message).unwrap();
    assert_eq!((receipt.id, receipt.id_in_text), (Some(&b"1A"[..]), Some(&b"26"[..])));
    assert_eq!(receipt.receipt().says(), Says::Undeliverable);
    let silent = Message { short_message: b"", ..message };
    assert_eq!(DeliveryReceipt::read(&silent).unwrap().id, Some(&b"1A"[..]), "without text");
}

#[test]
fn what_is_no_receipt_or_knows_no_state_is_none() {
    let reply = Message { esm_class: 0, ..of_text(b"id:7 stat:DELIVRD") };
    assert_eq!(DeliveryReceipt::read(&reply), None, "a message of a device");
    for text in [
        "",
        "id:7",
        "id:7 stat:",
        "id:7 stat:FINE",
        "id:7 status:DELIVRD",
        "id:7 text:stat:DELIVRD",
    ] {
        assert_eq!(DeliveryReceipt::read(&of_text(text.as_bytes())), None, "{text}");
    }
}

#[test]
fn only_delivered_is_reached() {
    let reached: Vec<u8> = (0..=u8::MAX).filter(|state| says(*state) == Says::Reached).collect();
    assert_eq!(reached, [2]);
    use Says::{Expired, HandedOver, Refused, Undeliverable};
    let failed = [Expired, Refused, Undeliverable, Refused, Undeliverable];
    assert_eq!([3, 4, 5, 8, 9].map(says), failed);
    assert_eq!([0, 1, 6, 7, 10].map(says), [HandedOver; 5], "and no more is known");
}

#[test]
fn ids_in_two_ways_of_writing_meet_only_where_that_is_set() {
    assert_ne!(MessageIds::Same.of_response(b"1F"), MessageIds::Same.of_text(b"31"));
    let ids = MessageIds::DecimalThenHex;
    assert_eq!(ids.of_response(b"0031"), ids.of_text(b"1f"));
    assert_eq!(ids.of_response(b"no-number"), "no-number");
    assert_ne!(MessageIds::Same.of_text(b"\xFF"), MessageIds::Same.of_text(b"\xFE"));
}

use super::*;

const HEADED: &[u8] = b"\x06\x05\x04\x0B\x84\x23\xF0\x01\x06\x03\xC2\xAF\x87";
const PUSH: &[u8] = b"\x01\x06\x03\xC2\xAF\x87\x02\xA4";

#[test]
fn esm_class_decides_when_it_is_known() {
    assert_eq!(ShortMessage::read(HEADED, Udhi::Absent).unwrap().data, HEADED);
    assert_eq!(ShortMessage::read(HEADED, Udhi::Present).unwrap().data_range(), 7..13);
    assert!(ShortMessage::read(PUSH, Udhi::Present).is_err());
}

#[test]
fn without_it_the_content_decides() {
    assert_eq!(ShortMessage::read(HEADED, Udhi::Unknown).unwrap().data, &HEADED[7..]);
    assert_eq!(ShortMessage::read(PUSH, Udhi::Unknown).unwrap().data, PUSH);
    assert_eq!(ShortMessage::read(b"", Udhi::Unknown).unwrap().data, b"");
}

#[test]
fn a_header_that_tells_neither_ports_nor_segment_is_taken_for_data() {
    for octets in [&b"\x00data"[..], b"\x03\x70\x01\xAAdata", b"\x05\x00\x03\x01\x02\x03data"] {
        assert_eq!(ShortMessage::read(octets, Udhi::Unknown).unwrap().data, octets);
        assert_eq!(ShortMessage::read(octets, Udhi::Present).unwrap().data, b"data");
    }
}

#[test]
fn a_push_of_any_transaction_is_no_header() {
    let mut push = PUSH.to_vec();
    for transaction_id in 0..=255 {
        push[0] = transaction_id;
        assert_eq!(ShortMessage::read(&push, Udhi::Unknown).unwrap().header, None);
    }
}

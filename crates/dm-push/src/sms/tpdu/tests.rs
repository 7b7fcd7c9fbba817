use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::sms::{Element, Ports, UserDataHeader};

/// A text known from many descriptions of the format: "hellohello" from 27838890001.
const TEXT: [u8; 36] = *b"\x07\x91\x72\x38\x01\x00\x10\xF5\
    \x04\x0B\xC8\x72\x38\x88\x09\x00\xF1\x00\x00\x99\x30\x92\x51\x61\x95\x80\
    \x0A\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37";
/// The same text on its way to the service centre, valid for four days.
const SUBMIT: [u8; 24] = *b"\x00\x11\x00\x0B\x91\x64\x07\x28\x15\x53\xF8\x00\x00\xAA\
    \x0A\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37";
/// A push from +358401234567 to port 2948, in the layout that oFono takes.
const PUSH: [u8; 32] = *b"\x44\x0C\x91\x53\x48\x10\x32\x54\x76\x00\xF5\x42\x10\x20\x30\x40\x50\x21\
    \x0D\x06\x05\x04\x0B\x84\x23\xF0\x01\x06\x03\xC2\xAF\x87";

#[test]
fn the_known_text_is_read_and_refused_as_data() {
    let pdu = Pdu::read(&TEXT).unwrap();
    let ServiceCentre::Address(centre) = pdu.service_centre else { panic!("{pdu:?}") };
    assert_eq!(centre.to_string(), "+27831000015");
    let tpdu = &pdu.tpdu;
    assert_eq!(tpdu.address.to_string(), "27838890001");
    let MessageType::Deliver { time } = tpdu.message_type else { panic!("{tpdu:?}") };
    assert_eq!(time.to_string(), "99-03-29 15:16:59 +02:00");
    assert_eq!((tpdu.user_data.length(), tpdu.user_data.octets.len()), (10, 9));
    let kind = ErrorKind::NotData { coding: 0x00, alphabet: Alphabet::Gsm7 };
    assert_eq!(tpdu.data(), Err(Error::new(kind, 10)));
    assert_eq!(TEXT[8 + 10], 0x00);
    assert_eq!(pdu.write().unwrap(), TEXT);
}

#[test]
fn the_known_submit_is_read() {
    let pdu = Pdu::read(&SUBMIT).unwrap();
    assert_eq!(pdu.service_centre, ServiceCentre::Default);
    let validity = Validity::Relative(0xAA);
    assert_eq!(pdu.tpdu.message_type, MessageType::Submit { reference: 0, validity });
    assert_eq!(pdu.tpdu.address.to_string(), "+46708251358");
    let fields = pdu.fields();
    let period = fields.iter().find(|field| field.name == "TP-VP").unwrap();
    assert_eq!((period.range.clone(), period.meaning.as_str()), (13..14, "4 d"));
    assert_eq!(pdu.write().unwrap(), SUBMIT);
}

#[test]
fn a_push_is_read_with_its_ports() {
    let pdu = Pdu::read(&PUSH).unwrap();
    assert_eq!(pdu.service_centre, ServiceCentre::Absent);
    assert_eq!(pdu.tpdu.address.to_string(), "+358401234567");
    assert_eq!(pdu.tpdu.data(), Ok(&b"\x01\x06\x03\xC2\xAF\x87"[..]));
    assert_eq!(pdu.data_range(), 26..32);
    let header = pdu.tpdu.user_data.header.as_ref().unwrap();
    assert_eq!(header.ports(), Some(Ports { destination: 2948, source: 9200 }));
    let names: Vec<_> = pdu.fields().iter().map(|field| (field.name, field.range.start)).collect();
    let starts = [
        ("first octet", 0),
        ("TP-OA", 1),
        ("TP-PID", 9),
        ("TP-DCS", 10),
        ("TP-SCTS", 11),
        ("TP-UDL", 18),
        ("UDHL", 19),
        ("IE application ports", 20),
        ("TP-UD", 26),
    ];
    assert_eq!(names, starts);
}

#[test]
fn the_service_centre_is_found_whether_it_is_there_or_not() {
    let centre = Address::number("+27831000015").unwrap();
    for tpdu in [&TEXT[8..], &SUBMIT[1..], &PUSH] {
        let bare = Pdu::read(tpdu).unwrap();
        assert_eq!(bare.service_centre, ServiceCentre::Absent);
        for service_centre in [ServiceCentre::Default, ServiceCentre::Address(centre)] {
            let pdu = Pdu { service_centre, tpdu: bare.tpdu.clone() };
            let octets = pdu.write().unwrap();
            assert_eq!(Pdu::read(&octets), Ok(pdu));
        }
    }
}

#[test]
fn the_error_is_that_of_the_reading_that_came_further() {
    let truncated = |missing, at| Err(Error::new(ErrorKind::Truncated { missing }, at));
    assert_eq!(Pdu::read(&PUSH[..31]), truncated(1, 19));
    assert_eq!(Pdu::read(&TEXT[..33]), truncated(3, 27));
}

#[test]
fn other_message_types_are_named() {
    for (first, indicator) in [(0x06, 2), (0x03, 3)] {
        let kind = ErrorKind::MessageType { indicator };
        assert_eq!(Tpdu::read(&[first, 0, 0]), Err(Error::new(kind, 0)));
    }
}

#[test]
fn octets_after_the_user_data_are_refused() {
    let octets = [&PUSH[..], &[0]].concat();
    let kind = ErrorKind::TrailingOctets { extra: 1 };
    assert_eq!(Tpdu::read(&octets), Err(Error::new(kind, PUSH.len())));
}

#[test]
fn user_data_ends_at_140_octets() {
    let mut octets = PUSH[..19].to_vec();
    octets[18] = 141;
    octets.resize(19 + 141, 0);
    let kind = ErrorKind::UserDataTooLong { octets: 141, limit: 140 };
    assert_eq!(Tpdu::read(&octets), Err(Error::new(kind, 18)));

    let data = [0; 134];
    let mut tpdu = Tpdu::read(&PUSH).unwrap();
    tpdu.user_data.octets = &data;
    assert_eq!(tpdu.write(), Err(Error::new(kind, 18)));
    tpdu.user_data.octets = &data[..133];
    assert_eq!(Tpdu::read(&tpdu.write().unwrap()), Ok(tpdu));
}

#[test]
fn a_header_longer_than_the_user_data_is_an_overrun() {
    let mut octets = PUSH;
    octets[19] = 13;
    let kind = ErrorKind::HeaderOverrun { missing: 1 };
    assert_eq!(Tpdu::read(&octets), Err(Error::new(kind, 19)));
}

#[test]
fn a_time_of_no_digits_is_refused() {
    let mut octets = PUSH;
    octets[13] = 0xA0;
    let kind = ErrorKind::BadSemiOctet { octet: 0xA0 };
    assert_eq!(Tpdu::read(&octets), Err(Error::new(kind, 13)));
}

#[test]
fn every_form_of_validity_is_written_and_read() {
    let time = Timestamp::new([24, 12, 31, 23, 59, 59], 79).unwrap();
    let elements = vec![Element::Ports16(Ports { destination: 2948, source: 9200 })];
    for (validity, first) in [
        (Validity::Unsaid, 0x41),
        (Validity::Enhanced([0x41, 0xFF, 0, 0, 0, 0, 0]), 0x49),
        (Validity::Relative(0), 0x51),
        (Validity::Absolute(time), 0x59),
    ] {
        let tpdu = Tpdu {
            message_type: MessageType::Submit { reference: 0x91, validity },
            flags: Flags::default(),
            address: Address::number("+123456").unwrap(),
            protocol_id: 0,
            coding: DataCoding::DATA,
            user_data: UserData::new(Some(UserDataHeader { elements: elements.clone() }), b"x"),
        };
        let octets = tpdu.write().unwrap();
        assert_eq!(octets[0], first);
        assert_eq!(Tpdu::read(&octets), Ok(tpdu));
    }
}

#[test]
fn relative_periods_follow_the_four_scales() {
    for (octet, words) in [
        (0, "0:05 h"),
        (143, "12:00 h"),
        (144, "12:30 h"),
        (167, "1 d"),
        (168, "2 d"),
        (196, "30 d"),
        (197, "35 d"),
        (255, "441 d"),
    ] {
        assert_eq!(Validity::Relative(octet).meaning(), words, "{octet}");
    }
}

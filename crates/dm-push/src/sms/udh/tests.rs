use alloc::vec;

use super::*;

fn read(octets: &[u8]) -> Result<UserDataHeader<'_>, Error> {
    UserDataHeader::read(octets).map(|(header, _)| header)
}

fn refused(octets: &[u8]) -> (ErrorKind, usize) {
    let error = UserDataHeader::read(octets).unwrap_err();
    (error.kind, error.offset)
}

#[test]
fn ports_and_an_eight_bit_reference_as_gateways_write_them() {
    let octets = b"\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x2A\x03\x02rest";
    let (header, rest) = UserDataHeader::read(octets).unwrap();
    assert_eq!(rest, b"rest");
    assert_eq!(header.ports(), Some(Ports { destination: 2948, source: 9200 }));
    let reference = Reference::Eight(0x2A);
    assert_eq!(header.concatenation(), Some(Concatenation { reference, total: 3, sequence: 2 }));
    assert_eq!(header.write().unwrap(), octets[..12]);
}

#[test]
fn a_sixteen_bit_reference_and_eight_bit_ports() {
    let header = read(&[0x0A, 0x08, 0x04, 0x12, 0x34, 0x02, 0x01, 0x04, 0x02, 0xF0, 0xF1]).unwrap();
    let reference = Reference::Sixteen(0x1234);
    assert_eq!(header.concatenation(), Some(Concatenation { reference, total: 2, sequence: 1 }));
    assert_eq!(header.ports(), Some(Ports { destination: 0xF0, source: 0xF1 }));
}

#[test]
fn unknown_elements_are_skipped_and_kept() {
    let octets = [0x09, 0x70, 0x01, 0xAA, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0];
    let header = read(&octets).unwrap();
    assert_eq!(header.ports().map(|ports| ports.destination), Some(2948));
    let Element::Other(other) = header.elements[0] else { panic!("{header:?}") };
    assert_eq!((other.id(), other.data()), (0x70, &[0xAA][..]));
}

#[test]
fn the_last_of_several_counts_whatever_its_width() {
    let narrow_last = read(&[0x0A, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0, 0x04, 0x02, 1, 2]).unwrap();
    assert_eq!(narrow_last.ports(), Some(Ports { destination: 1, source: 2 }));
    let wide_last = read(&[0x0B, 0x00, 0x03, 9, 2, 1, 0x08, 0x04, 0, 9, 3, 2]).unwrap();
    let Some(concatenation) = wide_last.concatenation() else { panic!("{wide_last:?}") };
    assert_eq!((concatenation.reference, concatenation.total), (Reference::Sixteen(9), 3));
}

#[test]
fn a_segment_outside_its_message_is_passed_over() {
    for element in [[0x00, 0x03, 9, 0, 0], [0x00, 0x03, 9, 2, 0], [0x00, 0x03, 9, 2, 3]] {
        let octets = [&[0x0A, 0x00, 0x03, 7, 2, 1][..], &element].concat();
        let header = read(&octets).unwrap();
        assert_eq!(header.concatenation().unwrap().reference, Reference::Eight(7));
        assert!(header.fields()[2].meaning.ends_with("(ignored)"));
    }
}

#[test]
fn a_length_beyond_the_user_data_is_an_overrun() {
    assert_eq!(refused(&[0x06, 0x05, 0x04]), (ErrorKind::HeaderOverrun { missing: 4 }, 0));
    assert_eq!(refused(&[]), (ErrorKind::Truncated { missing: 1 }, 0));
}

#[test]
fn an_element_beyond_the_header_is_an_overrun() {
    assert_eq!(
        refused(&[0x04, 0x70, 0x03, 1, 2, 3]),
        (ErrorKind::ElementOverrun { missing: 1 }, 1)
    );
    assert_eq!(refused(&[0x01, 0x70, 0x00]), (ErrorKind::ElementOverrun { missing: 1 }, 1));
}

#[test]
fn a_known_element_of_another_length_is_refused() {
    let kind = |id, length, wanted| ErrorKind::ElementLength { id, length, wanted };
    assert_eq!(refused(&[0x05, 0x05, 0x03, 1, 2, 3]), (kind(5, 3, 4), 1));
    assert_eq!(refused(&[0x06, 0x00, 0x04, 1, 2, 3, 4]), (kind(0, 4, 3), 1));
    assert_eq!(refused(&[0x03, 0x04, 0x01, 1]), (kind(4, 1, 2), 1));
    assert_eq!(refused(&[0x02, 0x08, 0x00]), (kind(8, 0, 4), 1));
}

#[test]
fn a_header_of_more_than_255_octets_cannot_be_written() {
    let data = [0; 254];
    let long = UserDataHeader { elements: vec![Element::new(0x70, &data).unwrap()] };
    let kind = ErrorKind::UserDataTooLong { octets: 256, limit: 255 };
    assert_eq!(long.write(), Err(Error::new(kind, 0)));
}

#[test]
fn its_fields_name_every_octet() {
    let fields = read(&[0x06, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0]).unwrap().fields();
    let seen: Vec<_> = fields.iter().map(|field| (field.name, field.range.clone())).collect();
    assert_eq!(seen, [("UDHL", 0..1), ("IE application ports", 1..7)]);
    assert_eq!(fields[1].meaning, "to port 2948 from 9200");
}

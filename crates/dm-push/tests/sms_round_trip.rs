//! Properties of the readers and writers of short messages.

use dm_push::Error;
use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
use dm_push::sms::{
    Address, Concatenation, DataCoding, Element, Field, Flags, MessageType, Pdu, Ports, Reference,
    ServiceCentre, ShortMessage, Timestamp, Tpdu, Udhi, UserData, UserDataHeader, Validity,
    segment,
};
use proptest::collection::vec;
use proptest::prelude::*;

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

/// Inputs of every kind: each is cut at every octet and changed at every octet to every value.
const INPUTS: [&[u8]; 5] = [
    b"\x07\x91\x72\x38\x01\x00\x10\xF5\x04\x0B\xC8\x72\x38\x88\x09\x00\xF1\x00\x00\x99\x30\x92\
      \x51\x61\x95\x80\x0A\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37",
    b"\x00\x11\x00\x0B\x91\x64\x07\x28\x15\x53\xF8\x00\x00\xAA\x0A\xE8\x32\x9B\xFD\x46\x97\xD9\
      \xEC\x37",
    b"\x44\x0C\x91\x53\x48\x10\x32\x54\x76\x00\xF5\x42\x10\x20\x30\x40\x50\x21\x0D\x06\x05\x04\
      \x0B\x84\x23\xF0\x01\x06\x03\xC2\xAF\x87",
    b"\x44\x07\xD0\xC1\xE1\xB3\x09\x00\x04\x42\x10\x20\x30\x40\x50\x21\x0E\x0B\x05\x04\x0B\x84\
      \x23\xF0\x00\x03\x2A\x03\x02\x01\x06",
    b"\x0C\x08\x04\x01\x02\x03\x01\x70\x04abcddata",
];

#[test]
fn every_cut_and_every_change_of_an_octet_is_read_or_refused() {
    for input in INPUTS {
        for end in 0..input.len() {
            check(&input[..end]).unwrap();
        }
        for at in 0..input.len() {
            let mut octets = input.to_vec();
            for to in 0..=255 {
                octets[at] = to;
                check(&octets).unwrap();
            }
        }
    }
}

prop_compose! {
    fn address()(name in prop_oneof![
        "[+]?[0-9*#abc]{0,20}".prop_map(|text| Address::number(&text).expect("digits")),
        "[A-Za-z0-9 @$_]{0,11}".prop_map(|text| Address::alphanumeric(&text).expect("short")),
    ]) -> Address {
        name
    }
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    ([0..100_u8, 0..100, 0..100, 0..100, 0..100, 0..100], -79..80_i8)
        .prop_map(|(numbers, zone)| Timestamp::new(numbers, zone).expect("in range"))
}

fn message_type() -> impl Strategy<Value = MessageType> {
    let validity = prop_oneof![
        Just(Validity::Unsaid),
        any::<u8>().prop_map(Validity::Relative),
        timestamp().prop_map(Validity::Absolute),
        any::<[u8; 7]>().prop_map(Validity::Enhanced),
    ];
    prop_oneof![
        timestamp().prop_map(|time| MessageType::Deliver { time }),
        (any::<u8>(), validity)
            .prop_map(|(reference, validity)| MessageType::Submit { reference, validity }),
    ]
}

fn element(data: &[u8]) -> impl Strategy<Value = Element<'_>> {
    let concatenation = |reference: Reference, total, sequence| {
        Element::Concatenation(Concatenation { reference, total, sequence })
    };
    prop_oneof![
        any::<(u8, u8)>().prop_map(|(destination, source)| Element::Ports8 { destination, source }),
        any::<(u16, u16)>()
            .prop_map(|(destination, source)| Element::Ports16(Ports { destination, source })),
        any::<(u8, u8, u8)>().prop_map(move |(r, t, s)| concatenation(Reference::Eight(r), t, s)),
        any::<(u16, u8, u8)>().prop_map(move |(r, t, s)| concatenation(
            Reference::Sixteen(r),
            t,
            s
        )),
        (0x09..=255_u8).prop_map(move |id| Element::new(id, data).expect("any length")),
    ]
}

fn header() -> impl Strategy<Value = Option<UserDataHeader<'static>>> {
    let elements = vec(element(b"data"), 0..6);
    proptest::option::of(elements.prop_map(|elements| UserDataHeader { elements }))
}

fn service_centre() -> impl Strategy<Value = ServiceCentre> {
    prop_oneof![
        Just(ServiceCentre::Default),
        "[+]?[0-9]{0,20}"
            .prop_map(|text| ServiceCentre::Address(Address::number(&text).expect("digits"))),
    ]
}

proptest! {
    #[test]
    fn a_tpdu_that_is_written_reads_back(
        message_type in message_type(),
        address in address(),
        (protocol_id, is_class_1, flags) in any::<(u8, bool, [bool; 3])>(),
        header in header(),
        data in vec(any::<u8>(), 0..100),
        service_centre in service_centre(),
    ) {
        let all = [Flags::NO_MORE_MESSAGES, Flags::STATUS_REPORT, Flags::REPLY_PATH];
        let set = all.into_iter().zip(flags).filter(|(_, is_set)| *is_set);
        let coding = if is_class_1 { DataCoding::DATA_CLASS_1 } else { DataCoding::DATA };
        let tpdu = Tpdu {
            message_type,
            flags: set.fold(Flags::default(), |flags, (flag, _)| flags.and(flag)),
            address,
            protocol_id,
            coding,
            user_data: UserData::new(header, &data),
        };
        let octets = tpdu.write().unwrap();
        prop_assert_eq!(Tpdu::read(&octets), Ok(tpdu.clone()));
        prop_assert_eq!(tpdu.data(), Ok(&data[..]));

        let pdu = Pdu { service_centre, tpdu };
        let octets = pdu.write().unwrap();
        prop_assert_eq!(&octets[pdu.data_range()], &data[..]);
        prop_assert_eq!(Pdu::read(&octets), Ok(pdu));
        check(&octets)?;
    }

    #[test]
    fn a_short_message_that_is_written_reads_back(
        header in header(),
        data in vec(any::<u8>(), 0..200),
    ) {
        let udhi = if header.is_some() { Udhi::Present } else { Udhi::Absent };
        let message = ShortMessage { header, data: &data };
        let octets = message.write().unwrap();
        prop_assert_eq!(&octets[message.data_range()], &data[..]);
        prop_assert_eq!(ShortMessage::read(&octets, udhi), Ok(message));
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..200)) {
        check(&octets)?;
    }

    #[test]
    fn segments_in_any_order_and_repeated_become_the_whole(
        data in vec(any::<u8>(), 0..2000),
        wide: bool,
        order in vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let reference = if wide { Reference::Sixteen(0x1234) } else { Reference::Eight(0x12) };
        let parts = segment(&data, PORTS, reference).unwrap();
        let sent: Vec<Vec<u8>> = parts.iter().map(|part| part.write().unwrap()).collect();
        prop_assert!(sent.iter().all(|octets| octets.len() <= 140));

        // A random selection first, then all: every segment comes at least once.
        let inputs = order.iter().map(|index| index.index(sent.len())).chain(0..sent.len());
        let inputs: Vec<usize> = inputs.collect();
        let mut reassembler = Reassembler::new(Limits::default());
        let mut wholes = Vec::new();
        for (input, index) in inputs.iter().enumerate() {
            let message = ShortMessage::read(&sent[*index], Udhi::Unknown).unwrap();
            if let Added::Whole(whole) = reassembler.add(Part::of(&message, (), input)).unwrap() {
                wholes.push(whole);
            }
        }
        // A message of one segment has no number to recognise a duplicate by.
        let expected = if sent.len() == 1 { inputs.len() } else { 1 };
        prop_assert_eq!(wholes.len(), expected);
        prop_assert_eq!(reassembler.pending().count(), 0);
        for whole in &wholes {
            prop_assert_eq!(&whole.octets, &data);
            for (at, octet) in data.iter().enumerate() {
                let (contribution, at) = whole.locate(at).unwrap();
                let source = &sent[inputs[contribution.input]];
                let message = ShortMessage::read(source, Udhi::Unknown).unwrap();
                prop_assert_eq!(source[message.data_range().start + at], *octet);
            }
        }
    }
}

/// Every reader ends; a fault lies inside the input; what was read is written to the same octets
/// and its fields cover them.
fn check(octets: &[u8]) -> Result<(), TestCaseError> {
    let pdu = Pdu::read(octets).map(|pdu| (pdu.write(), pdu.fields()));
    same(octets, pdu)?;
    let tpdu = Tpdu::read(octets).map(|tpdu| (tpdu.write(), tpdu.fields()));
    same(octets, tpdu)?;
    for udhi in [Udhi::Present, Udhi::Absent, Udhi::Unknown] {
        let message = ShortMessage::read(octets, udhi);
        same(octets, message.map(|message| (message.write(), message.fields())))?;
    }
    Ok(())
}

type Written = (Result<Vec<u8>, Error>, Vec<Field>);

fn same(octets: &[u8], read: Result<Written, Error>) -> Result<(), TestCaseError> {
    match read {
        Ok((written, fields)) => {
            prop_assert_eq!(written.as_deref(), Ok(octets));
            let end = fields.iter().try_fold(0, |end, field| {
                (field.range.start == end && field.range.end > end).then_some(field.range.end)
            });
            prop_assert_eq!(end, Some(octets.len()), "{:?}", fields);
        }
        Err(error) => prop_assert!(error.offset <= octets.len(), "{}", error),
    }
    Ok(())
}

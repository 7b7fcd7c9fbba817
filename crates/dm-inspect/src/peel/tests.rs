use super::*;
use dm_push::sms::{
    Address, DataCoding, Flags, MessageType, Ports, Reference, Timestamp, Tpdu, UserData, segment,
};
use dm_push::wsp::Push;

use crate::examine;

/// A message whose one command has a text of 400 characters: three segments or more.
fn document() -> Vec<u8> {
    let mut octets = b"\x02\xA4\x01\x6A\x00\x6D\x6B\x60\x4B\x03\x31\x00\x01\x54\x4F\x03".to_vec();
    octets.extend([b'x'; 400]);
    octets.extend(b"\x00\x01\x01\x01\x01\x01");
    octets
}

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

/// The document in a push, in segments.
fn segments(reference: u8) -> Vec<Vec<u8>> {
    let push = Push::dm(1, &document()).write();
    let parts = segment(&push, PORTS, Reference::Eight(reference)).unwrap();
    parts.iter().map(|part| part.write().unwrap()).collect()
}

fn tpdu(segment: &[u8]) -> Vec<u8> {
    let message = dm_push::sms::ShortMessage::read(segment, dm_push::sms::Udhi::Present).unwrap();
    let time = Timestamp::new([24, 1, 2, 3, 4, 5], 0).unwrap();
    let tpdu = Tpdu {
        message_type: MessageType::Deliver { time },
        flags: Flags::NO_MORE_MESSAGES,
        address: Address::number("+123").unwrap(),
        protocol_id: 0,
        coding: DataCoding::DATA,
        user_data: UserData::new(message.header, message.data),
    };
    tpdu.write().unwrap()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn one(octets: impl Into<Vec<u8>>) -> Message {
    let peeled = peel(&[Input::new("in", octets)], None);
    assert_eq!((peeled.messages.len(), &peeled.deviations[..]), (1, &[][..]));
    peeled.messages.into_iter().next().unwrap()
}

fn names(message: &Message) -> Vec<&str> {
    message.layers.iter().map(|layer| layer.name).collect()
}

/// A capture of raw IPv4 packets.
fn capture(payloads: &[&[u8]]) -> Vec<u8> {
    let mut file =
        b"\xD4\xC3\xB2\xA1\x02\x00\x04\x00\0\0\0\0\0\0\0\0\xFF\xFF\0\0\x65\0\0\0".to_vec();
    for payload in payloads {
        let udp = u16::try_from(8 + payload.len()).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend((20 + udp).to_be_bytes());
        packet.extend(*b"\0\x01\0\0\x40\x11\0\0\x7F\0\0\x01\x7F\0\0\x02");
        packet.extend(*b"\x23\xF0\x0B\x84");
        packet.extend(udp.to_be_bytes());
        packet.extend([0, 0]);
        packet.extend_from_slice(payload);
        let length = u32::try_from(packet.len()).unwrap().to_le_bytes();
        file.extend([[0; 4], [0; 4], length, length].concat());
        file.extend(packet);
    }
    file
}

#[test]
fn every_form_leads_to_the_same_message() {
    use base64::Engine;
    let push = Push::dm(1, &document()).write();
    let parts = segments(7);
    let lines = |parts: Vec<String>| parts.join("\n").into_bytes();
    let forms: [(&str, Vec<u8>); 8] = [
        ("WBXML", document()),
        ("hex WBXML", hex(&document()).into_bytes()),
        ("base64 WBXML", base64::engine::general_purpose::STANDARD.encode(document()).into_bytes()),
        ("WSP push WBXML", push.clone()),
        ("hex short message WSP push WBXML", lines(parts.iter().map(|it| hex(it)).collect())),
        ("hex SMS-DELIVER WSP push WBXML", lines(parts.iter().map(|it| hex(&tpdu(it))).collect())),
        ("pcap UDP WSP push WBXML", capture(&[&push])),
        ("hex pcap UDP WSP push WBXML", hex(&capture(&[&push])).into_bytes()),
    ];
    for (layers, form) in forms {
        let message = one(form);
        assert_eq!(names(&message).join(" "), layers);
        assert_eq!((message.kind, &message.octets), (Kind::Wbxml, &document()), "{layers}");
        assert_eq!(examine(&message, &dm_crypto::AwsLc).commands[0].name, "Replace", "{layers}");
    }
}

#[test]
fn what_the_input_is_can_be_said() {
    let forced = |octets: &[u8], form| {
        let peeled = peel(&[Input::new("in", octets)], Some(form));
        peeled.messages[0].kind
    };
    assert_eq!(forced(b"\x05\x66\x6A\x00\x45\x01", Form::Wbxml), Kind::Wbxml);
    assert_eq!(forced(&document(), Form::Wsp), Kind::Unknown);
    assert_eq!(forced(b"AqQBagBtAQEB", Form::Base64), Kind::Wbxml);
    assert_eq!(forced(b"no hex", Form::Hex), Kind::Unknown);
    assert_eq!(forced(hex(&document()).as_bytes(), Form::Wbxml), Kind::Wbxml);
}

/// A header without ports or numbers is one if somebody says so.
#[test]
fn lines_are_of_the_form_that_was_named() {
    let line = hex(&[b"\x03\x70\x01\x00", &document()[..]].concat());
    let input = [Input::new("in", format!("{line}\n{line}"))];
    let peeled = peel(&input, Some(Form::ShortMessage));
    assert_eq!((peeled.messages.len(), &peeled.messages[1].octets), (2, &document()));
    assert_eq!(names(&peeled.messages[0]), ["hex", "short message", "WBXML"]);
    assert_eq!(peel(&input, None).messages[0].kind, Kind::Unknown);
}

#[test]
fn a_short_message_of_text_is_none_of_ours_and_says_so() {
    let mut text = tpdu(&segments(7)[0]);
    text[6] = 0x08;
    let peeled = peel(&[Input::new("in", text)], None);
    assert_eq!(peeled.deviations[0].rule, "NotData");
}

#[test]
fn segments_come_in_any_order_and_again() {
    let parts = segments(7);
    let order = [3, 0, 0, 2, 3, 1];
    let inputs: Vec<Input> =
        order.iter().map(|&at| Input::new(format!("f{at}"), parts[at].clone())).collect();
    let peeled = peel(&inputs, None);
    assert_eq!((peeled.messages.len(), peeled.deviations.len()), (1, 0));
    let message = &peeled.messages[0];
    assert_eq!(message.octets, document());
    assert!(message.layers[0].what.ends_with("came as 4 1 3 2, 2 again"), "{:?}", message.layers);
    let origin: Vec<_> = message.origin.iter().map(|it| (it.source.as_str(), it.part)).collect();
    assert_eq!(origin, [("f0", Some(1)), ("f1", Some(2)), ("f2", Some(3)), ("f3", Some(4))]);
    for piece in &message.origin {
        let at: usize = piece.source[1..].parse().unwrap();
        let there = &parts[at][piece.offset..][..piece.range.len()];
        assert_eq!(there, &message.octets[piece.range.clone()]);
    }
}

#[test]
fn missing_segments_are_named_and_the_beginning_is_shown() {
    let mut parts = segments(7);
    parts.remove(2);
    let inputs: Vec<Input> = parts.iter().map(|part| Input::new("f", part.clone())).collect();
    let peeled = peel(&inputs, None);
    assert_eq!(peeled.messages[0].missing, [3]);
    assert!(document().starts_with(&peeled.messages[0].octets));
    assert_eq!(peeled.deviations[0].what, "segment 3 is missing");

    let peeled = peel(&inputs[1..], None);
    assert_eq!(peeled.messages.len(), 0, "without its beginning nothing can be shown");
    assert_eq!(peeled.deviations[0].what, "segments 1, 3 are missing");
}

#[test]
fn messages_in_one_trace_are_kept_apart() {
    let (one, other) = (segments(1), segments(2));
    let lines: Vec<String> = one.iter().zip(&other).flat_map(|(a, b)| [hex(a), hex(b)]).collect();
    let peeled = peel(&[Input::new("trace", lines.join("\n"))], None);
    assert_eq!(peeled.messages.len(), 2);
    assert!(peeled.messages.iter().all(|message| message.octets == document()));
    let mut changed = one[0].clone();
    *changed.last_mut().unwrap() ^= 1;
    let inputs = [&one[0], &changed].map(|it| Input::new("f", it.clone()));
    let peeled = peel(&inputs, None);
    assert!(peeled.deviations[0].what.contains("differs"), "{:?}", peeled.deviations);
}

#[test]
fn a_capture_is_read_as_far_as_it_goes() {
    let push = Push::dm(1, &document()).write();
    let message = one(capture(&[&push]));
    assert_eq!(names(&message), ["pcap", "UDP", "WSP push", "WBXML"]);
    let file = capture(&[&push]);
    let piece = &message.origin[0];
    assert_eq!(&file[piece.offset..], document());
    assert_eq!(piece.source, "in packet 1");

    let noise = capture(&[&push, b"\xFF\xFFnoise"]);
    let peeled = peel(&[Input::new("in", &*noise)], None);
    let kinds: Vec<_> = peeled.messages.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::Wbxml, Kind::Unknown], "whatever goes to the port of pushes is shown");
    let peeled = peel(&[Input::new("in", &noise[..noise.len() - 5])], None);
    assert_eq!((peeled.messages.len(), peeled.deviations[0].rule.as_str()), (1, "Truncated"));
}

#[test]
fn the_body_of_a_push_over_http_is_found() {
    let text = format!("POST /push HTTP/1.1\r\nContent-Length: {}\r\n\r\n", document().len());
    let request = [text.as_bytes(), &document(), b"GET / HTTP/1.1\r\n\r\n"].concat();
    let mut file = capture(&[]);
    for (at, part) in request.chunks(200).enumerate() {
        let sequence = u32::try_from(at * 200 + 1).unwrap();
        let length = u16::try_from(40 + part.len()).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend(*b"\0\x01\0\0\x40\x06\0\0\x7F\0\0\x01\x7F\0\0\x02\x9C\x40\x1F\x90");
        packet.extend(sequence.to_be_bytes());
        packet.extend(*b"\0\0\0\x01\x50\x18\xFF\xFF\0\0\0\0");
        packet.extend_from_slice(part);
        let length = u32::from(length).to_le_bytes();
        file.extend([[0; 4], [0; 4], length, length].concat());
        file.extend(packet);
    }
    let message = one(file);
    assert_eq!(names(&message), ["pcap", "HTTP push", "WBXML"]);
    assert_eq!(message.octets, document());
}

/// Public identifier 1 names no language: what is shown is a guess, and it says so.
#[test]
fn a_language_that_is_not_named_is_not_claimed() {
    let what = |octets: &[u8]| one(octets).layers[0].what.clone();
    assert!(what(b"\x01\x01\x6A\x00\x6D\x01").contains("no language named, read as SyncML 1.2, "));
    let private = what(b"\x01\x01\x6A\x00\x5E\x01");
    assert!(private.contains("its root would be NoResults: names may be wrong"), "{private}");
    assert!(what(b"\x02\xA4\x01\x6A\x00\x6D\x01").starts_with("1.2, SyncML 1.2, UTF-8"));
}

#[test]
fn what_is_not_recognised_says_what_comes_nearest() {
    let layer = one(b"\x01\x06\x09\xC2".to_vec()).layers.remove(0);
    assert!(layer.why.contains("as a WSP push, 8 octets are missing at octet 3"), "{layer:?}");
}

#[test]
fn wrappings_end_somewhere() {
    let mut octets = document();
    for _ in 0..12 {
        octets = hex(&octets[..40.min(octets.len())]).into_bytes();
    }
    assert!(one(octets).layers.len() <= DEEPEST + 1);
}

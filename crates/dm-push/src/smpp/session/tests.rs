use alloc::vec;

use proptest::collection::vec as some;
use proptest::prelude::*;

use super::*;
use crate::smpp::{BindMode, BindResp, Message, Tlv, Tlvs, Version, tag};

mod property;

const SECOND: Duration = Duration::from_secs(1);

fn bind() -> Bind<'static> {
    Bind {
        mode: BindMode::Transceiver,
        system_id: b"mgram",
        password: b"secret",
        system_type: b"",
        version: Version::V5_0,
        ton: 0,
        npi: 0,
        address_range: b"",
    }
}

fn octets(status: Status, sequence: u32, body: Body<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    Pdu { status, sequence, body }.write(&mut octets).expect("a PDU");
    octets
}

fn taken(sequence: u32) -> Vec<u8> {
    octets(Status::OK, sequence, Body::SubmitSmResp { message_id: b"id", tlvs: Tlvs::default() })
}

fn refused(status: Status, sequence: u32) -> Vec<u8> {
    octets(status, sequence, Body::SubmitSmResp { message_id: b"", tlvs: Tlvs::default() })
}

fn bound(settings: Settings) -> Session<u32> {
    let mut session = Session::new(settings, &bind(), Duration::ZERO).expect("a bind");
    session.output().clear();
    let answer =
        BindResp { mode: BindMode::Transceiver, system_id: b"centre", tlvs: Tlvs::default() };
    session.receive(&octets(Status::OK, 1, Body::BindResp(answer)), Duration::ZERO);
    let system_id = b"centre".to_vec();
    assert_eq!(session.event(), Some(Event::Bound { version: Version::V3_4, system_id }));
    session
}

fn segment(number: u32) -> Submission {
    let text = number.to_be_bytes();
    Submission::new(&Message { short_message: &text, ..Message::default() }).expect("short")
}

/// What was written: sequence numbers, and the numbers of segments.
fn sent(session: &mut Session<u32>) -> Vec<(u32, u32)> {
    let output = mem::take(session.output());
    let (mut framer, mut sent) = (Framer::new(MAX_PDU), Vec::new());
    framer.extend(&output);
    while let Some(pdu) = framer.next().expect("PDUs") {
        let Pdu { sequence, body, .. } = Pdu::read(pdu).expect("a PDU");
        if let Body::SubmitSm(message) = body {
            let number = message.short_message.try_into().expect("four octets");
            sent.push((sequence, u32::from_be_bytes(number)));
        }
    }
    sent
}

fn commands(session: &mut Session<u32>) -> Vec<(u32, Status)> {
    let output = mem::take(session.output());
    let (mut framer, mut found) = (Framer::new(MAX_PDU), Vec::new());
    framer.extend(&output);
    while let Some(pdu) = framer.next().expect("PDUs") {
        let (command, status, _) = Pdu::head(pdu).expect("a head");
        found.push((command, status));
    }
    found
}

fn answered(session: &mut Session<u32>) -> Vec<(u32, bool)> {
    let events = core::iter::from_fn(|| session.event());
    events
        .filter_map(|event| match event {
            Event::Answered { token, answer } => {
                Some((token, matches!(answer, Answer::Taken { .. })))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn nothing_is_sent_before_the_bind_is_answered_nor_after_it_was_refused() {
    let mut session = Session::new(Settings::default(), &bind(), Duration::ZERO).unwrap();
    assert_eq!(commands(&mut session), [(0x09, Status::OK)]);
    assert!(session.submit(1, segment(1), SECOND).is_err());
    session.receive(
        &octets(Status::INVALID_PASSWORD, 1, Body::Other { command: 0x8000_0009, body: &[] }),
        SECOND,
    );
    assert_eq!(session.event(), Some(Event::Closed(Why::BindRefused(Status::INVALID_PASSWORD))));
    assert!(session.submit(1, segment(1), SECOND).is_err());
    assert_eq!(session.next_timeout(), None);
}

#[test]
fn answers_in_any_order_find_their_segments_and_a_second_one_nobody() {
    let mut session = bound(Settings { window: 3, ..Settings::default() });
    for number in 1..=3 {
        session.submit(number, segment(number), SECOND).unwrap();
    }
    assert_eq!((session.room(), sent(&mut session)), (0, vec![(2, 1), (3, 2), (4, 3)]));
    session.receive(&[taken(4), refused(Status(0x0B), 2), taken(4), taken(99)].concat(), SECOND);
    assert_eq!(answered(&mut session), [(3, true), (1, false)]);
    assert_eq!(session.room(), 2);
    assert_eq!(session.into_unanswered().len(), 1);
}

#[test]
fn what_is_throttled_waits_and_goes_again_first_with_the_same_octets() {
    let mut session = bound(Settings { window: 4, ..Settings::default() });
    for number in 1..=4 {
        session.submit(number, segment(number), SECOND).unwrap();
    }
    sent(&mut session);
    session.receive(
        &[refused(Status::QUEUE_FULL, 4), taken(3), refused(Status::THROTTLED, 2)].concat(),
        SECOND,
    );
    let until = SECOND + Duration::from_millis(250);
    assert_eq!(session.event(), Some(Event::Throttled { until }), "once a round");
    assert_eq!(answered(&mut session), [(2, true)]);
    assert_eq!((session.room(), session.waiting()), (0, 3));
    assert_eq!(session.next_timeout(), Some(until));
    session.receive(&taken(5), SECOND);
    assert_eq!(sent(&mut session), [], "paused");

    session.handle_timeout(until);
    assert_eq!(sent(&mut session), [(6, 1), (7, 3)]);
    session
        .receive(&[refused(Status::THROTTLED, 6), refused(Status::THROTTLED, 7)].concat(), until);
    let until = until + Duration::from_millis(500);
    assert_eq!(session.next_timeout(), Some(until), "twice as long");
    session.handle_timeout(until);
    assert_eq!(sent(&mut session), [(8, 1)], "one at a time now");
    session.receive(&taken(8), until);
    assert_eq!(sent(&mut session), [(9, 3)]);
    session.receive(&refused(Status::THROTTLED, 9), until);
    assert_eq!(session.next_timeout(), Some(until + Duration::from_millis(250)), "from the first");
}

#[test]
fn what_nobody_waits_for_any_more_is_not_sent_again() {
    let mut session = bound(Settings::default());
    for number in 1..=2 {
        session.submit(number, segment(number), SECOND).unwrap();
    }
    sent(&mut session);
    session
        .receive(&[refused(Status::THROTTLED, 2), refused(Status::THROTTLED, 3)].concat(), SECOND);
    assert_eq!(session.withdraw(|token| *token == 1), [1]);
    session.handle_timeout(SECOND * 9);
    assert_eq!(sent(&mut session), [(4, 2)]);
}

#[test]
fn a_quiet_line_is_asked_and_given_up_when_it_stays_so() {
    let mut session = bound(Settings::default());
    assert_eq!(session.next_timeout(), Some(SECOND * 30));
    session.handle_timeout(SECOND * 30);
    assert_eq!(commands(&mut session), [(0x15, Status::OK)]);
    session.receive(&octets(Status::OK, 2, Body::EnquireLinkResp), SECOND * 31);
    assert_eq!(session.next_timeout(), Some(SECOND * 61));
    session.handle_timeout(SECOND * 61);
    session.receive(&octets(Status::OK, 7, Body::EnquireLink), SECOND * 62);
    assert_eq!(commands(&mut session), [(0x15, Status::OK), (0x8000_0015, Status::OK)]);
    session.handle_timeout(SECOND * 90);
    assert_eq!(session.event(), None);
    session.handle_timeout(SECOND * 91);
    assert_eq!(session.event(), Some(Event::Closed(Why::Silent)));
}

#[test]
fn a_segment_that_is_never_answered_ends_the_session_though_others_are() {
    let mut session = bound(Settings::default());
    session.submit(1, segment(1), SECOND).unwrap();
    session.submit(2, segment(2), SECOND * 2).unwrap();
    session.receive(&taken(3), SECOND * 30);
    assert_eq!(session.next_timeout(), Some(SECOND * 31));
    session.handle_timeout(SECOND * 31);
    assert!(matches!(session.event(), Some(Event::Answered { token: 2, .. })));
    assert_eq!(session.event(), Some(Event::Closed(Why::Silent)));
    let left = session.into_unanswered();
    assert_eq!((left.len(), left[0].token, left[0].may_have_arrived), (1, 1, true));
    let mut expected = segment(1);
    expected.0[12..16].copy_from_slice(&[0, 0, 0, 2]);
    assert_eq!(left[0].submission, expected);
}

#[test]
fn a_silence_that_is_ours_is_not_held_against_the_centre() {
    let mut session = bound(Settings::default());
    session.submit(1, segment(1), SECOND).unwrap();
    session.handle_timeout(SECOND * 30);
    session.excuse(SECOND * 70);
    session.handle_timeout(SECOND * 99);
    assert_eq!(session.event(), None);
    assert_eq!(session.next_timeout(), Some(SECOND * 100));
    session.handle_timeout(SECOND * 100);
    assert_eq!(session.event(), Some(Event::Closed(Why::Silent)));
}

#[test]
fn what_the_centre_asks_is_answered() {
    let mut session = bound(Settings::default());
    let message = Message { esm_class: 4, ..Message::default() };
    let receipt = octets(Status::OK, 77, Body::DeliverSm(message));
    session.receive(&receipt, SECOND);
    assert_eq!(
        session.event(),
        Some(Event::Delivered { sequence: 77, pdu: receipt, may_be_early: false })
    );
    assert_eq!(commands(&mut session), [], "not before somebody says so");
    session.acknowledge(77, Status::OK);
    session.receive(&octets(Status::OK, 78, Body::Other { command: 0x0B, body: &[] }), SECOND);
    session.receive(&octets(Status::OK, 79, Body::Other { command: 0x102, body: &[] }), SECOND);
    session.receive(&octets(Status::OK, 80, Body::Unbind), SECOND);
    let ok = Status::OK;
    assert_eq!(
        commands(&mut session),
        [(0x8000_0005, ok), (0x8000_0000, Status::INVALID_COMMAND), (0x8000_0006, ok)]
    );
    assert_eq!(session.event(), Some(Event::Closed(Why::Unbound)));
}

#[test]
fn a_receipt_that_is_faster_than_the_answer_to_the_bind_is_refused_for_now_and_not_for_good() {
    let mut session = Session::<u32>::new(Settings::default(), &bind(), Duration::ZERO).unwrap();
    session.output().clear();
    let message = Message { esm_class: 4, ..Message::default() };
    session.receive(&octets(Status::OK, 7, Body::DeliverSm(message)), SECOND);
    assert_eq!(session.event(), None);
    assert_eq!(commands(&mut session), [(0x8000_0005, Status::RECEIVER_TEMPORARY)]);
}

#[test]
fn a_broken_deliver_sm_is_handed_on_and_a_nack_answers_a_segment() {
    let mut session = bound(Settings::default());
    let broken = octets(Status::OK, 5, Body::Other { command: 0x05, body: b"\0\x01" });
    session.receive(&broken, SECOND);
    assert_eq!(
        session.event(),
        Some(Event::Delivered { sequence: 5, pdu: broken, may_be_early: false })
    );
    session.submit(1, segment(1), SECOND).unwrap();
    session.receive(&octets(Status(0x02), 2, Body::GenericNack), SECOND);
    assert_eq!(answered(&mut session), [(1, false)]);
}

#[test]
fn a_stream_that_is_none_ends_the_session() {
    let mut session = bound(Settings::default());
    session.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n", SECOND);
    assert!(matches!(session.event(), Some(Event::Closed(Why::NoPdu(_)))));
}

#[test]
fn an_unbind_waits_for_its_answer() {
    let mut session = bound(Settings::default());
    session.unbind(SECOND);
    assert_eq!((commands(&mut session), session.room()), (vec![(0x06, Status::OK)], 0));
    session.receive(&octets(Status::OK, 2, Body::UnbindResp), SECOND);
    assert_eq!(session.event(), Some(Event::Closed(Why::Unbound)));
}

#[test]
fn a_centre_that_says_it_is_congested_gets_less_at_a_time() {
    let mut session = bound(Settings { window: 8, ..Settings::default() });
    let answer = |sequence, load| {
        let mut tlvs = Vec::new();
        Tlv { tag: tag::CONGESTION_STATE, value: &[load] }.write(&mut tlvs).unwrap();
        let body = Body::SubmitSmResp { message_id: b"id", tlvs: Tlvs::of(&tlvs) };
        octets(Status::OK, sequence, body)
    };
    for number in 1..=8 {
        session.submit(number, segment(number), SECOND).unwrap();
    }
    for sequence in 2..=9 {
        session.receive(&answer(sequence, 95), SECOND);
    }
    assert_eq!(session.room(), 4, "halved once a round");
    session.submit(9, segment(9), SECOND).unwrap();
    session.receive(&answer(10, 85), SECOND);
    assert_eq!(session.room(), 4, "neither less nor more");
    session.submit(10, segment(10), SECOND).unwrap();
    session.receive(&answer(11, 20), SECOND);
    assert_eq!(session.room(), 5);
}

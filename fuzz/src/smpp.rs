//! SMPP: a PDU that is read is written to the same octets; a stream is cut the same wherever its pieces end;
//! a session gives each segment back once, whatever the other end says.

use core::time::Duration;
use std::collections::BTreeSet;

use dm_push::smpp::session::{Event, Session, Settings, Submission};
use dm_push::smpp::{
    Bind, BindMode, Body, DeliveryReceipt, Framer, HEADER, Message, MessageIds, Pdu, Version,
};

/// Octets of a PDU here, at most.
const LIMIT: usize = 512;

/// A PDU; a stream that comes in pieces as long as the first octet says; and that stream at a session.
///
/// # Panics
/// When an error points outside, other octets are written than were read, a stream is cut differently by
/// other pieces, or a segment is lost or comes back twice.
pub fn check(octets: &[u8]) {
    match Pdu::read(octets) {
        Ok(pdu) => read(&pdu, octets),
        Err(error) => assert!(error.offset <= octets.len(), "{error}"),
    }
    let Some((piece, stream)) = octets.split_first() else { return };
    let piece = usize::from(*piece).max(1);
    assert_eq!(cut(stream, piece), cut(stream, stream.len().max(1)));
    session(stream, piece);
}

fn read(pdu: &Pdu<'_>, octets: &[u8]) {
    if let Body::DeliverSm(message) | Body::SubmitSm(message) = pdu.body
        && let Some(receipt) = DeliveryReceipt::read(&message)
    {
        let ids = [MessageIds::Same, MessageIds::HexThenDecimal, MessageIds::DecimalThenHex];
        for id in receipt.id.into_iter().chain(receipt.id_in_text) {
            for ids in ids {
                assert!(!ids.of_text(id).is_empty() || id.is_empty());
            }
        }
    }
    let mut written = Vec::new();
    if pdu.write(&mut written).is_err() {
        return; // longer than we would write it
    }
    let again = Pdu::read(&written).expect("our own PDU");
    assert_eq!((again.status, again.sequence), (pdu.status, pdu.sequence));
    let mut twice = Vec::new();
    again.write(&mut twice).expect("our own PDU");
    assert_eq!(written, twice);
    if let Body::DeliverSm(_) | Body::SubmitSm(_) | Body::Other { .. } = pdu.body {
        assert_eq!(written, octets, "nothing is left out of a message");
    }
}

/// The PDUs of a stream, and whether it ends as one.
fn cut(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut framer, mut found) = (Framer::new(LIMIT), Vec::new());
    for piece in stream.chunks(piece) {
        framer.extend(piece);
        loop {
            match framer.next() {
                Ok(Some(pdu)) => {
                    assert!((HEADER..=LIMIT).contains(&pdu.len()));
                    found.push(pdu.to_vec());
                }
                Ok(None) => break,
                Err(_) => return (found, false),
            }
        }
    }
    (found, true)
}

fn session(stream: &[u8], piece: usize) {
    let bind = Bind {
        mode: BindMode::Transceiver,
        system_id: b"fuzz",
        password: b"",
        system_type: b"",
        version: Version::V5_0,
        ton: 0,
        npi: 0,
        address_range: b"",
    };
    let settings = Settings { window: 4, ..Settings::default() };
    let mut now = Duration::ZERO;
    let mut session = Session::new(settings, &bind, now).expect("a bind");
    let (mut submitted, mut back) = (0_u32, BTreeSet::new());
    for octets in stream.chunks(piece) {
        session.receive(octets, now);
        while let Some(event) = session.event() {
            match event {
                Event::Answered { token, .. } => assert!(back.insert(token), "twice"),
                Event::Delivered { sequence, .. } => {
                    session.acknowledge(sequence, dm_push::smpp::Status::OK);
                }
                _ => {}
            }
        }
        while session.room() > 0 {
            let segment = Submission::new(&Message::default()).expect("short");
            assert!(session.submit(submitted, segment, now).is_ok());
            submitted += 1;
        }
        assert!(session.waiting() <= settings.window);
        now += Duration::from_millis(300);
        session.handle_timeout(now);
        session.output().clear();
    }
    for unanswered in session.into_unanswered() {
        assert!(back.insert(unanswered.token), "answered, and left over");
    }
    assert!(back.into_iter().eq(0..submitted));
}

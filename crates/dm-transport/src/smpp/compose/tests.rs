use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dm_push::smpp::{Body, Pdu};
use dm_push::sms::reassembly::{Added, Limits, Part, Reassembler};
use dm_push::sms::{Udhi, UserDataHeader};
use tokio::time::Instant;

use dm_push::wsp::Push;

use super::*;
use crate::{Host, SmppConfig};

fn outgoing(id: &str, octets: &[u8]) -> Outgoing {
    Outgoing {
        id: PushId::new(id).unwrap(),
        octets: Arc::from(octets),
        to: "tel:+358401234567".parse().unwrap(),
        deadline: Instant::now(),
        valid_until: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096)),
    }
}

fn config() -> SmppConfig {
    let source = "12345".to_owned();
    SmppConfig { source, ..SmppConfig::new(Host::parse("smsc", 2775).unwrap(), "mgram") }
}

#[test]
fn every_field_is_as_it_is_configured() {
    let composer = Composer::new(&config()).unwrap();
    let submissions = composer.submissions(&outgoing("one", b"\x02message")).unwrap();
    let [submission] = &submissions[..] else { panic!("{submissions:?}") };
    let Ok(Pdu { body: Body::SubmitSm(message), .. }) = Pdu::read(submission.octets()) else {
        panic!("no submit_sm")
    };
    assert_eq!(message.destination, Party { ton: 1, npi: 1, address: b"358401234567" });
    assert_eq!(message.source, Party { ton: 0, npi: 0, address: b"12345" });
    assert_eq!((message.esm_class, message.data_coding, message.registered_delivery), (0x40, 4, 1));
    assert_eq!(message.validity, b"240229123456000+");
    let (header, push) = UserDataHeader::read(message.short_message).unwrap();
    assert_eq!(header.ports(), Some(Ports { destination: 2948, source: 9200 }));
    assert_eq!(Push::read(push).unwrap().body, b"\x02message");
}

#[test]
fn a_train_has_one_reference_the_same_each_time_and_becomes_the_push() {
    for (reference_bits, most) in [(8, 128), (16, 127)] {
        let composer = Composer::new(&SmppConfig { reference_bits, ..config() }).unwrap();
        let outgoing = outgoing("campaign-7.device-12.1", &[7; 1_000]);
        let submissions = composer.submissions(&outgoing).unwrap();
        assert_eq!(submissions, composer.submissions(&outgoing).unwrap());
        assert_eq!(submissions.len(), 1_006_usize.div_ceil(most));
        let plan = composer.plan(&outgoing).unwrap();
        let header = 140 - most;
        assert_eq!((plan.segments, plan.octets), (8, 1_006 + 8 * header));

        let mut reassembler = Reassembler::new(Limits::default());
        let mut whole = None;
        for (at, submission) in submissions.iter().enumerate() {
            let Ok(Pdu { body: Body::SubmitSm(message), .. }) = Pdu::read(submission.octets())
            else {
                panic!("no submit_sm")
            };
            let short = ShortMessage::read(message.short_message, Udhi::Present).unwrap();
            let part = Part::of(&short, "12345", at);
            if let Added::Whole(all) = reassembler.add(part).unwrap() {
                whole = Some(all.octets);
            }
        }
        assert_eq!(Push::read(&whole.expect("all of it")).unwrap().body, [7; 1_000]);
    }
}

#[test]
fn sendings_whose_ids_differ_in_a_digit_have_other_references() {
    let wide = Composer::new(&config()).unwrap();
    let composer = Composer::new(&SmppConfig { reference_bits: 8, ..config() }).unwrap();
    for composer in [&composer, &wide] {
        for template in ["campaign-7.device-12.?", "?-campaign-7.device-12", "c?-device-7"] {
            let letters = ('a'..='z').chain('A'..='Z').chain(['-', '.', '_']);
            let references: Vec<_> = letters
                .map(|letter| template.replace('?', &letter.to_string()))
                .map(|id| composer.reference(&PushId::new(&id).unwrap()))
                .collect();
            let distinct: BTreeSet<_> = references.iter().collect();
            assert_eq!((distinct.len(), references.len()), (55, 55), "{template}");
        }
    }
    let numbered = |number| PushId::new(&format!("device.{number:02}")).unwrap();
    let distinct: BTreeSet<_> = (0..100).map(|it| wide.reference(&numbered(it))).collect();
    assert_eq!(distinct.len(), 100);
    // Neighbours by number, whatever they have in front, and however many digits.
    let numbered = |number| PushId::new(&format!("apn.{number}")).unwrap();
    let distinct: BTreeSet<_> = (900..1_156).map(|it| composer.reference(&numbered(it))).collect();
    assert_eq!(distinct.len(), 256);
    let [one, other] = [19, 20].map(|it| wide.reference(&numbered(it)));
    assert!(one != other && matches!(one, Reference::Sixteen(_)));
}

#[test]
fn more_than_255_segments_are_refused_at_planning_and_255_are_not() {
    for (reference_bits, each) in [(8, 128), (16, 127)] {
        let composer = Composer::new(&SmppConfig { reference_bits, ..config() }).unwrap();
        let most = 255 * each - 6;
        assert_eq!(composer.plan(&outgoing("a", &vec![7; most])).unwrap().segments, 255);
        let error = composer.plan(&outgoing("a", &vec![7; most + 1])).unwrap_err();
        assert!(matches!(error, SendError::TooManySegments { limit, .. } if limit == most));
        assert!(composer.submissions(&outgoing("a", &vec![7; most + 1])).is_err());
    }
}

#[test]
fn a_push_is_not_wrapped_again_and_other_addresses_are_for_other_routes() {
    let composer = Composer::new(&config()).unwrap();
    let push = Push::dm(9, b"\x02message").write();
    assert_eq!(composer.plan(&outgoing("a", &push)).unwrap().octets, push.len() + 7);
    let elsewhere = Outgoing { to: "udp://192.0.2.7".parse().unwrap(), ..outgoing("a", b"\x02") };
    let error = composer.plan(&elsewhere).unwrap_err();
    assert!(matches!(error, SendError::Address { transport: "SMPP", .. }), "{error}");
}

#[test]
fn what_no_short_message_can_be_written_with_is_found_when_the_route_is_made() {
    let source = "1".repeat(21);
    assert!(Composer::new(&SmppConfig { source, ..config() }).is_err());
}

//! The lab's SMS centre: what a good one does, at speed and with receipts of every kind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dm_crypto::{Sec, Secrets, secret};
use dm_lab::{Behaviour, Receipts, SmsCentre};
use dm_push::receipt::{Says, Status};
use dm_push::smpp::{MessageIds, Version};
use dm_push::sms::{ShortMessage, Tpdu, Udhi};
use dm_push::wsp::Push;
use dm_transport::{Host, MemoryLedger, Route, Secret, SmppConfig};
use tokio::net::UdpSocket;

use crate::route::{Listened, eventually, outgoing, to};

/// The configuration for a centre of the lab, impatient as tests are.
pub fn config(centre: &SmsCentre) -> SmppConfig {
    config_at(&centre.address().to_string())
}

pub fn config_at(centre: &str) -> SmppConfig {
    let centre = Host::parse(centre, 2775).expect("an address");
    SmppConfig {
        password: Some(Secret::File(password())),
        source: "12345".to_owned(),
        reconnect: Duration::from_millis(20),
        longest_reconnect: Duration::from_millis(100),
        throttle_pause: Duration::from_millis(20),
        longest_throttle_pause: Duration::from_millis(200),
        ..SmppConfig::new(centre, "mgram")
    }
}

/// The file with the password of the lab.
fn password() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smpp/password")
}

/// The ids of everything that was taken, in order.
pub fn ids(centre: &SmsCentre) -> Vec<String> {
    centre.submitted().into_iter().filter_map(|submitted| submitted.message_id).collect()
}

fn on_demand() -> Behaviour {
    Behaviour { receipts: Receipts::OnDemand, ..Behaviour::default() }
}

#[tokio::test]
async fn a_device_gets_the_push_and_the_sender_knows() {
    let centre = SmsCentre::start(Behaviour::default()).await.expect("a centre");
    let device = UdpSocket::bind("127.0.0.1:0").await.expect("a device");
    centre.device("358401234567", device.local_addr().expect("an address")).await;
    let mut listened = Listened::new(&config(&centre));
    let outgoing = outgoing("one", 2_000);
    listened.send(&outgoing).await.expect("taken");
    let mut push = vec![0; 4_000];
    let octets = device.recv(&mut push).await.expect("a push");
    assert_eq!(Push::read(&push[..octets]).expect("a push").body, &outgoing.octets[..]);
    listened.until("one", Status::Reached).await;
    assert_eq!(listened.route.counts().receipts, 16);
    assert_eq!(listened.route.counts().taken, 16);
}

#[tokio::test]
async fn a_device_that_shares_a_secret_is_shown_it() {
    let centre = SmsCentre::start(Behaviour::default()).await.expect("a centre");
    let device = UdpSocket::bind("127.0.0.1:0").await.expect("a device");
    centre.device("358401234567", device.local_addr().expect("an address")).await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "imsi:244070100000213\n").expect("written");
    let sec_mac = format!("sec = \"netwpin\"\nnetwpin = {{ file = {:?} }}", file.path());
    let sec_mac = toml::from_str(&sec_mac).expect("a table");
    let listened = Listened::new(&SmppConfig { sec_mac: Some(sec_mac), ..config(&centre) });
    let outgoing = outgoing("one", 116);
    let plan = listened.route.plan(&outgoing).expect("a plan");
    assert_eq!(plan.segments, 2, "which were one without the MAC");
    listened.send(&outgoing).await.expect("taken");
    assert_eq!(centre.counts().submitted, 2);
    let mut octets = vec![0; 4_000];
    let length = device.recv(&mut octets).await.expect("a push");
    let push = Push::read(&octets[..length]).expect("a push");
    assert_eq!(push.body, &outgoing.octets[..]);
    let secrets = Secrets { netwpin: secret(b"imsi:244070100000213"), userpin: None };
    let mac = push.content_type.mac().expect("a MAC");
    let is_good = Sec::NetwPin.is_good(&secrets, Some(mac.octets()), push.body);
    assert_eq!((push.content_type.sec(), is_good), (Some(0), Some(true)));
}

#[tokio::test]
async fn a_device_that_sleeps_is_reached_when_it_wakes() {
    let (centre, mut segments) =
        SmsCentre::with_segments(Behaviour::default()).await.expect("a centre");
    centre.sleep("358401234567").await;
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 300)).await.expect("taken");
    listened.send(&to("tel:+358407654321", "two", 9)).await.expect("taken");
    listened.until("two", Status::Reached).await;
    assert_eq!(centre.counts().delivered, 1);
    centre.wake("358401234567").await;
    listened.until("one", Status::Reached).await;
    let awake = segments.recv().await.expect("of the other device");
    assert_eq!(awake.destination, "358407654321");
    let first = segments.recv().await.expect("a segment");
    let deliver = Tpdu::read(&first.tpdu);
    assert!(deliver.is_ok(), "{deliver:?}");
    let short = ShortMessage::read(&first.user_data, Udhi::Present).expect("a short message");
    let place = short.header.and_then(|header| header.concatenation()).expect("a segment");
    assert_eq!((place.sequence, place.total), (1, 3));
}

#[tokio::test]
async fn reached_needs_every_receipt_whatever_their_order_and_number() {
    let centre = SmsCentre::start(on_demand()).await.expect("a centre");
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 300)).await.expect("taken");
    let told = listened.until("one", Status::HandedOver).await;
    assert_eq!(told.len(), 3);
    let ids = ids(&centre);
    for id in [&ids[2], &ids[0], &ids[0], &ids[2]] {
        centre.receipt(id, 2);
    }
    let mut numbers = Vec::new();
    for _ in 0..4 {
        let told = listened.told().await;
        assert_eq!(told.receipt.says(), Says::Reached);
        assert!(told.raw.windows(8).any(|octets| octets == b"stat:DEL"), "raw octets are kept");
        numbers.push(told.receipt.part().expect("a segment").number);
    }
    assert_eq!(numbers, [3, 1, 1, 3]);
    centre.receipt(&ids[1], 1);
    assert_eq!(listened.told().await.receipt.says(), Says::HandedOver, "on its way");
    centre.receipt(&ids[1], 5);
    let told = listened.told().await;
    assert_eq!(told.receipt.says(), Says::Undeliverable);
    assert_eq!(
        told.receipt.to_string().split(',').next(),
        Some("segment 2 of 3 undeliverable (SMPP UNDELIVERABLE)")
    );
}

#[tokio::test]
async fn a_receipt_for_nobody_is_counted_and_acknowledged_and_disturbs_nobody() {
    let centre = SmsCentre::start(on_demand()).await.expect("a centre");
    let mut listened = Listened::new(&config(&centre));
    centre.receipt("no-such-message", 2);
    listened.send(&outgoing("one", 9)).await.expect("taken");
    centre.receipt(&ids(&centre)[0], 2);
    listened.until("one", Status::Reached).await;
    // A message of a device; and what cannot be read.
    centre.deliver(b"\0\x01\x0135840\0\x01\x0112345\0\0\0\0\0\0\0\0\0\0\x02hi");
    centre.deliver(b"\0\x01");
    eventually(|| centre.counts().receipts_refused >= 2 && centre.counts().acknowledged >= 2).await;
    let counts = listened.route.counts();
    assert_eq!((counts.unknown_receipts, counts.not_receipts, counts.receipts), (1, 2, 1));
}

#[tokio::test]
async fn receipts_are_found_after_a_restart() {
    let centre = SmsCentre::start(on_demand()).await.expect("a centre");
    let ledger = Arc::new(MemoryLedger::new(100));
    let before = Listened::with(&config(&centre), ledger.clone());
    before.send(&outgoing("one", 300)).await.expect("taken");
    before.close().await;
    drop(before);
    // They wait at the SMS centre until somebody binds.
    ids(&centre).iter().for_each(|id| centre.receipt(id, 2));
    let mut after = Listened::with(&config(&centre), ledger);
    let told = after.until("one", Status::Reached).await;
    assert_eq!(told.len(), 3);
    assert_eq!(after.route.counts().unknown_receipts, 0);
}

#[tokio::test]
async fn a_receipt_that_is_faster_than_the_answer_waits_for_it() {
    let behaviour = Behaviour { receipts: Receipts::BeforeAnswer, ..Behaviour::default() };
    let centre = SmsCentre::start(behaviour).await.expect("a centre");
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 300)).await.expect("taken");
    listened.until("one", Status::Reached).await;
    let counts = listened.route.counts();
    assert_eq!((counts.receipts, counts.unknown_receipts), (3, 0));
}

#[tokio::test]
async fn ids_that_are_written_in_two_ways_are_matched_where_that_is_configured() {
    let behaviour = Behaviour { hex_ids: true, ..Behaviour::default() };
    let centre = SmsCentre::start(behaviour).await.expect("a centre");
    let config = SmppConfig { receipt_ids: MessageIds::HexThenDecimal, ..config(&centre) };
    let mut listened = Listened::new(&config);
    for number in 0..20 {
        let id = format!("m{number}");
        listened.send(&outgoing(&id, 9)).await.expect("taken");
        listened.until(&id, Status::Reached).await;
    }
    assert!(ids(&centre).contains(&"A".to_owned()), "{:?}", ids(&centre));
}

#[tokio::test]
async fn many_messages_over_a_bad_air_arrive_whole_or_are_not_called_reached() {
    let behaviour = Behaviour {
        seed: 11,
        lose: 30,
        undeliverable: 30,
        duplicate: 100,
        duplicate_receipts: 100,
        delay: Duration::ZERO..Duration::from_millis(30),
        version: Version::V5_0,
        ..Behaviour::default()
    };
    let (centre, mut segments) = SmsCentre::with_segments(behaviour).await.expect("a centre");
    let mut listened = Listened::new(&SmppConfig { reference_bits: 16, ..config(&centre) });
    let mut evidence = std::collections::BTreeMap::new();
    for number in 0..60 {
        let id = format!("m{number}");
        listened.send(&to(&format!("tel:+3584000000{number:02}"), &id, 300)).await.expect("taken");
        evidence.insert(id, dm_push::receipt::Evidence::default());
    }
    let mut arrived = std::collections::BTreeMap::<String, BTreeSet<Vec<u8>>>::new();
    let quiet = Duration::from_millis(500);
    while let Ok(Some(segment)) = tokio::time::timeout(quiet, segments.recv()).await {
        arrived.entry(segment.destination).or_default().insert(segment.user_data);
    }
    while let Ok(Some(told)) = tokio::time::timeout(quiet, listened.told.recv()).await {
        told.done.confirm();
        evidence.get_mut(told.id.as_str()).expect("a sending").add(&told.receipt);
    }
    let mut reached = 0;
    for (id, evidence) in &evidence {
        let number: u32 = id[1..].parse().expect("a number");
        let device = format!("3584000000{number:02}");
        let is_whole = arrived.get(&device).is_some_and(|segments| segments.len() == 3);
        assert_eq!(evidence.status() == Status::Reached, is_whole, "{id}: {evidence:?}");
        reached += u32::from(is_whole);
    }
    assert!((30..60).contains(&reached), "{reached} of 60: the air is bad, and not deadly");
    assert!(centre.counts().lost > 0 && listened.route.counts().unknown_receipts == 0);
}

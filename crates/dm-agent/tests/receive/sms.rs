//! Short messages from ModemManager, by a stand-in for it on a bus of the test's own.

mod bus;
mod manager;

use std::time::{Duration, Instant};

use dm_agent::receive::{Refusal, Transport};
use dm_crypto::{Sec, Secrets, secret};
use dm_push::sms::{Ports, Reference, segment};
use dm_push::wsp::{Form, MediaType, Push};

use crate::left_out::skipped;
use crate::rig::{Rig, SOON};
use bus::Bus;
use manager::{Manager, Sms};

const PORTS: Ports = Ports { destination: 2948, source: 9200 };

/// A bus, and receivers that look for ModemManager on it.
struct Device {
    _folder: tempfile::TempDir,
    bus: Bus,
    rig: Rig,
}

impl Device {
    /// None, and a word of it, if there is no bus to be had.
    async fn start(limits: &str, sms: &str) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("dbus-daemon").is_file()) {
            let demanded = std::env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
            assert!(!demanded, "no dbus-daemon");
            skipped("dbus-daemon not installed");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let bus = Bus::start(folder.path());
        let sections =
            format!("[[sms]]\nvia = \"modemmanager\"\nbus = \"{}\"\n{sms}\n", bus.address());
        let rig = Rig::start_with(limits, "127.0.0.1", &sections).await;
        Some(Self { _folder: folder, bus, rig })
    }
}

const LISTED: &str = "security = \"source-list\"\nfrom = [\"+1\"]\nservice_centres = [\"+9\"]";

fn push(body: &[u8]) -> Vec<u8> {
    Push::dm(1, body).write()
}

fn segments(body: &[u8], reference: Reference) -> Vec<Vec<u8>> {
    let push = push(body);
    let parts = segment(&push, PORTS, reference).expect("cut");
    parts.iter().map(|part| part.write().expect("written")).collect()
}

async fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < SOON * 4, "{what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

#[tokio::test]
async fn a_message_is_deleted_from_the_modem_once_it_is_kept_and_not_before() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    let text = manager.add(Sms { state: 3, ..Sms::from("+1", b"") }).await;
    let sms = manager.add(Sms::from("+1", &push(b"\x02one"))).await;
    let delivery = tokio::time::timeout(SOON, device.rig.deliveries.recv()).await;
    let mut delivery = delivery.expect("in time").expect("running");
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"\x02one"[..], Transport::Sms));
    assert_eq!(delivery.from.to_string(), "+1");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(manager.inbox(), [text.clone(), sms]);
    delivery.acknowledge();
    wait_for("deleted", || manager.inbox() == [text.clone()]).await;
}

#[tokio::test]
async fn r16_where_a_proof_is_demanded_a_message_with_one_is_taken_and_no_other_and_all_are_deleted()
 {
    let secret_file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret_file.path(), "imsi:244070100000213\n").expect("written");
    let security =
        format!("security = \"sec-mac\"\nnetwpin = {{ file = {:?} }}", secret_file.path());
    let Some(mut device) = Device::start("", &security).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    let message = Push::dm(1, b"\x02message");
    let proven = |text: &[u8]| {
        let secrets = Secrets { netwpin: secret(text), userpin: None };
        let proof = dm_transport::protect(&message, Sec::NetwPin, &secrets).expect("a proof");
        proof.write(&message, Form::Token)
    };
    let other = Push { content_type: MediaType::from_code(0x3E).into(), ..message.clone() };
    manager.add(Sms::from("+1", &message.write())).await;
    manager.add(Sms::from("+1", &proven(b"imsi:244070100000214"))).await;
    let other = manager.add(Sms::from("+1", &other.write())).await;
    manager.add(Sms::from("+7", &proven(b"imsi:244070100000213"))).await;
    assert_eq!(device.rig.next().await.octets, b"\x02message");
    device.rig.refused(Refusal::Mac, 2).await;
    wait_for("deleted", || manager.inbox() == [other.clone()]).await;
    assert_eq!(device.rig.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn what_cannot_be_kept_stays_in_the_modem_and_is_tried_again() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    manager.add(Sms::from("+1", &push(b"\x02one"))).await;
    let lost = tokio::time::timeout(SOON, device.rig.deliveries.recv()).await;
    drop(lost.expect("in time").expect("running"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(manager.inbox().len(), 1);
    assert_eq!(device.rig.next().await.octets, b"\x02one", "a second time");
    wait_for("deleted", || manager.inbox().is_empty()).await;
}

#[tokio::test]
async fn segments_with_headers_are_joined_in_any_order_with_duplicates_and_all_are_deleted() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    for (reference, seed) in [(Reference::Eight(255), 1_u8), (Reference::Sixteen(256), 2)] {
        let body: Vec<u8> = (0..4000_u32).map(|n| n.to_le_bytes()[0].wrapping_mul(seed)).collect();
        let segments = segments(&body, reference);
        for at in 0..segments.len() {
            let at = at * 7 % segments.len();
            for _ in 0..=at % 2 {
                manager.add(Sms::from("+1", &segments[at])).await;
            }
        }
        assert_eq!(device.rig.next().await.octets, body);
        wait_for("deleted", || manager.inbox().is_empty()).await;
    }
    assert_eq!(device.rig.receivers.tally().accepted(), 2);
}

#[tokio::test]
async fn a_message_that_modem_manager_joins_is_read_when_it_is_whole() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    let sms = manager.add(Sms { state: 2, ..Sms::from("", b"") }).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(device.rig.receivers.tally().accepted(), 0);
    let whole = Sms::from("+1", &push(b"\x02joined"));
    manager.fill(&sms, whole).await;
    assert_eq!(device.rig.next().await.octets, b"\x02joined");
    wait_for("deleted", || manager.inbox().is_empty()).await;
}

#[tokio::test]
async fn what_was_in_the_modem_before_is_read_and_a_restart_of_the_service_or_the_bus_is_survived()
{
    let Some(mut device) = Device::start("", LISTED).await else { return };
    for (number, end) in [(1_u8, "manager"), (2, "bus"), (3, "")] {
        let mut manager = Manager::start(&device.bus.address()).await;
        manager.add(Sms::from("+1", &push(&[2, number]))).await;
        let delivery = tokio::time::timeout(SOON * 4, device.rig.deliveries.recv()).await;
        let mut delivery = delivery.expect("in time").expect("running");
        delivery.acknowledge();
        assert_eq!(delivery.octets, [2, number]);
        wait_for("deleted", || manager.inbox().is_empty()).await;
        match end {
            "bus" => device.bus.restart(),
            _ => manager.stop().await,
        }
    }
}

#[tokio::test]
async fn r16_other_senders_and_service_centres_are_turned_away() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    manager.add(Sms::from("+2", &push(b"\x02sender"))).await;
    manager.add(Sms { smsc: "+8".into(), ..Sms::from("+1", &push(b"\x02centre")) }).await;
    manager.add(Sms { smsc: String::new(), ..Sms::from("+1", &push(b"\x02none")) }).await;
    let segment = manager.add(Sms::from("+2", &segments(&[0; 300], Reference::Eight(1))[0])).await;
    device.rig.refused(Refusal::Source, 4).await;
    wait_for("deleted", || manager.inbox() == [segment.clone()]).await;
    manager.add(Sms::from("+1", &push(b"\x02good"))).await;
    assert_eq!(device.rig.next().await.octets, b"\x02good");
}

#[tokio::test]
async fn short_messages_of_other_programs_are_left_alone() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    let mms = Push { content_type: MediaType::from_code(0x3E).into(), ..Push::dm(1, b"mms") };
    let other = Ports { destination: 2949, source: 9200 };
    let other = &segment(b"x", other, Reference::Eight(1)).expect("cut")[0];
    let others = [
        manager.add(Sms::from("+1", &mms.write())).await,
        manager.add(Sms::from("+1", b"no push at all")).await,
        manager.add(Sms::from("+1", &other.write().expect("written"))).await,
    ];
    manager.add(Sms::from("+1", &push(b"\x02ours"))).await;
    assert_eq!(device.rig.next().await.octets, b"\x02ours");
    wait_for("ours is deleted", || manager.inbox() == others).await;
    let tally = device.rig.receivers.tally();
    assert!(Refusal::ALL.iter().all(|refusal| tally.refused(*refusal) == 0));
}

#[tokio::test]
async fn segments_whose_others_do_not_come_are_deleted_after_their_time() {
    let sms = format!("{LISTED}\nsegment_timeout = \"1 s\"");
    let Some(mut device) = Device::start("", &sms).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    for segment in segments(&[0; 300], Reference::Eight(1)).iter().skip(1) {
        manager.add(Sms::from("+1", segment)).await;
    }
    wait_for("deleted", || manager.inbox().is_empty()).await;
    manager.add(Sms::from("+1", &push(b"\x02good"))).await;
    assert_eq!(device.rig.next().await.octets, b"\x02good");
}

#[tokio::test]
async fn a_sender_above_the_rate_waits_in_the_modem_and_nobody_behind_it() {
    let sms = LISTED.replace("\"+1\"", "\"+1\", \"+3\"");
    let Some(mut device) = Device::start("rate = \"1/s\"\nburst = 1", &sms).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    for number in 1..=3 {
        manager.add(Sms::from("+2", &push(&[2, number]))).await;
    }
    device.rig.refused(Refusal::Source, 3).await;
    wait_for("deleted at once", || manager.inbox().is_empty()).await;
    for number in 1..=3 {
        manager.add(Sms::from("+1", &push(&[2, number]))).await;
    }
    for segment in segments(&[4; 300], Reference::Eight(4)) {
        manager.add(Sms::from("+1", &segment)).await;
    }
    manager.add(Sms::from("+3", &push(b"\x02other"))).await;
    assert_eq!(device.rig.next().await.octets, [2, 1]);
    assert_eq!(device.rig.next().await.octets, b"\x02other");
    for number in 2..=3 {
        assert_eq!(device.rig.next().await.octets, [2, number]);
    }
    assert_eq!(device.rig.next().await.octets, [4; 300]);
    wait_for("deleted", || manager.inbox().is_empty()).await;
}

#[tokio::test]
async fn segments_that_are_discarded_are_deleted_too() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    let parts = segments(&[0; 300], Reference::Eight(1));
    let mut other = parts[0].clone();
    *other.last_mut().expect("octets") ^= 1;
    manager.add(Sms::from("+1", &parts[0])).await;
    manager.add(Sms::from("+1", &other)).await;
    device.rig.refused(Refusal::Segment, 1).await;
    wait_for("deleted", || manager.inbox().is_empty()).await;
    manager.add(Sms::from("+1", &push(b"\x02good"))).await;
    assert_eq!(device.rig.next().await.octets, b"\x02good");
}

#[tokio::test]
async fn a_push_with_sec_is_turned_away_where_bootstrap_takes_none() {
    let Some(device) = Device::start("", LISTED).await else { return };
    let mut manager = Manager::start(&device.bus.address()).await;
    manager.add(Sms::from("+1", &crate::udp::with_sec(b"\x02boot"))).await;
    device.rig.refused(Refusal::Bootstrap, 1).await;
    assert_eq!(device.rig.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_status_says_through_which_service_it_reads_and_why_it_brings_nothing() {
    let Some(mut device) = Device::start("", LISTED).await else { return };
    let progress = device.rig.receivers.progress().iter();
    let sms = progress.rev().find(|it| it.status().transport == "sms").expect("a receiver").clone();
    assert_eq!(sms.status().place, "modemmanager");
    wait_for("nobody is there", || sms.status().trouble.is_some()).await;
    let manager = Manager::start(&device.bus.address()).await;
    wait_for("it works", || sms.status().trouble.is_none()).await;
    manager.stop().await;
    let gone = "the service is not there";
    wait_for("it ended", || sms.status().trouble.as_deref() == Some(gone)).await;
    device.bus.stop();
    wait_for("the bus too", || sms.status().trouble.is_some_and(|why| why != gone)).await;
}

//! Pushes over UDP.

use std::time::Duration;

use dm_agent::Config;
use dm_agent::bootstrap::mac::{Sec, Secrets, secret};
use dm_agent::receive::{Receivers, Refusal, Transport};
use dm_push::wsp::{Form, MediaType, Parameter, ParameterName, Push, Value, tables};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::rig::{Rig, SOON, send_udp};

#[tokio::test]
async fn udp_delivers_the_message_unchanged() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let to = format!("udp://{}", rig.udp()).parse().unwrap();
    let receipt = dm_transport::send(b"\x02message", &to, SOON).await.unwrap();
    assert_eq!(receipt.rung(), Some(2));
    let delivery = rig.next().await;
    assert_eq!(delivery.octets, b"\x02message");
    let from = Some([127, 0, 0, 1].into());
    assert_eq!((delivery.transport, delivery.from.ip()), (Transport::Udp, from));
    assert!(!delivery.is_acknowledged());
    assert!(delivery.received.is_some());
}

#[tokio::test]
async fn udp_takes_the_text_form() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    send_udp(rig.udp(), &Push::dm(1, b"text").write_as(Form::Text)).await;
    assert_eq!(rig.next().await.octets, b"text");
}

#[tokio::test]
async fn bad_datagrams_are_counted_and_the_next_good_one_is_taken() {
    let mut rig = Rig::start("message = \"64 B\"", "127.0.0.1").await;
    let push = Push::dm(1, b"good");
    let xml = Push { content_type: MediaType::from_code(0x43).into(), ..push.clone() };
    let browser = b"\x01\x06\x03\xC2\xAF\x82body";
    let unknown = b"\x01\x06\x03\xC2\xAF\xFEbody";
    for datagram in [
        &b""[..],
        b"\x01\x06\xFF",
        &[0xFF; 65_507],
        &xml.write(),
        browser,
        unknown,
        &Push::dm(1, b"").write(),
        &Push::dm(1, &[0; 65]).write(),
        &Push::dm(1, &[0; 65_501]).write(),
        &push.write(),
    ] {
        send_udp(rig.udp(), datagram).await;
    }
    assert_eq!(rig.next().await.octets, b"good");
    rig.refused(Refusal::Malformed, 3).await;
    rig.refused(Refusal::ContentType, 1).await;
    rig.refused(Refusal::ApplicationId, 2).await;
    rig.refused(Refusal::Empty, 1).await;
    rig.refused(Refusal::TooLarge, 2).await;
    assert_eq!(rig.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn udp_answers_nothing() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for datagram in [&Push::dm(1, b"message").write()[..], b"\x01\x07\x00", b""] {
        socket.send_to(datagram, rig.udp()).await.unwrap();
    }
    rig.next().await;
    rig.refused(Refusal::Malformed, 2).await;
    let mut buffer = [0; 16];
    let silence = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
    assert!(silence.is_err(), "{silence:?}");
}

/// A push of this body that says it proves itself by a network's secret.
pub fn with_sec(body: &[u8]) -> Vec<u8> {
    let mut push = Push::dm(1, body);
    let name = ParameterName::Code(tables::SEC);
    push.content_type.parameters.push(Parameter { name, value: Value::Short(0) });
    push.write()
}

#[tokio::test]
async fn a_push_with_sec_is_no_message_and_is_turned_away_where_bootstrap_takes_none() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    send_udp(rig.udp(), &with_sec(b"\x02boot")).await;
    rig.refused(Refusal::Bootstrap, 1).await;
    send_udp(rig.udp(), &Push::dm(1, b"\x02message").write()).await;
    assert_eq!(rig.next().await.octets, b"\x02message");
    assert_eq!(rig.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn pushes_with_sec_and_messages_go_into_queues_of_their_own() {
    let text = "device_id = \"d\"\nstate = \"s\"\n[[listen]]\ntransport = \"udp\"\n\
                address = \"127.0.0.1:0\"\nsecurity = \"source-list\"\nfrom = [\"127.0.0.1\"]\n";
    let config = Config::parse("a".as_ref(), text, [("", ""); 0]).unwrap();
    let (queue, mut deliveries) = mpsc::channel(4);
    let (bootstrap, mut bootstraps) = mpsc::channel(1);
    let receivers = Receivers::start_with(&config, queue, Some(bootstrap)).await.unwrap();
    let to = receivers.local_addrs()[0];
    send_udp(to, &with_sec(b"\x02boot")).await;
    let push = bootstraps.recv().await.unwrap();
    assert_eq!(push.datagram(), with_sec(b"\x02boot"));
    assert!(push.from().starts_with("udp 127.0.0.1:"), "{}", push.from());
    // Bounded: one waits, the next is dropped, and messages are not touched by that.
    for datagram in [with_sec(b"\x02one"), with_sec(b"\x02two"), Push::dm(1, b"\x02m").write()] {
        send_udp(to, &datagram).await;
    }
    assert_eq!(deliveries.recv().await.unwrap().octets, b"\x02m");
    assert_eq!(receivers.tally().refused(Refusal::QueueFull), 1);
    assert_eq!(bootstraps.recv().await.unwrap().datagram(), with_sec(b"\x02one"));
    receivers.stop().await;
    assert!(deliveries.recv().await.is_none() && bootstraps.recv().await.is_none());
}

#[tokio::test]
async fn where_a_proof_is_demanded_a_message_with_one_is_taken_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("netwpin");
    std::fs::write(&file, "imsi:244070100000213\n").unwrap();
    let listen = format!(
        "[[listen]]\ntransport = \"udp\"\naddress = \"127.0.0.1:0\"\nsecurity = \"sec-mac\"\n\
         netwpin = {{ file = {file:?} }}\n"
    );
    let mut rig = Rig::start_with("", "127.0.0.1", &listen).await;
    let to = rig.receivers.local_addrs()[2];
    let push = Push::dm(1, b"\x02message");
    let proven = |text: &[u8], form| {
        let secrets = Secrets { netwpin: secret(text), userpin: None };
        dm_transport::protect(&push, Sec::NetwPin, &secrets).unwrap().write(&push, form)
    };
    send_udp(to, &push.write()).await;
    send_udp(to, &proven(b"imsi:244070100000214", Form::Token)).await;
    rig.refused(Refusal::Mac, 2).await;
    for form in [Form::Token, Form::Text] {
        send_udp(to, &proven(b"imsi:244070100000213", form)).await;
        assert_eq!(rig.next().await.octets, b"\x02message");
    }
}

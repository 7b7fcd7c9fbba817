//! Pushes over UDP.

use std::time::Duration;

use dm_agent::receive::{Refusal, Transport};
use dm_push::wsp::{Form, MediaType, Push};
use tokio::net::UdpSocket;

use crate::rig::{Rig, SOON, send_udp};

#[tokio::test]
async fn udp_delivers_the_message_unchanged() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let to = format!("udp://{}", rig.udp()).parse().unwrap();
    let receipt = dm_transport::send(b"\x02message", &to, SOON).await.unwrap();
    assert_eq!(receipt.rung(), 2);
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

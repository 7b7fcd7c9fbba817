//! The name has no address: what has another way goes it, and what has none waits for its name.

use dm_transport::outbox::{New, Way};

use crate::rig::{Rig, message, route};
use crate::tongue::Tongue;
use crate::wait::{other, waits_and_falls_back};

/// A name that never has one. [RFC 6761 §6.4]
const GONE: &str = "no-such-name.invalid:9";

async fn dns(tongue: Tongue) {
    let other = other().await;
    let second = other.at.to_string();
    let routes = [route("one", tongue, GONE), route("two", Tongue::Http, &second)].concat();
    let rig = Rig::new(&routes).patient();
    let running = rig.run().await;
    // Where nobody answers who is asked for the name, that takes as long as a connection may.
    let words = match tongue {
        Tongue::Smpp => &["cannot be reached"][..],
        _ => &["has no address", "no connection to"],
    };
    waits_and_falls_back(&running, (tongue, GONE), &other, words).await;
    running.stop().await;
}

#[tokio::test]
async fn device() {
    dns(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    dns(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    dns(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    dns(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    dns(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    dns(Tongue::Smpp).await;
}

/// Datagrams blame nobody: each has a device of its own.
#[tokio::test]
async fn udp() {
    let rig = Rig::new("[[route]]\nname = \"one\"\ndanger_unprotected = true\nudp = {}\n");
    let running = rig.run().await;
    let way = |to: &str| vec![Way { route: "one".to_owned(), to: to.to_owned() }];
    let gone = New { ways: way("udp://no-such-name.invalid"), ..message(0, &[]) };
    let device = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a device");
    let to = format!("udp://{}", device.local_addr().expect("an address"));
    running.accept(vec![gone, New { ways: way(&to), ..message(1, &[]) }]).await;
    running.until("tried", |running| running.routes[0].counts().failed >= 2).await;
    let counts = running.counts();
    assert_eq!((counts.waiting, counts.sent, counts.given_up), (1, 1, 0));
    assert_eq!(running.routes[0].health().as_str(), "up");
    running.stop().await;
}

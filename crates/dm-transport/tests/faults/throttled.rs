//! The peer has too much to do: it is left alone as long as it asks for, and then takes each message once.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, message, route};
use crate::tongue::Tongue;

async fn throttled(tongue: Tongue) {
    let peer = Peer::start(tongue, Mood::Busy).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to)).patient();
    let running = rig.run().await;
    running.accept((0..4).map(|number| message(number, &[("one", tongue, &to)])).collect()).await;
    let asked = peer.saw();
    running.until("asked", |_| peer.saw().1 >= asked.1 + 4).await;
    assert_eq!((peer.took(), running.counts().given_up), ((0, 0), 0));
    peer.is_now(Mood::Good);
    running.until_sent().await;
    assert_eq!(peer.took(), (4 * each(tongue), 0));
    running.stop().await;
}

#[tokio::test]
async fn device() {
    throttled(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    throttled(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    throttled(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    throttled(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    throttled(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    throttled(Tongue::Smpp).await;
}

//! The peer does not let us in: that is of the way, and costs no message.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, route};
use crate::tongue::Tongue;
use crate::wait::{other, waits_and_falls_back};

async fn password(tongue: Tongue, words: &str) {
    let (peer, other) = (Peer::start(tongue, Mood::Refuses).await, other().await);
    let (to, second) = (peer.at.to_string(), other.at.to_string());
    let routes = [route("one", tongue, &to), route("two", Tongue::Http, &second)].concat();
    let rig = Rig::new(&routes).patient();
    let running = rig.run().await;
    waits_and_falls_back(&running, (tongue, &to), &other, &[words]).await;
    assert_eq!(peer.took(), (0, 0));
    peer.is_now(Mood::Good);
    running.until_sent().await;
    assert_eq!((peer.took(), other.took()), ((3 * each(tongue), 0), (3, 0)));
    running.stop().await;
}

#[tokio::test]
async fn http() {
    password(Tongue::Http, "answered 401; check the user").await;
}

#[tokio::test]
async fn mqtt() {
    password(Tongue::Mqtt, "bad user name or password").await;
}

#[tokio::test]
async fn pap() {
    password(Tongue::Pap, "answered 401; check the user").await;
}

#[tokio::test]
async fn sip() {
    password(Tongue::Sip, "answered 407").await;
}

#[tokio::test]
async fn smpp() {
    password(Tongue::Smpp, "ESME_RINVPASWD").await;
}

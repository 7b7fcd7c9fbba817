//! The peer takes its time: it is waited for, and nothing is sent twice.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, message, route};
use crate::tongue::Tongue;

async fn slow(tongue: Tongue) {
    let peer = Peer::start(tongue, Mood::Slow).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to)).patient();
    let running = rig.run().await;
    for number in 0..2 {
        running.accept(vec![message(number, &[("one", tongue, &to)])]).await;
        running.until_sent().await;
    }
    assert_eq!((peer.took(), peer.saw().0), ((2 * each(tongue), 0), 2 * each(tongue)));
    assert_eq!(running.routes[0].counts().failed, 0);
    running.stop().await;
}

#[tokio::test]
async fn device() {
    slow(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    slow(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    slow(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    slow(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    slow(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    slow(Tongue::Smpp).await;
}

//! The peer reads and says nothing any more, as one behind a network that is gone: what had no answer goes again
//! when it is there, the same octets.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, message, route};
use crate::tongue::Tongue;

async fn half_open(tongue: Tongue) {
    let peer = Peer::start(tongue, Mood::Good).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to));
    let running = rig.run().await;
    let new = |number| message(number, &[("one", tongue, &to)]);
    running.accept(vec![new(0)]).await;
    running.until_sent().await;
    let before = peer.connections();

    peer.is_now(Mood::Silent);
    running.accept((1..4).map(new).collect()).await;
    if tongue == Tongue::Device {
        running.until("tried", |running| running.routes[0].counts().failed >= 3).await;
    } else {
        let reason = running.until_down().await;
        assert!(
            ["did not", "took no", "gave no", "no connection"].iter().any(|it| reason.contains(it)),
            "{reason}"
        );
    }
    assert_eq!((running.counts().waiting, running.counts().given_up), (3, 0));
    peer.is_now(Mood::Good);
    running.until_sent().await;
    assert_eq!(peer.took().0, 4 * each(tongue), "no octet is another");
    assert!(peer.connections() > before, "a dead connection is left for another");
    running.stop().await;
}

#[tokio::test]
async fn device() {
    half_open(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    half_open(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    half_open(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    half_open(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    half_open(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    half_open(Tongue::Smpp).await;
}

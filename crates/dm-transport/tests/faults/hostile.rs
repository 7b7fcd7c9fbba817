//! A peer that answers with garbage, or begins an answer and never ends it: it is left, with no more heard of it than
//! an answer may have, and nothing is lost.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, message, route};
use crate::tongue::Tongue;

/// Octets on the way that nobody reads: the buffers of both ends of a connection, which were 4 MB here.
const BUFFERS: usize = 8 << 20;

async fn hostile(tongue: Tongue) {
    let peer = Peer::start(tongue, Mood::Good).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to));
    let running = rig.run().await;
    let mut number = 0;
    for mood in [Mood::Garbage, Mood::Endless] {
        peer.is_now(mood);
        let failed = running.routes[0].counts().failed;
        running.accept(vec![message(number, &[("one", tongue, &*to)])]).await;
        running.until("tried", |running| running.routes[0].counts().failed > failed).await;
        assert_eq!((running.counts().waiting, running.counts().given_up), (1, 0), "{mood:?}");
        peer.is_now(Mood::Good);
        running.until_sent().await;
        number += 1;
        assert_eq!(peer.took().0, number * each(tongue), "{mood:?}");
    }
    let (octets, times) = peer.endless();
    assert!(times > 0 && octets < times * BUFFERS, "{octets} octets of {times} answers");
    running.stop().await;
}

#[tokio::test]
async fn device() {
    hostile(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    hostile(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    hostile(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    hostile(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    hostile(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    hostile(Tongue::Smpp).await;
}

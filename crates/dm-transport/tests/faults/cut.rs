//! The connection is cut in the middle: of a train of segments, or between a message and its answer. What was answered
//! is not sent again, and what was not goes again, the same octets.

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, message, route};
use crate::tongue::Tongue;

async fn cut(tongue: Tongue) {
    // Of trains of three: within the second.
    let before = if tongue == Tongue::Smpp { 4 } else { 2 };
    let peer = Peer::start(tongue, Mood::CutsOnce(before)).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to)).patient();
    let running = rig.run().await;
    for number in 0..5 {
        running.accept(vec![message(number, &[("one", tongue, &to)])]).await;
        running.until_sent().await;
    }
    let (different, twice) = peer.took();
    assert_eq!((different, twice), (5 * each(tongue), 1), "that whose answer was lost");
    running.stop().await;
}

#[tokio::test]
async fn device() {
    cut(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    cut(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    cut(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    cut(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    cut(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    cut(Tongue::Smpp).await;
}

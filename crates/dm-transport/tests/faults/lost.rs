//! Whoever has it loses it: a gateway that says 1001, an SMS centre that says ESME_ROK. It is *handed over*, is never
//! called more than that, and is not sent again, for nobody knows that it is lost.

use std::time::Duration;

use dm_lab::Behaviour;
use dm_push::receipt::Status;
use dm_transport::outbox::State;

use crate::peer::{Mood, Peer};
use crate::receipts::centre;
use crate::rig::{Rig, Running, message, route};
use crate::tongue::Tongue;

async fn is_handed_over(running: &Running) {
    running.until_sent().await;
    for number in 0..4 {
        let standing = running.standing(number);
        assert_eq!((standing.state, standing.status), (State::Sent, Status::HandedOver));
    }
}

async fn stays_handed_over(rig: &Rig) {
    for _ in 0..2 {
        let running = rig.run().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        is_handed_over(&running).await;
        running.kill().await;
    }
}

#[tokio::test]
async fn pap() {
    let peer = Peer::start(Tongue::Pap, Mood::Good).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", Tongue::Pap, &to)).patient();
    let running = rig.run().await;
    running.accept((0..4).map(|it| message(it, &[("one", Tongue::Pap, &*to)])).collect()).await;
    is_handed_over(&running).await;
    running.stop().await;
    stays_handed_over(&rig).await;
    assert_eq!((peer.took(), peer.saw()), ((4, 0), (4, 4)));
}

#[tokio::test]
async fn smpp() {
    let (centre, to) = centre(Behaviour { lose: 1_000, ..Behaviour::default() }).await;
    let rig = Rig::new(&route("one", Tongue::Smpp, &to)).patient();
    let running = rig.run().await;
    running.accept((0..4).map(|it| message(it, &[("one", Tongue::Smpp, &*to)])).collect()).await;
    is_handed_over(&running).await;
    running.stop().await;
    stays_handed_over(&rig).await;
    let counts = centre.counts();
    assert_eq!((counts.submitted, counts.lost, counts.delivered), (12, 12, 0));
}

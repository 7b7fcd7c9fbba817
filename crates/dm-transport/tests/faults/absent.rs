//! The peer is away: its route is down and says why, what was accepted waits for it, and is sent once when it is there.

use dm_transport::outbox::{State, Way};
use tokio::net::TcpSocket;

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, each, id, message, route};
use crate::tongue::Tongue;

/// A place that is taken, and where nobody listens yet: who connects there is refused.
fn nowhere() -> (TcpSocket, String) {
    let place = TcpSocket::new_v4().expect("a socket");
    place.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let at = place.local_addr().expect("an address").to_string();
    (place, at)
}

async fn absent(tongue: Tongue) {
    let (place, to) = nowhere();
    let rig = Rig::new(&route("one", tongue, &to)).patient();
    let running = rig.run().await;
    running.accept((0..6).map(|number| message(number, &[("one", tongue, &to)])).collect()).await;
    if tongue == Tongue::Device {
        // That it is away is its own affair: others may be there.
        running.until("tried", |running| running.routes[0].counts().failed >= 6).await;
        assert_eq!(running.routes[0].health().as_str(), "up");
    } else {
        let reason = running.until_down().await;
        assert!(reason.contains("refused") || reason.contains("cannot be reached"), "{reason}");
    }
    assert_eq!((running.counts().waiting, running.counts().given_up), (6, 0));

    let peer = Peer::start_on(tongue, Mood::Good, place.listen(64).expect("it listens"));
    running.until_sent().await;
    assert_eq!(peer.took(), (6 * each(tongue), 0));
    running.stop().await;
}

#[tokio::test]
async fn device() {
    absent(Tongue::Device).await;
}

#[tokio::test]
async fn http() {
    absent(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    absent(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    absent(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    absent(Tongue::Sip).await;
}

#[tokio::test]
async fn smpp() {
    absent(Tongue::Smpp).await;
}

/// A folder that is not there is a peer that is away.
#[tokio::test]
async fn file() {
    let rig = Rig::new(
        "[[route]]\nname = \"one\"\nfile = {}\n\
         limits = { failures = 2, wait = \"100 ms\", longest_wait = \"400 ms\" }\n",
    );
    let spool = rig.folder().join("spool");
    let running = rig.run().await;
    let ways = || vec![Way { route: "one".to_owned(), to: format!("file:{}/", spool.display()) }];
    let new = |number| dm_transport::outbox::New { ways: ways(), ..message(number, &[]) };
    running.accept((0..4).map(new).collect()).await;
    let reason = running.until_down().await;
    assert!(reason.contains("could not be written"), "{reason}");
    assert_eq!((running.counts().waiting, running.counts().given_up), (4, 0));
    std::fs::create_dir(&spool).expect("a folder");
    running.until_sent().await;
    assert_eq!(std::fs::read_dir(&spool).expect("a folder").count(), 4);
    assert_eq!(running.outbox.standing(&id(3)).expect("read").expect("known").state, State::Sent);
    running.stop().await;
}

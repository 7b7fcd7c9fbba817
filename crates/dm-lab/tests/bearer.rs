//! The simulated bearer, as those at its two ends see it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dm_lab::{Bearer, Faults, Kind, Outcome, Watcher};
use tokio::net::UdpSocket;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

async fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let at = socket.local_addr().expect("an address");
    (socket, at)
}

async fn next(device: &UdpSocket) -> Vec<u8> {
    let mut octets = vec![0; 2_000];
    let length = timeout(SOON, device.recv(&mut octets)).await.expect("in time");
    octets.truncate(length.expect("a datagram"));
    octets
}

async fn gets_nothing(device: &UdpSocket) -> bool {
    timeout(Duration::from_millis(200), device.recv(&mut [0; 10])).await.is_err()
}

/// What a device gets of a hundred datagrams, and what was seen of them.
async fn through(seed: u64, faults: Faults) -> (Vec<Vec<u8>>, Vec<(Kind, String, String)>) {
    let seen = Arc::<Mutex<Vec<_>>>::default();
    let look = seen.clone();
    let watcher = Watcher::new(move |event| {
        let seen = (event.kind, event.id.clone(), event.detail.clone());
        if event.kind != Kind::Submitted {
            look.lock().expect("the events").push(seen);
        }
    });
    let bearer = Bearer::watched(seed, faults, watcher).await.expect("a bearer");
    let (device, at) = socket().await;
    bearer.device("phone", at);
    let front = bearer.listen("127.0.0.1:0".parse().expect("one"), "phone").await.expect("a front");
    let (sender, _) = socket().await;
    for number in 0..100_u8 {
        sender.send_to(&[number; 30], front).await.expect("sent");
    }
    let ended = |event: &&(Kind, String, String)| matches!(event.0, Kind::Delivered | Kind::Lost);
    let all_ended = async {
        while seen.lock().expect("the events").iter().filter(ended).count() < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, all_ended).await.expect("in time");
    let (mut got, mut octets) = (Vec::new(), [0; 100]);
    while let Ok(length) = device.try_recv(&mut octets) {
        got.push(octets[..length].to_vec());
    }
    let seen = seen.lock().expect("the events").clone();
    (got, seen)
}

#[tokio::test]
async fn a_good_bearer_carries_every_datagram_as_it_is() {
    let (got, _) = through(1, Faults::default()).await;
    assert_eq!(got, (0..100).map(|number| vec![number; 30]).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_seed_decides_what_a_device_gets() {
    let faults = Faults { lose: 100, duplicate: 100, reorder: 100, ..Faults::default() };
    let first = through(1, faults.clone()).await;
    assert_eq!(first, through(1, faults.clone()).await);
    assert_ne!(first, through(2, faults).await);
    let (got, seen) = first;
    let of = |kind, detail: &str| {
        seen.iter().filter(|event| event.0 == kind && event.2.starts_with(detail)).count()
    };
    assert_eq!(of(Kind::Carried, "30 octets"), 100);
    let (once, twice) = (of(Kind::Delivered, "once"), of(Kind::Delivered, "twice"));
    assert_eq!((once + twice + of(Kind::Lost, "lost"), got.len()), (100, once + 2 * twice));
    assert!(twice > 0 && once + twice < 100 && !got.is_sorted());
}

#[tokio::test]
async fn who_sends_can_know_what_became_of_it() {
    let bearer = Bearer::start(1, Faults::default()).await.unwrap();
    let (device, at) = socket().await;
    bearer.other_devices(at);
    assert_eq!(bearer.carry("phone", b"one").await, Outcome::Delivered(1));
    assert_eq!(next(&device).await, b"one");
    for (faults, outcome) in [
        (Faults { lose: 1_000, ..Faults::default() }, Outcome::Lost),
        (Faults { undeliverable: 1_000, ..Faults::default() }, Outcome::Undeliverable),
        (Faults { duplicate: 1_000, ..Faults::default() }, Outcome::Delivered(2)),
    ] {
        bearer.behave(|now| *now = faults);
        assert_eq!(bearer.carry("phone", b"two").await, outcome);
    }
    let counts = bearer.counts();
    assert_eq!((counts.carried, counts.delivered, counts.lost, counts.undeliverable), (4, 3, 1, 1));
}

#[tokio::test]
async fn a_device_that_sleeps_gets_what_waits_and_what_waited_too_long_is_lost() {
    let bearer = Bearer::start(1, Faults::default()).await.unwrap();
    let (device, at) = socket().await;
    bearer.device("phone", at);
    bearer.sleep("phone").await;
    let waiting = tokio::spawn({
        let bearer = bearer.clone();
        async move { bearer.carry("phone", b"first").await }
    });
    assert!(gets_nothing(&device).await);
    bearer.behave(|faults| faults.validity = Some(Duration::from_millis(20)));
    let late = timeout(SOON, bearer.carry("phone", b"second")).await;
    assert_eq!(late.unwrap(), Outcome::Expired);
    bearer.wake("phone").await;
    assert_eq!(timeout(SOON, waiting).await.unwrap().unwrap(), Outcome::Delivered(1));
    assert_eq!(next(&device).await, b"first");
    assert!(gets_nothing(&device).await);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_withdrawn() {
    let bearer = Bearer::start(1, Faults::default()).await.unwrap();
    let (device, at) = socket().await;
    bearer.device("phone", at);
    bearer.sleep("phone").await;
    let gone = timeout(Duration::from_millis(50), bearer.carry("phone", b"first")).await;
    assert!(gone.is_err());
    bearer.wake("phone").await;
    assert!(gets_nothing(&device).await);
}

//! Receipts out of order, twice, late, for nobody, after a restart: each counts for its message, once, and
//! none of them sends anything again that got there.

use std::collections::BTreeSet;
use std::time::Duration;

use dm_lab::{Behaviour, Receipts, SmsCentre};
use dm_push::pap::{Code, Document, Report, State as Became, Verdict};
use dm_push::receipt::Status;
use dm_push::smpp::{Body, Message, Pdu};
use dm_transport::Told;
use dm_transport::outbox::State;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::peer::{Mood, Peer};
use crate::rig::{Rig, Running, device, message, route, route_with};
use crate::tongue::Tongue;
use crate::wait::other;

/// The SMS centre of the lab, as these routes know it.
pub async fn centre(behaviour: Behaviour) -> (SmsCentre, String) {
    let behaviour = Behaviour { password: String::new(), ..behaviour };
    let centre = SmsCentre::start(behaviour).await.expect("a centre");
    let at = centre.address().to_string();
    (centre, at)
}

/// What it calls the segments of the message for the device of this number.
fn ids(centre: &SmsCentre, number: usize) -> Vec<String> {
    let device = format!("3584000{number:05}");
    let submitted = centre.submitted().into_iter();
    let of_it = submitted.filter_map(|it| {
        let Ok(Pdu { body: Body::SubmitSm(message), .. }) = Pdu::read(&it.pdu) else { return None };
        (message.destination.address == device.as_bytes()).then_some(it.message_id).flatten()
    });
    of_it.collect()
}

async fn until_status(running: &Running, number: usize, status: Status) {
    let is_it = |running: &Running| running.standing(number).status == status;
    running.until(&format!("{status:?}"), is_it).await;
}

const ON_DEMAND: Receipts = Receipts::OnDemand;
const DELIVERED: u8 = 2;
const UNDELIVERABLE: u8 = 5;

#[tokio::test]
async fn smpp_out_of_order_twice_and_for_nobody() {
    let (centre, to) = centre(Behaviour { receipts: ON_DEMAND, ..Behaviour::default() }).await;
    let rig = Rig::new(&route("one", Tongue::Smpp, &to)).patient();
    let running = rig.run().await;
    let new = |number| message(number, &[("one", Tongue::Smpp, &*to)]);
    running.accept((0..4).map(new).collect()).await;
    running.until_sent().await;
    let mut all: Vec<_> = (0..4).flat_map(|number| ids(&centre, number)).collect();
    assert_eq!(all.len(), 12);
    all.reverse();
    for (at, id) in all[1..].iter().enumerate() {
        centre.receipt(&format!("nobody-{at}"), DELIVERED);
        centre.receipt(id, DELIVERED);
        centre.receipt(id, DELIVERED);
    }
    for number in 0..3 {
        until_status(&running, number, Status::Reached).await;
    }
    running.until("all acknowledged", |_| centre.counts().acknowledged == 33).await;
    assert_eq!(running.standing(3).status, Status::HandedOver, "a receipt is missing");
    centre.receipt(&all[0], DELIVERED);
    until_status(&running, 3, Status::Reached).await;
    assert_eq!((centre.counts().submitted, running.counts().sent), (12, 4));
    running.stop().await;
}

#[tokio::test]
async fn smpp_late_and_after_a_restart() {
    let (centre, to) = centre(Behaviour { receipts: ON_DEMAND, ..Behaviour::default() }).await;
    let rig = Rig::new(&route("one", Tongue::Smpp, &to)).patient();
    let mut running = rig.run().await;
    let new = |number| message(number, &[("one", Tongue::Smpp, &*to)]);
    running.accept((0..2).map(new).collect()).await;
    running.until_sent().await;
    let ids = [ids(&centre, 0), ids(&centre, 1)];
    for segment in 0..3 {
        // Once it ended in order, once it was killed; each time they come to who binds next.
        match segment {
            1 => running.kill().await,
            _ => running.stop().await,
        }
        ids.iter().for_each(|ids| centre.receipt(&ids[2 - segment], DELIVERED));
        running = rig.run().await;
        let wanted = 2 * (segment as u64 + 1);
        running.until("acknowledged", |_| centre.counts().acknowledged == wanted).await;
    }
    for number in 0..2 {
        until_status(&running, number, Status::Reached).await;
        assert_eq!(running.standing(number).receipts.len(), 6);
    }
    assert_eq!(centre.counts().submitted, 6, "nothing was sent again");
    running.stop().await;
}

#[tokio::test]
async fn smpp_undeliverable_after_a_restart_goes_the_other_way_once() {
    let (centre, to) = centre(Behaviour { receipts: ON_DEMAND, ..Behaviour::default() }).await;
    let other = other().await;
    let second = other.at.to_string();
    let routes = [route("one", Tongue::Smpp, &to), route("two", Tongue::Http, &second)].concat();
    let rig = Rig::new(&routes).patient();
    let running = rig.run().await;
    let ways = [("one", Tongue::Smpp, &*to), ("two", Tongue::Http, &*second)];
    running.accept(vec![message(0, &ways)]).await;
    running.until_sent().await;
    running.kill().await;
    let ids = ids(&centre, 0);
    for id in [&ids[1], &ids[1], &ids[0], &ids[2]] {
        centre.receipt(id, UNDELIVERABLE);
    }
    let running = rig.run().await;
    running.until("all acknowledged", |_| centre.counts().acknowledged == 4).await;
    running.until("sent again", |_| other.took() == (1, 0)).await;
    running.until_sent().await;
    // One more, and one that contradicts them, come last, and change nothing of where it went.
    centre.receipt(&ids[1], UNDELIVERABLE);
    centre.receipt(&ids[1], DELIVERED);
    running.until("acknowledged", |_| centre.counts().acknowledged == 6).await;
    let standing = running.standing(0);
    assert_eq!((&standing.state, standing.receipts.len()), (&State::Sent, 3 + 3 + 1 + 1));
    assert_eq!(standing.repeated, 2, "the same one three times");
    assert_eq!((centre.counts().submitted, other.took()), (3, (1, 0)));
    running.stop().await;
}

#[tokio::test]
async fn smpp_that_nobody_kept_come_again() {
    let (centre, to) = centre(Behaviour { receipts: ON_DEMAND, ..Behaviour::default() }).await;
    let rig = Rig::new(&route("one", Tongue::Smpp, &to)).patient();
    let running = rig.run().await;
    let new = |number| message(number, &[("one", Tongue::Smpp, &*to)]);
    running.accept((0..20).map(new).collect()).await;
    running.until_sent().await;
    running.kill().await;
    let ids: Vec<_> = (0..20).flat_map(|number| ids(&centre, number)).collect();
    // It is killed with receipts on their way, again and again.
    for round in 0..16 {
        let running = rig.run().await;
        running.until("bound", |_| centre.counts().bound > round + 1).await;
        for mark in round * 8..round * 8 + 8 {
            ids.iter().for_each(|id| centre.deliver(&marked(id, mark)));
        }
        tokio::time::sleep(Duration::from_millis(4 * round)).await;
        running.kill().await;
    }
    let running = rig.run().await;
    for number in 0..20 {
        // Each of them is kept, whether it was acknowledged before a kill or came again after it.
        let has_all = |running: &Running| {
            let receipts = running.standing(number).receipts;
            let parts = |mark: &str| {
                let has =
                    |told: &&Told| told.raw.windows(mark.len()).any(|it| it == mark.as_bytes());
                let parts = receipts.iter().filter(has).filter_map(|told| told.receipt.part());
                parts.map(|part| part.number).collect::<BTreeSet<_>>().len()
            };
            (0..128).all(|mark| parts(&format!(" mark:{mark}.")) == 3)
        };
        running.until(&format!("all kept of {number}"), has_all).await;
    }
    assert_eq!(centre.counts().submitted, 60);
    running.stop().await;
}

/// A receipt that is known by its mark.
fn marked(id: &str, mark: u64) -> Vec<u8> {
    let text = format!("id:{id} stat:ENROUTE err:000 mark:{mark}.");
    let message = Message { esm_class: 4, short_message: text.as_bytes(), ..Message::default() };
    let mut pdu = Vec::new();
    Pdu::ok(1, Body::DeliverSm(message)).write(&mut pdu).expect("a PDU");
    pdu.split_off(16)
}

/// Tells a listener what became of a push; the code of its answer.
async fn notify(at: &str, push_id: &str, state: Became, code: u16) -> u16 {
    let verdict = Verdict { code: Code::new(code).expect("a code"), text: String::new() };
    let number: usize = push_id.trim_start_matches('m').parse().unwrap_or_default();
    let address = device(Tongue::Pap, at, number);
    let hash = dm_crypto::sha256(address.as_bytes());
    let hash: String = hash.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    let push_id = format!("{push_id}.{hash}");
    let report = Report { push_id, address, state, verdict, at: None };
    let body = Document::ResultNotification(report).write().expect("written");
    let request = format!(
        "POST /pap HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-type: application/xml\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(at).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

/// An address that was free a moment ago.
fn free() -> std::net::SocketAddr {
    let place = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    place.local_addr().expect("an address")
}

#[tokio::test]
async fn pap_out_of_order_twice_late_for_nobody_and_after_a_restart() {
    let (peer, other) = (Peer::start(Tongue::Pap, Mood::Good).await, other().await);
    let (to, second) = (peer.at.to_string(), other.at.to_string());
    let ear = free().to_string();
    let listens = format!(
        "notify = \"http://{ear}/pap\"\n[route.notifications]\naddress = \"{ear}\"\ntimeout = \"5 s\"\n\
         danger_unprotected = true"
    );
    let routes =
        [route_with("one", Tongue::Pap, &to, &listens), route("two", Tongue::Http, &second)];
    let rig = Rig::new(&routes.concat()).patient();
    let running = rig.run().await;
    let ways = [("one", Tongue::Pap, &*to), ("two", Tongue::Http, &*second)];
    running.accept((0..2).map(|number| message(number, &ways)).collect()).await;
    running.until_sent().await;
    running.kill().await;

    let running = rig.run().await;
    for (push_id, state, code) in [
        ("m0000", Became::Delivered, 1000),
        ("m0000", Became::Delivered, 1000),
        ("m0000", Became::Pending, 1001),
        ("nobody", Became::Delivered, 1000),
        ("m0001", Became::Undeliverable, 3000),
        ("m0001", Became::Undeliverable, 3000),
    ] {
        assert_eq!(notify(&ear, push_id, state, code).await, 200, "{push_id}");
    }
    running.until("over the other", |_| other.took() == (1, 0)).await;
    running.until_sent().await;
    // The other one has it: what the first one says once more changes nothing of that.
    assert_eq!(notify(&ear, "m0001", Became::Undeliverable, 3000).await, 200);
    assert_eq!((running.counts().sent, running.counts().given_up), (2, 0));
    assert_eq!(running.standing(0).status, Status::Reached, "also behind a word that is older");
    // Each is kept once, and what came again is counted.
    let kept = [0, 1].map(|number| running.standing(number));
    assert_eq!(kept.map(|it| (it.receipts.len(), it.repeated)), [(3, 1), (3, 2)]);
    assert_eq!((peer.took(), other.took()), ((2, 0), (1, 0)));
    running.stop().await;
}

//! What goes wrong between us and an SMS centre, one fault a test.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dm_lab::{Behaviour, Cut, Receipts, SmsCentre, Submitted};
use dm_push::receipt::{Says, Status as Folded};
use dm_push::smpp::{BindMode, BindResp, Body, Framer, MAX_PDU, Message, Pdu, Status, Tlvs};
use dm_transport::{
    Ledger, MemoryLedger, Next, Outgoing, PushId, Route, SendError, Sent, SmppConfig, SmppRoute,
    SmppState, Teller,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::lab::{config, config_at, ids};
use crate::route::{Listened, eventually, outgoing};

async fn centre(behaviour: Behaviour) -> SmsCentre {
    SmsCentre::start(behaviour).await.expect("a centre")
}

/// What was submitted, without what is of the connection: how often each came, and how often it was taken.
fn bodies(submitted: &[Submitted]) -> BTreeMap<Vec<u8>, (usize, usize)> {
    let mut bodies = BTreeMap::new();
    for Submitted { message_id, pdu, .. } in submitted {
        let (came, taken) = bodies.entry(pdu[16..].to_vec()).or_default();
        *came += 1;
        *taken += usize::from(message_id.is_some());
    }
    bodies
}

async fn cut_within_a_train(is_taken: bool) -> (SmsCentre, Listened) {
    let cut = Some(Cut { at: 3, is_taken });
    let centre = centre(Behaviour { cut, ..Behaviour::default() }).await;
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 600)).await.expect("taken in the end");
    listened.until("one", Folded::Reached).await;
    assert_eq!(listened.route.counts().bound, 2);
    let submitted = centre.submitted();
    let orders: Vec<_> = submitted.iter().map(|it| it.pdu.clone()).collect();
    let bodies = bodies(&submitted);
    assert_eq!((bodies.len(), submitted.len()), (5, 6), "the same octets came again");
    assert_eq!(orders[2][16..], orders[3][16..], "the third, first of all");
    let came: Vec<_> = orders.iter().map(|pdu| bodies[&pdu[16..]].0).collect();
    assert_eq!(came, [1, 1, 2, 2, 1, 1], "what was answered did not");
    (centre, listened)
}

#[tokio::test]
async fn a_train_that_is_cut_off_goes_on_where_it_had_no_answer() {
    let (centre, _) = cut_within_a_train(false).await;
    assert!(bodies(&centre.submitted()).values().all(|(_, taken)| *taken == 1));
}

#[tokio::test]
async fn a_segment_whose_answer_was_lost_goes_again_with_the_same_octets() {
    let (centre, listened) = cut_within_a_train(true).await;
    let twice = bodies(&centre.submitted()).values().filter(|(_, taken)| *taken == 2).count();
    assert_eq!(twice, 1);
    // The receipt of the one without an answer is nobody's; it is seen.
    eventually(|| listened.route.counts().unknown_receipts >= 1).await;
}

#[tokio::test]
async fn connections_that_are_cut_again_and_again_lose_nothing() {
    let (centre, mut segments) =
        SmsCentre::with_segments(Behaviour::default()).await.expect("a centre");
    let config = SmppConfig { window: 10, reference_bits: 16, ..config(&centre) };
    let listened = Arc::new(Listened::new(&config));
    let sending: Vec<_> = (0..40)
        .map(|number| {
            let listened = listened.clone();
            let outgoing = outgoing(&format!("m{number:02}"), 500);
            tokio::spawn(async move { listened.send(&outgoing).await })
        })
        .collect();
    let cutting = async {
        loop {
            tokio::time::sleep(Duration::from_millis(15)).await;
            centre.cut();
        }
    };
    let all = async {
        for one in sending {
            one.await.expect("not panicked").expect("taken in the end");
        }
    };
    tokio::select! {
        () = all => {}
        () = cutting => {}
    }
    let mut arrived = std::collections::BTreeSet::new();
    while let Ok(Some(segment)) = timeout(Duration::from_millis(300), segments.recv()).await {
        arrived.insert(segment.user_data);
    }
    assert_eq!(arrived.len(), 40 * 4, "every segment of every message");
}

#[tokio::test]
async fn what_is_above_the_rate_goes_later_and_all_of_it_goes() {
    let behaviour = Behaviour { per_second: Some(40), ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 60 * 127 - 6)).await.expect("taken in the end");
    listened.until("one", Folded::Reached).await;
    let submitted = centre.submitted();
    let bodies = bodies(&submitted);
    assert_eq!(bodies.len(), 60);
    assert!(bodies.values().all(|(_, taken)| *taken == 1), "each is taken once");
    let counts = listened.route.counts();
    assert!(counts.throttled > 0 && counts.taken == 60, "{counts:?}");
    listened.is(|state| *state == SmppState::Bound).await;
}

#[tokio::test]
async fn a_sending_that_is_given_up_is_not_sent_again_and_the_route_is_fit() {
    let fail_first = vec![Status::THROTTLED; 1_000];
    let centre = centre(Behaviour { fail_first, ..Behaviour::default() }).await;
    let listened = Listened::new(&config(&centre));
    let deadline = Instant::now() + Duration::from_millis(300);
    let error = listened.send(&Outgoing { deadline, ..outgoing("one", 500) }).await;
    let error = error.expect_err("throttled all the time");
    assert!(matches!(error, SendError::Silent { was_sent: false, .. }), "{error}");
    assert!(error.to_string().contains(" throttled all segments within 0.3 s, and "), "{error}");
    assert_eq!(listened.route.state(), SmppState::Throttled);
    centre.behave(|behaviour| behaviour.fail_first.clear());
    let second = Outgoing { octets: Arc::from(&b"\x02second"[..]), ..outgoing("two", 9) };
    listened.send(&second).await.expect("taken");
    let taken = centre.submitted().into_iter().filter(|it| it.message_id.is_some());
    assert_eq!(taken.count(), 1, "only the second");
}

#[tokio::test]
async fn sendings_that_are_dropped_at_any_moment_leave_the_route_fit() {
    let answer_after = Duration::from_millis(20);
    let centre = centre(Behaviour { answer_after, ..Behaviour::default() }).await;
    let mut listened = Listened::new(&SmppConfig { window: 3, ..config(&centre) });
    let mut given_up = 0;
    for number in 0..60 {
        let deadline = Instant::now() + Duration::from_millis(number);
        let outgoing = Outgoing { deadline, ..outgoing(&format!("m{number}"), 500) };
        given_up += u32::from(listened.send(&outgoing).await.is_err());
    }
    assert!(given_up > 10, "{given_up}");
    listened.send(&outgoing("last", 500)).await.expect("taken");
    listened.until("last", Folded::Reached).await;
}

#[tokio::test]
async fn an_absent_centre_is_told_at_once_and_found_when_it_is_there() {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let listen = place.local_addr().expect("an address");
    drop(place);
    let mut listened = Listened::new(&config_at(&listen.to_string()));
    let error = listened.send(&outgoing("one", 9)).await.expect_err("nobody is there");
    let SendError::SmppDown { centre, source, .. } = &error else { panic!("{error}") };
    assert_eq!(
        (centre.as_str(), source.kind()),
        (&*listen.to_string(), io::ErrorKind::ConnectionRefused)
    );
    assert_eq!((error.next(), error.may_have_arrived()), (Next::Again, false));
    assert!(matches!(listened.route.state(), SmppState::Down(_)));

    let _centre = centre_at(listen).await;
    listened.is(|state| *state == SmppState::Bound).await;
    listened.send(&outgoing("two", 9)).await.expect("taken");
    listened.until("two", Folded::Reached).await;
}

async fn centre_at(listen: std::net::SocketAddr) -> SmsCentre {
    centre(Behaviour { listen, ..Behaviour::default() }).await
}

#[tokio::test]
async fn a_name_that_is_gone_is_told() {
    let listened = Listened::new(&config_at("no-such-name.invalid:2775"));
    let error = listened.send(&outgoing("one", 9)).await.expect_err("no such name");
    assert!(matches!(&error, SendError::SmppDown { .. }), "{error}");
    assert_eq!(error.next(), Next::Again);
}

#[tokio::test]
async fn a_centre_that_falls_silent_is_left_and_its_segments_go_again() {
    let behaviour = Behaviour { silent_from: Some(2), ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let answer_timeout = Duration::from_millis(300);
    let listened = Listened::new(&SmppConfig { answer_timeout, ..config(&centre) });
    let sending = async { listened.send(&outgoing("one", 500)).await };
    let repaired = async {
        eventually(|| listened.route.counts().bound >= 2).await;
        centre.behave(|behaviour| behaviour.silent_from = None);
        std::future::pending().await
    };
    tokio::select! {
        sent = sending => sent.expect("taken in the end"),
        () = repaired => {}
    }
    let bodies = bodies(&centre.submitted());
    assert_eq!(bodies.len(), 4);
    assert!(bodies.values().all(|(_, taken)| *taken >= 1));
}

/// An end that answers a bind and nothing else, as one behind a dead network.
#[tokio::test]
async fn an_enquire_link_without_an_answer_ends_the_connection() {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let config = SmppConfig {
        enquire_link: Duration::from_millis(100),
        answer_timeout: Duration::from_millis(200),
        ..config_at(&place.local_addr().expect("an address").to_string())
    };
    let listened = Listened::new(&config);
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = bound_to(&place).await;
        let mut octets = [0; 256];
        let asked = timeout(Duration::from_secs(10), stream.read(&mut octets)).await;
        let (command, ..) =
            Pdu::head(&octets[..asked.expect("in time").expect("read")]).expect("a PDU");
        assert_eq!(command, Body::EnquireLink.command());
        streams.push(stream);
    }
    assert_eq!(listened.route.counts().bound, 2);
}

/// Accepts a connection and lets it in.
async fn bound_to(place: &TcpListener) -> TcpStream {
    let accepted = timeout(Duration::from_secs(10), place.accept()).await;
    let (mut stream, _) = accepted.expect("it connects").expect("a connection");
    let mut octets = [0; 256];
    let read = stream.read(&mut octets).await.expect("a bind");
    let (_, _, sequence) = Pdu::head(&octets[..read]).expect("a PDU");
    let answer = BindResp { mode: BindMode::Transceiver, system_id: b"", tlvs: Tlvs::default() };
    let mut answered = Vec::new();
    Pdu::ok(sequence, Body::BindResp(answer)).write(&mut answered).expect("a PDU");
    stream.write_all(&answered).await.expect("written");
    stream
}

#[tokio::test]
async fn a_centre_that_asks_without_end_and_does_not_listen_is_not_read() {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let _listened = Listened::new(&config_at(&place.local_addr().expect("an address").to_string()));
    let mut stream = bound_to(&place).await;
    let mut asked = Vec::new();
    for sequence in 1..=4_096 {
        Pdu::ok(sequence, Body::EnquireLink).write(&mut asked).expect("a PDU");
    }
    let mut octets = 0;
    // The buffers of both ends hold some megabytes; then it stops.
    while octets < 64 << 20 {
        match timeout(Duration::from_secs(2), stream.write_all(&asked)).await {
            Ok(written) => written.expect("the connection lives"),
            Err(_) => return,
        }
        octets += asked.len();
    }
    panic!("{octets} octets of questions were taken, and no answer was");
}

#[tokio::test]
async fn a_listener_that_is_slow_does_not_cost_the_connection() {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let config = SmppConfig {
        enquire_link: Duration::from_millis(100),
        answer_timeout: Duration::from_secs(2),
        ..config_at(&place.local_addr().expect("an address").to_string())
    };
    let ledger = Arc::new(MemoryLedger::new(1));
    let sent = Sent { id: PushId::new("one").expect("an id"), part: None };
    ledger.note("lab", "7", &sent).expect("memory");
    let (tell, mut told) = mpsc::channel(1);
    let route = SmppRoute::new(&config, Teller::new("lab", tell), ledger).expect("a route");
    let (mut reader, mut writer) = bound_to(&place).await.into_split();
    let mut octets = vec![0; 1 << 16];
    let asked = timeout(Duration::from_secs(10), reader.read(&mut octets)).await;
    let asked = &octets[..asked.expect("in time").expect("an enquire_link")];
    let (_, _, asked) = Pdu::head(asked).expect("a PDU");
    let short_message = [b"id:7 stat:DELIVRD ".repeat(10), b"text:".repeat(14)].concat();
    let message = Message { esm_class: 4, short_message: &short_message, ..Message::default() };
    let mut receipts = Vec::new();
    for sequence in 1..=12_000 {
        Pdu::ok(sequence, Body::DeliverSm(message)).write(&mut receipts).expect("a PDU");
    }
    assert!(receipts.len() > 3 << 20);
    // The answer is there in time, behind what is not read.
    Pdu::ok(asked, Body::EnquireLinkResp).write(&mut receipts).expect("a PDU");
    let writing = tokio::spawn(async move {
        writer.write_all(&receipts).await.expect("written");
        writer
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    for _ in 0..12_000 {
        let told = timeout(Duration::from_secs(20), told.recv()).await;
        told.expect("told").expect("the route is there").done.confirm();
    }
    assert_eq!(route.counts().bound, 1);
    let (mut framer, mut answered) = (Framer::new(MAX_PDU), 0);
    while answered < 12_000 {
        let read = timeout(Duration::from_secs(20), reader.read(&mut octets)).await;
        framer.extend(&octets[..read.expect("answers").expect("the connection lives")]);
        while let Some(pdu) = framer.next().expect("PDUs") {
            let answer = Pdu::read(pdu).expect("a PDU");
            answered += u32::from(answer.body == Body::DeliverSmResp);
        }
    }
    drop(writing.await.expect("written"));
}

#[tokio::test]
async fn an_idle_connection_is_asked_and_kept() {
    let centre = centre(Behaviour::default()).await;
    let enquire_link = Duration::from_millis(50);
    let listened = Listened::new(&SmppConfig { enquire_link, ..config(&centre) });
    eventually(|| centre.counts().enquiries >= 3).await;
    assert_eq!(listened.route.counts().bound, 1);
}

/// A ledger on a disk that fails.
struct Failing {
    kept: MemoryLedger,
    is_full: AtomicBool,
    is_unreadable: AtomicBool,
}

impl Ledger for Failing {
    fn note(&self, route: &str, called: &str, sent: &Sent) -> io::Result<()> {
        match self.is_full.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => self.kept.note(route, called, sent),
        }
    }

    fn find(&self, route: &str, called: &str) -> io::Result<Option<Sent>> {
        match self.is_unreadable.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::Other.into()),
            false => self.kept.find(route, called),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_done_and_a_receipt_that_cannot_be_looked_up_comes_again() {
    let ledger = Arc::new(Failing {
        kept: MemoryLedger::new(100),
        is_full: AtomicBool::new(true),
        is_unreadable: AtomicBool::new(false),
    });
    let behaviour = Behaviour { receipts: Receipts::OnDemand, ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let mut listened = Listened::with(&config(&centre), ledger.clone());
    let error = listened.send(&outgoing("one", 9)).await.expect_err("not kept");
    assert!(matches!(&error, SendError::Ledger { .. }), "{error}");
    assert!(error.may_have_arrived() && error.next() == Next::Again);
    assert!(listened.told.try_recv().is_err(), "nothing is claimed of it");

    ledger.is_full.store(false, Ordering::Relaxed);
    listened.send(&outgoing("two", 9)).await.expect("taken");
    ledger.is_unreadable.store(true, Ordering::Relaxed);
    centre.receipt(&ids(&centre)[1], 2);
    eventually(|| centre.counts().receipts_refused > 0).await;
    ledger.is_unreadable.store(false, Ordering::Relaxed);
    listened.until("two", Folded::Reached).await;
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_was_told() {
    let behaviour = Behaviour { receipts: Receipts::OnDemand, ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let (tell, mut told) = mpsc::channel(1);
    let enquire_link = Duration::from_millis(50);
    let config = SmppConfig { enquire_link, ..config(&centre) };
    let ledger = Arc::new(MemoryLedger::new(100));
    let route = SmppRoute::new(&config, Teller::new("lab", tell), ledger).expect("a route");
    route.send(&outgoing("one", 9)).await.expect("taken");
    let id = ids(&centre).remove(0);
    (0..5).for_each(|_| centre.receipt(&id, 2));
    // The answer to the segment fills the only place: nobody listens.
    let enquiries = centre.counts().enquiries + 3;
    eventually(|| centre.counts().receipts >= 5 && centre.counts().enquiries >= enquiries).await;
    assert_eq!(centre.counts().acknowledged, 0, "and the connection lives");
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(told.recv().await.expect("told"));
    }
    assert_eq!(centre.counts().acknowledged, 0, "told is not kept");
    all.iter().for_each(|told| told.done.confirm());
    eventually(|| centre.counts().acknowledged >= 5).await;
    assert_eq!(route.counts().unkept_receipts, 0);
}

#[tokio::test]
async fn a_receipt_that_nobody_keeps_comes_again_and_holds_nobody_up() {
    let behaviour = Behaviour { receipts: Receipts::OnDemand, ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let mut listened = Listened::new(&config(&centre));
    listened.send(&outgoing("one", 9)).await.expect("taken");
    listened.told().await;
    centre.receipt(&ids(&centre)[0], 2);
    let waits = listened.told_and_not_kept().await;

    // While that one waits, the link carries others.
    listened.send(&outgoing("two", 9)).await.expect("taken");
    centre.receipt(&ids(&centre)[1], 2);
    let told = listened.until("two", Folded::Reached).await;
    assert!(told.iter().all(|told| told.id.as_str() == "two"), "{told:?}");
    eventually(|| centre.counts().acknowledged == 1).await;

    drop(waits);
    eventually(|| centre.counts().receipts_refused == 1).await;
    let again = listened.told().await;
    assert_eq!((again.id.as_str(), again.receipt.says()), ("one", Says::Reached));
    eventually(|| centre.counts().acknowledged == 2).await;
    assert_eq!(listened.route.counts().unkept_receipts, 1);
}

#[tokio::test]
async fn a_route_that_is_closed_waits_for_answers_and_takes_nothing_more() {
    let (answer_after, receipts) = (Duration::from_millis(300), Receipts::OnDemand);
    let centre = centre(Behaviour { answer_after, receipts, ..Behaviour::default() }).await;
    let listened = Listened::new(&config(&centre));
    let outgoing = outgoing("one", 500);
    let sending = listened.send(&outgoing);
    let closing = async {
        eventually(|| centre.counts().submitted >= 4).await;
        listened.close().await;
    };
    let (sent, ()) = tokio::join!(sending, closing);
    sent.expect("its answers were waited for");
    let error = listened.send(&outgoing).await.expect_err("closed");
    assert!(matches!(error, SendError::Closed { .. }), "{error}");
}

#[tokio::test]
async fn a_route_that_is_closed_in_vain_ends_at_the_deadline() {
    let behaviour = Behaviour { silent_from: Some(1), ..Behaviour::default() };
    let centre = centre(behaviour).await;
    let listened = Listened::new(&config(&centre));
    let outgoing = outgoing("one", 9);
    let sending = listened.send(&outgoing);
    let closing = async {
        eventually(|| centre.counts().submitted >= 1).await;
        listened.route.close(Instant::now() + Duration::from_millis(200)).await;
    };
    let (sent, ()) = tokio::join!(sending, closing);
    let error = sent.expect_err("never answered");
    assert!(matches!(error, SendError::Closed { .. }) && error.may_have_arrived(), "{error}");
}

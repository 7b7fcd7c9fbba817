use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dm_push::Receipt;
use dm_push::receipt::{Detail, Part, Says, Status};
use tokio::sync::{mpsc, watch};

use super::*;
use crate::route::{Ledger, Sending};
use crate::{Guarded, Limits, Outgoing, Plan, Route, Teller};

mod said;
mod turns;

/// Identities and octets that came.
type Took = Arc<Mutex<Vec<(PushId, Arc<[u8]>)>>>;

/// A route that takes what it is let, and writes down what came.
struct Lab {
    took: Took,
    fails: Arc<AtomicUsize>,
    /// How long it takes for each.
    takes: Duration,
    /// How many it has at once, began, and had at once at most.
    has: [Arc<AtomicUsize>; 3],
    teller: Teller,
}

impl Route for Lab {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(1, outgoing.octets.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let [now, began, most] = &self.has;
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let number = u32::try_from(began.fetch_add(1, Ordering::Relaxed)).unwrap_or(0);
            if !self.takes.is_zero() {
                tokio::time::sleep(self.takes / (1 + number % 3)).await;
            }
            now.fetch_sub(1, Ordering::Relaxed);
            let one_less = |left: usize| left.checked_sub(1);
            if self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
                return Err(SendError::Status { to: outgoing.to.clone(), status: 413, wait: None });
            }
            let took = (outgoing.id.clone(), outgoing.octets.clone());
            self.took.lock().expect("a lock").push(took);
            self.teller.tell(&outgoing.id, Receipt::datagram(7), b"raw").await;
            Ok(())
        })
    }
}

/// An outbox and two routes, `one` and `two`.
struct Rig {
    folder: tempfile::TempDir,
    outbox: Arc<Outbox>,
    took: HashMap<&'static str, Took>,
    fails: Arc<AtomicUsize>,
    takes: Duration,
    has: [Arc<AtomicUsize>; 3],
    attempt: Duration,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.redb")).expect("an outbox"));
        let took = ["one", "two"].map(|name| (name, Arc::default()));
        Self {
            folder,
            outbox,
            took: took.into(),
            fails: Arc::default(),
            takes: Duration::ZERO,
            has: Default::default(),
            attempt: Duration::from_secs(5),
        }
    }

    /// Sends until nothing waits, with these limits.
    async fn run(&self, limits: &Limits) {
        let (tell, told) = mpsc::channel(4);
        let route = |name: &&'static str| {
            let fails = if *name == "one" { self.fails.clone() } else { Arc::default() };
            let teller = Teller::new(name, tell.clone()).protected_by("a lab");
            let (takes, has) = (self.takes, self.has.clone());
            let lab = Lab { took: self.took[name].clone(), fails, takes, has, teller };
            Arc::new(Guarded::new(name, Box::new(lab), limits))
        };
        let routes = ["one", "two"].iter().map(route).collect();
        let outbox = self.outbox.clone();
        let dispatch = Dispatch { outbox, routes, told, attempt: self.attempt, most: 8 };
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(dispatch.run(stopped));
        while self.outbox.counts().expect("counts").waiting > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.send(true).expect("it runs");
        running.await.expect("ended").expect("no failure");
    }

    fn took(&self, name: &str) -> Vec<(PushId, Arc<[u8]>)> {
        self.took[name].lock().expect("a lock").clone()
    }

    fn reopen(mut self) -> Self {
        let path = self.folder.path().join("outbox.redb");
        let closed = Arc::into_inner(self.outbox).expect("nobody else has it");
        drop(closed);
        self.outbox = Arc::new(Outbox::open(&path).expect("an outbox"));
        self
    }
}

fn id(number: usize) -> PushId {
    PushId::new(&format!("push-{number}")).expect("an id")
}

fn new(number: usize) -> New {
    let way = |route: &str| Way { route: route.to_owned(), to: "udp://192.0.2.7".to_owned() };
    New {
        id: id(number),
        octets: number.to_be_bytes().to_vec().into(),
        ways: vec![way("one"), way("two")],
        until: SystemTime::now() + Duration::from_secs(600),
    }
}

#[tokio::test]
async fn what_is_accepted_is_sent_once_with_its_octets_also_after_a_restart() {
    let rig = Rig::new();
    assert_eq!(rig.outbox.accept((0..50).map(new).collect()).await.expect("accepted"), 50);
    assert_eq!(rig.outbox.accept((40..60).map(new).collect()).await.expect("accepted"), 10);
    let rig = rig.reopen();
    assert_eq!(rig.outbox.counts().expect("counts"), Counts { waiting: 60, sent: 0, given_up: 0 });
    rig.run(&Limits::default()).await;
    let rig = rig.reopen();
    rig.run(&Limits::default()).await;
    let mut took = rig.took("one");
    took.sort();
    took.dedup();
    assert_eq!((took.len(), rig.took("one").len()), (60, 60));
    assert!(rig.took("two").is_empty());
    for number in 0..60 {
        assert!(took.contains(&(id(number), number.to_be_bytes().to_vec().into())));
        let standing = rig.outbox.standing(&id(number)).expect("read").expect("known");
        assert_eq!((standing.state, standing.status), (State::Sent, Status::HandedOver));
        let told = &standing.receipts[0];
        assert_eq!((&*told.route, &told.raw[..]), ("one", &b"raw"[..]));
        assert_eq!(told.security.as_deref(), Some("a lab"));
    }
    assert_eq!(rig.outbox.counts().expect("counts"), Counts { waiting: 0, sent: 60, given_up: 0 });
    assert_eq!(rig.outbox.standing(&id(99)).expect("read"), None);
}

#[tokio::test]
async fn an_identity_stands_for_one_message() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1)]).await.expect("accepted");
    let other = New { octets: vec![7].into(), ..new(1) };
    let error = rig.outbox.accept(vec![new(2), other]).await.expect_err("refused");
    assert!(matches!(&error, OutboxError::Other(other) if *other == id(1)), "{error}");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 1, "none of them is accepted");
    let mut corrected = new(1);
    corrected.ways[1].to = "udp://192.0.2.8".to_owned();
    let error = rig.outbox.accept(vec![corrected.clone()]).await.expect_err("refused");
    assert!(error.to_string().starts_with("push-1 was given before, with"), "{error}");
    for other in [New { octets: vec![7].into(), ..new(4) }, New { id: id(4), ..corrected }] {
        let error = rig.outbox.accept(vec![new(4), new(5), other]).await;
        assert!(matches!(error, Err(OutboxError::Other(other)) if other == id(4)));
    }
    assert_eq!(rig.outbox.accept(vec![new(6), new(6), new(1)]).await.expect("accepted"), 1);
    let error = rig.outbox.accept(vec![New { ways: Vec::new(), ..new(3) }]).await;
    assert!(matches!(error, Err(OutboxError::NoWay(_))));
}

#[tokio::test]
async fn what_one_route_refuses_goes_over_the_next_with_the_same_octets() {
    let rig = Rig::new();
    rig.fails.store(3, Ordering::Relaxed);
    rig.outbox.accept((0..9).map(new).collect()).await.expect("accepted");
    rig.run(&Limits::default()).await;
    assert_eq!((rig.took("one").len(), rig.took("two").len()), (6, 3));
    let mut all = [rig.took("one"), rig.took("two")].concat();
    all.sort();
    let wanted: Vec<_> = (0..9).map(|number| (new(number).id, new(number).octets)).collect();
    assert_eq!(all, wanted);
}

fn told(number: usize, says: Says, part: u8) -> Told {
    let receipt = Receipt::new(says, Detail::SmppState { state: 5 });
    Told {
        id: id(number),
        route: "one".into(),
        receipt: receipt.of(Part { number: part, total: 2 }),
        security: None,
        at: SystemTime::now(),
        raw: vec![part],
        done: crate::Done::default(),
    }
}

#[tokio::test]
async fn a_late_receipt_that_says_no_sends_it_over_the_next_route() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1), new(2)]).await.expect("accepted");
    rig.run(&Limits::default()).await;
    rig.outbox.keep(told(1, Says::Reached, 1)).await.expect("kept");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 0);
    rig.outbox.keep(told(1, Says::Undeliverable, 2)).await.expect("kept");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 1);
    rig.run(&Limits::default()).await;
    assert_eq!(rig.took("two"), [(new(1).id, new(1).octets)]);
    rig.outbox.keep(told(7, Says::Reached, 1)).await.expect("of nobody: no failure");
}

#[tokio::test]
async fn a_receipt_that_comes_before_the_sending_ended_counts() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1)]).await.expect("accepted");
    rig.outbox.keep(told(1, Says::Undeliverable, 1)).await.expect("kept");
    rig.outbox.settle(&id(1), Ok(())).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 1, "over the next route");
}

#[tokio::test]
async fn what_was_given_up_is_tried_again_when_it_is_asked_for_and_old_receipts_do_not_count() {
    let rig = Rig::new();
    let one = |new: New| New { ways: vec![new.ways[0].clone()], ..new };
    rig.outbox.accept((0..3).map(new).map(one).collect()).await.expect("accepted");
    rig.outbox.settle(&id(2), Ok(())).await.expect("settled");
    rig.outbox.keep(told(1, Says::Undeliverable, 1)).await.expect("kept");
    rig.outbox.settle(&id(1), Ok(())).await.expect("settled");
    let to = "udp://192.0.2.7".parse().expect("an address");
    let refused = SendError::Status { to, status: 413, wait: None };
    rig.outbox.settle(&id(0), Err(refused)).await.expect("settled");
    assert_eq!(rig.outbox.counts().expect("counts"), Counts { waiting: 0, sent: 1, given_up: 2 });
    assert_eq!(rig.outbox.retry_given_up().await.expect("written"), 2);
    let rig = rig.reopen();
    rig.run(&Limits::default()).await;
    assert_eq!(rig.took("one").len(), 2);
    assert_eq!(rig.outbox.counts().expect("counts"), Counts { waiting: 0, sent: 3, given_up: 0 });
    assert_eq!(rig.outbox.retry_given_up().await.expect("written"), 0);
}

#[tokio::test]
async fn a_gateway_s_name_for_a_segment_is_found_at_once_and_after_a_restart() {
    let rig = Rig::new();
    let sent = Sent { id: id(1), part: Some(Part { number: 2, total: 3 }) };
    let whole = Sent { id: id(2), part: None };
    rig.outbox.note("one", "a7", &sent).expect("noted");
    let is_on_the_disk = rig.outbox.noted.lock().expect("no panic").is_empty();
    assert!(is_on_the_disk, "before anything leaves");
    rig.outbox.note("one", "a8", &whole).expect("noted");
    assert_eq!(rig.outbox.find("one", "a7").expect("read"), Some(sent.clone()));
    let rig = rig.reopen();
    assert_eq!(rig.outbox.find("one", "a7").expect("read"), Some(sent));
    assert_eq!(rig.outbox.find("one", "a8").expect("read"), Some(whole));
    assert_eq!(rig.outbox.find("two", "a7").expect("read"), None);
}

#[tokio::test]
async fn what_waits_is_counted_by_the_route_of_its_next_attempt_also_after_a_restart() {
    let rig = Rig::new();
    let waiting = |rig: &Rig| rig.outbox.waiting().expect("counts");
    let of = |one, two| {
        let routes = [("one", one), ("two", two)].into_iter();
        routes.filter_map(|(route, count)| Some((route.to_owned(), count?))).collect()
    };
    rig.outbox.accept((0..3).map(new).collect()).await.expect("accepted");
    assert_eq!(waiting(&rig), of(Some(3), None));
    rig.outbox.settle(&id(0), Ok(())).await.expect("settled");
    let to = "udp://192.0.2.7".parse().expect("an address");
    let refused = SendError::Status { to, status: 413, wait: None };
    rig.outbox.settle(&id(1), Err(refused)).await.expect("settled");
    assert_eq!(waiting(&rig), of(Some(1), Some(1)));
    let rig = rig.reopen();
    assert_eq!(waiting(&rig), of(Some(1), Some(1)));
    rig.run(&Limits::default()).await;
    assert_eq!(waiting(&rig), of(Some(0), Some(0)));
}

#[test]
fn all_names_of_a_train_are_one_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut outbox = Outbox::open(&folder.path().join("outbox.redb")).expect("an outbox");
    let (changes, asked) = sync_channel(9);
    drop(outbox.changes.replace(changes)); // nobody writes: what is asked for is seen
    let sent = |number| Sent { id: id(1), part: Some(Part { number, total: 3 }) };
    let notes: Vec<_> = (1..=3).map(|number| (format!("a{number}"), sent(number))).collect();
    outbox.note_all("one", &notes).expect("noted");
    for (called, sent) in &notes {
        assert_eq!(outbox.find("one", called).expect("read").as_ref(), Some(sent));
    }
    outbox.note_all("one", &[]).expect("nothing to note");
    let asked: Vec<_> = asked.try_iter().collect();
    assert!(matches!(&asked[..], [Change::Note { notes, .. }] if notes.len() == 3));
}

#[tokio::test]
async fn a_slow_route_gets_all_of_it_in_the_end() {
    let rig = Rig::new();
    rig.outbox.accept((0..200).map(new).collect()).await.expect("accepted");
    let most = Limits { messages: Some(Duration::from_micros(500)), ..Limits::default() };
    rig.run(&most).await;
    assert_eq!(rig.took("one").len(), 200);
}

#[test]
fn an_outbox_that_is_open_is_not_opened_again() {
    let rig = Rig::new();
    let again = Outbox::open(&rig.folder.path().join("outbox.redb"));
    assert!(matches!(again, Err(OutboxError::Store(_))));
}

#[tokio::test]
async fn a_receipt_is_confirmed_when_the_disk_has_it_and_not_without() {
    let rig = Rig::new();
    rig.outbox.accept(vec![new(1)]).await.expect("accepted");
    let (tell, mut listener) = mpsc::channel(1);
    let teller = Teller::new("one", tell);
    let (receipt, one) = (Receipt::datagram(7), id(1));
    let (is_kept, told) = tokio::join!(teller.tell_kept(&one, receipt, b"x"), async {
        rig.outbox.keep(listener.recv().await.expect("told")).await
    });
    told.expect("kept");
    assert!(is_kept);
    assert_eq!(rig.outbox.standing(&id(1)).expect("read").expect("known").receipts.len(), 1);

    let (is_kept, ()) = tokio::join!(teller.tell_kept(&one, receipt, b"x"), async {
        drop(listener.recv().await.expect("told"));
    });
    assert!(!is_kept, "nobody kept it");
}

/// A way that never does.
struct Away;

impl Route for Away {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(1, outgoing.octets.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        let refused = SendError::Refused { to: outgoing.to.clone() };
        Box::pin(std::future::ready(Err(refused)))
    }
}

#[tokio::test]
async fn what_waits_for_a_route_that_is_down_is_not_taken_up_all_the_time() {
    let rig = Rig::new();
    let one = |new: New| New { ways: vec![new.ways[0].clone()], ..new };
    rig.outbox.accept((0..200).map(new).map(one).collect()).await.expect("accepted");
    let hour = Duration::from_secs(3_600);
    let limits = Limits { failures: 1, waits: (hour, hour), window: 1, ..Limits::default() };
    let route = Arc::new(Guarded::new("one", Box::new(Away), &limits));
    let (_tell, told) = mpsc::channel(4);
    let (outbox, routes) = (rig.outbox.clone(), vec![route.clone()]);
    let dispatch = Dispatch { outbox, routes, told, attempt: Duration::from_secs(5), most: 8 };
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(dispatch.run(stopped));
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    stop.send(true).expect("it runs");
    running.await.expect("ended").expect("no failure");
    let counts = route.counts();
    assert_eq!((counts.failed, route.health().as_str()), (1, "down"));
    assert!((8..=8 * 4).contains(&counts.held), "eight a second, for 2.5 s: {counts:?}");
    assert_eq!(rig.outbox.counts().expect("counts").waiting, 200);
}

//! The server, asked by octets.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use dm_push::receipt::{Detail, Says};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;
use crate::{PushId, Told, attempt};

struct Rig {
    folder: tempfile::TempDir,
    route: PollRoute,
    told: mpsc::Receiver<Told>,
}

const SOON: Duration = Duration::from_secs(5);

impl Rig {
    async fn start(keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (route, told) = Self::open(&folder, keys).await;
        Self { folder, route, told }
    }

    async fn open(folder: &tempfile::TempDir, keys: &str) -> (PollRoute, mpsc::Receiver<Told>) {
        let store = folder.path().join("mailboxes.redb");
        let text = format!("listen = \"127.0.0.1:0\"\nstore = {store:?}\n{keys}");
        let config: PollConfig = toml::from_str(&text).expect("a configuration");
        let (tell, told) = mpsc::channel(64);
        (PollRoute::open(&config, Teller::new("poll", tell)).await.expect("a route"), told)
    }

    async fn restart(self, keys: &str) -> Self {
        let Self { folder, route, told } = self;
        route.close(Instant::now() + SOON).await;
        drop((route, told));
        // What was aborted lets go of the file.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (route, told) = Self::open(&folder, keys).await;
        Self { folder, route, told }
    }

    async fn send(&self, device: &str, id: &str, octets: &[u8]) -> Result<(), SendError> {
        self.send_until(device, id, octets, None).await
    }

    async fn send_until(
        &self,
        device: &str,
        id: &str,
        octets: &[u8],
        valid_until: Option<SystemTime>,
    ) -> Result<(), SendError> {
        let outgoing = Outgoing {
            id: PushId::new(id).expect("an id"),
            octets: octets.into(),
            to: format!("poll:{device}").parse().expect("an address"),
            deadline: Instant::now() + SOON,
            valid_until,
        };
        attempt(&self.route, &outgoing).await
    }

    /// The next that was told; it is kept.
    async fn told(&mut self) -> Told {
        let told = timeout(SOON, self.told.recv()).await.expect("in time").expect("a route");
        told.done.confirm();
        told
    }

    async fn device(&self) -> Device {
        Device(TcpStream::connect(self.route.local_addr()).await.expect("a connection"))
    }

    async fn until_waiting(&self, count: usize) {
        for _ in 0..500 {
            if self.route.waiting() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{} wait, and not {count}", self.route.waiting());
    }
}

/// One connection.
struct Device(TcpStream);

/// Status, `Push-Seq` and body of an answer.
type Answered = (u16, Option<u64>, Vec<u8>);

impl Device {
    async fn ask(&mut self, target: &str, fields: &str) {
        let request = format!("GET {target} HTTP/1.1\r\nhost: s\r\n{fields}\r\n");
        self.0.write_all(request.as_bytes()).await.expect("written");
    }

    async fn answer(&mut self) -> Answered {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let octet = timeout(SOON, self.0.read_u8()).await.expect("in time");
            head.push(octet.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&head))));
        }
        let head = String::from_utf8(head).expect("text").to_lowercase();
        let field = |name: &str| {
            head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
        };
        assert!(field("date:").is_some(), "{head}");
        let length = field("content-length:").map_or(0, |length| length.parse().expect("a number"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.expect("a body");
        let status = head[9..12].parse().expect("a status");
        (status, field("push-seq:").map(|seq| seq.parse().expect("a number")), body)
    }

    async fn is_closed(&mut self) -> bool {
        matches!(timeout(SOON, self.0.read_u8()).await, Ok(Err(_)))
    }
}

const OPEN: &str = "danger_unprotected = true\n";
const WAIT: &str = "prefer: wait=50\r\n";

#[tokio::test]
async fn a_message_is_given_at_once_to_who_waits_and_goes_when_it_is_acknowledged() {
    let mut rig = Rig::start(OPEN).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push?after=0", WAIT).await;
    rig.until_waiting(1).await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    rig.send("a", "two", b"\x02two").await.unwrap();
    let (status, seq, body) = device.answer().await;
    assert_eq!((status, &body[..]), (200, &b"\x02one"[..]));
    let seq = seq.unwrap();
    for id in ["one", "two"] {
        let told = rig.told().await;
        assert_eq!((told.id.as_str(), told.receipt.says()), (id, Says::HandedOver));
        assert_eq!(told.security, None);
    }
    // Until it asks for what comes behind, it is given the same.
    for _ in 0..2 {
        device.ask("/devices/a/push?after=0", "").await;
        assert_eq!(device.answer().await, (200, Some(seq), b"\x02one".to_vec()));
    }
    let line = format!("/devices/a/push?after={seq}");
    device.ask(&line, WAIT).await;
    let told = rig.told().await;
    assert_eq!((told.id.as_str(), told.receipt.says()), ("one", Says::Reached));
    assert_eq!(told.receipt.detail(), Detail::LongPoll { seq });
    assert_eq!(told.raw, format!("GET {line} HTTP/1.1").as_bytes());
    let (_, next, body) = device.answer().await;
    assert!(next.unwrap() > seq && body == b"\x02two");
    device.ask("/devices/a/push?after=0", "").await;
    assert_eq!(device.answer().await.1, next, "what was acknowledged is gone");
    assert!(rig.told.try_recv().is_err(), "nothing is told twice");
}

#[tokio::test]
async fn what_nobody_keeps_the_acknowledgement_of_stays() {
    let mut rig = Rig::start("danger_unprotected = true\nsilence = \"200 ms\"\n").await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    rig.told().await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", "").await;
    let seq = device.answer().await.1.unwrap();
    device.ask(&format!("/devices/a/push?after={seq}"), WAIT).await;
    assert_eq!(device.answer().await.0, 503);
    drop(timeout(SOON, rig.told.recv()).await); // not confirmed
    device.ask(&format!("/devices/a/push?after={seq}"), "").await;
    let told = rig.told().await;
    assert_eq!(told.receipt.says(), Says::Reached);
    assert_eq!(device.answer().await.0, 204);
}

#[tokio::test]
async fn all_of_it_is_there_after_a_restart_with_the_same_numbers() {
    let rig = Rig::start(OPEN).await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    let mut device = rig.device().await;
    device.ask("/devices/a/push", "").await;
    let first = device.answer().await;
    let mut rig = rig.restart(OPEN).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", "").await;
    assert_eq!(device.answer().await, first);
    device.ask(&format!("/devices/a/push?after={}", first.1.unwrap()), WAIT).await;
    assert_eq!(
        rig.told().await.id.as_str(),
        "one",
        "given before the restart, acknowledged after it"
    );
    rig.until_waiting(1).await;
    rig.send("a", "two", b"\x02two").await.unwrap();
    assert!(device.answer().await.1 > first.1);
}

#[tokio::test]
async fn nothing_in_the_wait_is_204_and_no_wait_is_204_at_once() {
    let rig = Rig::start("danger_unprotected = true\nlongest_wait = \"400 ms\"\n").await;
    let mut device = rig.device().await;
    for (fields, least, most) in [("", 0, 300), ("prefer: wait=1\r\n", 390, 2_000)] {
        let begun = Instant::now();
        device.ask("/devices/a/push", fields).await;
        assert_eq!(device.answer().await, (204, None, vec![]));
        let took = begun.elapsed().as_millis();
        assert!((least..most).contains(&took), "{took} ms");
    }
    assert_eq!(rig.route.waiting(), 0);
}

#[tokio::test]
async fn a_newer_request_of_a_device_ends_the_older() {
    let rig = Rig::start(OPEN).await;
    let (mut older, mut newer) = (rig.device().await, rig.device().await);
    older.ask("/devices/a/push", WAIT).await;
    rig.until_waiting(1).await;
    newer.ask("/devices/a/push", WAIT).await;
    assert_eq!(older.answer().await.0, 204);
    assert_eq!(rig.route.waiting(), 1);
    rig.send("a", "one", b"\x02one").await.unwrap();
    assert_eq!(newer.answer().await.0, 200);
}

#[tokio::test]
async fn who_goes_while_it_waits_loses_nothing() {
    let rig = Rig::start(OPEN).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", WAIT).await;
    rig.until_waiting(1).await;
    drop(device);
    rig.until_waiting(0).await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    let mut device = rig.device().await;
    device.ask("/devices/a/push", WAIT).await;
    assert_eq!(device.answer().await.2, b"\x02one");
}

#[tokio::test]
async fn what_was_never_given_cannot_be_acknowledged() {
    let mut rig = Rig::start(OPEN).await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    rig.told().await;
    let mut device = rig.device().await;
    device.ask(&format!("/devices/a/push?after={}", u64::MAX), WAIT).await;
    let (status, _, body) = device.answer().await;
    assert_eq!(status, 400);
    assert!(String::from_utf8(body).unwrap().contains("above every number"));
    assert!(rig.told.try_recv().is_err());
    device.ask("/devices/a/push", "").await;
    assert_eq!(device.answer().await.0, 200);
}

#[tokio::test]
async fn what_is_over_is_told_and_not_given() {
    let mut rig = Rig::start(OPEN).await;
    let soon = SystemTime::now() + Duration::from_millis(300);
    rig.send_until("a", "one", b"\x02one", Some(soon)).await.unwrap();
    assert_eq!(rig.told().await.receipt.says(), Says::HandedOver);
    tokio::time::sleep(Duration::from_millis(310)).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", "").await;
    assert_eq!(device.answer().await.0, 204);
    let told = rig.told().await;
    assert_eq!((told.id.as_str(), told.receipt.says()), ("one", Says::Expired));
}

#[tokio::test]
async fn a_mailbox_has_an_end() {
    let rig = Rig::start("danger_unprotected = true\nmessages = 2\n").await;
    rig.send("a", "one", b"\x021").await.unwrap();
    rig.send("a", "two", b"\x022").await.unwrap();
    let error = rig.send("a", "three", b"\x023").await.unwrap_err();
    assert!(matches!(&error, SendError::MailboxFull { messages: 2, .. }), "{error}");
    assert_eq!(error.next(), crate::Next::Again);
    assert!(!rig.route.is_to_blame(&error));
    rig.send("a", "one", b"\x021").await.unwrap();
}

#[tokio::test]
async fn a_token_opens_one_mailbox_and_tells_nothing_of_others() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let hash: String = dm_crypto::sha256(b"t1").iter().map(|it| format!("{it:02x}")).collect();
    std::fs::write(file.path(), format!("a {hash}\n")).unwrap();
    let keys = format!("{OPEN}tokens = {{ file = {:?} }}\n", file.path());
    let rig = Rig::start(&keys).await;
    let mut device = rig.device().await;
    let mut statuses = Vec::new();
    for (device_id, fields) in [
        ("a", "authorization: Bearer t1\r\n"),
        ("a", ""),
        ("b", ""),
        ("a", "authorization: Bearer t2\r\n"),
        ("b", "authorization: Bearer t1\r\n"),
    ] {
        device.ask(&format!("/devices/{device_id}/push"), fields).await;
        let (status, _, body) = device.answer().await;
        assert!(body.is_empty());
        statuses.push(status);
    }
    assert_eq!(statuses, [204, 401, 401, 403, 403]);
}

#[tokio::test]
async fn what_is_no_request_is_answered_and_the_connection_ends() {
    let rig = Rig::start("danger_unprotected = true\nsilence = \"300 ms\"\n").await;
    let long = format!("GET /devices/a/push HTTP/1.1\r\nx: {}", "y".repeat(9_000));
    for (request, status) in [
        ("POST /devices/a/push HTTP/1.1\r\nhost: s\r\ncontent-length: 3\r\n\r\nabc", 400),
        ("\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (&*long, 431),
        ("DELETE /devices/a/push HTTP/1.1\r\nhost: s\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nhost: s\r\n\r\n", 404),
    ] {
        let mut device = rig.device().await;
        device.0.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(device.answer().await.0, status);
        assert!(device.is_closed().await);
    }
    let mut silent = rig.device().await;
    silent.0.write_all(b"GET /dev").await.unwrap();
    assert!(silent.is_closed().await, "who begins and does not go on is not waited for");
}

#[tokio::test]
async fn who_does_not_read_is_given_up_and_has_all_of_it_the_next_time() {
    let rig = Rig::start("danger_unprotected = true\nsilence = \"300 ms\"\n").await;
    let message: Vec<u8> = (2..=251).cycle().take(16 << 20).collect();
    rig.send("a", "one", &message).await.unwrap();
    let mut stuck = rig.device().await;
    stuck.ask("/devices/a/push", WAIT).await;
    for _ in 0..500 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if rig.route.hub.connections.load(Ordering::Relaxed) == 0 {
            let mut device = rig.device().await;
            device.ask("/devices/a/push", WAIT).await;
            let (status, _, body) = device.answer().await;
            assert!(status == 200 && body == message);
            return;
        }
    }
    panic!("the connection is kept");
}

#[tokio::test]
async fn requests_that_come_early_are_answered_in_order() {
    let rig = Rig::start(OPEN).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", WAIT).await;
    rig.until_waiting(1).await;
    device.ask("/devices/b/push", "").await;
    device.ask("/devices/c/push", "connection: close\r\n").await;
    rig.send("a", "one", b"\x02one").await.unwrap();
    let statuses = [device.answer().await.0, device.answer().await.0, device.answer().await.0];
    assert_eq!(statuses, [200, 204, 204]);
    assert!(device.is_closed().await);
}

#[tokio::test]
async fn closing_ends_who_waits_and_waits_for_them() {
    let rig = Rig::start(OPEN).await;
    let mut device = rig.device().await;
    device.ask("/devices/a/push", WAIT).await;
    rig.until_waiting(1).await;
    let closing: JoinHandle<_> = tokio::spawn(async move {
        rig.route.close(Instant::now() + SOON).await;
        rig.route.hub.connections.load(Ordering::Relaxed)
    });
    assert_eq!(device.answer().await.0, 204);
    assert!(device.is_closed().await);
    assert_eq!(closing.await.unwrap(), 0);
}

#[tokio::test]
async fn many_messages_to_many_devices_come_once_and_in_order() {
    let mut rig = Rig::start(OPEN).await;
    let address = rig.route.local_addr();
    let fetching: Vec<_> = (0..20)
        .map(|number| {
            tokio::spawn(async move {
                let mut device = Device(TcpStream::connect(address).await.expect("connected"));
                let (mut after, mut had) = (0, Vec::new());
                while had.len() < 10 {
                    let target = format!("/devices/{number}/push?after={after}");
                    device.ask(&target, WAIT).await;
                    let (status, seq, body) = device.answer().await;
                    if status == 200 {
                        let seq = seq.expect("a number");
                        assert!(seq > after);
                        after = seq;
                        had.push(body);
                    }
                }
                device.ask(&format!("/devices/{number}/push?after={after}"), "").await;
                device.answer().await;
                had
            })
        })
        .collect();
    let mut reached = HashSet::new();
    for message in 0..10_u8 {
        for device in 0..20 {
            let id = format!("{device}.{message}");
            rig.send(&device.to_string(), &id, &[2, message]).await.unwrap();
            while let Ok(told) = rig.told.try_recv() {
                told.done.confirm();
                let is_new =
                    told.receipt.says() != Says::Reached || reached.insert(told.id.clone());
                assert!(is_new, "{} is told twice", told.id);
            }
        }
    }
    while reached.len() < 200 {
        let told = rig.told().await;
        let is_new = told.receipt.says() != Says::Reached || reached.insert(told.id.clone());
        assert!(is_new, "{} is told twice", told.id);
    }
    for had in fetching {
        assert_eq!(had.await.unwrap(), (0..10).map(|it| vec![2, it]).collect::<Vec<_>>());
    }
}

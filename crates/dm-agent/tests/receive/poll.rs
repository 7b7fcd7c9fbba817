//! Messages that a server has when it is asked.

use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers, Refusal, Transport};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::rig::{DM, SOON};

/// A server whose answers the test gives, and an agent that asks it.
struct Polled {
    server: TcpListener,
    stream: Option<TcpStream>,
    receivers: Receivers,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Polled {
    async fn start(state: &TempDir, limits: &str, keys: &str) -> Self {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("as the test has it");
        let url = format!("http://{}/messages", server.local_addr().expect("as the test has it"));
        Self::start_at(server, &url, state, limits, keys).await
    }

    async fn start_at(
        server: TcpListener,
        url: &str,
        state: &TempDir,
        limits: &str,
        keys: &str,
    ) -> Self {
        let text = format!(
            "device_id = \"d\"\nstate = {:?}\n[limits]\n{limits}\n[[poll]]\nurl = {url:?}\n\
             security = \"none\"\ndanger_insecure = true\n{keys}",
            state.path()
        );
        let config =
            Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("as the test has it");
        let (queue, deliveries) = mpsc::channel(4);
        let receivers = Receivers::start(&config, queue).await.expect("as the test has it");
        Self { server, stream: None, receivers, deliveries }
    }

    /// The next request, on the open connection or a new one.
    async fn request(&mut self) -> String {
        let mut text = Vec::new();
        loop {
            if self.stream.is_none() {
                let next = tokio::time::timeout(SOON, self.server.accept()).await;
                self.stream = Some(next.expect("in time").expect("as the test has it").0);
            }
            let stream = self.stream.as_mut().expect("as the test has it");
            let mut part = [0; 1024];
            match tokio::time::timeout(SOON, stream.read(&mut part)).await.expect("in time") {
                Ok(length @ 1..) => text.extend_from_slice(&part[..length]),
                _ => self.stream = None,
            }
            if text.ends_with(b"\r\n\r\n") {
                return String::from_utf8(text).expect("as the test has it");
            }
        }
    }

    async fn answer(&mut self, status: &str, fields: &str, body: &[u8]) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\n\r\n");
        let stream = self.stream.as_mut().expect("as the test has it");
        stream.write_all(&[head.as_bytes(), body].concat()).await.expect("as the test has it");
    }

    async fn next(&mut self) -> Delivery {
        let next = tokio::time::timeout(SOON, self.deliveries.recv()).await;
        next.expect("in time").expect("a running receiver")
    }
}

fn numbered(number: u64) -> String {
    format!("{DM}push-seq: {number}\r\n")
}

#[tokio::test]
async fn a_message_is_acknowledged_by_the_next_request_once_it_is_kept() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "", "").await;
    let request = polled.request().await;
    assert!(request.starts_with("GET /messages?after=0 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nprefer: wait=50\r\n"), "{request}");
    polled.answer("200 OK", &numbered(41), b"first").await;
    let mut delivery = polled.next().await;
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"first"[..], Transport::Poll));
    let early = tokio::time::timeout(Duration::from_millis(100), polled.request()).await;
    assert!(early.is_err(), "it is not kept yet");
    delivery.acknowledge();
    assert!(polled.request().await.starts_with("GET /messages?after=41 "));
    polled.answer("200 OK", &numbered(42), b"second").await;
    polled.next().await.acknowledge();
    assert!(polled.request().await.starts_with("GET /messages?after=42 "));

    // After a restart it goes on there.
    let Polled { server, receivers, .. } = polled;
    let url = format!("http://{}/messages", server.local_addr().expect("as the test has it"));
    receivers.stop().await;
    let mut again = Polled::start_at(server, &url, &state, "", "").await;
    assert!(again.request().await.starts_with("GET /messages?after=42 "));
}

#[tokio::test]
async fn what_is_not_kept_is_asked_for_again() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "", "").await;
    polled.request().await;
    polled.answer("200 OK", &numbered(1), b"lost").await;
    drop(polled.next().await);
    assert!(polled.request().await.starts_with("GET /messages?after=0 "));
}

#[tokio::test]
async fn what_can_be_no_message_is_left_behind() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "message = \"64 B\"", "").await;
    let cases = [
        (DM, vec![0; 65], Refusal::TooLarge),
        (DM, vec![], Refusal::Empty),
        ("content-type: text/html\r\n", b"x".to_vec(), Refusal::ContentType),
    ];
    for (number, (kind, body, refusal)) in (1..).zip(cases) {
        polled.request().await;
        polled.answer("200 OK", &format!("{kind}push-seq: {number}\r\n"), &body).await;
        assert!(polled.request().await.contains(&format!("?after={number} ")), "{refusal}");
        assert_eq!(polled.receivers.tally().refused(refusal), 1);
        polled.stream = None;
    }
    assert_eq!(polled.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_server_that_answers_nonsense_is_asked_again_later_from_the_same_place() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "", "").await;
    for (status, fields) in [
        ("500 No", String::new()),
        ("200 OK", DM.into()),
        ("200 OK", format!("{DM}push-seq: x\r\n")),
    ] {
        let begun = std::time::Instant::now();
        assert!(polled.request().await.contains("?after=0 "));
        polled.answer(status, &fields, b"x").await;
        assert!(polled.request().await.contains("?after=0 "));
        assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
        polled.stream = None;
        if begun.elapsed() > SOON / 2 {
            break; // waits grow
        }
    }
    assert_eq!(polled.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_server_that_does_not_wait_is_not_asked_all_the_time() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "", "wait = \"1 s\"\n").await;
    let begun = std::time::Instant::now();
    for _ in 0..2 {
        polled.request().await;
        polled.answer("204 No Content", "", b"").await;
    }
    polled.request().await;
    assert!(begun.elapsed() >= Duration::from_millis(1900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn credentials_come_from_files_and_may_change() {
    let state = tempfile::tempdir().expect("as the test has it");
    let file = state.path().join("secret");
    std::fs::write(&file, "first\n").expect("as the test has it");
    let mut polled = Polled::start(&state, "", &format!("bearer_file = {file:?}\n")).await;
    assert!(polled.request().await.contains("\r\nauthorization: Bearer first\r\n"));
    std::fs::write(&file, "second").expect("as the test has it");
    polled.answer("200 OK", &numbered(1), b"x").await;
    polled.next().await.acknowledge();
    assert!(polled.request().await.contains("\r\nauthorization: Bearer second\r\n"));

    let keys = format!("user = \"device1\"\npassword_file = {file:?}\n");
    let mut polled = Polled::start(&state, "", &keys).await;
    assert!(polled.request().await.contains("\r\nauthorization: Basic ZGV2aWNlMTpzZWNvbmQ=\r\n"));
}

#[tokio::test]
async fn a_body_may_take_long_while_some_of_it_comes_and_is_given_up_in_silence() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "body_timeout = \"400 ms\"", "").await;
    polled.request().await;
    let head = format!("HTTP/1.1 200 OK\r\n{}content-length: 8\r\n\r\n", numbered(1));
    let stream = polled.stream.as_mut().expect("as the test has it");
    stream.write_all(head.as_bytes()).await.expect("as the test has it");
    for octet in b"\x02slowly." {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(&[*octet]).await.expect("as the test has it");
    }
    let mut delivery = polled.next().await;
    assert_eq!(delivery.octets, b"\x02slowly.");
    delivery.acknowledge();

    polled.request().await;
    let head = format!("HTTP/1.1 200 OK\r\n{}content-length: 8\r\n\r\nhalf", numbered(2));
    let stream = polled.stream.as_mut().expect("as the test has it");
    stream.write_all(head.as_bytes()).await.expect("as the test has it");
    assert!(polled.request().await.contains("?after=1 "), "on another connection");
}

#[tokio::test]
async fn a_server_that_begins_anew_is_heard_once_the_owner_removes_the_position() {
    let state = tempfile::tempdir().expect("as the test has it");
    let mut polled = Polled::start(&state, "", "").await;
    polled.request().await;
    polled.answer("200 OK", &numbered(u64::MAX), b"first").await;
    polled.next().await.acknowledge();
    assert!(polled.request().await.contains(&format!("?after={} ", u64::MAX)));
    let Polled { server, receivers, .. } = polled;
    let url = format!("http://{}/messages", server.local_addr().expect("as the test has it"));
    receivers.stop().await;
    let folder = std::fs::read_dir(state.path().join("poll")).expect("as the test has it");
    for file in folder {
        std::fs::remove_file(file.expect("a file").path()).expect("as the test has it");
    }
    let mut again = Polled::start_at(server, &url, &state, "", "").await;
    assert!(again.request().await.contains("?after=0 "));
    again.answer("200 OK", &numbered(1), b"anew").await;
    assert_eq!(again.next().await.octets, b"anew");
}

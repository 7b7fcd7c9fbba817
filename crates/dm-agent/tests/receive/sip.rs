//! Pushes by SIP, to the octet: a registrar whose messages the test gives.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers, Refusal, Transport};
use dm_push::sip::{Answer, Framed, Framer, Message, answer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

use crate::rig::SOON;

/// The receivers of an agent that goes to this registrar.
struct Device {
    receivers: Receivers,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Device {
    async fn start(url: &str, limits: &str, lines: &str) -> Self {
        let security = match lines.contains("from =") {
            true => "security = \"source-list\"\n",
            false => "security = \"none\"\ndanger_insecure = true\n",
        };
        let text = format!(
            "device_id = \"d\"\nstate = \"s\"\n[limits]\n{limits}\n[[sip]]\nurl = \"{url}\"\n{security}\
             aor = \"sip:device1@push.example\"\n{lines}\n"
        );
        let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("config");
        let (queue, deliveries) = mpsc::channel(config.limits.queue);
        let receivers = Receivers::start(&config, queue).await.expect("started");
        Self { receivers, deliveries }
    }

    async fn delivery(&mut self) -> Delivery {
        let next = tokio::time::timeout(SOON, self.deliveries.recv()).await;
        next.expect("in time").expect("it runs")
    }

    fn refused(&self, refusal: Refusal) -> u64 {
        self.receivers.tally().refused(refusal)
    }
}

/// A registrar's end of a TCP connection.
struct Line {
    stream: TcpStream,
    framer: Framer,
}

impl Line {
    /// The next connection.
    async fn accept(listener: &TcpListener) -> Self {
        let next = tokio::time::timeout(SOON, listener.accept()).await;
        let stream = next.expect("in time").expect("a connection").0;
        Self { stream, framer: Framer::new(9999) }
    }

    /// The next connection, whose REGISTER is granted.
    async fn registered(listener: &TcpListener) -> Self {
        let mut line = Self::accept(listener).await;
        let register = line.next().await;
        assert!(register.starts_with("REGISTER "), "{register}");
        line.send(&said(&register, "200 OK", "Expires: 600\r\n")).await;
        line
    }

    async fn next(&mut self) -> String {
        let next = async {
            loop {
                if let Some(Framed::Whole(octets)) = self.framer.next().expect("SIP") {
                    return String::from_utf8(octets).expect("text");
                }
                let mut octets = [0; 4096];
                let length = self.stream.read(&mut octets).await.expect("read");
                assert!(length > 0, "it hung up");
                self.framer.extend(&octets[..length]);
            }
        };
        tokio::time::timeout(SOON, next).await.expect("in time")
    }

    async fn send(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.expect("written");
    }

    async fn ask(&mut self, octets: &[u8]) -> String {
        self.send(octets).await;
        self.next().await
    }

    async fn is_silent(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.stream.read(&mut [0; 1])).await.is_err()
    }

    async fn hangs_up(mut self) {
        let read = tokio::time::timeout(SOON, self.stream.read(&mut [0; 1])).await;
        assert_eq!(read.expect("in time").unwrap_or(0), 0);
    }
}

fn said(request: &str, status: &str, fields: &str) -> Vec<u8> {
    let message = Message::read(request.as_bytes()).expect("SIP");
    let from = SocketAddr::from(([127, 0, 0, 1], 0));
    let text = answer(&message, from, Answer { status, tag: "r", fields }).expect("an answer");
    // Whence it came is another test's matter.
    String::from_utf8(text).expect("text").replace(";rport=0;received=127.0.0.1", "").into_bytes()
}

fn message(id: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "MESSAGE sip:device1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP p;branch=z9hG4bK{id};rport\r\n\
         From: <sip:server@push.example>;tag=1\r\nTo: <sip:device1@push.example>\r\nCall-ID: {id}\r\n\
         CSeq: 1 MESSAGE\r\nContent-Type: application/vnd.syncml.dm+wbxml\r\n{fields}\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn tcp() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let url = format!("sip://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

async fn udp() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let url = format!("sip://{}", socket.local_addr().expect("an address"));
    (socket, url)
}

async fn datagram(socket: &UdpSocket) -> (String, SocketAddr) {
    let mut octets = vec![0; 65_536];
    let read = tokio::time::timeout(SOON, socket.recv_from(&mut octets)).await;
    let (length, from) = read.expect("in time").expect("a datagram");
    (String::from_utf8(octets[..length].to_vec()).expect("text"), from)
}

#[tokio::test]
async fn a_message_is_answered_once_it_is_kept_and_a_repetition_is_not_taken_twice() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    line.send(&message("1", "", b"kept")).await;
    let mut delivery = device.delivery().await;
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"kept"[..], Transport::Sip));
    assert_eq!(delivery.from.to_string(), "sip:server@push.example");
    assert!(line.is_silent(Duration::from_millis(100)).await, "it is not kept yet");
    delivery.acknowledge();
    let first = line.next().await;
    assert!(first.starts_with("SIP/2.0 200 OK\r\n"), "{first}");
    assert_eq!(line.ask(&message("1", "", b"kept")).await, first);
    assert!(device.deliveries.try_recv().is_err());

    line.send(&message("2", "", b"lost")).await;
    drop(device.delivery().await);
    let later = line.next().await;
    assert!(later.starts_with("SIP/2.0 480 Temporarily Unavailable\r\n"), "{later}");
    line.send(&message("2", "", b"lost")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn every_message_is_answered_in_the_same_words() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let mut answers = Vec::new();
    for (id, body) in
        [("one-1", &b"garbage"[..]), ("one-2", b"\x02\0\0\0"), ("one-3", &[0xFF; 3000])]
    {
        line.send(&message(id, "", body)).await;
        device.delivery().await.acknowledge();
        answers.push(line.next().await.replace(id, "one"));
    }
    assert!(answers[0] == answers[1] && answers[1] == answers[2], "{answers:?}");
}

#[tokio::test]
async fn what_can_be_no_message_is_refused_and_the_connection_goes_on() {
    let (listener, url) = tcp().await;
    let device = Device::start(&url, "message = \"64 B\"", "").await;
    let mut line = Line::registered(&listener).await;
    let options = message("1", "", b"").replace_all("MESSAGE", "OPTIONS");
    for (octets, status) in [
        (message("2", "", &[7; 65]), "413 Request Entity Too Large"),
        (message("3", "", b""), "400 Bad Request"),
        (message("4", "Content-Encoding: gzip\r\n", b"x"), "415 Unsupported Media Type"),
        (message("5", "", b"x").replace_all("MESSAGE", "INVITE"), "405 Method Not Allowed"),
        (options, "200 OK"),
    ] {
        let answer = line.ask(&[&b"\r\n\r\n"[..], &octets].concat()).await;
        assert!(answer.starts_with(&format!("SIP/2.0 {status}\r\n")), "{answer}");
    }
    assert_eq!((device.refused(Refusal::TooLarge), device.refused(Refusal::Method)), (1, 1));
    assert_eq!(device.receivers.tally().accepted(), 0);
}

trait ReplaceAll {
    fn replace_all(&self, one: &str, other: &str) -> Vec<u8>;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(&self, one: &str, other: &str) -> Vec<u8> {
        String::from_utf8_lossy(self).replace(one, other).into_bytes()
    }
}

#[tokio::test]
async fn a_stream_that_is_no_sip_or_stalls_is_left_and_registered_anew() {
    let (listener, url) = tcp().await;
    let mut device =
        Device::start(&url, "body_timeout = \"300 ms\"\nmessage = \"1 KiB\"", "").await;
    let half = message("1", "", b"half");
    for octets in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        message("1", "", b"x").replace_all("Content-Length", "X"),
        message("1", "", b"x").replace_all("Content-Length: 1", "Content-Length: -1"),
        vec![b'x'; 20_000],
        half[..half.len() - 1].to_vec(),
        half[..20].to_vec(),
    ] {
        let mut line = Line::registered(&listener).await;
        let _ = line.stream.write_all(&octets).await; // it may have hung up already
        line.hangs_up().await;
        // The wait doubles: no more of it than is needed.
        if octets.len() == 20_000 {
            drop(device);
            device = Device::start(&url, "body_timeout = \"300 ms\"", "").await;
        }
    }
    let mut line = Line::registered(&listener).await;
    line.send(&message("9", "", b"good")).await;
    assert_eq!(device.delivery().await.octets, b"good");
}

#[tokio::test]
async fn it_registers_again_before_the_time_is_over_and_over_a_new_connection_when_one_ends() {
    let (listener, url) = tcp().await;
    let _device = Device::start(&url, "", "expires = \"90 s\"").await;
    let mut line = Line::accept(&listener).await;
    let first = line.next().await;
    assert!(first.contains("\r\nExpires: 90\r\n"), "{first}");
    let begun = Instant::now();
    line.send(&said(&first, "200 OK", "Expires: 2\r\n")).await;
    let second = line.next().await;
    let after = begun.elapsed();
    assert!((1400..2000).contains(&after.as_millis()), "{after:?}");
    assert!(second.contains("CSeq: 2 REGISTER"), "{second}");
    line.send(&said(&second, "200 OK", "Expires: 600\r\n")).await;
    assert!(line.is_silent(Duration::from_millis(600)).await, "nothing wakes it");
    drop(line);
    let mut line = Line::accept(&listener).await;
    assert!(line.next().await.contains("CSeq: 3 REGISTER"));
}

#[tokio::test]
async fn a_refused_device_waits_before_it_asks_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "wrong\n").expect("written");
    let (listener, url) = tcp().await;
    let lines = format!("user = \"d1\"\npassword_file = {password:?}");
    let _device = Device::start(&url, "", &lines).await;
    let challenge =
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n";
    let mut line = Line::accept(&listener).await;
    for _ in 0..2 {
        let register = line.next().await;
        line.send(&said(&register, "401 Unauthorized", challenge)).await;
    }
    let begun = Instant::now();
    line.hangs_up().await;
    std::fs::write(&password, "right\n").expect("written");
    let mut line = Line::accept(&listener).await;
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    let register = line.next().await;
    assert!(!register.contains("Authorization"), "the answer to that nonce was wrong: {register}");
    line.send(&said(&register, "401 Unauthorized", challenge)).await;
    let register = line.next().await;
    assert!(register.contains("algorithm=SHA-256, qop=auth, nc=00000001"), "{register}");
}

#[tokio::test]
async fn at_the_end_it_takes_its_registration_back() {
    let (listener, url) = tcp().await;
    let device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let stopping = tokio::spawn(device.receivers.stop());
    let last = line.next().await;
    assert!(last.starts_with("REGISTER ") && last.contains("\r\nExpires: 0\r\n"), "{last}");
    line.send(&said(&last, "200 OK", "")).await;
    let begun = Instant::now();
    tokio::time::timeout(SOON, stopping).await.expect("in time").expect("it stopped");
    assert!(begun.elapsed() < Duration::from_secs(1), "it waits for nothing else");

    let (listener, url) = tcp().await;
    let device = Device::start(&url, "", "").await;
    let _silent = Line::registered(&listener).await;
    let begun = Instant::now();
    device.receivers.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "a silent registrar holds nobody up");
}

#[tokio::test]
async fn a_sender_that_comes_too_often_is_put_off_and_another_is_not() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "rate = \"1/h\"", "").await;
    let mut line = Line::registered(&listener).await;
    for id in ["1", "2"] {
        line.send(&message(id, "", b"x")).await;
        if id == "1" {
            device.delivery().await.acknowledge();
        }
        let status = if id == "1" { "SIP/2.0 200" } else { "SIP/2.0 480" };
        let answer = line.next().await;
        assert!(answer.starts_with(status), "{answer}");
    }
    line.send(&message("3", "", b"x").replace_all("sip:server@", "sip:other@")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200"));
    assert_eq!(device.refused(Refusal::Rate), 1);
}

#[tokio::test]
async fn over_udp_only_the_registrar_is_heard_and_what_is_cut_is_refused() {
    let (registrar, url) = udp().await;
    let mut device = Device::start(&url, "", "transport = \"udp\"").await;
    let (first, from) = datagram(&registrar).await;
    let (again, _) = datagram(&registrar).await;
    assert_eq!(first, again, "it repeats what nobody answers");
    registrar.send_to(&said(&first, "200 OK", "Expires: 600\r\n"), from).await.expect("sent");
    let stranger = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let large = vec![b'y'; 20_000];
    let whole = message("2", "", b"whole");
    for (socket, octets) in [
        (&stranger, message("1", "", b"forged")),
        (&registrar, vec![0xFF; 1000]),
        (&registrar, b"\r\n\r\n".to_vec()),
        (&registrar, whole[..whole.len() - 1].to_vec()),
        (&registrar, message("3", "", &large)),
    ] {
        socket.send_to(&octets, from).await.expect("sent");
    }
    let (cut, _) = datagram(&registrar).await;
    assert!(cut.starts_with("SIP/2.0 400 Bad Request\r\n"), "{cut}");
    let mut delivery = device.delivery().await;
    assert_eq!(delivery.octets, large, "beyond 8 KiB, too");
    delivery.acknowledge();
    assert!(datagram(&registrar).await.0.starts_with("SIP/2.0 200 OK\r\n"));
    assert_eq!(device.refused(Refusal::Malformed), 2);
    let answered =
        tokio::time::timeout(Duration::from_millis(50), stranger.recv(&mut [0; 9])).await;
    assert!(answered.is_err(), "a stranger learns nothing");
    assert_eq!(device.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn r16_a_list_of_sources_lets_other_proxies_through_and_nobody_else() {
    let (registrar, url) = udp().await;
    let lines = "transport = \"udp\"\nkeep_alive = \"1 s\"\nfrom = [\"127.0.0.1\", \"127.0.0.9\"]";
    let mut device = Device::start(&url, "", lines).await;
    let (register, from) = datagram(&registrar).await;
    registrar.send_to(&said(&register, "200 OK", "Expires: 600\r\n"), from).await.expect("sent");
    let proxy = UdpSocket::bind("127.0.0.9:0").await.expect("bound");
    let stranger = UdpSocket::bind("127.0.0.8:0").await.expect("bound");
    stranger.send_to(&message("1", "", b"forged"), from).await.expect("sent");
    proxy.send_to(&message("2", "", b"good"), from).await.expect("sent");
    let mut delivery = device.delivery().await;
    assert_eq!(delivery.octets, b"good");
    delivery.acknowledge();
    let (answer, _) = datagram(&proxy).await;
    assert!(answer.starts_with("SIP/2.0 200 OK\r\n"), "{answer}");
    assert_eq!(datagram(&registrar).await.0, "\r\n\r\n", "the way is kept open");

    let (listener, url) = tcp().await;
    let _device = Device::start(&url, "", "from = [\"127.0.0.9\"]").await;
    let line = Line::accept(&listener).await;
    line.hangs_up().await;
}

#[tokio::test]
async fn a_flood_of_garbage_is_counted_and_the_next_message_is_taken() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let stray = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK0\r\nl: 0\r\n\r\n";
    let mut octets = Vec::new();
    for _ in 0..3000 {
        octets.extend_from_slice(stray);
        octets.extend_from_slice(b"\r\nX sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc");
    }
    line.send(&octets).await;
    line.send(&message("1", "", b"good")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200 OK\r\n"));
    assert_eq!(device.refused(Refusal::Malformed), 3000);
}

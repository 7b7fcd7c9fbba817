//! What receiving may cost, and who may push.

use std::time::{Duration, Instant};

use dm_agent::receive::Refusal;
use dm_push::wsp::Push;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::{DM, Rig, SOON, answer, refusal, send_udp};

#[tokio::test]
async fn http_refuses_a_large_body_announced_or_not() {
    let mut rig = Rig::start("message = \"64 B\"", "127.0.0.1").await;
    let too_large = refusal("413 Payload Too Large");
    assert_eq!(rig.post("/push", DM, &[0; 65]).await, too_large);

    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}transfer-encoding: chunked\r\n\r\n");
    let chunks = [b"28\r\n", &[b'x'; 40][..], b"\r\n"].concat();
    let request = [head.as_bytes(), &chunks.repeat(2), b"0\r\n\r\n"].concat();
    assert_eq!(rig.exchange(&request).await, too_large);
    let endless = [head.as_bytes(), &chunks.repeat(5)].concat();
    assert_eq!(rig.exchange(&endless).await, too_large);

    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}expect: 100-continue\r\n");
    let request = format!("{head}content-length: 9999999999\r\n\r\n");
    assert_eq!(rig.exchange(request.as_bytes()).await, too_large);

    assert_eq!(rig.deliver(DM, &[0; 64]).await.octets.len(), 64);
    rig.refused(Refusal::TooLarge, 4).await;
}

#[tokio::test]
async fn a_full_queue_drops_datagrams_and_defers_http() {
    let mut rig = Rig::start("queue = 1", "127.0.0.1").await;
    send_udp(rig.udp(), &Push::dm(1, b"first").write()).await;
    rig.accepted(1).await;
    assert_eq!(rig.post("/push", DM, b"second").await, refusal("503 Service Unavailable"));
    send_udp(rig.udp(), &Push::dm(1, b"third").write()).await;
    rig.refused(Refusal::QueueFull, 2).await;
    assert_eq!(rig.next().await.octets, b"first");
    assert_eq!(rig.deliver(DM, b"second").await.octets, b"second");
}

#[tokio::test]
async fn others_than_the_sources_are_turned_away() {
    let rig = Rig::start("", "127.0.0.2").await;
    send_udp(rig.udp(), &Push::dm(1, b"message").write()).await;
    rig.refused(Refusal::Source, 1).await;

    let mut stream = TcpStream::connect(rig.http()).await.unwrap();
    let mut octets = [0; 8];
    let read = tokio::time::timeout(SOON, stream.read(&mut octets)).await.unwrap();
    assert_eq!(read.unwrap_or(0), 0);
    rig.refused(Refusal::Source, 2).await;
    assert_eq!(rig.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_slow_head_ends_the_connection() {
    let rig = Rig::start("header_timeout = \"100 ms\"", "127.0.0.1").await;
    let mut silent = TcpStream::connect(rig.http()).await.unwrap();
    assert_eq!(answer(&mut silent).await, "");
    let mut slow = TcpStream::connect(rig.http()).await.unwrap();
    slow.write_all(b"POST /push HTTP/1.1\r\nhost:").await.unwrap();
    answer(&mut slow).await;
    rig.refused(Refusal::HeadTimeout, 2).await;
}

#[tokio::test]
async fn a_slow_body_ends_the_connection() {
    let rig = Rig::start("body_timeout = \"100 ms\"", "127.0.0.1").await;
    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}content-length: 5\r\n\r\nhal");
    assert_eq!(rig.exchange(head.as_bytes()).await, refusal("408 Request Timeout"));
    rig.refused(Refusal::BodyTimeout, 1).await;
}

#[tokio::test]
async fn connections_above_the_limit_wait_their_turn() {
    let limits = "connections = 1\nheader_timeout = \"300 ms\"";
    let mut rig = Rig::start(limits, "127.0.0.1").await;
    let start = Instant::now();
    let mut silent = TcpStream::connect(rig.http()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(rig.deliver(DM, b"waited").await.octets, b"waited");
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    assert_eq!(answer(&mut silent).await, "");
}

#[tokio::test]
async fn a_source_that_comes_too_often_is_turned_away_and_others_are_not() {
    let mut rig = Rig::start("rate = \"1/h\"\nburst = 2", "127.0.0.0/8").await;
    assert_eq!(rig.deliver(DM, b"first").await.octets, b"first");
    send_udp(rig.udp(), &Push::dm(1, b"second").write()).await;
    assert_eq!(rig.next().await.octets, b"second", "both transports count");
    assert_eq!(rig.post("/push", DM, b"third").await, refusal("429 Too Many Requests"));
    send_udp(rig.udp(), &Push::dm(1, b"fourth").write()).await;
    rig.refused(Refusal::Rate, 2).await;
    let other = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    other.send_to(&Push::dm(1, b"fifth").write(), rig.udp()).await.unwrap();
    assert_eq!(rig.next().await.octets, b"fifth");
}

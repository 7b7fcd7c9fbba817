//! Pushes over HTTP.

use std::time::Duration;

use dm_agent::receive::{Refusal, Transport};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::rig::{ACCEPTED, DM, Rig, SOON, exchange, refusal, request};

#[tokio::test]
async fn http_delivers_the_message_unchanged() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let to = format!("http://{}/push", rig.http()).parse().unwrap();
    let message = vec![0xA5; 1 << 20];
    let sent = dm_transport::send(&message, &to, SOON);
    let (receipt, delivery) = tokio::join!(sent, rig.next());
    assert_eq!(receipt.unwrap().rung(), Some(3));
    assert_eq!(delivery.octets, message);
    let from = Some([127, 0, 0, 1].into());
    assert_eq!((delivery.transport, delivery.from.ip()), (Transport::Http, from));
}

#[tokio::test]
async fn http_acknowledges_every_message_in_the_same_words() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    for body in [&b"\x02\xA4\x01\x6A\x00"[..], b"no WBXML at all", &[0; 100_000]] {
        assert_eq!(rig.deliver(DM, body).await.octets, body);
    }
}

/// Nobody has looked into a message when it is acknowledged: it is only kept. What it is, and how long
/// it takes to find out, cannot be seen.
#[tokio::test]
async fn http_acknowledges_what_is_kept_and_nothing_else() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let lost = tokio::spawn(exchange(rig.http(), request("/push", DM, b"lost")));
    drop(rig.deliveries.recv().await.unwrap());
    assert_eq!(lost.await.unwrap(), refusal("503 Service Unavailable"));
    rig.refused(Refusal::NotKept, 1).await;

    let slow = tokio::spawn(exchange(rig.http(), request("/push", DM, b"kept late")));
    let mut delivery = rig.deliveries.recv().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!slow.is_finished());
    delivery.acknowledge();
    assert_eq!(slow.await.unwrap(), ACCEPTED);
}

#[tokio::test]
async fn http_takes_a_chunked_body() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}transfer-encoding: chunked\r\n\r\n");
    let request = [head.as_bytes(), b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"].concat();
    assert_eq!(rig.deliver_request(&request).await.octets, b"abcde");
}

#[tokio::test]
async fn http_refuses_by_status_alone() {
    let rig = Rig::start("message = \"64 B\"", "127.0.0.1").await;
    let not_found = refusal("404 Not Found");
    assert_eq!(rig.post("/other", DM, b"x").await, not_found);
    assert_eq!(rig.post("/push/", DM, b"x").await, not_found);

    let get = rig.exchange(b"GET /push HTTP/1.1\r\nhost: d\r\n\r\n").await;
    assert!(get.starts_with("HTTP/1.1 405 Method Not Allowed\r\nallow: POST\r\n"), "{get}");

    let unsupported = refusal("415 Unsupported Media Type");
    assert_eq!(rig.post("/push", "", b"x").await, unsupported);
    assert_eq!(rig.post("/push", "content-type: text/xml\r\n", b"x").await, unsupported);
    let browser = format!("{DM}x-wap-application-id: x-wap-application:wml.ua\r\n");
    assert_eq!(rig.post("/push", &browser, b"x").await, unsupported);

    assert_eq!(rig.post("/push", DM, b"").await, refusal("400 Bad Request"));
    assert!(rig.exchange(b"\x16\x03\x01 no HTTP\r\n\r\n").await.starts_with("HTTP/1.1 400 "));

    rig.refused(Refusal::Path, 2).await;
    rig.refused(Refusal::Method, 1).await;
    rig.refused(Refusal::ContentType, 2).await;
    rig.refused(Refusal::ApplicationId, 1).await;
    rig.refused(Refusal::Empty, 1).await;
    rig.refused(Refusal::Malformed, 1).await;
    assert_eq!(rig.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_sender_that_breaks_off_delivers_nothing() {
    let rig = Rig::start("", "127.0.0.1").await;
    let mut stream = TcpStream::connect(rig.http()).await.unwrap();
    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}content-length: 5\r\n\r\nhal");
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    rig.refused(Refusal::BrokenOff, 1).await;
    assert_eq!(rig.receivers.tally().accepted(), 0);
}

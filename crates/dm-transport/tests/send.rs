//! Sending over real sockets of this machine.

use std::net::SocketAddr;
use std::time::Duration;

use dm_push::wsp::Push;
use dm_transport::{Address, SendError, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

const SOON: Duration = Duration::from_secs(5);

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

/// A server of one connection: reads a request, then answers with `answer` or holds still.
async fn server(answer: Option<&'static str>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("its address");
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = String::new();
        while !request.ends_with("message!") {
            let mut part = [0; 1024];
            let read = stream.read(&mut part).await.expect("a request");
            assert_ne!(read, 0, "the request ends early: {request}");
            request.push_str(&String::from_utf8_lossy(&part[..read]));
        }
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.expect("answered"),
            None => tokio::time::sleep(SOON).await,
        }
        request
    });
    (at, served)
}

async fn post_to_server(answer: Option<&'static str>, deadline: Duration) -> Result<u8, SendError> {
    let (at, _served) = server(answer).await;
    let to = address(&format!("http://{at}/push"));
    send(b"message!", &to, deadline).await.map(|receipt| receipt.rung().unwrap_or(0))
}

#[tokio::test]
async fn udp_carries_the_push_in_one_datagram() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = address(&format!("udp://{}", socket.local_addr().unwrap()));
    let receipt = send(b"message!", &to, SOON).await.unwrap();
    assert_eq!((receipt.rung(), receipt.note()), (Some(2), None));

    let mut datagram = [0; 100];
    let length = socket.recv(&mut datagram).await.unwrap();
    let push = Push::read(&datagram[..length]).unwrap();
    assert_eq!(push, Push::dm(push.transaction_id, b"message!"));
}

#[tokio::test]
async fn udp_warns_of_fragments() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = address(&format!("udp://{}", socket.local_addr().unwrap()));
    let receipt = send(&[0; 1_395], &to, SOON).await.unwrap();
    assert!(receipt.note().unwrap().contains("fragments"));
    assert!(send(&[0; 1_394], &to, SOON).await.unwrap().note().is_none());
}

#[tokio::test]
async fn udp_refuses_what_no_datagram_holds() {
    let error = send(&[0; 65_502], &address("udp://127.0.0.1"), SOON).await.unwrap_err();
    assert!(error.to_string().contains("has 65508 octets, a datagram holds at most 65507"));
}

#[tokio::test]
async fn udp_notices_a_closed_port_of_this_machine() {
    let port = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let to = address(&format!("udp://127.0.0.1:{port}"));
    for _ in 0..100 {
        // The kernel answers at once unless it is very busy.
        if let Err(error) = send(b"message!", &to, SOON).await {
            return assert!(matches!(error, SendError::Refused { .. }), "{error}");
        }
    }
    panic!("a hundred datagrams to a closed port, and no refusal");
}

#[tokio::test]
async fn http_posts_the_message_unchanged() {
    let (at, served) = server(Some("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")).await;
    let to = address(&format!("http://{at}/some/path"));
    let receipt = send(b"message!", &to, SOON).await.unwrap();
    assert_eq!((receipt.rung(), receipt.on_screen()), (Some(3), "reached"));

    let request = served.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /some/path HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/vnd.syncml.dm+wbxml"), "{head}");
    assert!(head.contains("x-wap-application-id: x-wap-application:syncml.dm"), "{head}");
    assert!(head.contains("content-length: 8"), "{head}");
    assert_eq!(body, "message!");
}

#[tokio::test]
async fn http_resolves_names() {
    let (at, _served) = server(Some("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let to = address(&format!("http://localhost:{}/push", at.port()));
    assert_eq!(send(b"message!", &to, SOON).await.unwrap().rung(), Some(3));
}

#[tokio::test]
async fn http_does_not_follow_a_redirect() {
    let answer = "HTTP/1.1 307 Moved\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n";
    let error = post_to_server(Some(answer), SOON).await.unwrap_err();
    assert!(matches!(error, SendError::Redirected { status: 307, .. }), "{error}");
}

#[tokio::test]
async fn http_says_what_a_refusal_means() {
    let answer = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let error = post_to_server(Some(answer), SOON).await.unwrap_err().to_string();
    assert!(error.ends_with("answered 503; the device is busy: send again later"), "{error}");
}

#[tokio::test]
async fn http_waits_no_longer_than_the_deadline() {
    let error = post_to_server(None, Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout { .. }));
    assert!(error.to_string().contains("within 0.1 s; it may have arrived"), "{error}");
}

#[tokio::test]
async fn http_says_that_nothing_listens() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let to = address(&format!("http://127.0.0.1:{port}/push"));
    let error = send(b"message!", &to, SOON).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn http_says_that_the_exchange_broke_off() {
    let error = post_to_server(Some(""), SOON).await.unwrap_err();
    assert!(matches!(error, SendError::BrokenOff { .. }), "{error}");
}

#[tokio::test]
async fn an_unknown_name_is_named() {
    let to = address("udp://no-such-device.invalid");
    let error = send(b"message!", &to, SOON).await.unwrap_err();
    assert!(matches!(error, SendError::NotResolved { .. }), "{error}");
    assert!(error.to_string().contains("udp://no-such-device.invalid:2948"), "{error}");
}

#[tokio::test]
async fn nothing_is_not_sent() {
    let error = send(b"", &address("udp://127.0.0.1"), SOON).await.unwrap_err();
    assert!(matches!(error, SendError::Empty));
}

//! Servers that are absent, slow, half there, or gone in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dm_push::receipt::{Detail, Says};
use dm_transport::{HttpConfig, Next, Route, SendError, attempt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::{next, outgoing, route};

/// What a server does with each request of a connection, one after the other.
#[derive(Clone, Copy)]
enum Does {
    Answers(&'static str),
    /// It reads the request, and closes the connection.
    Closes,
    /// It answers, and closes the connection a little later, without having said so.
    AnswersAndCloses(&'static str),
    HoldsStill,
}

/// A server whose connections do this, and how many requests it read.
async fn server(does: &'static [&'static [Does]]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("http://{}/push", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        for does in does {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(serve(stream, does, counted.clone()));
        }
        std::future::pending::<()>().await;
    });
    (to, count)
}

async fn serve(mut stream: TcpStream, does: &[Does], count: Arc<AtomicUsize>) {
    for does in does {
        let mut octets = Vec::new();
        while !octets.ends_with(b"message!") {
            let mut part = [0; 1_024];
            let read = stream.read(&mut part).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            octets.extend_from_slice(&part[..read]);
        }
        count.fetch_add(1, Ordering::Relaxed);
        match does {
            Does::Answers(answer) => stream.write_all(answer.as_bytes()).await.expect("answered"),
            Does::AnswersAndCloses(answer) => {
                stream.write_all(answer.as_bytes()).await.expect("answered");
                return;
            }
            Does::Closes => return,
            Does::HoldsStill => std::future::pending().await,
        }
    }
    std::future::pending::<()>().await;
}

const TAKEN: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
const MESSAGE: &[u8] = b"message!";

#[tokio::test]
async fn a_connection_is_kept_for_the_next_message() {
    let (to, count) = server(&[&[Does::Answers(TAKEN), Does::Answers(TAKEN)]]).await;
    let (route, mut told) = route(&HttpConfig::default());
    for _ in 0..2 {
        attempt(&route, &outgoing("one", MESSAGE, &to)).await.unwrap();
        assert_eq!(next(&mut told).await.receipt.says(), Says::Reached);
    }
    assert_eq!(count.load(Ordering::Relaxed), 2, "there is no second connection");
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_costs_nothing() {
    let (to, count) =
        server(&[&[Does::AnswersAndCloses(TAKEN)], &[Does::AnswersAndCloses(TAKEN)]]).await;
    let (route, _told) = route(&HttpConfig::default());
    attempt(&route, &outgoing("one", MESSAGE, &to)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    attempt(&route, &outgoing("two", MESSAGE, &to)).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_may_have_arrived_is_not_sent_again_from_here() {
    let (to, count) =
        server(&[&[Does::Answers(TAKEN), Does::Closes], &[Does::Answers(TAKEN)]]).await;
    let (route, _told) = route(&HttpConfig::default());
    attempt(&route, &outgoing("one", MESSAGE, &to)).await.unwrap();
    let error = attempt(&route, &outgoing("two", MESSAGE, &to)).await.unwrap_err();
    assert!(matches!(error, SendError::BrokenOff { .. }) && error.may_have_arrived(), "{error}");
    assert_eq!((error.next(), count.load(Ordering::Relaxed)), (Next::Again, 2));
}

#[tokio::test]
async fn what_broke_an_exchange_is_told() {
    for (does, why) in [
        (
            &[&[Does::Closes] as &[_]] as &'static [&'static [Does]],
            "connection closed before message",
        ),
        (&[&[Does::AnswersAndCloses("220 mail.example ESMTP\r\n\r\n")]], "invalid HTTP version"),
        (
            &[&[Does::Answers(
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            )]],
            "invalid content-length",
        ),
    ] {
        let (to, _) = server(does).await;
        let (route, _told) = route(&HttpConfig::default());
        let error = attempt(&route, &outgoing("one", MESSAGE, &to)).await.unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, SendError::BrokenOff { .. }) && said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_holds_still_costs_its_own_message_alone() {
    let (to, _count) = server(&[&[Does::HoldsStill], &[Does::Answers(TAKEN)]]).await;
    let (route, _told) = route(&HttpConfig::default());
    let mut slow = outgoing("one", MESSAGE, &to);
    slow.deadline = Instant::now() + Duration::from_millis(200);
    let error = attempt(&route, &slow).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout { .. }) && error.may_have_arrived(), "{error}");
    attempt(&route, &outgoing("two", MESSAGE, &to)).await.unwrap();
}

#[tokio::test]
async fn a_status_that_came_counts_though_its_body_does_not_end() {
    const ENDLESS: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 1000000\r\n\r\nx";
    let (to, _count) = server(&[&[Does::Answers(ENDLESS), Does::HoldsStill]]).await;
    let (route, mut told) = route(&HttpConfig::default());
    let mut outgoing = outgoing("one", MESSAGE, &to);
    outgoing.deadline = Instant::now() + Duration::from_secs(2);
    attempt(&route, &outgoing).await.unwrap();
    assert_eq!(next(&mut told).await.receipt.detail(), Detail::Http { status: 202 });
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_no_connection() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("https://{}/push", silent.local_addr().unwrap());
    let config =
        HttpConfig { connect_timeout: Duration::from_millis(200), ..HttpConfig::default() };
    let error = attempt(&route(&config).0, &outgoing("one", MESSAGE, &to)).await.unwrap_err();
    assert!(matches!(error, SendError::NotReached { .. }), "{error}");
    assert!(!error.may_have_arrived() && error.next() == Next::Again);

    drop(silent);
    let error = attempt(&route(&config).0, &outgoing("one", MESSAGE, &to)).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error}");
    let to = to.replace("127.0.0.1", "no-such-device.invalid");
    let error = attempt(&route(&config).0, &outgoing("one", MESSAGE, &to)).await.unwrap_err();
    assert!(matches!(error, SendError::NotResolved { .. }), "{error}");
}

#[tokio::test]
async fn a_gateway_s_answer_is_rung_two() {
    let (to, _count) = server(&[&[Does::Answers(TAKEN)]]).await;
    let (route, mut told) = route(&HttpConfig { gateway: true, ..HttpConfig::default() });
    let outgoing = outgoing("one", MESSAGE, &to);
    assert_eq!(route.plan(&outgoing).unwrap().octets, 8);
    attempt(&route, &outgoing).await.unwrap();
    assert_eq!(next(&mut told).await.receipt.rung(), Some(2));
}

#[tokio::test]
async fn each_status_says_what_may_be_tried_next() {
    macro_rules! status {
        ($line:literal) => {
            &[Does::Answers(concat!("HTTP/1.1 ", $line, "\r\ncontent-length: 0\r\n\r\n"))]
        };
    }
    const SERVES: &[&[Does]] = &[
        status!("413 Too large"),
        status!("415 Type"),
        status!("404 No"),
        status!("401 Who"),
        status!("307 There\r\nlocation: /there"),
        status!("408 Slow"),
        status!("500 Failed"),
        status!("429 Less\r\nretry-after: 30"),
        status!("503 Busy\r\nretry-after: 120"),
    ];
    let (to, _count) = server(SERVES).await;
    for (next, wait) in [
        (Next::OtherRoute, None),
        (Next::OtherRoute, None),
        (Next::OtherRoute, None),
        (Next::OtherRoute, None),
        (Next::OtherRoute, None),
        (Next::Again, None),
        (Next::Again, None),
        (Next::Again, Some(30)),
        (Next::Again, Some(120)),
    ] {
        // Each over a connection of its own.
        let (route, mut told) = route(&HttpConfig::default());
        let error = attempt(&route, &outgoing("one", MESSAGE, &to)).await.unwrap_err();
        assert_eq!(error.next(), next, "{error}");
        assert_eq!(error.wait(), wait.map(Duration::from_secs), "{error}");
        assert!(told.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_wsp_push_and_an_address_of_another_transport_are_not_for_it() {
    let (route, _told) = route(&HttpConfig::default());
    let push = b"\x01\x06\x03\xC2\xAF\x87body";
    let error = attempt(&route, &outgoing("one", push, "http://127.0.0.1/")).await.unwrap_err();
    assert!(matches!(error, SendError::Wrapped { .. }), "{error}");
    let error = attempt(&route, &outgoing("one", MESSAGE, "udp://127.0.0.1")).await.unwrap_err();
    assert!(matches!(error, SendError::Address { transport: "HTTP", .. }), "{error}");
}

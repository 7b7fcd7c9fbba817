//! HTTP/2 where it differs: streams that are refused, connections that end, and those that are dead.

use std::time::Duration;

use dm_transport::{HttpConfig, HttpVersion, Next, SendError, attempt};
use h2::server::{Connection, SendResponse};
use hyper::body::Bytes;
use hyper::{Response, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::{next, outgoing, route};

/// HTTP/2 without TLS.
fn config() -> HttpConfig {
    let ping = Duration::from_millis(100);
    HttpConfig { version: HttpVersion::Http2, ping, ..HttpConfig::default() }
}

type Server = Connection<TcpStream, Bytes>;

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("http://{}/push", listener.local_addr().expect("an address"));
    (listener, to)
}

async fn accept(listener: &TcpListener) -> Server {
    let (stream, _) = listener.accept().await.expect("a connection");
    h2::server::handshake(stream).await.expect("a handshake")
}

/// The next request, and its body.
async fn request(server: &mut Server) -> (SendResponse<Bytes>, Vec<u8>) {
    let (request, respond) = server.accept().await.expect("a request").expect("a request");
    let mut body = request.into_body();
    let mut octets = Vec::new();
    while octets.len() < 2 {
        // The connection is what brings the body.
        tokio::select! {
            data = body.data() => octets.extend_from_slice(&data.expect("data").expect("data")),
            closed = std::future::poll_fn(|context| server.poll_closed(context)) => panic!("{closed:?}"),
        }
    }
    (respond, octets)
}

fn take(mut respond: SendResponse<Bytes>) {
    let answer = Response::builder().status(StatusCode::NO_CONTENT).body(()).expect("an answer");
    respond.send_response(answer, true).expect("sent");
}

#[tokio::test]
async fn a_stream_that_was_refused_is_asked_for_again() {
    let (listener, to) = listen().await;
    let (tell, mut seen) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut server = accept(&listener).await;
        let (mut refused, _) = request(&mut server).await;
        refused.send_reset(h2::Reason::REFUSED_STREAM);
        let (taken, octets) = request(&mut server).await;
        take(taken);
        let _ = tell.send(octets);
        while server.accept().await.is_some() {}
    });
    let (route, mut told) = route(&config());
    attempt(&route, &outgoing("one", b"\x02m", &to)).await.unwrap();
    assert_eq!(seen.recv().await.unwrap(), b"\x02m");
    assert_eq!(next(&mut told).await.receipt.rung(), Some(3));
}

#[tokio::test]
async fn a_stream_that_broke_otherwise_may_have_been_taken() {
    let (listener, to) = listen().await;
    tokio::spawn(async move {
        let mut server = accept(&listener).await;
        let (mut failed, _) = request(&mut server).await;
        failed.send_reset(h2::Reason::INTERNAL_ERROR);
        let next = server.accept().await;
        assert!(next.is_none(), "it came again");
    });
    let (route, mut told) = route(&config());
    let error = attempt(&route, &outgoing("one", b"\x02m", &to)).await.unwrap_err();
    assert!(matches!(error, SendError::BrokenOff { .. }) && error.may_have_arrived(), "{error}");
    assert_eq!(error.next(), Next::Again);
    assert!(told.try_recv().is_err());
}

/// The peer is there no more, and nobody says so: pings find it out.
#[tokio::test]
async fn a_dead_connection_is_left() {
    let (listener, to) = listen().await;
    tokio::spawn(async move {
        let mut dead = accept(&listener).await;
        let (taken, _) = request(&mut dead).await;
        take(taken);
        let (_held, _) = request(&mut dead).await;
        // From here on nothing of it is read or written.
        let mut server = accept(&listener).await;
        let (taken, _) = request(&mut server).await;
        take(taken);
        while server.accept().await.is_some() {}
    });
    let (route, _told) = route(&config());
    attempt(&route, &outgoing("one", b"\x02m", &to)).await.unwrap();
    let error = attempt(&route, &outgoing("two", b"\x02m", &to)).await.unwrap_err();
    assert!(matches!(error, SendError::BrokenOff { .. }) && error.may_have_arrived(), "{error}");
    attempt(&route, &outgoing("three", b"\x02m", &to)).await.unwrap();
}

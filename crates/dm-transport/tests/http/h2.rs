//! HTTP/2 where it differs: streams that are refused, connections that end, and those that are dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dm_transport::{ClientTls, HttpConfig, HttpVersion, Next, SendError, attempt};
use h2::server::{Connection, SendResponse};
use hyper::body::Bytes;
use hyper::{Response, StatusCode};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::{next, outgoing, route};

/// HTTP/2 without TLS.
fn config() -> HttpConfig {
    let ping = Duration::from_millis(100);
    HttpConfig { version: HttpVersion::Http2, ping, ..HttpConfig::default() }
}

type Server<T = TcpStream> = Connection<T, Bytes>;

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
async fn request<T: AsyncRead + AsyncWrite + Unpin>(
    server: &mut Server<T>,
) -> (SendResponse<Bytes>, Vec<u8>) {
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

/// Many at once to a host of which nothing is known: few connections are begun, and one is used from then on.
#[tokio::test]
async fn many_at_once_share_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let (listener, to) = listen().await;
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            counted.fetch_add(1, Ordering::Relaxed);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.expect("a handshake");
                let mut server: Server<_> = h2::server::handshake(stream).await.expect("HTTP/2");
                while let Some(Ok((_, respond))) = server.accept().await {
                    take(respond);
                }
            });
        }
    });
    let tls = ClientTls { ca: Some(authority.path()), ..ClientTls::default() };
    let (route, mut told) = route(&HttpConfig { tls, ..HttpConfig::default() });
    let (route, to) = (Arc::new(route), to.replace("http:", "https:"));
    for _ in 0..2 {
        let mut senders = tokio::task::JoinSet::new();
        for number in 0..200 {
            let (route, to) = (route.clone(), to.clone());
            let id = number.to_string();
            senders.spawn(async move { attempt(&*route, &outgoing(&id, b"\x02m", &to)).await });
        }
        while let Some(sent) = senders.join_next().await {
            sent.unwrap().unwrap();
            next(&mut told).await;
        }
    }
    let connections = connections.load(Ordering::Relaxed);
    assert!(connections <= 9, "eight that found out, and one: {connections}");
}

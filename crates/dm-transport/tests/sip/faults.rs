//! Proxies that are away, silent, busy, or not who they should be.

use std::path::Path;
use std::time::Duration;

use dm_transport::{Guarded, Limits, Next, Route, SendError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::lab::{Lab, Line, SOON, listener, outgoing};
use crate::peer::free_port;

#[tokio::test]
async fn a_proxy_that_is_away_has_nothing() {
    let to = format!("sip:d@127.0.0.1:{};transport=tcp", free_port());
    let lab = Lab::new("");
    let error = lab.send("m", &to, b"\x02m").await.expect_err("away");
    let is_it = matches!(&error, SendError::Network { source, .. }
        if source.kind() == std::io::ErrorKind::ConnectionRefused);
    assert!(is_it && !error.may_have_arrived() && lab.route.is_to_blame(&error), "{error}");
    let error = lab.send("m", "sip:d@no-such-proxy.invalid", b"\x02m").await.expect_err("away");
    assert!(matches!(error, SendError::NotResolved { .. }), "{error}");
}

#[tokio::test]
async fn a_proxy_that_says_nothing_is_asked_over_another_connection_next() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", Duration::from_millis(2_300));
    let mut silent = Line::accept(&listener).await;
    silent.next().await;
    let error = sending.await.expect("no panic").expect_err("silent");
    assert!(matches!(error, SendError::Silent { .. }) && error.may_have_arrived(), "{error}");
    assert!(lab.route.is_to_blame(&error), "nothing at all was heard");
    let sending = lab.sends("n", &to, b"\x02n", SOON);
    let mut other = Line::accept(&listener).await;
    let request = other.next().await;
    other.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
    assert!(silent.is_silent(Duration::from_millis(100)).await, "nothing twice");
}

#[tokio::test]
async fn a_device_that_says_nothing_is_not_the_fault_of_a_proxy_that_does() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let away = lab.sends("away", &to, b"\x02a", Duration::from_millis(600));
    let mut line = Line::accept(&listener).await;
    line.next().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let there = lab.sends("there", &to, b"\x02t", SOON);
    let request = line.next().await;
    line.answer(&request, "200 OK", "").await;
    there.await.expect("no panic").expect("taken");
    let error = away.await.expect("no panic").expect_err("away");
    assert!(matches!(error, SendError::Silent { .. }) && !lab.route.is_to_blame(&error));
}

#[tokio::test]
async fn statuses_say_what_may_be_tried_next() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let mut line = None;
    for (status, next, may_have_arrived) in [
        ("302 Moved", Next::OtherRoute, false),
        ("403 No", Next::OtherRoute, false),
        ("404 Not here", Next::Again, false),
        ("408 Timeout", Next::Again, true),
        ("413 Too large", Next::OtherRoute, false),
        ("415 What", Next::OtherRoute, false),
        ("430 Flow failed", Next::Again, false),
        ("480 Away", Next::Again, false),
        ("486 Busy", Next::Again, false),
        ("500 Broken", Next::Again, false),
        ("501 What", Next::OtherRoute, false),
        ("503 Busy", Next::Again, false),
        ("504 Timeout", Next::Again, true),
        ("513 Too large", Next::OtherRoute, false),
        ("603 Decline", Next::Again, false),
        ("604 Nowhere", Next::OtherRoute, false),
    ] {
        let sending = lab.sends("m", &to, b"\x02m", SOON);
        if line.is_none() {
            line = Some(Line::accept(&listener).await);
        }
        let line = line.as_mut().expect("one");
        let request = line.next().await;
        line.answer(&request, status, "Retry-After: 7\r\n").await;
        let error = sending.await.expect("no panic").expect_err("refused");
        assert_eq!((error.next(), error.may_have_arrived()), (next, may_have_arrived), "{error}");
        assert_eq!(error.wait(), Some(Duration::from_secs(7)), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_sip_ends_the_connection() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    line.next().await;
    line.stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("written");
    let error = sending.await.expect("no panic").expect_err("broken");
    assert!(error.to_string().contains("what came is no SIP"), "{error}");
}

#[tokio::test]
async fn limits_of_a_route_stand_around_it() {
    let to = format!("sip:d@127.0.0.1:{};transport=tcp", free_port());
    let config = toml::from_str("").expect("a configuration");
    let (tell, _told) = tokio::sync::mpsc::channel(1);
    let teller = dm_transport::Teller::new("sip", tell);
    let route = dm_transport::SipRoute::new(&config, crate::lab::hash, teller).expect("a route");
    let guarded =
        Guarded::new("sip", Box::new(route), &Limits { failures: 2, ..Limits::default() });
    let outgoing = outgoing("m", &to, b"\x02m", SOON);
    for _ in 0..2 {
        assert!(matches!(guarded.send(&outgoing).await, Err(SendError::Network { .. })));
    }
    assert!(matches!(guarded.send(&outgoing).await, Err(SendError::RouteDown { .. })));
}

/// Somebody who speaks TLS with this certificate, and says nothing else.
async fn tls(certificate: &Path, key: &Path) -> String {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("sips:d@{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    to
}

#[tokio::test]
async fn whoever_cannot_prove_who_it_is_hears_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let [authority, other] = ["ca", "other"].map(|name| Authority::new(folder.path(), name));
    let config = format!("tls = {{ ca = {:?} }}\nconnect_timeout = \"5 s\"", authority.path());
    let expired = authority.issue_expired("127.0.0.1");
    let stranger = other.issue("127.0.0.1");
    for ((certificate, key), word) in [(expired, "Expired"), (stranger, "UnknownIssuer")] {
        let to = tls(&certificate, &key).await;
        let lab = Lab::new(&config);
        let error = lab.send("m", &to, b"\x02m").await.expect_err("not trusted");
        assert!(matches!(error, SendError::Tls { .. }), "{error}");
        assert!(format!("{error:?}").contains(word) && !error.may_have_arrived(), "{error:?}");
        assert!(lab.route.is_to_blame(&error));
    }
    let another_name = authority.issue("other.example");
    let to = tls(&another_name.0, &another_name.1).await;
    let error = Lab::new(&config).send("m", &to, b"\x02m").await.expect_err("another name");
    assert!(matches!(error, SendError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("sips:d@{}", listener.local_addr().expect("an address"));
    let lab = Lab::new("connect_timeout = \"300 ms\"");
    let error = lab.send("m", &to, b"\x02m").await.expect_err("silent");
    assert!(matches!(error, SendError::NotReached { .. }), "{error}");
    assert!(!error.may_have_arrived());
    assert!(timeout(SOON, listener.accept()).await.is_ok());
}

#[test]
fn a_wsp_push_and_an_address_of_another_transport_are_for_other_routes() {
    let lab = Lab::new("");
    let push = dm_push::wsp::Push::dm(1, b"\x02m").write();
    let error = lab.route.plan(&outgoing("m", "sip:d@h", &push, SOON)).expect_err("wrapped");
    assert!(matches!(error, SendError::Wrapped { .. }), "{error}");
    let error = lab.route.plan(&outgoing("m", "udp://h", b"\x02m", SOON)).expect_err("another");
    assert!(matches!(error, SendError::Address { transport: "SIP", .. }), "{error}");
}

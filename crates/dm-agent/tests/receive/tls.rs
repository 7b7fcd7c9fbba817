//! HTTP pushes over TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dm_agent::Config;
use dm_agent::receive::{Receivers, Refusal};
use dm_transport::{
    ClientTls, HttpConfig, HttpRoute, Outgoing, PushId, Receipt, SendError, Teller, attempt,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::authority::Authority;
use crate::rig::{ACCEPTED, DM, Rig, SOON, refusal, request};

/// A listener with a certificate for 127.0.0.1, and clients for it.
struct Tls {
    _folder: TempDir,
    authority: Authority,
    rig: Rig,
}

impl Tls {
    async fn start(limits: &str, keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("as the test has it");
        let authority = Authority::new(folder.path(), "ca");
        let (certificate, key) = authority.issue("127.0.0.1");
        let keys = keys.replace("CA", authority.path().to_str().expect("as the test has it"));
        let listen = format!(
            "[[listen]]\ntransport = \"http\"\naddress = \"127.0.0.1:0\"\n\
             certificate = {certificate:?}\nkey = {key:?}\n{keys}"
        );
        let rig = Rig::start_with(limits, "127.0.0.1", &listen).await;
        Self { _folder: folder, authority, rig }
    }

    /// What comes back of a push.
    async fn post(&self, own: Option<(PathBuf, PathBuf)>, body: &[u8]) -> String {
        let to = self.rig.receivers.local_addrs()[2];
        push(to, &self.authority.path(), own, body.to_vec()).await
    }

    /// A push that is to be accepted.
    async fn deliver(&mut self, own: Option<(PathBuf, PathBuf)>, body: &[u8]) {
        let to = self.rig.receivers.local_addrs()[2];
        let ca = self.authority.path();
        let answer = {
            let body = body.to_vec();
            tokio::spawn(async move { push(to, &ca, own, body).await })
        };
        assert_eq!(self.rig.next().await.octets, body);
        assert_eq!(answer.await.expect("as the test has it"), ACCEPTED);
    }
}

async fn push(
    to: std::net::SocketAddr,
    ca: &Path,
    own: Option<(PathBuf, PathBuf)>,
    body: Vec<u8>,
) -> String {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).expect("as the test has it"))
        .expect("as the test has it");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("as the test has it")
        .with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate =
                CertificateDer::from_pem_file(certificate).expect("as the test has it");
            let key = PrivateKeyDer::from_pem_file(key).expect("as the test has it");
            builder.with_client_auth_cert(vec![certificate], key).expect("as the test has it")
        }
    };
    let stream = TcpStream::connect(to).await.expect("as the test has it");
    let name = ServerName::from(to.ip());
    let Ok(mut stream) = TlsConnector::from(Arc::new(config)).connect(name, stream).await else {
        return String::new();
    };
    let mut answer = Vec::new();
    let _ = stream.write_all(&request("/push", DM, &body)).await;
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut answer))
        .await
        .expect("as the test has it");
    String::from_utf8(answer).expect("as the test has it")
}

#[tokio::test]
async fn a_push_over_tls_is_taken_and_acknowledged_in_the_same_words() {
    let mut tls = Tls::start("", "security = \"tls\"\n").await;
    tls.deliver(None, b"over TLS").await;
    let plain =
        crate::rig::exchange(tls.rig.receivers.local_addrs()[2], request("/push", DM, b"x"));
    assert!(!plain.await.contains("HTTP/1.1"));
    tls.rig.refused(Refusal::Tls, 1).await;
}

#[tokio::test]
async fn r16_a_client_shows_a_certificate_of_the_authority_with_one_of_the_names() {
    let keys = "security = \"client-certificate\"\nclient_ca = \"CA\"\n\
                client_names = [\"ppg.example\", \"other.example\"]\n";
    let mut tls = Tls::start("", keys).await;
    let good = tls.authority.issue("ppg.example");
    tls.deliver(Some(good), b"certified").await;

    assert_eq!(tls.post(None, b"nobody").await, "");
    tls.rig.refused(Refusal::Tls, 1).await;
    let folder = tempfile::tempdir().expect("as the test has it");
    let stranger = Authority::new(folder.path(), "stranger").issue("ppg.example");
    assert_eq!(tls.post(Some(stranger), b"issued elsewhere").await, "");
    tls.rig.refused(Refusal::Tls, 2).await;
    let misnamed = tls.authority.issue("somebody.example");
    assert_eq!(tls.post(Some(misnamed), b"another name").await, "");
    tls.rig.refused(Refusal::Source, 1).await;
    assert_eq!(tls.rig.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn any_name_will_do_where_none_is_listed_and_limits_are_the_same() {
    let keys = "security = \"client-certificate\"\nclient_ca = \"CA\"\n";
    let mut tls = Tls::start("message = \"64 B\"\nrate = \"1/h\"\nburst = 2", keys).await;
    let own = tls.authority.issue("anybody.example");
    tls.deliver(Some(own.clone()), b"any").await;
    assert_eq!(tls.post(Some(own.clone()), &[0; 65]).await, refusal("413 Payload Too Large"));
    assert_eq!(tls.post(Some(own), b"too often").await, "");
    tls.rig.refused(Refusal::Rate, 1).await;
}

#[tokio::test]
async fn a_silent_client_does_not_hold_the_listener() {
    let tls = Tls::start("header_timeout = \"100 ms\"", "security = \"tls\"\n").await;
    let mut silent =
        TcpStream::connect(tls.rig.receivers.local_addrs()[2]).await.expect("as the test has it");
    assert_eq!(crate::rig::answer(&mut silent).await, "");
    tls.rig.refused(Refusal::HeadTimeout, 1).await;
}

#[tokio::test]
async fn files_that_do_not_fit_are_named_and_nothing_runs() {
    let folder = tempfile::tempdir().expect("as the test has it");
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("a.example");
    let (_, other_key) = authority.issue("b.example");
    let absent = folder.path().join("absent.pem");
    let cases =
        [(&certificate, &other_key), (&certificate, &absent), (&absent, &key), (&key, &key)];
    for (certificate, key) in cases {
        let text = format!(
            "device_id = \"d\"\nstate = \"s\"\n[[listen]]\ntransport = \"http\"\naddress = \"127.0.0.1:0\"\n\
             security = \"tls\"\ncertificate = {certificate:?}\nkey = {key:?}\n"
        );
        let config =
            Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("as the test has it");
        let (queue, _) = tokio::sync::mpsc::channel(1);
        let said = Receivers::start(&config, queue).await.unwrap_err().to_string();
        assert!(said.starts_with("TLS of [[listen]] number 1: /") && said.contains("; "), "{said}");
    }
}

#[tokio::test]
async fn a_neighbour_that_never_ends_its_handshakes_keeps_nobody_out() {
    let keys = "security = \"client-certificate\"\nclient_ca = \"CA\"\n";
    let mut tls = Tls::start("connections = 4\nheader_timeout = \"10 s\"", keys).await;
    let to = tls.rig.receivers.local_addrs()[2];
    let mut idle = Vec::new();
    for _ in 0..40 {
        let socket = tokio::net::TcpSocket::new_v4().expect("as the test has it");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("as the test has it");
        idle.push(socket.connect(to).await.expect("as the test has it"));
    }
    let own = tls.authority.issue("ppg.example.com");
    let begun = std::time::Instant::now();
    tls.deliver(Some(own), b"\x02good").await;
    assert!(begun.elapsed() < SOON / 2, "{:?}", begun.elapsed());
    tls.rig.refused(Refusal::Rate, 38).await;
    drop(idle);
}

/// The sending half, with nothing between: what it is told is what the agent did.
#[tokio::test]
async fn the_route_by_http_shows_its_certificate_and_learns_what_became_of_a_message() {
    let keys =
        "security = \"client-certificate\"\nclient_ca = \"CA\"\nclient_names = [\"ppg.example\"]\n";
    let mut tls = Tls::start("message = \"64 B\"", keys).await;
    let to = format!("https://{}/push", tls.rig.receivers.local_addrs()[2]);
    let (tell, mut told) = tokio::sync::mpsc::channel(4);
    let route = |ca: PathBuf, own: Option<(PathBuf, PathBuf)>| {
        let (certificate, key) = own.unzip();
        let config = HttpConfig {
            tls: ClientTls { ca: Some(ca), certificate, key },
            ..HttpConfig::default()
        };
        HttpRoute::new(&config, Teller::new("device", tell.clone())).expect("as the test has it")
    };
    let outgoing = |octets: &[u8]| Outgoing {
        id: PushId::new("one").expect("as the test has it"),
        octets: Arc::from(octets),
        to: to.parse().expect("as the test has it"),
        deadline: tokio::time::Instant::now() + SOON,
        valid_until: None,
    };
    let ca = tls.authority.path();
    let good = route(ca.clone(), Some(tls.authority.issue("ppg.example")));
    for octets in [&b"\x02first"[..], b"\x02second"] {
        let outgoing = outgoing(octets);
        let (sent, delivery) = tokio::join!(attempt(&good, &outgoing), tls.rig.next());
        sent.expect("as the test has it");
        assert_eq!(delivery.octets, octets);
        let told = told.recv().await.expect("as the test has it");
        assert_eq!(told.receipt.to_string(), Receipt::http_of_device(202).to_string());
    }
    let error = attempt(&good, &outgoing(&[2; 65])).await.unwrap_err();
    assert!(matches!(error, SendError::Status { status: 413, .. }), "{error}");

    for own in [None, Some(tls.authority.issue("somebody.example"))] {
        let error = attempt(&route(ca.clone(), own), &outgoing(b"\x02third")).await.unwrap_err();
        let is_it = matches!(error, SendError::Tls { .. } | SendError::BrokenOff { .. });
        assert!(is_it, "{error}");
    }
    let folder = tempfile::tempdir().expect("as the test has it");
    let stranger = Authority::new(folder.path(), "stranger").path();
    let error = attempt(&route(stranger, None), &outgoing(b"\x02")).await.unwrap_err();
    assert!(matches!(error, SendError::Tls { .. }), "{error}");
    assert!(told.try_recv().is_err(), "nothing is told of what was refused");
    assert_eq!(tls.rig.receivers.tally().accepted(), 2);
}

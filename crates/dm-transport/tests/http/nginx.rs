//! nginx takes what we post, and keeps it octet for octet.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dm_push::receipt::{Detail, Says};
use dm_transport::{ClientTls, HttpConfig, HttpVersion, Next, SendError, SetupError, attempt};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::peer::{Peer, Running, free_port};
use crate::{next, outgoing, route};

/// nginx with TLS, that demands certificates of clients.
struct Nginx {
    folder: TempDir,
    authority: Authority,
    to: String,
    _running: Running,
}

impl Nginx {
    fn start(is_expired: bool) -> Option<Self> {
        let peer = Peer::own("nginx", &["nginx"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(folder.path(), "ca");
        let (certificate, key) = match is_expired {
            true => authority.issue_expired("127.0.0.1"),
            false => authority.issue("127.0.0.1"),
        };
        let [plain, tls] = [free_port(), free_port()].map(|port| port.to_string());
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let running = peer.start(&[
            ("NGINX_WORK", &text(folder.path())),
            ("NGINX_PORT", &plain),
            ("NGINX_TLS_PORT", &tls),
            ("NGINX_TLS_CERT", &text(&certificate)),
            ("NGINX_TLS_KEY", &text(&key)),
            ("NGINX_CLIENT_CA", &text(&authority.path())),
        ]);
        let to = format!("https://127.0.0.1:{tls}/push");
        Some(Self { folder, authority, to, _running: running })
    }

    /// With a certificate of this authority, if any.
    fn config(&self, own: Option<&Authority>) -> HttpConfig {
        let (certificate, key) = own.map(|own| own.issue("server.example")).unzip();
        let tls = ClientTls { ca: Some(self.authority.path()), certificate, key };
        HttpConfig { tls, ..HttpConfig::default() }
    }

    /// Lines of what came, and their bodies: once there are so many, for nginx answers before it writes.
    async fn taken(&self, count: usize) -> Vec<(String, Vec<u8>)> {
        for _ in 0..200 {
            if self.log().lines().count() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let log = self.log();
        let taken = log.lines().map(|line| {
            let file = line.split_once("\"file\":\"").expect("a file").1.trim_end_matches("\"}");
            (line.to_owned(), fs::read(file).expect("a body"))
        });
        taken.collect()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("push.jsonl")).expect("a log")
    }
}

#[tokio::test]
async fn nginx_takes_messages_by_both_versions_from_who_shows_a_certificate() {
    let Some(nginx) = Nginx::start(false) else { return };
    for (version, octets) in
        [(HttpVersion::Any, &b"\x02\r\n\0first"[..]), (HttpVersion::Http1, b"\x02second")]
    {
        let config = HttpConfig { version, ..nginx.config(Some(&nginx.authority)) };
        let (route, mut told) = route(&config);
        attempt(&route, &outgoing("one", octets, &nginx.to)).await.unwrap();
        let told = next(&mut told).await;
        assert_eq!((told.id.as_str(), told.receipt.says()), ("one", Says::Reached));
        assert_eq!(told.receipt.detail(), Detail::Http { status: 204 });
    }
    let taken = nginx.taken(2).await;
    let bodies: Vec<_> = taken.iter().map(|it| &it.1[..]).collect();
    assert_eq!(bodies, [&b"\x02\r\n\0first"[..], b"\x02second"]);
    for (line, _) in &taken {
        assert!(line.contains("\"type\":\"application/vnd.syncml.dm+wbxml\""), "{line}");
        assert!(line.contains("\"appid\":\"x-wap-application:syncml.dm\""), "{line}");
        assert!(line.contains("\"verify\":\"SUCCESS\""), "{line}");
    }
    assert!(taken[0].0.contains("\"version\":\"HTTP/2.0\""), "{}", taken[0].0);
    assert!(taken[1].0.contains("\"version\":\"HTTP/1.1\""), "{}", taken[1].0);
}

/// nginx ends a connection after 1,000 requests: those behind that are not looked at, and come again.
#[tokio::test]
async fn of_thousands_over_connections_that_end_each_comes_once() {
    let Some(nginx) = Nginx::start(false) else { return };
    let (route, mut told) = route(&nginx.config(Some(&nginx.authority)));
    let route = Arc::new(route);
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..12 {
        let (route, to) = (route.clone(), nginx.to.clone());
        senders.spawn(async move {
            for number in 0..250 {
                let id = format!("{sender}-{number}");
                attempt(&*route, &outgoing(&id, format!("\x02{id}").as_bytes(), &to))
                    .await
                    .unwrap();
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    let mut ids = Vec::new();
    while let Ok(told) = told.try_recv() {
        ids.push(format!("\x02{}", told.id));
    }
    let taken = nginx.taken(3_000).await.into_iter();
    let mut bodies: Vec<_> = taken.map(|(_, body)| String::from_utf8(body).unwrap()).collect();
    ids.sort();
    bodies.sort();
    assert_eq!(bodies.len(), 3_000);
    assert!(bodies == ids, "each once");
}

#[tokio::test]
async fn who_shows_no_certificate_or_another_is_refused() {
    let Some(nginx) = Nginx::start(false) else { return };
    let other = Authority::new(nginx.folder.path(), "other");
    for own in [None, Some(&other)] {
        let (route, mut told) = route(&nginx.config(own));
        let error = attempt(&route, &outgoing("one", b"\x02", &nginx.to)).await.unwrap_err();
        assert!(matches!(error, SendError::Status { status: 400, .. }), "{error}");
        assert_eq!(error.next(), Next::OtherRoute);
        assert!(told.try_recv().is_err());
    }
    let mut config = nginx.config(Some(&nginx.authority));
    config.tls.ca = Some(other.path());
    let error = attempt(&route(&config).0, &outgoing("one", b"\x02", &nginx.to)).await.unwrap_err();
    assert!(matches!(error, SendError::Tls { .. }) && !error.may_have_arrived(), "{error}");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(!nginx.log().contains("SUCCESS"), "nothing was taken");
}

#[tokio::test]
async fn a_certificate_that_expired_is_said_to_have() {
    let Some(nginx) = Nginx::start(true) else { return };
    let (route, _told) = route(&nginx.config(Some(&nginx.authority)));
    let error = attempt(&route, &outgoing("one", b"\x02", &nginx.to)).await.unwrap_err();
    assert!(matches!(error, SendError::Tls { .. }), "{error}");
    assert!(error.to_string().contains("expired"), "{error}");
    assert_eq!(error.next(), Next::Again);
}

#[tokio::test]
async fn a_message_above_the_limit_of_the_server_goes_another_way() {
    let Some(nginx) = Nginx::start(false) else { return };
    for version in [HttpVersion::Http1, HttpVersion::Http2] {
        let config = HttpConfig { version, ..nginx.config(Some(&nginx.authority)) };
        let (route, _told) = route(&config);
        let large = outgoing("one", &vec![2; 9 << 20], &nginx.to);
        let error = attempt(&route, &large).await.unwrap_err();
        assert!(matches!(error, SendError::Status { status: 413, .. }), "{error}");
        assert_eq!(error.next(), Next::OtherRoute);
        attempt(&route, &outgoing("two", b"\x02", &nginx.to)).await.unwrap();
    }
}

#[test]
fn files_that_are_not_there_or_do_not_fit_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("server.example");
    let (_, other_key) = authority.issue("other.example");
    let failed = |ca: &Path, certificate: Option<&Path>, key: Option<&Path>| {
        let [certificate, key] = [certificate, key].map(|path| path.map(Path::to_owned));
        let tls = ClientTls { ca: Some(ca.to_owned()), certificate, key };
        let (tell, _) = tokio::sync::mpsc::channel(1);
        let config = HttpConfig { tls, ..HttpConfig::default() };
        let teller = dm_transport::Teller::new("http", tell);
        dm_transport::HttpRoute::new(&config, teller).err().expect("an error")
    };
    let ca = authority.path();
    let absent = folder.path().join("absent.pem");
    for (error, words) in [
        (failed(&absent, None, None), "absent.pem"),
        (failed(&key, None, None), "certificates"),
        (failed(&ca, Some(&certificate), Some(&ca)), "one private key"),
        (failed(&ca, Some(&certificate), Some(&other_key)), "server.example.pem"),
    ] {
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(matches!(failed(&ca, Some(&certificate), None), SetupError::Key(_)));
}

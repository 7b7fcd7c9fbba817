//! Kannel as the push gateway: what we post, it sends over UDP to a device.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use dm_push::receipt::{Detail, Says};
use dm_push::wsp::{MediaType, Parameter, ParameterName, Push, Text, Value, tables};
use dm_transport::{
    Address, ClientTls, Next, PapConfig, PapRoute, Route, Secret, SendError, Teller, attempt,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::authority::Authority;
use crate::lab::{Notes, next, outgoing};
use crate::peer::{Peer, Running, free_port};

/// `<SyncML><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr></SyncML>`, as WBXML.
const MESSAGE: [u8; 16] = *b"\x02\xA4\x01\x6A\x00\x6D\x6C\x71\x031.2\0\x01\x01\x01";

/// A gateway that runs, and a device that it reaches.
struct Kannel {
    folder: TempDir,
    authority: Authority,
    device: UdpSocket,
    to: String,
    ports: Vec<String>,
    /// From where it pushes.
    gateway: String,
    certified: (PathBuf, PathBuf),
    peer: Peer,
    running: Option<Running>,
}

impl Kannel {
    fn start() -> Option<Self> {
        let peer = Peer::own("kannel", &["bearerbox", "wapbox", "smsbox"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(folder.path(), "ca");
        let certified = authority.issue("127.0.0.1");
        // Kannel's ports 9200 and 9201, and the port that it pushes to, are fixed: addresses of our own.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let own = (std::process::id() % 60_000) + COUNT.fetch_add(1, Ordering::Relaxed) * 60_007;
        let [gateway, to] = [66, 67].map(|net| {
            format!("127.{}.{}.{}", net + own / 60_000 * 2, own / 250 % 250, own % 250 + 2)
        });
        let device = UdpSocket::bind(format!("{to}:2948")).expect("bound");
        device.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        let ports: Vec<_> = (0..6).map(|_| free_port().to_string()).collect();
        let running = None;
        let mut kannel =
            Self { folder, authority, device, to, ports, gateway, certified, peer, running };
        kannel.run();
        Some(kannel)
    }

    /// Starts it, or starts it anew.
    fn run(&mut self) {
        let (ports, (certificate, key)) = (&self.ports, &self.certified);
        let running = self.peer.start(&[
            ("KANNEL_WORK", self.folder.path().to_str().expect("UTF-8")),
            ("KANNEL_WDP_ADDR", &self.gateway),
            ("KANNEL_PAP_PORT", &ports[0]),
            ("KANNEL_PAP_TLS_PORT", &ports[5]),
            ("KANNEL_TLS_CERT", certificate.to_str().expect("UTF-8")),
            ("KANNEL_TLS_KEY", key.to_str().expect("UTF-8")),
            ("KANNEL_ADMIN_PORT", &ports[1]),
            ("KANNEL_WAPBOX_PORT", &ports[2]),
            ("KANNEL_SMSBOX_PORT", &ports[3]),
            ("KANNEL_FAKESMSC_PORT", &ports[4]),
        ]);
        self.running = Some(running);
    }

    fn config(&self, is_tls: bool, password: &str) -> PapConfig {
        let file = self.folder.path().join(format!("{password}.password"));
        std::fs::write(&file, password).expect("written");
        let (scheme, port) =
            if is_tls { ("https", &self.ports[5]) } else { ("http", &self.ports[0]) };
        PapConfig {
            user: Some("pi".into()),
            password: Some(Secret::File(file)),
            tls: ClientTls { ca: Some(self.authority.path()), ..ClientTls::default() },
            push_id_domain: Some("server.example".into()),
            ..PapConfig::new(&format!("{scheme}://127.0.0.1:{port}/wappush"))
        }
    }

    fn address(&self) -> String {
        format!("WAPPUSH={}/TYPE=IPv4@ppg.example", self.to)
    }

    fn heard(&self) -> Vec<u8> {
        let mut datagram = vec![0; 65_536];
        let length = self.device.recv(&mut datagram).expect("a datagram");
        datagram.truncate(length);
        datagram
    }
}

#[tokio::test]
async fn kannel_takes_messages_over_http_and_https_and_sends_them_to_the_device() {
    let Some(kannel) = Kannel::start() else { return };
    let (tell, mut told) = mpsc::channel(16);
    let mut number = 0;
    for is_tls in [false, true] {
        let config = kannel.config(is_tls, "pipass");
        let route =
            PapRoute::new(&config, Teller::new("kannel", tell.clone()), Notes::new()).unwrap();
        // Whatever the octets are, they come out as they are.
        for ending in [&b""[..], b"\r\n", b"\r\n--mgram-part-00000000--\r\n", b"\0\0"] {
            number += 1;
            let message = [&MESSAGE[..], ending].concat();
            let mut outgoing = outgoing(&format!("kannel-{number}"), &message, &kannel.address());
            outgoing.valid_until = Some(SystemTime::now() + Duration::from_secs(3_600));
            let planned = route.plan(&outgoing).unwrap();
            assert!(planned.segments == 1 && planned.octets > message.len());
            attempt(&route, &outgoing).await.unwrap();
            let told = next(&mut told).await;
            assert_eq!(told.id, outgoing.id);
            assert_eq!(told.receipt.says(), Says::HandedOver, "1001 is no more than that");
            assert_eq!(told.receipt.detail(), Detail::Pap { code: 1001 });
            assert!(String::from_utf8_lossy(&told.raw).contains("<push-response"));

            let datagram = kannel.heard();
            let push = Push::read(&datagram).unwrap();
            assert!(push.content_type.media_type.is("application/vnd.syncml.dm+wbxml"));
            assert_eq!(push.application_id.unwrap().code(), Some(7));
            assert_eq!(push.body, message, "{ending:?}");
            if ending.is_empty() {
                tshark_agrees(&datagram);
            }
        }
    }
    // It withdraws nothing, and does not say what became of a message; what is not valid any more it refuses.
    let route = PapRoute::new(
        &kannel.config(true, "pipass"),
        Teller::new("kannel", tell.clone()),
        Notes::new(),
    )
    .unwrap();
    let mut late = outgoing("kannel-late", &MESSAGE, &kannel.address());
    let asked = [route.cancel(&late.id, &late.to).await, route.query(&late.id, &late.to).await];
    for error in asked.map(Result::unwrap_err) {
        assert!(matches!(&error, SendError::Pap { code, .. } if code.number() == 2000), "{error}");
    }
    late.valid_until = Some(SystemTime::now() - Duration::from_secs(3_600));
    let error = attempt(&route, &late).await.unwrap_err();
    assert!(matches!(&error, SendError::Pap { code, .. } if code.number() == 2001), "{error}");
    // Kannel 1.4.5 leaves out what stands behind the type: a MAC needs another gateway, or UDP, or SMS.
    let mut push = Push::dm(1, &MESSAGE);
    let sec = Parameter { name: ParameterName::Code(tables::SEC), value: Value::Short(1) };
    let mac = Value::Text(Text::new(b"0123456789ABCDEF0123456789ABCDEF01234567").unwrap());
    let mac = Parameter { name: ParameterName::Code(tables::MAC), value: mac };
    push.content_type.parameters = vec![sec, mac];
    push.content_type.media_type =
        MediaType::new("application/vnd.wap.connectivity-wbxml").unwrap();
    let config = kannel.config(true, "pipass");
    let route = PapRoute::new(&config, Teller::new("kannel", tell), Notes::new()).unwrap();
    attempt(&route, &outgoing("kannel-mac", &push.write(), &kannel.address())).await.unwrap();
    let datagram = kannel.heard();
    let heard = Push::read(&datagram).unwrap();
    assert_eq!(heard.body, MESSAGE);
    assert_eq!(heard.content_type.media_type, push.content_type.media_type);
    assert_eq!(heard.content_type.mac(), None, "Kannel has learned it: say so in docs/interop.md");
}

#[tokio::test]
async fn kannel_refuses_a_wrong_password_and_an_authority_that_did_not_vouch_for_it() {
    let Some(kannel) = Kannel::start() else { return };
    let (tell, mut told) = mpsc::channel(16);
    let teller = Teller::new("kannel", tell);
    let outgoing = outgoing("kannel-refused", &MESSAGE, &kannel.address());

    let other = Authority::new(kannel.folder.path(), "other");
    let mut config = kannel.config(true, "pipass");
    config.tls.ca = Some(other.path());
    let route = PapRoute::new(&config, teller.clone(), Notes::new()).unwrap();
    let error = attempt(&route, &outgoing).await.unwrap_err();
    assert!(matches!(error, SendError::Tls { .. }), "{error}");
    assert!(!error.may_have_arrived() && error.next() == Next::Again);

    let config = kannel.config(true, "wrong");
    let route = PapRoute::new(&config, teller, Notes::new()).unwrap();
    let error = attempt(&route, &outgoing).await.unwrap_err();
    let is_it = matches!(&error, SendError::Gateway { to: Address::Http(_), status: 401 });
    assert!(is_it && route.is_to_blame(&error) && error.next() == Next::Again, "{error}");
    assert!(!error.to_string().contains("wrong"), "no password in what is said: {error}");
    assert!(told.try_recv().is_err(), "nothing is told of what was refused");
}

#[tokio::test]
async fn when_kannel_is_away_it_is_the_routes_fault_and_the_same_message_goes_when_it_is_there() {
    let Some(mut kannel) = Kannel::start() else { return };
    let (tell, mut told) = mpsc::channel(16);
    let config = kannel.config(true, "pipass");
    let route = PapRoute::new(&config, Teller::new("kannel", tell), Notes::new()).unwrap();
    attempt(&route, &outgoing("kannel-before", &MESSAGE, &kannel.address())).await.unwrap();
    assert_eq!(Push::read(&kannel.heard()).unwrap().body, MESSAGE);
    next(&mut told).await;

    drop(kannel.running.take());
    let outgoing = outgoing("kannel-away", &MESSAGE, &kannel.address());
    for _ in 0..2 {
        let error = attempt(&route, &outgoing).await.unwrap_err();
        assert!(route.is_to_blame(&error) && error.next() == Next::Again, "{error}");
    }
    assert!(told.try_recv().is_err(), "nothing is told of it");
    kannel.run();
    attempt(&route, &outgoing).await.unwrap();
    assert_eq!(Push::read(&kannel.heard()).unwrap().body, MESSAGE);
    assert_eq!(next(&mut told).await.id.as_str(), "kannel-away");
}

fn tshark_agrees(datagram: &[u8]) {
    if !crate::peer::all_here(&["tshark", "text2pcap"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("datagram");
    std::fs::write(&file, datagram).expect("written");
    let script =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/tshark/decode.sh");
    let mut decode = Command::new("bash");
    decode.arg(script).arg("wsp").arg(&file).env(
        "FIELDS",
        "wsp.pdu_type wsp.header.content_type wsp.header.x_wap_application_id wbxml.public_id.known",
    );
    let output = decode.output().expect("bash");
    let seen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{seen}");
    for wanted in
        ["0x06", "application/vnd.syncml.dm+wbxml", "x-wap-application:syncml.dm", "0x00001201"]
    {
        assert!(seen.contains(wanted), "{wanted}: {seen}");
    }
}

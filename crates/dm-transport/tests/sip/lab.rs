//! A route, what it tells, and a proxy whose responses the test gives.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dm_push::sip::digest::Algorithm;
use dm_push::sip::{Answer, Framed, Framer, Message, answer};
use dm_transport::{Outgoing, PushId, SendError, SipConfig, SipRoute, Teller, Told, attempt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// For what comes at once.
pub const SOON: Duration = Duration::from_secs(20);

/// A route, and what it told.
pub struct Lab {
    pub route: Arc<SipRoute>,
    pub told: mpsc::Receiver<Told>,
}

impl Lab {
    pub fn new(config: &str) -> Self {
        let config: SipConfig = toml::from_str(config).expect("a configuration");
        let (tell, told) = mpsc::channel(1_000);
        let route =
            SipRoute::new(&config, hash, Teller::new("lab", tell).protected_by("as configured"));
        let route = route.expect("a route");
        Self { route: Arc::new(route), told }
    }

    /// Sends in the background, before this long.
    pub fn sends(
        &self,
        id: &str,
        to: &str,
        body: &[u8],
        within: Duration,
    ) -> JoinHandle<Result<(), SendError>> {
        let (route, outgoing) = (self.route.clone(), outgoing(id, to, body, within));
        tokio::spawn(async move { attempt(&*route, &outgoing).await })
    }

    pub async fn send(&self, id: &str, to: &str, body: &[u8]) -> Result<(), SendError> {
        self.sends(id, to, body, SOON).await.expect("no panic")
    }

    pub async fn told(&mut self) -> Told {
        timeout(SOON, self.told.recv()).await.expect("in time").expect("it is there")
    }
}

pub fn outgoing(id: &str, to: &str, body: &[u8], within: Duration) -> Outgoing {
    Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: Arc::from(body),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + within,
        valid_until: None,
    }
}

/// The hash functions of digest.
pub fn hash(algorithm: Algorithm, octets: &[u8]) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect();
    match algorithm {
        Algorithm::Md5 => hex(&dm_crypto::md5(octets)),
        Algorithm::Sha256 => hex(&dm_crypto::sha256(octets)),
    }
}

/// A proxy's end of a connection.
pub struct Line {
    pub stream: TcpStream,
    framer: Framer,
}

impl Line {
    pub async fn accept(listener: &TcpListener) -> Self {
        let stream = timeout(SOON, listener.accept()).await.expect("in time").expect("one").0;
        Self { stream, framer: Framer::new(99_999) }
    }

    /// Of a device, which registers over it with a registrar that asks nobody who he is.
    pub async fn register(registrar: (&str, u16), user: &str) -> Self {
        let mut stream = TcpStream::connect(registrar).await.expect("connected");
        let local = stream.local_addr().expect("an address");
        let register = format!(
            "REGISTER sip:push.example SIP/2.0\r\nVia: SIP/2.0/TCP {local};branch=z9hG4bKr;rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@push.example>;tag=r\r\n\
             To: <sip:{user}@push.example>\r\nCall-ID: {user}\r\nCSeq: 1 REGISTER\r\n\
             Contact: <sip:{user}@{local};transport=tcp>\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(register.as_bytes()).await.expect("written");
        let mut line = Self { stream, framer: Framer::new(99_999) };
        let granted = line.next().await;
        assert!(granted.starts_with(b"SIP/2.0 200 "), "{}", String::from_utf8_lossy(&granted));
        line
    }

    /// The next message.
    pub async fn next(&mut self) -> Vec<u8> {
        let next = async {
            loop {
                if let Some(Framed::Whole(octets)) = self.framer.next().expect("SIP") {
                    return octets;
                }
                let mut octets = [0; 4_096];
                let length = self.stream.read(&mut octets).await.expect("read");
                assert!(length > 0, "it hung up");
                self.framer.extend(&octets[..length]);
            }
        };
        timeout(SOON, next).await.expect("in time")
    }

    pub async fn answer(&mut self, request: &[u8], status: &str, fields: &str) {
        self.stream.write_all(&said(request, status, fields)).await.expect("written");
    }

    /// Whether nothing comes for that long.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        timeout(time, self.stream.read(&mut [0; 1])).await.is_err()
    }
}

/// A listener, and an address of a device behind it.
pub async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = format!("sip:device1@{};transport=tcp", listener.local_addr().expect("an address"));
    (listener, to)
}

/// The response to a request.
pub fn said(request: &[u8], status: &str, fields: &str) -> Vec<u8> {
    let message = Message::read(request).expect("SIP");
    let from = SocketAddr::from(([127, 0, 0, 1], 5060));
    answer(&message, from, Answer { status, tag: "p", fields }).expect("an answer")
}

/// The value of a field of a request.
pub fn field(request: &[u8], name: &str) -> String {
    let message = Message::read(request).expect("SIP");
    message.field(name).unwrap_or_default().to_owned()
}

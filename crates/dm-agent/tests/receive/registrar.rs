//! A registrar of SIP whose messages the test gives, and an agent that goes to it.

use std::net::SocketAddr;
use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers, Refusal};
use dm_push::sip::{Answer, Framed, Framer, Message, answer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

use crate::rig::SOON;

/// The receivers of an agent that goes to this registrar.
pub struct Device {
    pub receivers: Receivers,
    pub deliveries: mpsc::Receiver<Delivery>,
}

impl Device {
    pub async fn start(url: &str, limits: &str, lines: &str) -> Self {
        let security = match lines.contains("from =") {
            true => "security = \"source-list\"\n",
            false => "security = \"none\"\ndanger_insecure = true\n",
        };
        let text = format!(
            "device_id = \"d\"\nstate = \"s\"\n[limits]\n{limits}\n[[sip]]\nurl = \"{url}\"\n{security}\
             aor = \"sip:device1@push.example\"\n{lines}\n"
        );
        let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("config");
        let (queue, deliveries) = mpsc::channel(config.limits.queue);
        let receivers = Receivers::start(&config, queue).await.expect("started");
        Self { receivers, deliveries }
    }

    pub async fn delivery(&mut self) -> Delivery {
        let next = tokio::time::timeout(SOON, self.deliveries.recv()).await;
        next.expect("in time").expect("it runs")
    }

    pub fn refused(&self, refusal: Refusal) -> u64 {
        self.receivers.tally().refused(refusal)
    }
}

/// A registrar's end of a TCP connection.
pub struct Line {
    pub stream: TcpStream,
    framer: Framer,
}

impl Line {
    /// The next connection.
    pub async fn accept(listener: &TcpListener) -> Self {
        // The wait after a failure, and a machine that has other things to do.
        let next = tokio::time::timeout(4 * SOON, listener.accept()).await;
        let stream = next.expect("in time").expect("a connection").0;
        Self { stream, framer: Framer::new(9999) }
    }

    /// The next connection, whose REGISTER is granted.
    pub async fn registered(listener: &TcpListener) -> Self {
        let mut line = Self::accept(listener).await;
        let register = line.next().await;
        assert!(register.starts_with("REGISTER "), "{register}");
        line.send(&said(&register, "200 OK", "Expires: 600\r\n")).await;
        line
    }

    pub async fn next(&mut self) -> String {
        let next = async {
            loop {
                if let Some(Framed::Whole(octets)) = self.framer.next().expect("SIP") {
                    return String::from_utf8(octets).expect("text");
                }
                let mut octets = [0; 4096];
                let length = self.stream.read(&mut octets).await.expect("read");
                assert!(length > 0, "it hung up");
                self.framer.extend(&octets[..length]);
            }
        };
        tokio::time::timeout(SOON, next).await.expect("in time")
    }

    pub async fn send(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.expect("written");
    }

    pub async fn ask(&mut self, octets: &[u8]) -> String {
        self.send(octets).await;
        self.next().await
    }

    pub async fn is_silent(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.stream.read(&mut [0; 1])).await.is_err()
    }

    pub async fn hangs_up(mut self) {
        let read = tokio::time::timeout(SOON, self.stream.read(&mut [0; 1])).await;
        assert_eq!(read.expect("in time").unwrap_or(0), 0);
    }
}

pub fn said(request: &str, status: &str, fields: &str) -> Vec<u8> {
    let message = Message::read(request.as_bytes()).expect("SIP");
    let from = SocketAddr::from(([127, 0, 0, 1], 0));
    let text = answer(&message, from, Answer { status, tag: "r", fields }).expect("an answer");
    // Whence it came is another test's matter.
    String::from_utf8(text).expect("text").replace(";rport=0;received=127.0.0.1", "").into_bytes()
}

pub fn message(id: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "MESSAGE sip:device1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP p;branch=z9hG4bK{id};rport\r\n\
         From: <sip:server@push.example>;tag=1\r\nTo: <sip:device1@push.example>\r\nCall-ID: {id}\r\n\
         CSeq: 1 MESSAGE\r\nContent-Type: application/vnd.syncml.dm+wbxml\r\n{fields}\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub async fn tcp() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let url = format!("sip://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

pub async fn udp() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let url = format!("sip://{}", socket.local_addr().expect("an address"));
    (socket, url)
}

pub async fn datagram(socket: &UdpSocket) -> (String, SocketAddr) {
    let mut octets = vec![0; 65_536];
    let read = tokio::time::timeout(SOON, socket.recv_from(&mut octets)).await;
    let (length, from) = read.expect("in time").expect("a datagram");
    (String::from_utf8(octets[..length].to_vec()).expect("text"), from)
}

pub trait ReplaceAll {
    fn replace_all(&self, one: &str, other: &str) -> Vec<u8>;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(&self, one: &str, other: &str) -> Vec<u8> {
        String::from_utf8_lossy(self).replace(one, other).into_bytes()
    }
}

//! An agent's receivers, and a sender for them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers, Refusal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;

pub const SOON: Duration = Duration::from_secs(5);
pub const ACCEPTED: &str =
    "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
pub const DM: &str = "content-type: application/vnd.syncml.dm+wbxml\r\n";

/// An agent's receivers: an HTTP listener, then a UDP one.
pub struct Rig {
    pub receivers: Receivers,
    pub deliveries: mpsc::Receiver<Delivery>,
}

impl Rig {
    pub async fn start(limits: &str, from: &str) -> Self {
        Self::start_with(limits, from, "").await
    }

    /// As [`Self::start`], with further sections of the configuration.
    pub async fn start_with(limits: &str, from: &str, sections: &str) -> Self {
        let listen = |transport| {
            format!(
                "[[listen]]\ntransport = \"{transport}\"\naddress = \"127.0.0.1:0\"\n\
                 security = \"source-list\"\nfrom = [\"{from}\"]\n"
            )
        };
        let text = format!(
            "device_id = \"d\"\nstate = \"s\"\n[limits]\n{limits}\n{}{}{sections}",
            listen("http"),
            listen("udp")
        );
        let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("config");
        let (queue, deliveries) = mpsc::channel(config.limits.queue);
        let receivers = Receivers::start(&config, queue).await.expect("started");
        Self { receivers, deliveries }
    }

    pub fn http(&self) -> SocketAddr {
        self.receivers.local_addrs()[0]
    }

    pub fn udp(&self) -> SocketAddr {
        self.receivers.local_addrs()[1]
    }

    /// The next delivery; it is kept, as far as its sender knows.
    pub async fn next(&mut self) -> Delivery {
        let next = tokio::time::timeout(SOON, self.deliveries.recv());
        let mut delivery = next.await.expect("a delivery in time").expect("a running receiver");
        delivery.acknowledge();
        delivery
    }

    /// Posts what is to be accepted, and returns what was delivered.
    pub async fn deliver(&mut self, fields: &str, body: &[u8]) -> Delivery {
        self.deliver_request(&request("/push", fields, body)).await
    }

    /// Sends a request that is to be accepted, and returns what was delivered.
    pub async fn deliver_request(&mut self, request: &[u8]) -> Delivery {
        let answer = tokio::spawn(exchange(self.http(), request.to_vec()));
        let delivery = self.next().await;
        assert_eq!(answer.await.expect("an answer"), ACCEPTED);
        delivery
    }

    /// Waits until that many messages are in the queue.
    pub async fn accepted(&self, messages: u64) {
        let tally = self.receivers.tally();
        let start = Instant::now();
        while tally.accepted() < messages {
            assert!(start.elapsed() < SOON, "{} of {messages}", tally.accepted());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a reason has been counted that often.
    pub async fn refused(&self, refusal: Refusal, times: u64) {
        let tally = self.receivers.tally();
        let start = Instant::now();
        while tally.refused(refusal) < times {
            assert!(start.elapsed() < SOON, "{refusal}: {} of {times}", tally.refused(refusal));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(tally.refused(refusal), times);
    }

    /// Sends octets over TCP and returns all that comes back.
    pub async fn exchange(&self, request: &[u8]) -> String {
        exchange(self.http(), request.to_vec()).await
    }

    pub async fn post(&self, path: &str, fields: &str, body: &[u8]) -> String {
        self.exchange(&request(path, fields, body)).await
    }
}

pub fn request(path: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: d\r\n{fields}content-length: {length}");
    [head.as_bytes(), b"\r\n\r\n", body].concat()
}

pub async fn exchange(to: SocketAddr, request: Vec<u8>) -> String {
    let mut stream = TcpStream::connect(to).await.expect("connected");
    stream.write_all(&request).await.expect("written");
    answer(&mut stream).await
}

pub async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await;
    read.expect("an end in time").expect("an orderly end");
    String::from_utf8(answer).expect("text")
}

pub async fn send_udp(to: SocketAddr, datagram: &[u8]) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    socket.send_to(datagram, to).await.expect("sent");
}

pub fn refusal(status: &str) -> String {
    ACCEPTED.replace("202 Accepted", status)
}

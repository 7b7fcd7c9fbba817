//! A route, what it tells, and a broker's end of a connection.

use std::sync::Arc;
use std::time::Duration;

use dm_push::mqtt::{self, Packet, Publish};
use dm_transport::{MqttConfig, MqttRoute, Outgoing, PushId, SendError, Teller, Told, attempt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// For what comes at once.
pub const SOON: Duration = Duration::from_secs(20);
pub const TO: &str = "mqtt:dm/device1/push";

/// A route, and what it told.
pub struct Lab {
    pub route: Arc<MqttRoute>,
    pub told: mpsc::Receiver<Told>,
}

impl Lab {
    pub fn new(config: &str) -> Self {
        let config: MqttConfig = toml::from_str(config).expect("a configuration");
        let (tell, told) = mpsc::channel(1_000);
        let route = MqttRoute::new(&config, Teller::new("lab", tell)).expect("a route");
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

/// A broker's end of a connection.
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// "success", without properties.
pub const CONNACK: &[u8] = b"\x20\x03\x00\x00\x00";

impl Line {
    /// The next connection, whose CONNECT is answered so; and that CONNECT.
    pub async fn accept(listener: &TcpListener, connack: &[u8]) -> (Self, Vec<u8>) {
        let stream = timeout(SOON, listener.accept()).await.expect("in time").expect("one").0;
        let mut line = Self { stream, buffer: Vec::new() };
        let mut connect = vec![0; 2];
        line.stream.read_exact(&mut connect).await.expect("a packet");
        connect.resize(2 + usize::from(connect[1]), 0);
        line.stream.read_exact(&mut connect[2..]).await.expect("the rest of it");
        line.says(connack).await;
        (line, connect)
    }

    pub async fn says(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.expect("written");
    }

    /// The next packet, none when the other end hung up.
    pub async fn packet(&mut self) -> Option<Packet> {
        let next = async {
            loop {
                if let Some(packet) = mqtt::take(&mut self.buffer, 99_999).expect("MQTT") {
                    return Some(packet);
                }
                if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                    return None;
                }
            }
        };
        timeout(SOON, next).await.expect("in time")
    }

    pub async fn publish(&mut self) -> Publish {
        match self.packet().await {
            Some(Packet::Publish(publish)) => publish,
            other => panic!("{other:?}"),
        }
    }

    /// Whether nothing comes for that long.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        timeout(time, self.stream.read(&mut [0; 1])).await.is_err()
    }

    pub async fn acknowledges(&mut self, publish: &Publish, reason: u8) {
        let [high, low] = publish.id.expect("QoS 1").to_be_bytes();
        match reason {
            0 => self.says(&[0x40, 2, high, low]).await,
            reason => self.says(&[0x40, 4, high, low, reason, 0]).await,
        }
    }
}

/// A listener, and settings for a route to it.
pub async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("url = \"mqtt://{}\"\n", listener.local_addr().expect("an address"));
    (listener, url)
}

//! MQTT 5: messages from a broker, which keeps them while the device is away.
//!
//! QoS 1: the broker learns that a message is kept, as PUBACK "success", and nothing else of what
//! became of it [Sessionless §5.5]. What could not be kept comes again with the next connection.

use std::convert::Infallible;
use std::pin::pin;
use std::time::{Duration, Instant};

use dm_push::mqtt::{self, Connect, PINGREQ, Packet, Publish};
use dm_push::{ErrorKind, http_push};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at};
use tracing::{info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::outward::{Stream, Way, secret};
use super::tally::Refusal;
use super::tls::TlsError;
use crate::config::{Credentials, Mqtt};

/// A broker, and the way into the queue.
pub(super) struct MqttReceiver {
    broker: Origin,
    intake: Intake,
    mqtt: Mqtt,
    way: Way,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum MqttError {
    #[error("the broker ended the connection, reason {0:#04x} [MQTT 5 §2.4]")]
    Disconnected(u8),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Malformed(#[from] dm_push::Error),
    #[error("the queue has no room, or the disk none: {0}")]
    NotTaken(Refusal),
    #[error("the broker refuses the connection, reason {0:#04x} [MQTT 5 §2.4]")]
    Refused(u8),
    #[error("the broker says nothing")]
    Silent,
    #[error("the broker refuses the topic {0:?}, reason {1:#04x} [MQTT 5 §2.4]")]
    Topic(String, u8),
}

impl MqttReceiver {
    pub(super) fn new(mqtt: &Mqtt, intake: Intake) -> Result<Self, TlsError> {
        Ok(Self {
            broker: Origin::Name(mqtt.server.url.clone().into()),
            intake,
            mqtt: mqtt.clone(),
            way: Way::to(&mqtt.server)?,
        })
    }

    /// Receives until told to stop.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.changed() => {}
            () = self.receive() => {}
        }
    }

    async fn receive(&self) {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(300));
        let mut backoff = Backoff::new(least, most, chance());
        loop {
            let begun = Instant::now();
            let Err(error) = self.connection().await;
            if begun.elapsed() >= STABLE {
                backoff.reset();
            }
            let pause = backoff.next();
            self.intake.progress.fails(&error);
            warn!(url = self.mqtt.server.url, %error, ?pause, "the broker is gone, it is tried again");
            tokio::time::sleep(pause).await;
        }
    }

    /// One connection, to its end.
    async fn connection(&self) -> Result<Infallible, MqttError> {
        let mut link = Link {
            stream: self.way.connect().await?,
            buffer: Vec::new(),
            most: self.intake.limit.saturating_add(HEAD),
            sent: Instant::now(),
        };
        let every = self.begin(&mut link).await?;
        info!(url = self.mqtt.server.url, topics = ?self.mqtt.topics, "subscribed");
        self.intake.progress.works();
        let mut asked = None;
        loop {
            if asked.is_none() && link.keep_alive(every).await? {
                asked = Some(Instant::now());
            }
            let due = asked.map_or(link.sent + every, |asked| asked + PATIENCE);
            match timeout_at(due.into(), link.next()).await {
                Ok(packet) => match packet? {
                    Packet::Publish(publish) => self.publish(&mut link, publish, every).await?,
                    Packet::Disconnect(reason) => return Err(MqttError::Disconnected(reason)),
                    _ => {}
                },
                Err(_) if asked.is_some() => return Err(MqttError::Silent),
                Err(_) => continue,
            }
            asked = None;
        }
    }

    /// CONNECT and SUBSCRIBE; how often the broker must hear from us then.
    async fn begin(&self, link: &mut Link) -> Result<Duration, MqttError> {
        let login = match &self.mqtt.server.credentials {
            Credentials::Password(user, file) => Some((user.as_str(), secret(file)?)),
            _ => None,
        };
        let login = login.as_ref().map(|(user, password)| (*user, password.as_str()));
        let most = u32::try_from(link.most).unwrap_or(u32::MAX);
        // The session goes on where it was, and is kept while we are away.
        let connect = Connect {
            client_id: &self.mqtt.client_id,
            clean_start: false,
            session_expiry: u32::try_from(self.mqtt.session_expiry.as_secs()).unwrap_or(u32::MAX),
            keep_alive: u16::try_from(self.mqtt.keep_alive.as_secs()).unwrap_or(u16::MAX),
            login,
            receive_maximum: IN_FLIGHT,
            maximum_packet: most,
        };
        link.send(&connect.write()).await?;
        let answered = timeout(PATIENCE, link.next()).await.map_err(|_| MqttError::Silent)??;
        let keep_alive = match answered {
            Packet::ConnAck(ack) if ack.reason == 0 => ack.keep_alive,
            Packet::ConnAck(ack) => return Err(MqttError::Refused(ack.reason)),
            _ => return Err(dm_push::Error { kind: ErrorKind::MqttPacket, offset: 0 }.into()),
        };
        let keep_alive = keep_alive.map_or(self.mqtt.keep_alive, |s| Duration::from_secs(s.into()));
        let every = if keep_alive.is_zero() { UNASKED } else { keep_alive * 3 / 4 };
        link.send(&mqtt::subscribe(&self.mqtt.topics)).await?;
        // What was kept for us may come before the answer.
        loop {
            let next = timeout(PATIENCE, link.next()).await.map_err(|_| MqttError::Silent)??;
            link.keep_alive(every).await?;
            match next {
                Packet::Publish(publish) => self.publish(link, publish, every).await?,
                Packet::Disconnect(reason) => return Err(MqttError::Disconnected(reason)),
                Packet::SubAck(reasons) => {
                    let mut pairs = self.mqtt.topics.iter().zip(reasons);
                    return match pairs.find(|(_, reason)| *reason >= 0x80) {
                        Some((topic, reason)) => Err(MqttError::Topic(topic.clone(), reason)),
                        None => Ok(every),
                    };
                }
                _ => {}
            }
        }
    }

    /// Takes a message; what can be none is acknowledged, too, or it would come for ever.
    async fn publish(
        &self,
        link: &mut Link,
        publish: Publish,
        every: Duration,
    ) -> Result<(), MqttError> {
        let mut credit = pin!(self.intake.credit(&self.broker));
        while timeout_at((link.sent + every).into(), &mut credit).await.is_err() {
            link.keep_alive(every).await?;
        }
        let Publish { id, topic, content_type, payload, .. } = publish;
        let origin = Origin::Name(format!("{} {}", self.broker, topic.escape_debug()).into());
        let length = payload.len();
        let is_ours = content_type.is_none_or(|text| http_push::check(Some(&text), None).is_ok());
        let taken = match id {
            _ if !is_ours => Err(Refusal::ContentType),
            None => self.intake.accept(payload, origin.clone()),
            Some(_) => self.intake.keep(payload, origin.clone()).await,
        };
        match (taken, id) {
            (Err(refusal @ (Refusal::QueueFull | Refusal::NotKept)), Some(_)) => {
                return Err(MqttError::NotTaken(refusal));
            }
            (Err(refusal), _) => self.intake.refuse(refusal, origin, length, "left behind"),
            (Ok(()), _) => {}
        }
        if let Some(id) = id {
            link.send(&mqtt::puback(id)).await?;
        }
        Ok(())
    }
}

/// A connection and what was read from it.
struct Link {
    stream: Stream,
    buffer: Vec<u8>,
    /// Octets of a packet.
    most: usize,
    /// When the last packet was sent: of this the broker keeps the time, not of what it sends.
    /// [MQTT 5 §3.1.2.10]
    sent: Instant,
}

impl Link {
    async fn send(&mut self, packet: &[u8]) -> Result<(), MqttError> {
        self.stream.write_all(packet).await?;
        self.sent = Instant::now();
        Ok(())
    }

    /// Sends PINGREQ if nothing was sent for that long; whether it did.
    async fn keep_alive(&mut self, every: Duration) -> Result<bool, MqttError> {
        let is_due = self.sent.elapsed() >= every;
        if is_due {
            self.send(&PINGREQ).await?;
        }
        Ok(is_due)
    }

    /// The next packet; nothing is lost when this is dropped on the way.
    async fn next(&mut self) -> Result<Packet, MqttError> {
        loop {
            if let Some(packet) = mqtt::take(&mut self.buffer, self.most)? {
                return Ok(packet);
            }
            self.buffer.reserve(READ);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
}

/// Messages that the broker may send before the first is acknowledged.
const IN_FLIGHT: u16 = 8;
/// For what is in a packet beside the message.
const HEAD: usize = 4096;
/// For an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Octets to have room for before reading.
const READ: usize = 4096;
/// After this long a connection was a good one.
const STABLE: Duration = Duration::from_secs(60);
/// Where the broker wants no keep-alive: connections die unnoticed otherwise.
const UNASKED: Duration = Duration::from_secs(3600);

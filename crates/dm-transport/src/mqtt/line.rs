//! A connection to a broker, and what is published over it. [MQTT 5 §3, §4.9]

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use dm_push::Receipt;
use dm_push::mqtt::{
    self, ConnAck, Connect, DISCONNECT, PINGREQ, Packet, PushPublish, QOS_NOT_SUPPORTED,
    REFUSED_FROM,
};
use dm_push::receipt::{Detail, Says};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use crate::address::Host;
use crate::kept::{self, Fault};
use crate::pending::{Gone, Pending, Silence};
use crate::route::{PushId, Teller};
use crate::stage::waits_for;
use crate::stream::{self, Piece, Reader, Tasks, Writer};
use crate::tls::Tls;

/// How to reach a broker.
pub(super) struct Broker {
    pub(super) host: Host,
    pub(super) tls: Option<Tls>,
    pub(super) client_id: String,
    pub(super) login: Option<(String, Zeroizing<String>)>,
    pub(super) keep_alive: Duration,
    pub(super) window: u16,
    pub(super) within: Duration,
    pub(super) teller: Teller,
}

/// An open connection.
pub(super) struct Line {
    pending: Arc<Publishes>,
    queue: mpsc::Sender<Piece>,
    /// What the broker takes before it acknowledges the first.
    window: Arc<Semaphore>,
    /// Octets of a packet.
    most: usize,
    number: AtomicU32,
    is_mute: AtomicBool,
    tasks: Tasks,
}

/// Publishes by their packet identifiers; each holds its place in the window until it is acknowledged.
type Publishes = Pending<u16, Answer, OwnedSemaphorePermit>;

/// A PUBACK.
pub(super) struct Answer {
    pub(super) reason: u8,
    pub(super) raw: Vec<u8>,
}

/// Why there is none.
pub(super) enum Trouble {
    Gone(Gone),
    TooLarge,
}

impl Broker {
    /// Connects. The session is a new one and ends with the connection: a sender has nothing in it. What is not
    /// acknowledged when a connection breaks is for whoever sends to send again.
    pub(super) async fn open(&self) -> Result<Line, Fault> {
        let greeted = timeout(self.within, self.greet()).await;
        let (writer, ear, ack) = greeted.unwrap_or(Err(Fault::NotReached(self.within)))?;
        let asked = ack.keep_alive.filter(|seconds| *seconds > 0);
        let every = asked.map_or(self.keep_alive, |seconds| Duration::from_secs(seconds.into()));
        let room = ack.receive_maximum.unwrap_or(u16::MAX).min(self.window);
        let (pending, window) = (Arc::new(Publishes::new()), Arc::new(Semaphore::new(room.into())));
        let (queue, pieces) = mpsc::channel(QUEUE);
        let pours = stream::pour(writer, pieces, Some((every * 3 / 4, &PINGREQ)));
        let (poured, host) = (pending.clone(), self.host.clone());
        let pours = tokio::spawn(async move {
            let Err(error) = pours.await;
            poured.close(stream::named(&host, &error));
        });
        let (heard, closed, teller) = (pending.clone(), window.clone(), self.teller.clone());
        let hears = tokio::spawn(async move {
            let Err(fault) = ear.hear(&heard, &teller, every + PATIENCE).await;
            heard.close(fault);
            closed.close();
        });
        Ok(Line {
            pending,
            queue,
            window,
            most: ack
                .maximum_packet
                .map_or(usize::MAX, |most| most.try_into().unwrap_or(usize::MAX)),
            number: AtomicU32::new(0),
            is_mute: AtomicBool::new(false),
            tasks: Tasks(vec![hears.abort_handle(), pours.abort_handle()]),
        })
    }

    async fn greet(&self) -> Result<(Writer, Ear, ConnAck), Fault> {
        let mut open = stream::connect(&self.host, self.tls.as_ref(), self.within).await?;
        waits_for(&self.host, "did not answer CONNECT", false);
        let login = self.login.as_ref().map(|(user, password)| (&**user, &***password));
        let connect = Connect {
            client_id: &self.client_id,
            clean_start: true,
            session_expiry: 0,
            keep_alive: u16::try_from(self.keep_alive.as_secs().max(1)).unwrap_or(u16::MAX),
            login,
            receive_maximum: 1,
            maximum_packet: u32::try_from(MOST).unwrap_or(u32::MAX),
        };
        let written = async {
            open.writer.write_all(&connect.write()).await?;
            open.writer.flush().await
        };
        written.await.map_err(|error| stream::named(&self.host, &error))?;
        let mut ear = Ear { reader: open.reader, buffer: Vec::new(), at: 0 };
        match ear.next().await?.0 {
            Packet::ConnAck(ConnAck { reason: reason @ REFUSED_FROM.., .. }) => {
                Err(Fault::Broker(reason))
            }
            Packet::ConnAck(ConnAck { maximum_qos: Some(0), .. }) => {
                Err(Fault::Broker(QOS_NOT_SUPPORTED))
            }
            // It would take nothing, ever. [MQTT 5 §3.2.2.3.3]
            Packet::ConnAck(ConnAck { receive_maximum: Some(0), .. }) => {
                Err(no_mqtt("a receive maximum of 0"))
            }
            Packet::ConnAck(ack) => Ok((open.writer, ear, ack)),
            other => Err(no_mqtt(&format!("{other:?} is no answer to CONNECT"))),
        }
    }
}

impl Line {
    /// Publishes, and waits for the acknowledgement.
    pub(super) async fn publish(
        &self,
        (topic, payload): (&str, &[u8]),
        expiry: Option<u32>,
        id: &PushId,
    ) -> Result<Answer, Trouble> {
        let unsent = |fault| Trouble::Gone(Gone { fault, was_begun: false });
        let gone = || unsent(Fault::io(&io::ErrorKind::BrokenPipe.into()));
        let room = self.room().await.ok_or_else(gone)?;
        let turn = self.queue.reserve().await.map_err(|_| gone())?;
        let _silence = Silence { pending: &*self.pending, is_mute: &self.is_mute };
        let number = self.number();
        let push = PushPublish { id: number, topic, expiry, payload };
        let octets = push.write().filter(|octets| octets.len() <= self.most);
        let octets = octets.ok_or(Trouble::TooLarge)?;
        let mut waiting = self.pending.enter(number, Some(id.clone()), room).map_err(unsent)?;
        turn.send(Piece { octets, mark: Some(waiting.mark.clone()) });
        waiting.answer().await.map_err(Trouble::Gone)
    }

    /// A place in the window. If all are taken by what nobody waits for any more, the broker acknowledges
    /// nothing, and another connection will have to do.
    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            let room = self.window.clone().acquire_owned();
            if let Ok(room) = timeout(LOOK, room).await {
                return room.ok();
            }
            let (all, left) = self.pending.count();
            if all == left {
                self.is_mute.store(true, Ordering::Relaxed);
                return None;
            }
        }
    }

    /// A packet identifier that is not in use, and not 0. [MQTT 5 §2.2.1]
    fn number(&self) -> u16 {
        loop {
            let next = self.number.fetch_add(1, Ordering::Relaxed) % u32::from(u16::MAX);
            let next = u16::try_from(next).unwrap_or(0) + 1;
            if !self.pending.is_waited_for(next) {
                return next;
            }
        }
    }

    /// Waits until the deadline for what is on its way, and takes leave.
    pub(super) async fn close(&self, deadline: Instant) {
        let wait = || tokio::time::sleep(Duration::from_millis(20));
        while self.pending.count().0 > 0 && Instant::now() < deadline {
            wait().await;
        }
        let leave = Piece { octets: DISCONNECT.to_vec(), mark: None };
        let _ = self.queue.try_send(leave); // whoever is that busy is cut off
        let end = deadline.min(Instant::now() + Duration::from_secs(1));
        // It is the broker that hangs up then.
        while self.pending.is_open() && Instant::now() < end {
            wait().await;
        }
    }
}

impl kept::Line for Line {
    fn is_open(&self) -> bool {
        self.pending.is_open() && !self.is_mute.load(Ordering::Relaxed)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.tasks.end(self.pending.count().1 > 0);
    }
}

impl Answer {
    pub(super) const fn receipt(&self) -> Receipt {
        Receipt::new(Says::HandedOver, Detail::Mqtt { reason: self.reason })
    }
}

/// What comes from a broker.
struct Ear {
    reader: Reader,
    buffer: Vec<u8>,
    /// How far it was taken.
    at: usize,
}

impl Ear {
    /// The next packet, and its octets.
    async fn next(&mut self) -> Result<(Packet, Vec<u8>), Fault> {
        loop {
            let found = mqtt::first(&self.buffer[self.at..], MOST);
            if let Some((packet, length)) = found.map_err(|error| no_mqtt(&error.to_string()))? {
                let octets = self.buffer[self.at..self.at + length].to_vec();
                self.at += length;
                return Ok((packet, octets));
            }
            self.buffer.drain(..std::mem::take(&mut self.at));
            self.buffer.reserve(CHUNK);
            match self.reader.read_buf(&mut self.buffer).await {
                Ok(0) => {
                    let text = "the broker closed the connection";
                    return Err(Fault::Io(io::ErrorKind::UnexpectedEof, text.into()));
                }
                Ok(_) => {}
                Err(error) => return Err(Fault::io(&error)),
            }
        }
    }

    async fn hear(
        mut self,
        pending: &Publishes,
        teller: &Teller,
        patience: Duration,
    ) -> Result<Infallible, Fault> {
        loop {
            let Ok(next) = timeout(patience, self.next()).await else {
                return Err(Fault::Io(io::ErrorKind::TimedOut, "the broker says nothing".into()));
            };
            let (packet, raw) = next?;
            pending.heard();
            match packet {
                Packet::PubAck { id, reason } => {
                    let late = pending.answer(id, Answer { reason, raw });
                    if let Some((id, answer)) = late.filter(|(_, it)| it.reason < REFUSED_FROM) {
                        teller.tell(&id, answer.receipt(), &answer.raw).await;
                    }
                }
                Packet::Disconnect(reason) => return Err(Fault::Broker(reason)),
                _ => {}
            }
        }
    }
}

fn no_mqtt(text: &str) -> Fault {
    Fault::Io(io::ErrorKind::InvalidData, format!("what came is no MQTT 5: {text}").into())
}

/// Packets that wait to be written.
const QUEUE: usize = 64;
/// Octets read at once.
const CHUNK: usize = 4 << 10;
/// Octets of a packet that we take: a broker has little to say to one who publishes.
const MOST: usize = 64 << 10;
/// For an answer to PINGREQ.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether anybody waits for what fills the window.
const LOOK: Duration = Duration::from_secs(1);

//! The way to one proxy: a connection or a socket, and the transactions on it.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use dm_push::sip::digest::Challenge;
use dm_push::sip::{Framed, Framer, Message, PushResponse, branch};
use tokio::io::AsyncReadExt;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::voice::{By, Voice};
use crate::address::{Host, SipTransport};
use crate::kept::{self, Fault};
use crate::pending::Pending;
use crate::stream::{self, Piece, Reader, Tasks};
use crate::tls::Tls;

/// An open way.
pub(super) struct Line {
    pub(super) pending: Arc<Transactions>,
    pub(super) local: SocketAddr,
    pub(super) out: Out,
    /// What protects it.
    pub(super) by: By,
    /// A word of chance that begins the branches of this line.
    word: Arc<str>,
    number: AtomicU64,
    begun: Instant,
    /// Whether it says nothing though it was asked.
    pub(super) is_mute: AtomicBool,
    tasks: Tasks,
}

/// Transactions by their numbers.
pub(super) type Transactions = Pending<u64, Answer>;

pub(super) enum Out {
    Datagrams(Arc<UdpSocket>),
    Stream(&'static str, mpsc::Sender<Piece>),
}

/// A final response.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<u32>,
    pub(super) challenge: Option<Challenge>,
    /// Its octets.
    pub(super) raw: Vec<u8>,
}

/// What opening a line takes.
pub(super) struct Opening<'a> {
    pub(super) transport: SipTransport,
    pub(super) host: &'a Host,
    pub(super) tls: &'a Tls,
    pub(super) within: Duration,
    pub(super) voice: &'a Voice,
}

impl Line {
    pub(super) async fn open(opening: Opening<'_>) -> Result<Self, Fault> {
        let Opening { transport, host, tls, within, voice } = opening;
        let pending = Arc::new(Transactions::new());
        let word: Arc<str> = super::word().into();
        let ear = |by| {
            let (pending, word, voice) = (pending.clone(), word.clone(), voice.clone());
            Ear { pending, word, voice, by }
        };
        let (local, out, by, tasks) = match transport {
            SipTransport::Udp => {
                let socket = Arc::new(datagrams(host).await?);
                let local = socket.local_addr().map_err(|error| stream::named(host, &error))?;
                let by = By::default();
                let hears = tokio::spawn(ear(by).hear_datagrams(socket.clone()));
                (local, Out::Datagrams(socket), by, vec![hears.abort_handle()])
            }
            SipTransport::Tcp | SipTransport::Tls => {
                let (name, tls) = match transport {
                    SipTransport::Tls => ("TLS", Some(tls)),
                    _ => ("TCP", None),
                };
                let open = stream::connect(host, tls, within).await?;
                let (sender, pieces) = mpsc::channel(QUEUE);
                let pours = stream::pour(open.writer, pieces, None);
                let (poured, host) = (pending.clone(), host.clone());
                let pours = tokio::spawn(async move {
                    let Err(error) = pours.await;
                    poured.close(stream::named(&host, &error));
                });
                let by = By { tls: tls.map(|_| open.has_shown), digest: false };
                let hears = tokio::spawn(ear(by).hear_stream(open.reader));
                let tasks = vec![hears.abort_handle(), pours.abort_handle()];
                (open.local, Out::Stream(name, sender), by, tasks)
            }
        };
        let (number, is_mute) = (AtomicU64::new(0), AtomicBool::new(false));
        let begun = pending.last_heard();
        let tasks = Tasks(tasks);
        Ok(Self { pending, local, out, by, word, number, begun, is_mute, tasks })
    }

    /// A new transaction: its number, and its branch.
    pub(super) fn transaction(&self) -> (u64, String) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        (number, branch(&self.word, number))
    }

    /// Whether anything ever came.
    pub(super) fn was_heard(&self) -> bool {
        self.pending.last_heard() > self.begun
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

/// A socket that the kernel lets nobody else through to.
async fn datagrams(host: &Host) -> Result<UdpSocket, Fault> {
    let found = stream::resolve(host).await?;
    let bound = async {
        let to = found.first().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let any: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(to).await?;
        Ok(socket)
    };
    bound.await.map_err(|error: io::Error| stream::named(host, &error))
}

/// Who listens on a line.
struct Ear {
    pending: Arc<Transactions>,
    word: Arc<str>,
    voice: Voice,
    by: By,
}

impl Ear {
    async fn hear_stream(self, mut reader: Reader) {
        let mut framer = Framer::new(BODY);
        let mut buffer = vec![0; CHUNK];
        let fault = loop {
            match framer.next() {
                Ok(Some(Framed::Whole(octets) | Framed::TooLarge(octets))) => {
                    self.heard(octets).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    let text = format!("what came is no SIP: {error}");
                    break Fault::Io(io::ErrorKind::InvalidData, text.into());
                }
            }
            match reader.read(&mut buffer).await {
                Ok(0) => {
                    let text = "the other end closed the connection";
                    break Fault::Io(io::ErrorKind::UnexpectedEof, text.into());
                }
                Ok(length) => framer.extend(&buffer[..length]),
                Err(error) => break Fault::io(&error),
            }
        };
        self.pending.close(fault);
    }

    async fn hear_datagrams(self, socket: Arc<UdpSocket>) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match socket.recv(&mut buffer).await {
                Ok(length) => self.heard(buffer[..length].to_vec()).await,
                // That port is closed, or there is no way there any more.
                Err(error) => return self.pending.close(Fault::io(&error)),
            }
        }
    }

    async fn heard(&self, octets: Vec<u8>) {
        self.voice.hears();
        self.pending.heard();
        let Ok(message) = Message::read_head(&octets) else { return };
        let Some(response) = PushResponse::read(&message) else { return };
        let Some(number) = self.number(response.branch) else { return };
        let PushResponse { status, retry_after, challenge, .. } = response;
        if status < 200 {
            return self.pending.is_worked_on(number);
        }
        let mut raw = octets;
        raw.truncate(RAW);
        let answer = Answer { status, retry_after, challenge, raw };
        if let Some((id, answer)) = self.pending.answer(number, answer) {
            self.voice.tell_late(&id, &answer, self.by).await;
        }
    }

    /// The number of a transaction of this line.
    fn number(&self, branch: &str) -> Option<u64> {
        let (word, number) = branch.strip_prefix("z9hG4bK")?.split_once('.')?;
        (word == &*self.word).then(|| u64::from_str_radix(number, 16).ok())?
    }
}

/// Requests that wait to be written.
const QUEUE: usize = 64;
/// Octets of a response's body, at most.
const BODY: usize = 64 << 10;
/// Octets read at once.
const CHUNK: usize = 16 << 10;
/// Octets of a response that are told.
const RAW: usize = 4 << 10;

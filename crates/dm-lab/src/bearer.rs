//! A simulated bearer: datagrams go over the air to devices.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Faults;
use crate::air::{self, Ground, Outcome, Parcel, Word};
use crate::devices::Devices;
use crate::event::{By, Kind, Watcher};
use crate::lock::lock;

/// What may wait for the air; then whoever sends waits.
const WORDS: usize = 1_000;
/// Octets of a datagram of UDP, at most.
const DATAGRAM: usize = 65_535;

/// A bearer that runs until the last of its clones is dropped. It works in the runtime in which it was started.
#[derive(Clone, Debug)]
pub struct Bearer(Arc<Inner>);

/// What a bearer counted since its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct BearerCounts {
    /// Messages that came.
    pub carried: u64,
    /// Messages that devices got; those that came twice, twice.
    pub delivered: u64,
    /// Messages that were too late.
    pub expired: u64,
    /// Messages that got lost.
    pub lost: u64,
    /// Messages that their devices did not take.
    pub undeliverable: u64,
}

#[derive(Debug)]
struct Inner {
    ground: Arc<Below>,
    words: mpsc::Sender<Word<Sent>>,
    works: Mutex<JoinSet<()>>,
}

/// What is below the air.
#[derive(Debug)]
struct Below {
    faults: Mutex<Faults>,
    counts: Mutex<BearerCounts>,
    devices: Devices,
    watcher: Watcher,
}

/// A message on its way.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) by: By,
    pub(crate) id: String,
    pub(crate) device: String,
    pub(crate) octets: Vec<u8>,
    pub(crate) valid_until: Option<Instant>,
}

/// A datagram, and who waits for its end: when nobody does any more, it was withdrawn.
#[derive(Debug)]
struct Sent {
    datagram: Datagram,
    end: Option<oneshot::Sender<Outcome>>,
}

impl Bearer {
    /// Starts one with these faults. Messages end at the devices of [`Self::device`], or nowhere.
    ///
    /// # Errors
    /// There is no socket to send from.
    pub async fn start(seed: u64, faults: Faults) -> io::Result<Self> {
        Self::watched(seed, faults, Watcher::default()).await
    }

    /// As [`Self::start`], and somebody looks on.
    ///
    /// # Errors
    /// There is no socket to send from.
    pub async fn watched(seed: u64, faults: Faults, watcher: Watcher) -> io::Result<Self> {
        let (words, heard) = mpsc::channel(WORDS);
        let devices = Devices::new().await?;
        let (faults, counts) = (Mutex::new(faults), Mutex::default());
        let ground = Arc::new(Below { faults, counts, devices, watcher });
        let mut works = JoinSet::new();
        works.spawn(air::run(seed, heard, ground.clone()));
        Ok(Self(Arc::new(Inner { ground, words, works: Mutex::new(works) })))
    }

    /// What goes to the device of this name goes to this address.
    pub fn device(&self, name: &str, at: SocketAddr) {
        self.0.ground.devices.put(name, at);
    }

    /// What goes to a device without an address of its own goes to this one.
    pub fn other_devices(&self, at: SocketAddr) {
        self.0.ground.devices.put_others(at);
    }

    /// Carries a message to a device, and yields what became of it. If that is not waited for, the message is withdrawn.
    pub async fn carry(&self, device: &str, octets: &[u8]) -> Outcome {
        let datagram = Datagram {
            by: By::Bearer,
            id: String::new(),
            device: device.to_owned(),
            octets: octets.to_vec(),
            valid_until: None,
        };
        self.send(datagram).await.await
    }

    /// Takes datagrams at this address for the device of this name, and yields the address.
    ///
    /// # Errors
    /// It cannot listen there.
    pub async fn listen(&self, at: SocketAddr, device: &str) -> io::Result<SocketAddr> {
        let socket = UdpSocket::bind(at).await?;
        let at = socket.local_addr()?;
        let front = Front {
            socket,
            device: device.to_owned(),
            words: self.0.words.clone(),
            watcher: self.0.ground.watcher.clone(),
            datagrams: 0,
        };
        lock(&self.0.works).spawn(front.run());
        Ok(at)
    }

    /// From now on the air does otherwise.
    pub fn behave(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.0.ground.faults));
    }

    /// What it counted.
    #[must_use]
    pub fn counts(&self) -> BearerCounts {
        *lock(&self.0.ground.counts)
    }

    /// A device is off, or without a network: what comes for it waits until it is woken.
    pub async fn sleep(&self, device: &str) {
        let _ = self.0.words.send(Word::Sleep(device.to_owned())).await; // the air is there as long as this is
    }

    /// A device is there again, and gets what waits.
    pub async fn wake(&self, device: &str) {
        let _ = self.0.words.send(Word::Wake(device.to_owned())).await; // the air is there as long as this is
    }

    /// Puts a message on the air. What it yields ends when the message does; dropped, it withdraws the message.
    pub(crate) async fn send(
        &self,
        datagram: Datagram,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let (end, ended) = oneshot::channel();
        let sent = Word::Take(Sent { datagram, end: Some(end) });
        let _ = self.0.words.send(sent).await; // the air is there as long as this is
        async move { ended.await.unwrap_or(Outcome::Lost) }
    }
}

impl Parcel for Sent {
    fn device(&self) -> &str {
        &self.datagram.device
    }

    fn valid_until(&self) -> Option<Instant> {
        self.datagram.valid_until
    }
}

impl Below {
    fn tell(&self, kind: Kind, of: &Datagram, detail: &str) {
        self.watcher.tell(of.by, kind, (&of.id, &of.device), detail);
    }
}

impl Ground<Sent> for Arc<Below> {
    fn faults(&self) -> Faults {
        lock(&self.faults).clone()
    }

    fn carried(&mut self, Sent { datagram, .. }: &Sent) {
        lock(&self.counts).carried += 1;
        self.tell(Kind::Carried, datagram, &format!("{} octets", datagram.octets.len()));
    }

    async fn ended(&mut self, Sent { datagram, end }: Sent, outcome: Outcome) {
        if end.as_ref().is_some_and(oneshot::Sender::is_closed) {
            return self.tell(Kind::Lost, &datagram, "withdrawn");
        }
        let count = |change: fn(&mut BearerCounts)| change(&mut lock(&self.counts));
        match outcome {
            Outcome::Delivered(times) => {
                for _ in 0..times {
                    count(|counts| counts.delivered += 1);
                    if let Some(at) = self.devices.find(&datagram.device) {
                        self.devices.send(&datagram.octets, at).await;
                    }
                }
                self.tell(Kind::Delivered, &datagram, outcome.name());
            }
            Outcome::Expired => count(|counts| counts.expired += 1),
            Outcome::Lost => count(|counts| counts.lost += 1),
            Outcome::Undeliverable => count(|counts| counts.undeliverable += 1),
        }
        if !matches!(outcome, Outcome::Delivered(_)) {
            self.tell(Kind::Lost, &datagram, outcome.name());
        }
        if let Some(end) = end {
            let _ = end.send(outcome); // nobody waits any more
        }
    }
}

/// Where datagrams come in.
struct Front {
    socket: UdpSocket,
    device: String,
    words: mpsc::Sender<Word<Sent>>,
    watcher: Watcher,
    datagrams: u64,
}

impl Front {
    async fn run(mut self) {
        let mut octets = vec![0; DATAGRAM];
        loop {
            // A fault of one datagram is none of the next.
            let Ok((length, from)) = self.socket.recv_from(&mut octets).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            self.datagrams += 1;
            let id = self.datagrams.to_string();
            let from = format!("from {from}");
            self.watcher.tell(By::Bearer, Kind::Submitted, (&id, &self.device), from);
            let datagram = Datagram {
                by: By::Bearer,
                id,
                device: self.device.clone(),
                octets: octets[..length].to_vec(),
                valid_until: None,
            };
            let sent = Word::Take(Sent { datagram, end: None });
            if self.words.send(sent).await.is_err() {
                return;
            }
        }
    }
}

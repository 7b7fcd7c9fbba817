//! A simulated SMS centre: SMPP 3.4 and 5.0 on one side, devices on the other.

mod phones;
mod receipt;
mod session;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::air::{self, Word};
use crate::devices::Devices;
use crate::{Behaviour, Watcher};
use phones::{Flight, Phones};
pub use receipt::Submitted;
pub use world::Counts;
use world::World;

/// Segments that may wait for whoever listens; then the air waits.
const SEGMENTS: usize = 1_000;

/// What may wait for the air; then whoever is bound waits for answers.
const WORDS: usize = 1_000;

/// A segment as a device gets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Segment {
    /// What the SMS centre calls it.
    pub message_id: String,
    /// Who sent it, as the device sees it.
    pub source: String,
    /// The number of the device, without a plus sign.
    pub destination: String,
    /// User data, header included.
    pub user_data: Vec<u8>,
    /// The SMS-DELIVER that brings it; empty, if the segment is none that TS 23.040 has.
    pub tpdu: Vec<u8>,
}

/// An SMS centre that runs until this is dropped. It works in the runtime in which it was started.
#[derive(Debug)]
pub struct SmsCentre {
    address: SocketAddr,
    world: Arc<World>,
    words: mpsc::Sender<Word<Flight>>,
    _works: JoinSet<()>,
}

impl SmsCentre {
    /// Starts one. Segments end at the devices of [`Self::device`], or nowhere.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn start(behaviour: Behaviour) -> io::Result<Self> {
        Self::start_with(behaviour, None, Watcher::default()).await
    }

    /// As [`Self::start`], and somebody looks on.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn watched(behaviour: Behaviour, watcher: Watcher) -> io::Result<Self> {
        Self::start_with(behaviour, None, watcher).await
    }

    /// Starts one whose segments can be taken here, as devices get them.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn with_segments(
        behaviour: Behaviour,
    ) -> io::Result<(Self, mpsc::Receiver<Segment>)> {
        let (sink, segments) = mpsc::channel(SEGMENTS);
        let centre = Self::start_with(behaviour, Some(sink), Watcher::default()).await?;
        centre.world.listen();
        Ok((centre, segments))
    }

    async fn start_with(
        behaviour: Behaviour,
        sink: Option<mpsc::Sender<Segment>>,
        watcher: Watcher,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(behaviour.listen).await?;
        let address = listener.local_addr()?;
        let (words, heard) = mpsc::channel(WORDS);
        let (seed, devices) = (behaviour.seed, Devices::new().await?);
        let world = Arc::new(World::new(behaviour, devices, watcher));
        let mut works = JoinSet::new();
        works.spawn(air::run(seed, heard, Phones::new(world.clone(), sink)));
        works.spawn(accept(listener, world.clone(), words.clone()));
        Ok(Self { address, world, words, _works: works })
    }

    /// Where to bind.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How it behaves now.
    #[must_use]
    pub fn behaviour(&self) -> Arc<Behaviour> {
        self.world.behaviour()
    }

    /// From now on it behaves otherwise. Where it listens stays.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        self.world.behave(change);
    }

    /// What it counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.world.counts()
    }

    /// The segments that were submitted last, refused ones too: at most 10,000.
    #[must_use]
    pub fn submitted(&self) -> Vec<Submitted> {
        self.world.submitted()
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.world.cut();
    }

    /// The pushes to this number, put together, go to this address by UDP.
    pub async fn device(&self, number: &str, at: SocketAddr) {
        self.world.listen();
        self.world.devices.put(number, at);
    }

    /// As [`Self::device`], for all numbers that were not given an address of their own.
    pub fn other_devices(&self, at: SocketAddr) {
        self.world.listen();
        self.world.devices.put_others(at);
    }

    /// A device is off, or without a network: its segments wait.
    pub async fn sleep(&self, number: &str) {
        self.world.listen();
        self.say(Word::Sleep(number.to_owned())).await;
    }

    /// A device is there again, and gets what waits.
    pub async fn wake(&self, number: &str) {
        self.say(Word::Wake(number.to_owned())).await;
    }

    /// Gives the receipt of a message that was submitted, or never was, now; `state` is a message_state.
    /// [SMPP 5.0 §4.7.15]
    pub fn receipt(&self, message_id: &str, state: u8) {
        self.world.give(receipt::Given::of(message_id, state, self.world.behaviour().hex_ids));
    }

    /// Sends a deliver_sm of one's own: what stands behind the header of the PDU.
    pub fn deliver(&self, body: &[u8]) {
        self.world.give(receipt::Given::raw(body));
    }

    async fn say(&self, word: Word<Flight>) {
        let _ = self.words.send(word).await; // the air is there as long as this is
    }
}

async fn accept(listener: TcpListener, world: Arc<World>, words: mpsc::Sender<Word<Flight>>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let _ = stream.set_nodelay(true);
                sessions.spawn(session::serve(stream, world.clone(), words.clone()));
            },
            Some(_) = sessions.join_next() => {}
        }
    }
}

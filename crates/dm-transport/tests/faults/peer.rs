//! The other end of a route, in whatever mood it is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::tongue::{Heard, Tongue};

/// What a peer does with what comes from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mood {
    /// It takes what comes, and says so.
    Good,
    /// The same, after a while.
    Slow,
    /// It reads, and says nothing any more on this connection, whatever its mood is then.
    Silent,
    /// It takes so many more messages, hangs up instead of answering the next one, and is good again.
    CutsOnce(u32),
    /// It does not know who asks.
    Refuses,
    /// It has too much to do.
    Busy,
    /// It answers a message with what is of no protocol.
    Garbage,
    /// It begins an answer and never ends it.
    Endless,
}

/// A peer that runs, until this is dropped.
pub struct Peer {
    pub at: SocketAddr,
    world: Arc<World>,
    _accepts: JoinSet<()>,
}

struct World {
    tongue: Tongue,
    mood: Mutex<Mood>,
    tls: Mutex<Option<TlsAcceptor>>,
    /// Each message that it read, and how often; and how often it took it.
    came: Mutex<BTreeMap<Vec<u8>, (u32, u32)>>,
    connections: Mutex<u32>,
    /// Octets of answers without end that were taken from it, and how many such answers there were.
    endless: Mutex<(usize, usize)>,
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

impl Peer {
    pub async fn start(tongue: Tongue, mood: Mood) -> Self {
        Self::start_on(tongue, mood, TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    pub fn start_on(tongue: Tongue, mood: Mood, listener: TcpListener) -> Self {
        let at = listener.local_addr().expect("an address");
        let world = Arc::new(World {
            tongue,
            mood: Mutex::new(mood),
            tls: Mutex::default(),
            came: Mutex::default(),
            connections: Mutex::default(),
            endless: Mutex::default(),
        });
        let mut accepts = JoinSet::new();
        accepts.spawn(accept(listener, world.clone()));
        Self { at, world, _accepts: accepts }
    }

    pub fn is_now(&self, mood: Mood) {
        *self.world.mood.lock().expect("a mood") = mood;
    }

    /// From now on it proves itself by this certificate and its key.
    pub fn proves(&self, (certificate, key): &(std::path::PathBuf, std::path::PathBuf)) {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(key).expect("a key");
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a pair");
        *self.world.tls.lock().expect("TLS") = Some(TlsAcceptor::from(Arc::new(config)));
    }

    /// How many different messages it took, and how many there were of those that came twice.
    pub fn took(&self) -> (usize, u32) {
        let came = self.world.came.lock().expect("what came");
        let taken = came.values().filter(|(_, taken)| *taken > 0);
        (taken.clone().count(), taken.map(|(_, taken)| taken - 1).sum())
    }

    /// How often it took this one.
    pub fn took_of(&self, message: &[u8]) -> u32 {
        self.world.came.lock().expect("what came").get(message).map_or(0, |(_, taken)| *taken)
    }

    /// How many different messages it saw, taken or not; how often in all.
    pub fn saw(&self) -> (usize, u32) {
        let came = self.world.came.lock().expect("what came");
        (came.len(), came.values().map(|(came, _)| came).sum())
    }

    pub fn connections(&self) -> u32 {
        *self.world.connections.lock().expect("a count")
    }

    pub fn endless(&self) -> (usize, usize) {
        *self.world.endless.lock().expect("a count")
    }
}

async fn accept(listener: TcpListener, world: Arc<World>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("a connection");
                *world.connections.lock().expect("a count") += 1;
                open.spawn(serve(stream, world.clone()));
            }
            Some(_) = open.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, world: Arc<World>) {
    let tls = world.tls.lock().expect("TLS").clone();
    let stream: Box<dyn Octets> = match tls {
        None => Box::new(stream),
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return, // we are not trusted
        },
    };
    let _ = world.talk(stream).await; // it is over, in whatever way
}

impl World {
    fn mood(&self) -> Mood {
        *self.mood.lock().expect("a mood")
    }

    async fn talk(&self, mut stream: Box<dyn Octets>) -> std::io::Result<()> {
        let mut buffer = Vec::new();
        while stream.read_buf(&mut buffer).await? > 0 {
            while let Some(heard) = self.tongue.hear(&mut buffer) {
                let answer = self.answer(&heard).await;
                match answer {
                    Then::Says(octets) => stream.write_all(octets).await?,
                    Then::Dies => loop {
                        buffer.clear();
                        if stream.read_buf(&mut buffer).await? == 0 {
                            return Ok(());
                        }
                    },
                    Then::HangsUp => return Ok(()),
                    Then::Endless => self.speak_on(&mut stream).await?,
                }
            }
        }
        Ok(())
    }

    async fn answer<'h>(&self, heard: &'h Heard) -> Then<'h> {
        let mood = self.mood();
        let Some(message) = &heard.message else {
            return match mood {
                Mood::Silent => Then::Dies,
                Mood::Refuses => Then::Says(&heard.refuses),
                _ => Then::Says(&heard.takes),
            };
        };
        let is_taken = !matches!(mood, Mood::Refuses | Mood::Busy);
        {
            let mut came = self.came.lock().expect("what came");
            let (came, taken) = came.entry(message.clone()).or_default();
            *came += 1;
            *taken += u32::from(is_taken);
        }
        match mood {
            Mood::Good => Then::Says(&heard.takes),
            Mood::Slow => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Then::Says(&heard.takes)
            }
            Mood::Silent => Then::Dies,
            Mood::CutsOnce(left) => {
                let next = left.checked_sub(1).map_or(Mood::Good, Mood::CutsOnce);
                *self.mood.lock().expect("a mood") = next;
                if left == 0 { Then::HangsUp } else { Then::Says(&heard.takes) }
            }
            Mood::Refuses => Then::Says(&heard.refuses),
            Mood::Busy => Then::Says(&heard.is_busy),
            Mood::Garbage => Then::Says(&[0xFF; 4_096]),
            Mood::Endless => Then::Endless,
        }
    }

    /// Until the other end will hear no more.
    async fn speak_on(&self, stream: &mut Box<dyn Octets>) -> std::io::Result<()> {
        let (begins, goes_on) = self.tongue.endless();
        self.endless.lock().expect("a count").1 += 1;
        stream.write_all(begins).await?;
        let much = goes_on.repeat(4_096);
        loop {
            stream.write_all(&much).await?;
            self.endless.lock().expect("a count").0 += much.len();
        }
    }
}

enum Then<'h> {
    Says(&'h [u8]),
    Dies,
    HangsUp,
    Endless,
}

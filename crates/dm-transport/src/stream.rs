//! A stream to a server, with TLS or without, and what is poured into it: whole pieces only, however those
//! end who send them.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::Host;
use crate::kept::Fault;
use crate::pending::{Mark, PATIENCE};
use crate::tls::Tls;

pub(crate) trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// An open stream.
pub(crate) struct Stream {
    /// Our end.
    pub(crate) local: SocketAddr,
    /// Whether the other end was shown our certificate.
    pub(crate) has_shown: bool,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

pub(crate) type Reader = ReadHalf<Box<dyn Octets>>;
pub(crate) type Writer = WriteHalf<Box<dyn Octets>>;

/// Octets that leave together, unless they were given up before.
pub(crate) struct Piece {
    pub(crate) octets: Vec<u8>,
    /// None for what nobody waits for.
    pub(crate) mark: Option<Arc<Mark>>,
}

/// What reads and writes on a connection, until it is ended.
pub(crate) struct Tasks(pub(crate) Vec<AbortHandle>);

impl Tasks {
    /// Ends them; later, if an answer may come yet for whom nobody waits any more.
    pub(crate) fn end(&mut self, is_late: bool) {
        let tasks = std::mem::take(&mut self.0);
        let end = move || tasks.iter().for_each(AbortHandle::abort);
        match Handle::try_current() {
            Ok(runtime) if is_late => {
                runtime.spawn(async move {
                    tokio::time::sleep(PATIENCE).await;
                    end();
                });
            }
            _ => end(),
        }
    }
}

/// Connects, and begins TLS if that is wanted.
pub(crate) async fn connect(
    host: &Host,
    tls: Option<&Tls>,
    within: Duration,
) -> Result<Stream, Fault> {
    let connected = async {
        let tcp = reach(host.name(), host.port()).await;
        let tcp = tcp.map_err(|unreached| of_reach(host, unreached))?;
        let local = tcp.local_addr().map_err(|error| named(host, &error))?;
        let (stream, has_shown): (Box<dyn Octets>, _) = match tls {
            None => (Box::new(tcp), false),
            Some(tls) => {
                let begun = tls.connect(host.name(), tcp).await;
                let (stream, has_shown) = begun.map_err(|error| of_tls(host, &error))?;
                (Box::new(stream), has_shown)
            }
        };
        let (reader, writer) = tokio::io::split(stream);
        Ok(Stream { local, has_shown, reader, writer })
    };
    tokio::time::timeout(within, connected).await.unwrap_or(Err(Fault::NotReached(within)))
}

/// Where a name leads.
pub(crate) async fn resolve(host: &Host) -> Result<Vec<SocketAddr>, Fault> {
    match lookup_host((host.name(), host.port())).await {
        Ok(found) => Ok(found.collect()),
        Err(error) => Err(not_resolved(host, &error)),
    }
}

/// Why no address takes a connection.
pub(crate) enum Unreached {
    NotResolved(io::Error),
    Network(io::Error),
}

impl Unreached {
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Self::NotResolved(error) | Self::Network(error) => error,
        }
    }
}

/// The first of the addresses that takes a connection; what the last one said, if none does.
pub(crate) async fn reach(name: &str, port: u16) -> Result<TcpStream, Unreached> {
    let found = lookup_host((name, port)).await.map_err(Unreached::NotResolved)?;
    let mut found = found.peekable();
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    while let Some(address) = found.next() {
        let connecting = TcpStream::connect(address);
        // Who is silent does not keep the next one from being asked.
        let connected = match found.peek() {
            None => Ok(connecting.await),
            Some(_) => tokio::time::timeout(FIRST_ADDRESSES, connecting).await,
        };
        match connected {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(Unreached::Network)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(Unreached::Network(last))
}

fn of_reach(host: &Host, unreached: Unreached) -> Fault {
    match unreached {
        Unreached::NotResolved(error) => not_resolved(host, &error),
        Unreached::Network(error) => named(host, &error),
    }
}

fn not_resolved(host: &Host, error: &io::Error) -> Fault {
    Fault::NotResolved(error.kind(), format!("{}: {error}", host.name()).into())
}

pub(crate) fn named(host: &Host, error: &io::Error) -> Fault {
    Fault::Io(error.kind(), format!("{host}: {error}").into())
}

fn of_tls(host: &Host, error: &io::Error) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    inner.map_or_else(|| named(host, error), |inner| Fault::Tls(inner.clone().into()))
}

/// Writes what comes, as much at once as there is, until this is dropped: a connection on which nobody sends any
/// more may have an answer to give. When nothing was written for a while, that is written which keeps the
/// connection alive.
pub(crate) async fn pour(
    mut writer: Writer,
    mut pieces: mpsc::Receiver<Piece>,
    alive: Option<(Duration, &'static [u8])>,
) -> io::Result<Infallible> {
    let (mut batch, mut buffer) = (Vec::new(), Vec::new());
    loop {
        let next = pieces.recv_many(&mut batch, AT_ONCE);
        let count = match alive {
            None => next.await,
            Some((every, octets)) => match tokio::time::timeout(every, next).await {
                Ok(count) => count,
                Err(_) => {
                    buffer.extend_from_slice(octets);
                    1
                }
            },
        };
        if count == 0 {
            return std::future::pending().await;
        }
        for Piece { octets, mark } in batch.drain(..) {
            if mark.is_none_or(|mark| mark.begin()) {
                buffer.extend_from_slice(&octets);
            }
        }
        writer.write_all(&buffer).await?;
        writer.flush().await?;
        buffer.clear();
        buffer.shrink_to(SPARE);
    }
}

/// Pieces that leave in one write.
const AT_ONCE: usize = 32;
/// Octets of room that are kept.
const SPARE: usize = 256 << 10;
/// How long an address is tried that is not the last.
const FIRST_ADDRESSES: Duration = Duration::from_secs(2);

//! A stream to a server, with TLS or without, and what is poured into it: whole pieces only, however those
//! end who send them.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use crate::Host;
use crate::kept::Fault;
use crate::pending::{Mark, PATIENCE};

pub(crate) trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// An open stream.
pub(crate) struct Stream {
    /// Our end.
    pub(crate) local: SocketAddr,
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
    tls: Option<&TlsConnector>,
    within: Duration,
) -> Result<Stream, Fault> {
    let connected = async {
        let tcp = reach(host).await?;
        let local = tcp.local_addr().map_err(|error| named(host, &error))?;
        let stream: Box<dyn Octets> = match tls {
            None => Box::new(tcp),
            Some(tls) => {
                let name = ServerName::try_from(host.name().to_owned());
                let name = name.map_err(|error| {
                    named(host, &io::Error::new(io::ErrorKind::InvalidInput, error))
                })?;
                let stream = tls.connect(name, tcp).await;
                Box::new(stream.map_err(|error| of_tls(host, &error))?)
            }
        };
        let (reader, writer) = tokio::io::split(stream);
        Ok(Stream { local, reader, writer })
    };
    tokio::time::timeout(within, connected).await.unwrap_or(Err(Fault::NotReached(within)))
}

/// Where a name leads.
pub(crate) async fn resolve(host: &Host) -> Result<Vec<SocketAddr>, Fault> {
    match lookup_host((host.name(), host.port())).await {
        Ok(found) => Ok(found.collect()),
        Err(error) => {
            Err(Fault::NotResolved(error.kind(), format!("{}: {error}", host.name()).into()))
        }
    }
}

/// The first of the addresses that takes a connection; what the last one said, if none does.
async fn reach(host: &Host) -> Result<TcpStream, Fault> {
    let found = resolve(host).await?;
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for (at, address) in found.iter().enumerate() {
        let connecting = TcpStream::connect(address);
        // Who is silent does not keep the next one from being asked.
        let connected = match at + 1 == found.len() {
            true => Ok(connecting.await),
            false => tokio::time::timeout(FIRST_ADDRESSES, connecting).await,
        };
        match connected {
            Ok(Ok(stream)) => {
                let set = stream.set_nodelay(true);
                return set.map(|()| stream).map_err(|error| named(host, &error));
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(named(host, &last))
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

//! The way to the registrar and back: datagrams, or a stream with or without TLS.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use dm_push::sip::{Framed, Framer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;

use crate::config::{Limits, Sip, SipTransport, SourceList};
use crate::receive::outward::{Stream, Way};

/// An open way.
pub(super) struct Line {
    /// Our end, as we know it.
    pub(super) local: SocketAddr,
    peer: SocketAddr,
    end: End,
}

enum End {
    Datagrams {
        socket: UdpSocket,
        /// Who else than the registrar is heard; without a list the kernel lets nobody else through.
        from: Option<SourceList>,
        buffer: Box<[u8]>,
    },
    Stream {
        stream: Stream,
        framer: Framer,
        buffer: Box<[u8]>,
        /// Since when a message is not whole.
        begun: Option<Instant>,
        patience: Duration,
    },
}

/// A message, and whence it came.
pub(super) struct Received {
    pub(super) octets: Vec<u8>,
    pub(super) from: SocketAddr,
    /// Whether its body is there: one above the limit is not.
    pub(super) is_whole: bool,
}

/// Why a line is of no use any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("what came is no SIP: {0}")]
    Malformed(#[from] dm_push::Error),
    #[error("the registrar's address {0} is not in `from`")]
    NotListed(SocketAddr),
    #[error("a message began and did not end in time, or nothing was taken from us")]
    Stalled,
}

impl Line {
    pub(super) async fn open(sip: &Sip, way: &Way, limits: &Limits) -> Result<Self, LineError> {
        let line = match sip.transport {
            SipTransport::Udp => Self::datagrams(sip).await?,
            SipTransport::Tcp | SipTransport::Tls => {
                let stream = way.connect().await?;
                let (local, peer) = stream.addresses()?;
                let end = End::Stream {
                    stream,
                    framer: Framer::new(limits.message),
                    buffer: vec![0; CHUNK].into(),
                    begun: None,
                    patience: limits.body_timeout,
                };
                Self { local, peer, end }
            }
        };
        match &sip.from {
            Some(from) if !from.contains(line.peer.ip()) => Err(LineError::NotListed(line.peer)),
            _ => Ok(line),
        }
    }

    async fn datagrams(sip: &Sip) -> Result<Self, LineError> {
        let mut found = lookup_host((sip.server.host.as_str(), sip.server.port)).await?;
        let peer = found.next().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let any: IpAddr = match peer {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let connected = UdpSocket::bind((any, 0)).await?;
        connected.connect(peer).await?;
        let mut local = connected.local_addr()?;
        let socket = match sip.from {
            None => connected,
            Some(_) => {
                let open = UdpSocket::bind((any, 0)).await?;
                local.set_port(open.local_addr()?.port());
                open
            }
        };
        let end =
            End::Datagrams { socket, from: sip.from.clone(), buffer: vec![0; DATAGRAM].into() };
        Ok(Self { local, peer, end })
    }

    /// The next message; nothing is lost when this is dropped on the way.
    pub(super) async fn next(&mut self) -> Result<Received, LineError> {
        match &mut self.end {
            End::Datagrams { socket, from, buffer } => loop {
                let (length, sender) = socket.recv_from(buffer).await?;
                let is_heard = from.as_ref().is_none_or(|from| from.contains(sender.ip()));
                let octets = &buffer[..length];
                // Empty lines and NULs keep a way open, and say nothing.
                if is_heard && octets.iter().any(|octet| !b"\r\n\0".contains(octet)) {
                    return Ok(Received { octets: octets.to_vec(), from: sender, is_whole: true });
                }
            },
            End::Stream { stream, framer, buffer, begun, patience } => loop {
                if let Some(framed) = framer.next()? {
                    *begun = None;
                    let (octets, is_whole) = match framed {
                        Framed::Whole(octets) => (octets, true),
                        Framed::TooLarge(head) => (head, false),
                    };
                    return Ok(Received { octets, from: self.peer, is_whole });
                }
                let read = stream.read(buffer);
                let length = match framer.is_within() {
                    false => read.await?,
                    true => {
                        let end = *begun.get_or_insert_with(Instant::now) + *patience;
                        tokio::time::timeout_at(end.into(), read)
                            .await
                            .map_err(|_| LineError::Stalled)??
                    }
                };
                if length == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
                framer.extend(&buffer[..length]);
                if !framer.is_within() {
                    *begun = None;
                }
            },
        }
    }

    /// Sends a message: to the registrar, or over datagrams to whoever asked.
    pub(super) async fn send(
        &mut self,
        octets: &[u8],
        to: Option<SocketAddr>,
    ) -> Result<(), LineError> {
        match &mut self.end {
            End::Datagrams { socket, from: None, .. } => {
                socket.send(octets).await?;
            }
            End::Datagrams { socket, from: Some(_), .. } => {
                socket.send_to(octets, to.unwrap_or(self.peer)).await?;
            }
            End::Stream { stream, patience, .. } => {
                let sent = async {
                    stream.write_all(octets).await?;
                    stream.flush().await
                };
                timeout(*patience, sent).await.map_err(|_| LineError::Stalled)??;
            }
        }
        Ok(())
    }

    /// Keeps the way through NAT open. [RFC 5626 §3.5.1]
    pub(super) async fn keep_alive(&mut self) -> Result<(), LineError> {
        self.send(b"\r\n\r\n", None).await
    }
}

/// Octets read from a stream at once.
const CHUNK: usize = 4096;
/// No datagram is longer.
const DATAGRAM: usize = 65_536;

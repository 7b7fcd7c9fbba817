//! A connection to a server of HTTP: name, TCP, TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tower_service::Service;

use super::hosts::Hosts;
use crate::stream::{Octets, Unreached, reach};
use crate::tls::Tls;

/// Why there is no connection. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectFault {
    #[error(transparent)]
    Network(io::Error),
    #[error("no address")]
    NotResolved(#[source] io::Error),
    #[error("the host was found to speak HTTP/2: one connection will do")]
    Superseded,
    #[error("not within {0:?}")]
    Timeout(Duration),
    #[error(transparent)]
    Tls(io::Error),
}

/// Makes connections, and notes which hosts speak HTTP/2.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) tls: Tls,
    pub(super) hosts: Arc<Hosts>,
    /// Whether HTTP/2 is spoken whatever TLS says.
    pub(super) only_h2: bool,
    pub(super) timeout: Duration,
}

/// A connection.
pub(super) struct Line {
    io: TokioIo<Box<dyn Octets>>,
    is_h2: bool,
    has_shown: bool,
}

/// Of a connection, and of each answer that came by it: the server was shown our certificate.
#[derive(Clone, Copy)]
pub(super) struct HasShown;

impl Connector {
    async fn connect(self, uri: Uri) -> Result<Line, ConnectFault> {
        let timeout = self.timeout;
        match tokio::time::timeout(timeout, self.connected(uri)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ConnectFault::Timeout(timeout)),
        }
    }

    async fn connected(self, uri: Uri) -> Result<Line, ConnectFault> {
        let is_tls = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        if !is_tls {
            let io: Box<dyn Octets> = Box::new(reach(host, port).await?);
            return Ok(Line { io: TokioIo::new(io), is_h2: self.only_h2, has_shown: false });
        }
        // While it is not known what a host speaks, few ask it: one connection of HTTP/2 serves all.
        let place = self.hosts.place(uri.authority().map_or("", |authority| authority.as_str()));
        let _turn = match self.only_h2 || place.speaks_h2() {
            true => None,
            false => place.turn().await,
        };
        if !self.only_h2 && place.speaks_h2() {
            return Err(ConnectFault::Superseded);
        }
        let stream = reach(host, port).await?;
        let begun = self.tls.connect(host, stream).await;
        let (stream, has_shown) = begun.map_err(ConnectFault::Tls)?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        place.set_speaks_h2(is_h2);
        if self.only_h2 && !is_h2 {
            let error = rustls::Error::NoApplicationProtocol;
            return Err(ConnectFault::Tls(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        let io: Box<dyn Octets> = Box::new(stream);
        Ok(Line { io: TokioIo::new(io), is_h2, has_shown })
    }
}

impl From<Unreached> for ConnectFault {
    fn from(unreached: Unreached) -> Self {
        match unreached {
            Unreached::NotResolved(error) => Self::NotResolved(error),
            Unreached::Network(error) => Self::Network(error),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Line;
    type Error = ConnectFault;
    type Future = Pin<Box<dyn Future<Output = Result<Line, ConnectFault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        let connected = if self.has_shown { connected.extra(HasShown) } else { connected };
        if self.is_h2 { connected.negotiated_h2() } else { connected }
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}

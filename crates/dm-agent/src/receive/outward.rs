//! A connection that the device opens itself: to a server that it polls, to a broker, to a registrar.

use std::io;
#[cfg(feature = "sip")]
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

#[cfg(any(feature = "poll", feature = "report"))]
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tls::{self, TlsError};
#[cfg(any(feature = "poll", feature = "report"))]
use crate::config::Credentials;
use crate::config::Server;

/// The way to a server.
pub(crate) struct Way {
    server: Server,
    tls: Option<TlsConnector>,
}

/// A connection, with TLS or without.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Way {
    pub(crate) fn to(server: &Server) -> Result<Self, TlsError> {
        let tls = server.tls.as_ref().map(tls::connector).transpose()?;
        Ok(Self { server: server.clone(), tls })
    }

    #[cfg(feature = "report")]
    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        let connected = async {
            let stream = TcpStream::connect((self.server.host.as_str(), self.server.port)).await?;
            let Some(tls) = &self.tls else { return Ok(Stream::Plain(stream)) };
            let name = ServerName::try_from(self.server.host.clone());
            let name = name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            Ok(Stream::Tls(Box::new(tls.connect(name, stream).await?)))
        };
        tokio::time::timeout(CONNECT, connected)
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }
}

#[cfg(feature = "sip")]
impl Stream {
    /// Where it begins, and where it ends.
    pub(super) fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        };
        Ok((stream.local_addr()?, stream.peer_addr()?))
    }
}

/// The field `Host` of requests to a server.
#[cfg(any(feature = "poll", feature = "report"))]
pub(crate) fn host(server: &Server) -> String {
    match server.host.contains(':') {
        true => format!("[{}]:{}", server.host, server.port),
        false => format!("{}:{}", server.host, server.port),
    }
}

/// The field `Authorization`, if the device has something to say of itself.
#[cfg(any(feature = "poll", feature = "report"))]
pub(crate) fn authorization(credentials: &Credentials) -> io::Result<Option<String>> {
    Ok(match credentials {
        Credentials::None => None,
        Credentials::Bearer(file) => Some(format!("Bearer {}", secret(file)?)),
        Credentials::Password(user, file) => {
            let pair = format!("{user}:{}", secret(file)?);
            Some(format!("Basic {}", STANDARD.encode(pair)))
        }
    })
}

/// The first line of a file, read each time: it may be changed while the agent runs.
pub(crate) fn secret(file: &Path) -> io::Result<String> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(named)?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(named(io::Error::new(io::ErrorKind::InvalidData, "its first line is empty"))),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, octets),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// For a connection and its TLS.
const CONNECT: Duration = Duration::from_secs(30);

//! The connection to an SMS centre: TCP, and TLS where it is configured.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Host;

pub(super) trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

pub(super) type Stream = Box<dyn Octets>;

/// Connects within this time. The name is looked up each time: an SMS centre may move.
pub(super) async fn connect(
    centre: &Host,
    tls: Option<&Arc<ClientConfig>>,
    within: Duration,
) -> io::Result<Stream> {
    let connecting = async {
        let stream = TcpStream::connect((centre.name(), centre.port())).await?;
        stream.set_nodelay(true)?; // what is written is written in one piece already
        let Some(tls) = tls else { return Ok(Box::new(stream) as Stream) };
        let name = ServerName::try_from(centre.name().to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let stream = TlsConnector::from(tls.clone()).connect(name, stream).await?;
        Ok(Box::new(stream) as Stream)
    };
    match tokio::time::timeout(within, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

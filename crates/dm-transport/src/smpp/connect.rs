//! The connection to an SMS centre: TCP, and TLS where it is configured.

use std::io;
use std::time::Duration;

use crate::Host;
use crate::stream::{Octets, Unreached, reach};
use crate::tls::Tls;

pub(super) type Stream = Box<dyn Octets>;

/// Connects within this time. The name is looked up each time: an SMS centre may move.
pub(super) async fn connect(
    centre: &Host,
    tls: Option<&Tls>,
    within: Duration,
) -> io::Result<Stream> {
    let connecting = async {
        let stream = reach(centre.name(), centre.port()).await.map_err(Unreached::into_io)?;
        let Some(tls) = tls else { return Ok(Box::new(stream) as Stream) };
        let (stream, _) = tls.connect(centre.name(), stream).await?;
        Ok(Box::new(stream) as Stream)
    };
    match tokio::time::timeout(within, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

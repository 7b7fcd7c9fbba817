//! UDP: one connectionless WSP push per datagram, port 2948. [WSP §8.2.4.1]

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use dm_push::http_push::{self, Misaddressed};
use dm_push::wsp::Push;
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tracing::warn;

use super::intake::Intake;
use super::tally::Refusal;

/// A bound socket and the way into the queue.
pub(super) struct UdpReceiver {
    socket: ReceiveOnly,
    intake: Intake,
}

impl UdpReceiver {
    pub(super) async fn bind(address: SocketAddr, intake: Intake) -> io::Result<Self> {
        Ok(Self { socket: ReceiveOnly(UdpSocket::bind(address).await?), intake })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.0.local_addr()
    }

    /// Receives until told to stop.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut buffer = vec![0; BUFFER];
        loop {
            let received = tokio::select! {
                _ = stop.changed() => return,
                received = self.socket.receive(&mut buffer) => received,
            };
            match received {
                Ok((length, from)) => self.take(&buffer[..length], from),
                Err(error) => {
                    warn!(%error, "the UDP socket failed, receiving goes on");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn take(&self, datagram: &[u8], from: SocketAddr) {
        let refuse = |refusal, why: &str| self.intake.refuse(refusal, from, datagram.len(), why);
        if !self.intake.admits(from) || !self.intake.in_rate(from) {
            return;
        }
        let push = match Push::read(datagram) {
            Ok(push) => push,
            Err(error) => return refuse(Refusal::Malformed, &error.to_string()),
        };
        // A code without a name is some application, and not ours.
        let application_id = push.application_id.map(|id| id.name().unwrap_or_default());
        match http_push::check(push.content_type.media_type.name(), application_id) {
            Ok(()) => {}
            Err(error @ Misaddressed::ApplicationId) => {
                return refuse(Refusal::ApplicationId, &error.to_string());
            }
            Err(error) => return refuse(Refusal::ContentType, &error.to_string()),
        }
        if let Err(refusal) = self.intake.accept(push.body.to_vec(), from) {
            refuse(refusal, "dropped");
        }
    }
}

/// A socket that cannot send: nothing in this module can answer. [Sessionless §5.5]
struct ReceiveOnly(UdpSocket);

impl ReceiveOnly {
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.recv_from(buffer).await
    }
}

/// No datagram is longer.
const BUFFER: usize = 65_536;
/// After a failure of the socket, so that a lasting one does not keep the processor busy.
const PAUSE: Duration = Duration::from_millis(100);

//! UDP: one connectionless WSP push per datagram, port 2948. [WSP §8.2.4.1]

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tracing::warn;

use super::intake::Intake;
use super::proving::Proving;
use super::wsp::{self, Purpose};

/// A bound socket and the way into the queue.
pub(super) struct UdpReceiver {
    socket: ReceiveOnly,
    intake: Intake,
    /// What every push has to prove, if anything.
    proving: Option<Proving>,
}

impl UdpReceiver {
    pub(super) async fn bind(address: SocketAddr, intake: Intake) -> io::Result<Self> {
        let socket = ReceiveOnly(UdpSocket::bind(address).await?);
        Ok(Self { socket, intake, proving: None })
    }

    /// The same, for pushes that prove this.
    pub(super) fn proving(self, proving: Proving) -> Self {
        Self { proving: Some(proving), ..self }
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
        let purpose = match &self.proving {
            Some(proving) => wsp::read_proven(datagram, proving).map(Purpose::Message),
            None => wsp::read(datagram),
        };
        let taken = match purpose {
            Ok(Purpose::Message(body)) => self.intake.accept(body.to_vec(), from),
            Ok(Purpose::Bootstrap) => self.intake.accept_bootstrap(datagram.to_vec(), from),
            Err((refusal, why)) => return refuse(refusal, &why),
        };
        if let Err(refusal) = taken {
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

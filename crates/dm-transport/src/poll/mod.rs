//! Long poll: devices ask for their messages, `GET /devices/{id}/push?after=SEQ` with `Prefer: wait=50`.
//!
//! A message is handed over when the mailbox of its device has it, on the disk. The device has it when it
//! asks for what comes behind it; that is told, and only when it is kept the message goes. Until then every
//! request is given the same octets under the same number. [Sessionless §5.3, RFC 7240]

mod config;
mod connection;
mod doors;
mod hub;
mod request;
mod store;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dm_push::Receipt;
use dm_push::receipt::{Detail, Says};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

pub use config::{CertificateName, PollConfig, Tokens};

use crate::address::PollAddress;
use crate::outbox::milliseconds;
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::setup::SetupError;
use crate::{Address, SendError};
use connection::Counted;
use doors::Doors;
use hub::{Hub, Lobby};
use store::{NotPut, Put, Store};

/// Mailboxes of devices that ask, and the server that they ask.
pub struct PollRoute {
    hub: Arc<Hub>,
    at: SocketAddr,
    most: usize,
    accepting: JoinHandle<()>,
    ending: JoinHandle<()>,
}

impl PollRoute {
    /// Opens the mailboxes and begins to listen, in the runtime of whoever calls.
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn open(config: &PollConfig, teller: Teller) -> Result<Self, SetupError> {
        let teller = match config.checked()? {
            Some(mechanism) => teller.protected_by(mechanism),
            None => teller,
        };
        let tls = config.tls.as_ref().map(|tls| {
            let mut tls = tls.config()?;
            tls.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok::<_, SetupError>(TlsAcceptor::from(Arc::new(tls)))
        });
        let (tls, doors) = (tls.transpose()?, Doors::open(config)?);
        let lobby = Arc::new(Lobby::default());
        let came = lobby.clone();
        let came = Box::new(move |device: &str, message| came.came(device, message));
        let failed = |source| SetupError::Store { path: config.store.clone(), source };
        let store = Store::open(&config.store, config.messages, came).map_err(failed)?;
        let failed = |source| SetupError::Listen { at: config.listen.to_string(), source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let times = (config.silence, config.longest_wait);
        let hub = Arc::new(Hub::new(doors, (store, lobby), teller, times));
        let accepting = tokio::spawn(accept(hub.clone(), listener, tls, config.connections));
        let runs = hub.clone();
        let ending = tokio::spawn(async move { runs.run().await });
        Ok(Self { hub, at, most: config.messages, accepting, ending })
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.at
    }

    /// How many devices wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.hub.count()
    }

    /// Serves a connection that another listener has: one that was handed over, or is none of the network.
    /// Nobody has shown a certificate there.
    pub fn serve<S>(&self, stream: S) -> impl Future<Output = ()> + Send + 'static
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let counted = Counted::new(&self.hub);
        async move { connection::serve(counted.hub(), stream, &[]).await }
    }
}

impl Route for PollRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        device(&outgoing.to)?;
        Ok(Plan::new(1, outgoing.octets.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let put = Put {
                device: device(&outgoing.to)?.device().clone(),
                id: outgoing.id.clone(),
                octets: outgoing.octets.clone(),
                until: outgoing.valid_until.map_or(u64::MAX, milliseconds),
            };
            let to = || outgoing.to.clone();
            let seq = self.hub.store.put(put).await.map_err(|failed| match failed {
                NotPut::Full => SendError::MailboxFull { to: to(), messages: self.most },
                NotPut::Store(source) => SendError::Mailbox { to: to(), source },
            })?;
            let receipt = Receipt::new(Says::HandedOver, Detail::LongPoll { seq });
            self.hub.teller.tell(&outgoing.id, receipt, &[]).await;
            Ok(())
        })
    }

    fn is_to_blame(&self, failure: &SendError) -> bool {
        matches!(failure, SendError::Mailbox { .. })
    }

    fn close(&self, deadline: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            self.accepting.abort();
            self.hub.close();
            let all_gone = async {
                loop {
                    let gone = self.hub.gone.notified();
                    tokio::pin!(gone);
                    gone.as_mut().enable();
                    if self.hub.connections.load(Ordering::Relaxed) == 0 {
                        return;
                    }
                    gone.await;
                }
            };
            let _ = tokio::time::timeout_at(deadline, all_gone).await; // who is left asks again
        })
    }
}

impl Drop for PollRoute {
    fn drop(&mut self) {
        self.accepting.abort();
        self.ending.abort();
        self.hub.close();
    }
}

fn device(to: &Address) -> Result<&PollAddress, SendError> {
    match to {
        Address::Poll(address) => Ok(address),
        to => Err(SendError::Address { to: to.clone(), transport: "long poll" }),
    }
}

async fn accept(hub: Arc<Hub>, listener: TcpListener, tls: Option<TlsAcceptor>, most: usize) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No descriptors, as a rule: others are served meanwhile, and end.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if hub.connections.load(Ordering::Relaxed) >= most {
            continue; // it is closed; who it was asks again
        }
        let _ = stream.set_nodelay(true); // slower without it, and no worse
        let counted = Counted::new(&hub);
        match &tls {
            None => drop(tokio::spawn(async move {
                connection::serve(counted.hub(), stream, &[]).await;
            })),
            Some(tls) => drop(tokio::spawn(protected(counted, stream, tls.clone()))),
        }
    }
}

/// A connection that begins with TLS.
async fn protected(counted: Counted, stream: TcpStream, tls: TlsAcceptor) {
    let hub = counted.hub();
    let shaking = Box::pin(tokio::time::timeout(hub.silence, tls.accept(stream)));
    let Ok(Ok(stream)) = shaking.await else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let names = certificate.map(|certificate| hub.doors.names(certificate)).unwrap_or_default();
    connection::serve(hub, stream, &names).await;
}

/// After a failure to accept.
const PAUSE: Duration = Duration::from_millis(100);

//! HTTP push: one `POST` per connection. [Sessionless §5.3]
//!
//! Every answer is a status code and an empty body, by its type. 202 means "kept, and in the
//! queue", and is the same for every message, verified or not.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;
use tracing::{debug, warn};

use super::intake::Intake;
use super::tally::Refusal;
#[cfg(feature = "tls")]
use super::tls::Handshake;
use crate::config::Limits;
use request::Exchange;

mod request;

/// A bound listener and the way into the queue.
pub(super) struct HttpReceiver {
    listener: TcpListener,
    exchange: Arc<Exchange>,
    limits: Limits,
    slots: Arc<Semaphore>,
    #[cfg(feature = "tls")]
    tls: Option<Handshake>,
}

/// The only kind of answer there is: no content fits in. [Sessionless §5.5]
type Acknowledgement = Response<http_body_util::Empty<Bytes>>;

impl HttpReceiver {
    pub(super) async fn bind(
        address: SocketAddr,
        path: &str,
        limits: &Limits,
        intake: Intake,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            exchange: Arc::new(Exchange {
                intake,
                path: path.to_owned(),
                body_timeout: limits.body_timeout,
            }),
            limits: *limits,
            slots: Arc::new(Semaphore::new(limits.connections)),
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Hears nothing before this.
    #[cfg(feature = "tls")]
    pub(super) fn after(self, handshake: Handshake) -> Self {
        Self { tls: Some(handshake), ..self }
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Receives until told to stop, then lets open connections end.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                _ = stop.changed() => break,
                Some(_) = open.join_next() => {}
                (stream, from, slot) = self.accept() => {
                    if self.exchange.intake.admits(from) {
                        open.spawn(self.connection(stream, from, slot, stop.clone()));
                    }
                }
            }
        }
        drop(self);
        while open.join_next().await.is_some() {}
    }

    /// The next connection, once there is room for it: others wait in the kernel.
    async fn accept(&self) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
        let slot = self.slots.clone().acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, from)) => return (stream, from, slot),
                Err(error) => {
                    warn!(%error, "a connection could not be accepted, receiving goes on");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves one connection; what it borrows it owns, so it outlives the listener.
    fn connection(
        &self,
        stream: TcpStream,
        from: SocketAddr,
        slot: Option<OwnedSemaphorePermit>,
        stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + use<> {
        let connection = Connection {
            exchange: self.exchange.clone(),
            from,
            in_rate: self.exchange.intake.in_rate(from),
            limits: self.limits,
        };
        #[cfg(feature = "tls")]
        let tls = self.tls.clone();
        async move {
            let _slot = slot;
            #[cfg(feature = "tls")]
            if let Some(tls) = tls {
                if let Some(stream) = connection.agree(&tls, stream).await {
                    connection.serve(stream, stop).await;
                }
                return;
            }
            connection.serve(stream, stop).await;
        }
    }
}

/// One connection.
struct Connection {
    exchange: Arc<Exchange>,
    from: SocketAddr,
    in_rate: bool,
    limits: Limits,
}

impl Connection {
    /// Agrees on TLS, which costs something: not with those that come too often.
    #[cfg(feature = "tls")]
    async fn agree(&self, tls: &Handshake, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let refuse = |refusal, why: &str| {
            self.exchange.intake.refuse(refusal, self.from, 0, why);
            None
        };
        if !self.in_rate {
            return None;
        }
        let most = (self.limits.connections / 2).max(1);
        let Some(_room) = tls.room(&self.from.into(), most) else {
            return refuse(Refusal::Rate, "half of `limits.connections` begin TLS, all its own");
        };
        let agreed = tls.acceptor.accept(stream);
        match tokio::time::timeout(self.limits.header_timeout, agreed).await {
            Err(_) => refuse(Refusal::HeadTimeout, "no TLS in time"),
            Ok(Err(error)) => refuse(Refusal::Tls, &error.to_string()),
            Ok(Ok(stream)) if tls.admits(stream.get_ref().1) => Some(stream),
            Ok(Ok(_)) => refuse(Refusal::Source, "no name of its certificate is in `client_names`"),
        }
    }

    async fn serve<S>(self, stream: S, mut stop: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self { exchange, from, in_rate, limits } = self;
        let service = service_fn(|request: Request<Incoming>| {
            let exchange = exchange.clone();
            async move {
                let acknowledgement = match in_rate {
                    true => exchange.acknowledge(request, from).await,
                    false => acknowledgement(StatusCode::TOO_MANY_REQUESTS),
                };
                Ok::<_, Infallible>(acknowledgement)
            }
        });
        let mut connection = pin!(server(&limits).serve_connection(TokioIo::new(stream), service));
        let served = tokio::time::timeout(deadline(&limits), async {
            tokio::select! {
                served = connection.as_mut() => return served,
                _ = stop.changed() => connection.as_mut().graceful_shutdown(),
            }
            connection.await
        });
        match served.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.is_timeout() => {
                exchange.intake.refuse(Refusal::HeadTimeout, from, 0, "no head in time");
            }
            Ok(Err(error)) if error.is_parse() => {
                exchange.intake.refuse(Refusal::Malformed, from, 0, &error.to_string());
            }
            Ok(Err(error)) => debug!(%from, %error, "the connection broke"),
            Err(_) => debug!(%from, "the connection took too long"),
        }
    }
}

fn server(limits: &Limits) -> http1::Builder {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .keep_alive(false)
        .auto_date_header(false)
        .max_buf_size(MAX_HEAD);
    server
}

/// Head, body, and a moment for the acknowledgement.
fn deadline(limits: &Limits) -> Duration {
    limits.header_timeout.saturating_add(limits.body_timeout).saturating_add(Duration::from_secs(5))
}

fn acknowledgement(status: StatusCode) -> Acknowledgement {
    let mut response = Response::new(http_body_util::Empty::new());
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
    }
    response
}

/// Octets of request line and headers.
const MAX_HEAD: usize = 16 << 10;
/// After a failure to accept, so that a lasting one does not keep the processor busy.
const PAUSE: Duration = Duration::from_millis(100);

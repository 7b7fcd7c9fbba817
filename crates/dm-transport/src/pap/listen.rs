//! Where a push gateway tells what became of messages: resultnotification-message by POST. [PAP §9.6]
//!
//! A notification is answered once it was told on and kept, so that a gateway that heard nothing tells it again. One of a
//! push that nobody knows, or of another device, is answered as well, and stays visible: [`NotificationListener::unknown`].

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dm_push::pap::{self, Code, Document, Report, ReportAnswer, Verdict};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use super::config::ListenConfig;
use super::exchange::login;
use super::name::called;
use crate::route::{Ledger, Teller};
use crate::setup::SetupError;

/// Hears notifications, until it is dropped.
pub struct NotificationListener {
    at: SocketAddr,
    unknown: Arc<Mutex<Unknown>>,
    ends: watch::Sender<bool>,
    running: AbortHandle,
}

/// Notifications that tell nothing of a sending: no such push-id went to that device, or the gateway does not know
/// either.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Unknown {
    /// How many there were.
    pub count: u64,
    /// The last ones, at most 100: push-id and state.
    pub latest: VecDeque<(String, pap::State)>,
}

/// How many of the last ones are kept.
const LATEST: usize = 100;

struct Ear {
    path: String,
    login: Option<HeaderValue>,
    timeout: Duration,
    teller: Teller,
    ledger: Arc<dyn Ledger>,
    unknown: Arc<Mutex<Unknown>>,
}

impl NotificationListener {
    /// Listens for what becomes of the messages of the route that this tells of. It is told on once, by the
    /// identity under which the ledger has the push-id and the device, and names what protects this listener.
    ///
    /// # Errors
    /// [`SetupError`]: the port is taken, or a file is not there or does not fit, or anybody could tell (R16).
    pub async fn start(
        config: &ListenConfig,
        teller: Teller,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, SetupError> {
        let failed = |source| SetupError::Listen { at: config.address.to_string(), source };
        let security = config.security().map_err(SetupError::Key)?;
        let tls = config.tls.as_ref().map(|tls| tls.config()).transpose()?;
        let acceptor = tls.map(|mut tls| {
            tls.alpn_protocols = vec![b"http/1.1".to_vec()];
            TlsAcceptor::from(Arc::new(tls))
        });
        let unknown = Arc::<Mutex<Unknown>>::default();
        let ear = Arc::new(Ear {
            path: config.path.clone(),
            login: login(config.user.as_deref(), config.password.as_ref())?,
            timeout: config.timeout,
            teller: teller.protected(security),
            ledger,
            unknown: unknown.clone(),
        });
        let listener = TcpListener::bind(config.address).await.map_err(failed)?;
        let at = listener.local_addr().map_err(failed)?;
        let room = Arc::new(Semaphore::new(config.connections.clamp(1, 65_536)));
        let (ends, end) = watch::channel(false);
        let running = tokio::spawn(accept(listener, acceptor, ear, room, end)).abort_handle();
        Ok(Self { at, unknown, ends, running })
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.at
    }

    /// Notifications that tell nothing of a sending.
    #[must_use]
    pub fn unknown(&self) -> Unknown {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it in order: who has said something gets its answer, if it is there before the deadline.
    pub async fn close(&self, deadline: Instant) {
        let _ = self.ends.send(true); // it may have ended
        let _ = tokio::time::timeout_at(deadline, self.ends.closed()).await;
    }
}

impl Drop for NotificationListener {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    ear: Arc<Ear>,
    room: Arc<Semaphore>,
    mut end: watch::Receiver<bool>,
) {
    // Dropped with this: what is open ends with the listener.
    let mut open = JoinSet::new();
    loop {
        let next = async {
            let turn = room.clone().acquire_owned().await;
            (turn, listener.accept().await)
        };
        let (turn, accepted) = tokio::select! {
            next = next => next,
            _ = end.wait_for(|ends| *ends) => break,
        };
        match (turn, accepted) {
            (Ok(turn), Ok((stream, _))) => {
                open.spawn(serve(stream, acceptor.clone(), ear.clone(), turn, end.clone()));
            }
            (Err(_), _) => return,
            // Too many files are open, for instance: the next may be taken.
            (_, Err(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn serve(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    ear: Arc<Ear>,
    _turn: OwnedSemaphorePermit,
    end: watch::Receiver<bool>,
) {
    let timeout = ear.timeout;
    let service = service_fn(move |request| {
        let ear = ear.clone();
        async move { Ok::<_, Infallible>(ear.answer(request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(timeout).max_buf_size(32 << 10);
    match acceptor {
        None => {
            talk(builder.serve_connection(TokioIo::new(stream), service), end).await;
        }
        Some(acceptor) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(timeout, acceptor.accept(stream)).await {
                talk(builder.serve_connection(TokioIo::new(stream), service), end).await;
            }
        }
    }
}

/// Until they are gone, or this is to end: then what was asked is answered, and nothing more.
async fn talk<S, T>(connection: http1::Connection<TokioIo<S>, T>, mut end: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: HttpService<Incoming, ResBody = Full<Bytes>>,
    T::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        _ = end.wait_for(|ends| *ends) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await; // they are gone
}

type Reply = Response<Full<Bytes>>;

impl Ear {
    async fn answer(&self, request: Request<Incoming>) -> Reply {
        if request.uri().path() != self.path {
            return bare(StatusCode::NOT_FOUND);
        }
        if request.method() != Method::POST {
            return bare(StatusCode::METHOD_NOT_ALLOWED);
        }
        if let Some(login) = &self.login {
            let given = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
            if !given.is_some_and(|given| is_same(given, login.as_bytes())) {
                let mut reply = bare(StatusCode::UNAUTHORIZED);
                let asked = HeaderValue::from_static("Basic realm=\"pap\"");
                reply.headers_mut().insert(WWW_AUTHENTICATE, asked);
                return reply;
            }
        }
        let body = Limited::new(request.into_body(), pap::limits().octets).collect();
        match tokio::time::timeout(self.timeout, body).await {
            Ok(Ok(body)) => self.hear(&body.to_bytes()).await,
            Ok(Err(_)) => bare(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => bare(StatusCode::REQUEST_TIMEOUT),
        }
    }

    async fn hear(&self, octets: &[u8]) -> Reply {
        match pap::read(octets) {
            Ok(Document::ResultNotification(report)) => {
                let told = tokio::time::timeout(self.timeout, self.tell(&report, octets)).await;
                let (status, code) = match told {
                    Ok(Ok(())) => (StatusCode::OK, 1000),
                    Ok(Err(Unheard)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, 4001),
                };
                let answer = ReportAnswer {
                    push_id: report.push_id,
                    address: report.address,
                    verdict: verdict(code, ""),
                };
                reply(status, &Document::ResultNotificationResponse(answer))
            }
            Ok(_) => {
                let text = "only notifications of results are heard here";
                reply(StatusCode::BAD_REQUEST, &Document::BadMessage(verdict(3001, text)))
            }
            Err(error) => {
                warn!(route = %self.teller.route(), %error, "unreadable notification");
                let answer = Document::BadMessage(verdict(2000, &error.to_string()));
                reply(StatusCode::BAD_REQUEST, &answer)
            }
        }
    }

    async fn tell(&self, report: &Report, octets: &[u8]) -> Result<(), Unheard> {
        let (ledger, route) = (self.ledger.clone(), self.teller.route().clone());
        let Ok(device) = report.address.parse() else {
            self.keep_unknown(report);
            return Ok(());
        };
        let called = called(&report.push_id, &device);
        let found = tokio::task::spawn_blocking(move || ledger.find(&route, &called)).await;
        let (sent, receipt) = match (found, report.receipt()) {
            (Ok(Ok(Some(sent))), Some(receipt)) => (sent, receipt),
            (Ok(Ok(_)), _) => {
                self.keep_unknown(report);
                return Ok(());
            }
            (Ok(Err(error)), _) => {
                warn!(route = %self.teller.route(), %error, "the ledger cannot be read");
                return Err(Unheard);
            }
            (Err(_), _) => return Err(Unheard),
        };
        match self.teller.tell_kept(&sent.id, receipt, octets).await {
            true => Ok(()),
            false => Err(Unheard),
        }
    }

    fn keep_unknown(&self, report: &Report) {
        let (route, push_id, state) = (self.teller.route(), &report.push_id, report.state);
        info!(%route, %push_id, %state, "a notification that tells nothing of a sending");
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.count += 1;
        unknown.latest.truncate(LATEST - 1);
        unknown.latest.push_front((report.push_id.clone(), report.state));
    }
}

/// It could not be told on, or nobody kept it: the gateway is to tell it again.
struct Unheard;

fn verdict(code: u16, text: &str) -> Verdict {
    let code = Code::new(code).expect("a code of our own");
    Verdict { code, text: text.to_owned() }
}

fn bare(status: StatusCode) -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = status;
    reply
}

fn reply(status: StatusCode, document: &Document) -> Reply {
    // What was read from XML can be written as such, but it may be too long to be repeated.
    let Ok(text) = document.write() else { return bare(status) };
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(pap::MEDIA_TYPE));
    reply
}

/// In a time that does not depend on where they differ.
fn is_same(given: &[u8], wanted: &[u8]) -> bool {
    let difference = given.iter().zip(wanted).fold(0, |all, (one, other)| all | (one ^ other));
    given.len() == wanted.len() && difference == 0
}

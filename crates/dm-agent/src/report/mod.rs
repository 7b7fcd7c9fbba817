//! The journal, signed by a key of the device and taken to a server that the configuration names.
//!
//! It is no answer to a message: it is off unless the owner switches it on, and where it goes and what
//! signs it is in the configuration alone. No answer of that server means anything but "taken" or
//! "not taken"; redirections are not followed. Nothing runs while the journal does not grow.

mod payload;
mod sign;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dm_crypto::KeyError;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::config::Config;
use crate::persist::{PersistError, Reader};
use crate::position::Position;
use crate::receive::TlsError;
use crate::receive::backoff::{Backoff, chance};
use crate::receive::outward::{Way, authorization, host};
use crate::status::ReportStatus;
use sign::Key;

/// The section `report` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The key can be read, and is none to sign with.
    #[error(
        "`signing_key` of [report], {path}, cannot be used: {error}; name a private key in PEM"
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// The key is not its owner's alone.
    #[error("others may read `signing_key` of [report], {0}: chmod 600")]
    NotPrivate(PathBuf),
    /// The key cannot be read.
    #[error(
        "`signing_key` of [report], {path}, cannot be read: {error}; make the key, or correct the path"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The files of TLS cannot be used.
    #[error("TLS of [report]: {0}")]
    Tls(#[from] TlsError),
    /// The key in a token cannot be used.
    #[error("`signing_key` of [report]: {0}")]
    Token(Box<str>),
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Persist(#[from] PersistError),
    #[error("no answer in time")]
    Silent,
    #[error("the report could not be signed: {0}")]
    Signature(String),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("a credential has octets that no field of HTTP may have")]
    Unprintable,
}

/// Checks a configuration: its key, and the files of TLS.
///
/// # Errors
/// When one of them cannot be used.
pub fn check(config: &Config) -> Result<(), ReportError> {
    let Some(report) = &config.report else { return Ok(()) };
    Way::to(&report.server)?;
    Key::open(&report.signing_key, &config.state).map(|_| ())
}

/// How it is going, for the owner.
pub(crate) type Shared = Arc<Mutex<ReportStatus>>;

/// What reports, until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Reporting(JoinSet<()>);

impl Reporting {
    /// Begins to report, if that is configured; yields how it is going.
    pub(crate) fn start(
        config: &Config,
        reader: Reader,
    ) -> Result<(Self, Option<Shared>), ReportError> {
        let mut running = JoinSet::new();
        let Some(report) = &config.report else { return Ok((Self(running), None)) };
        let position = Position::read(&config.state, FOLDER, &report.server.url);
        let (url, last) = (report.server.url.clone(), position.number());
        info!(url, security = report.server.security(), "reporting the journal");
        let status = Arc::new(Mutex::new(ReportStatus { url, last, trouble: None }));
        let key_name = report.key_name.clone();
        let reporter = Reporter {
            batch: report.batch,
            delay: report.delay,
            device_id: config.device_id.clone(),
            key: Arc::new(Key::open(&report.signing_key, &config.state)?),
            key_name: key_name.unwrap_or_else(|| config.device_id.clone()),
            position,
            reader,
            status: status.clone(),
            way: Way::to(&report.server)?,
        };
        running.spawn(reporter.run());
        Ok((Self(running), Some(status)))
    }

    /// Ends, and lets go of the state. What was on its way comes once more after the next start.
    pub(crate) async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

struct Reporter {
    batch: usize,
    delay: Duration,
    device_id: String,
    key: Arc<Key>,
    key_name: String,
    position: Position,
    reader: Reader,
    status: Shared,
    way: Way,
}

impl Reporter {
    async fn run(mut self) {
        let mut backoff = Backoff::new(LEAST, MOST, chance());
        while self.is_behind() || self.reader.grown().await {
            sleep(self.delay).await;
            loop {
                match self.round().await {
                    Ok(true) => {
                        backoff.reset();
                        self.tell(None);
                    }
                    Ok(false) => break,
                    Err(error) => {
                        if matches!(error, SendError::Status(StatusCode::PAYLOAD_TOO_LARGE)) {
                            self.batch = (self.batch / 2).max(1);
                        }
                        let pause = backoff.next();
                        let url = &self.way.server().url;
                        warn!(url, %error, ?pause, "the journal was not reported, it is tried again");
                        self.tell(Some(error.to_string()));
                        sleep(pause).await;
                    }
                }
            }
        }
    }

    fn is_behind(&self) -> bool {
        self.reader.last_number().is_ok_and(|last| last > 0 && last != self.position.number())
    }

    fn tell(&self, trouble: Option<String>) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        (status.last, status.trouble) = (self.position.number(), trouble);
    }

    /// Sends what is new, as far as one report goes; false when nothing is.
    async fn round(&mut self) -> Result<bool, SendError> {
        // A state that was made anew counts from 1 again.
        let last = self.reader.last_number()?;
        let after = if self.position.number() > last { 0 } else { self.position.number() };
        let entries = self.reader.journal_after(after, self.batch)?;
        let Some(payload) = payload::Payload::of(&self.device_id, after, &entries) else {
            return Ok(false);
        };
        let (key, key_name, text) = (self.key.clone(), self.key_name.clone(), payload.text.clone());
        let signing = tokio::task::spawn_blocking(move || key.detached(&key_name, text.as_bytes()));
        let signature = signing.await.map_err(|error| SendError::Signature(error.to_string()))?;
        let signature = signature.map_err(|error| SendError::Signature(error.to_string()))?;
        let sent = self.send(payload.text, signature);
        timeout(PATIENCE, sent).await.map_err(|_| SendError::Silent)??;
        self.position.advance(payload.last)?;
        Ok(true)
    }

    /// One request on a connection of its own.
    async fn send(&self, text: String, signature: String) -> Result<(), SendError> {
        let server = self.way.server();
        let mut request = Request::post(&server.path)
            .header(HOST, host(server))
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "application/x-ndjson")
            .header(SIGNATURE, signature);
        if let Some(value) = authorization(&server.credentials)? {
            request = request.header(AUTHORIZATION, value);
        }
        let body = Full::new(Bytes::from(text));
        let request = request.body(body).map_err(|_| SendError::Unprintable)?;
        let stream = TokioIo::new(self.way.connect().await?);
        let (mut sender, connection) = http1::handshake(stream).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection); // ends with this function
        let answer = sender.send_request(request).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(SendError::Status(status)),
        }
    }
}

/// The field with the detached signature.
const SIGNATURE: &str = "jws-signature";
/// The folder of positions in a state folder.
const FOLDER: &str = "report";
/// For a connection, a report and its answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Waits after failures.
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(3_600);

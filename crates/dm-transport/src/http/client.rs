//! One client for a route: connections that are kept, HTTP/1.1 and 2, no proxy, no redirect.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, RETRY_AFTER};
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::config::{HttpConfig, HttpVersion};
use super::connect::{ConnectFault, Connector, HasShown};
use super::hosts::Hosts;
use crate::tls::Tls;
use crate::{Address, SendError};

/// Posts, and keeps the connections.
pub(crate) struct Client {
    any: Pool,
    /// To hosts that are known to speak HTTP/2: what is asked at once shares a connection, also a new one.
    h2: Pool,
    hosts: Arc<Hosts>,
    version: HttpVersion,
}

type Pool = legacy::Client<Connector, Full<Bytes>>;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether the server was shown our certificate.
    pub(crate) has_shown: bool,
    /// How long the server asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// The body, up to a limit.
    pub(crate) body: Vec<u8>,
}

/// No answer came.
pub(crate) struct Fault(Failure);

enum Failure {
    Exchange(Error),
    Body(hyper::Error),
}

impl Client {
    pub(crate) fn new(config: &HttpConfig, tls: &Tls) -> Self {
        let hosts = Arc::new(Hosts::default());
        let any = tls.speaking(match config.version {
            HttpVersion::Any => &[b"h2", b"http/1.1"],
            HttpVersion::Http1 => &[b"http/1.1"],
            HttpVersion::Http2 => &[b"h2"],
        });
        let of_h2 = tls.speaking(&[b"h2"]);
        let pool = |tls: Tls, only_h2| {
            let connector =
                Connector { tls, hosts: hosts.clone(), only_h2, timeout: config.connect_timeout };
            legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .timer(TokioTimer::new())
                .pool_idle_timeout(config.keep_idle)
                .pool_max_idle_per_host(MOST_IDLE)
                .http2_only(only_h2)
                .http2_keep_alive_interval(config.ping)
                .http2_keep_alive_timeout(config.ping)
                .http2_initial_max_send_streams(FIRST_STREAMS)
                .retry_canceled_requests(true)
                .build(connector)
        };
        Self { any: pool(any, false), h2: pool(of_h2, true), hosts, version: config.version }
    }

    /// Posts once; again only if it is certain that nothing was taken.
    pub(crate) async fn post(
        &self,
        uri: &Uri,
        headers: HeaderMap,
        octets: Bytes,
        most: usize,
    ) -> Result<Answer, Fault> {
        for _ in 0..REFUSALS {
            let outcome = self.pool(uri).request(request(uri, &headers, &octets)).await;
            match outcome {
                Ok(response) => return answer(response, most).await,
                Err(error) if was_not_taken(&error) => {}
                Err(error) => return Err(Fault(Failure::Exchange(error))),
            }
        }
        let last = self.pool(uri).request(request(uri, &headers, &octets)).await;
        answer(last.map_err(|error| Fault(Failure::Exchange(error)))?, most).await
    }

    fn pool(&self, uri: &Uri) -> &Pool {
        let is_known = || {
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            uri.scheme_str() == Some("https") && self.hosts.place(authority).speaks_h2()
        };
        match self.version {
            HttpVersion::Http2 => &self.h2,
            HttpVersion::Any if is_known() => &self.h2,
            _ => &self.any,
        }
    }
}

/// How often a request is repeated that the server said it has not looked at.
const REFUSALS: usize = 8;
/// Connections to one host that are kept while nobody uses them.
const MOST_IDLE: usize = 64;
/// Requests at once on a connection of HTTP/2 before the server has said how many it takes.
const FIRST_STREAMS: usize = 100;

fn request(uri: &Uri, headers: &HeaderMap, octets: &Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(octets.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers.clone();
    request
}

/// Whether the server is known not to have looked at it: the stream was refused, or is above the last one
/// that a connection which ends will answer. [RFC 9113 §6.8, §8.7]
fn was_not_taken(error: &Error) -> bool {
    let superseded = |fault: &ConnectFault| matches!(fault, ConnectFault::Superseded);
    if find::<ConnectFault>(error).is_some_and(superseded) {
        return true;
    }
    find::<h2::Error>(error).is_some_and(|error| {
        let reason = error.reason();
        error.is_remote()
            && (error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
                || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM))
    })
}

fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What an io::Error was made of is not among its sources.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// What was seen in the end: those around it say only where.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

async fn answer(response: Response<Incoming>, most: usize) -> Result<Answer, Fault> {
    let status = response.status().as_u16();
    let has_shown = response.extensions().get::<HasShown>().is_some();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| pause(value.to_str().ok()?, SystemTime::now()));
    let incoming = response.into_body();
    let body = match most {
        // Its status is all that counts: the rest is read for the sake of the connection.
        0 => {
            let _ = tokio::time::timeout(DRAINING, gathered(incoming, DRAINED)).await;
            Vec::new()
        }
        most => gathered(incoming, most).await.map_err(|error| Fault(Failure::Body(error)))?,
    };
    Ok(Answer { status, has_shown, retry_after, body })
}

/// A body, up to so many octets; what is longer costs the connection.
async fn gathered(mut incoming: Incoming, most: usize) -> Result<Vec<u8>, hyper::Error> {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        body.extend_from_slice(&data[..data.len().min(most - body.len())]);
        if body.len() == most {
            break;
        }
    }
    Ok(body)
}

/// Octets of a body that are read for the sake of the connection alone.
const DRAINED: usize = 16 << 10;
/// How long that may take.
const DRAINING: Duration = Duration::from_millis(250);

/// How long a server asks to be left alone: seconds, or a date. [RFC 9110 §10.2.3]
fn pause(value: &str, now: SystemTime) -> Option<Duration> {
    let pause = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = httpdate::parse_http_date(value.trim()).ok()?;
            date.duration_since(now).unwrap_or(Duration::ZERO)
        }
    };
    Some(pause.min(LONGEST_PAUSE))
}

/// No server is left alone for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3_600);

impl Fault {
    /// What it means for who sends there.
    pub(crate) fn explain(self, to: Address) -> SendError {
        let error: &(dyn StdError + 'static) = match &self.0 {
            Failure::Exchange(error) => error,
            Failure::Body(error) => error,
        };
        match find::<ConnectFault>(error) {
            Some(ConnectFault::Network(source))
                if source.kind() == io::ErrorKind::ConnectionRefused =>
            {
                return SendError::Refused { to };
            }
            Some(ConnectFault::Network(source)) => {
                return SendError::Network { to, source: same(source) };
            }
            Some(ConnectFault::NotResolved(source)) => {
                return SendError::NotResolved { to, source: same(source) };
            }
            Some(ConnectFault::Timeout(after)) => {
                return SendError::NotReached { to, after: *after };
            }
            Some(ConnectFault::Tls(source)) => {
                return match find::<rustls::Error>(source) {
                    Some(source) => SendError::Tls { to, source: Box::new(source.clone()) },
                    None => SendError::Network { to, source: same(source) },
                };
            }
            Some(ConnectFault::Superseded) | None => {}
        }
        match find::<rustls::Error>(error) {
            // TLS 1.3 speaks of a client's certificate only when the handshake is over.
            Some(source @ rustls::Error::AlertReceived(_)) => {
                SendError::Tls { to, source: Box::new(source.clone()) }
            }
            _ => SendError::BrokenOff { to, source: self.into_io() },
        }
    }

    fn into_io(self) -> io::Error {
        let error: &(dyn StdError + 'static) = match &self.0 {
            Failure::Exchange(error) => error,
            Failure::Body(error) => error,
        };
        io::Error::other(innermost(error))
    }
}

/// An error of the operating system that is borrowed.
fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_asks_to_be_left_alone_for_seconds_or_until_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let seconds = |value| pause(value, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:48:37 GMT"), Some(0), "over");
        assert_eq!(seconds("99999999"), Some(86_400), "at most a day");
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("soon"), None);
    }
}

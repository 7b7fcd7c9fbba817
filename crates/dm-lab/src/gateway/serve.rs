//! The HTTP of a gateway.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_push::pap::MEDIA_TYPE;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::answer::{self, Reply};
use super::world::World;
use crate::lock::lock;

/// Octets of a request, at most.
const MOST: usize = 4 << 20;
/// How long a connection may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Posted {
    /// The request line and the fields, as lines.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Posted {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, wanted: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    }
}

type Tell = Option<mpsc::UnboundedSender<Posted>>;

pub(super) async fn accept(listener: TcpListener, world: Arc<World>, tell: Tell) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    let _ = stream.set_nodelay(true);
                    let caller = Caller { world: world.clone(), tell: tell.clone(), from };
                    connections.spawn(caller.serve(stream));
                }
                // Too many files are open, for instance: the next may be taken.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

#[derive(Clone)]
struct Caller {
    world: Arc<World>,
    tell: Tell,
    from: SocketAddr,
}

/// The connection ends, after the octets that were put beside.
#[derive(Debug)]
struct End;

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection ends as it was told to")
    }
}

impl std::error::Error for End {}

impl Caller {
    async fn serve(self, stream: TcpStream) {
        let last = Arc::new(Mutex::new(Vec::new()));
        let said = last.clone();
        let service = service_fn(move |request| {
            let (caller, said) = (self.clone(), said.clone());
            async move {
                match caller.answer(request).await {
                    Reply::Http(response) => Ok(response),
                    Reply::Octets(octets) => {
                        *lock(&said) = octets;
                        Err(End)
                    }
                }
            }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(64 << 10);
        let mut connection = builder.serve_connection(TokioIo::new(stream), service);
        let _ = (&mut connection).await; // they are gone, or are to be
        let mut stream = connection.into_parts().io.into_inner();
        let last = std::mem::take(&mut *lock(&last));
        let _ = stream.write_all(&last).await; // they may be gone
        let _ = stream.shutdown().await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let mut head = format!("{} {} {:?}\r\n", parts.method, parts.uri, parts.version);
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = write!(head, "{name}: {value}\r\n"); // a String takes everything
        }
        let body = tokio::time::timeout(PATIENCE, Limited::new(body, MOST).collect());
        let Ok(body) = body.await else { return bare(StatusCode::REQUEST_TIMEOUT) };
        let Ok(body) = body else { return bare(StatusCode::PAYLOAD_TOO_LARGE) };
        let posted = Posted { head, body: body.to_bytes().to_vec() };
        if let Some(tell) = &self.tell {
            let _ = tell.send(posted.clone()); // nobody asks any more
        }
        let behaviour = self.world.behaviour();
        let counts = self.world.count(|counts| counts.requests += 1);
        if !behaviour.answer_after.is_zero() {
            tokio::time::sleep(behaviour.answer_after).await;
        }
        let number = usize::try_from(counts.requests - 1).unwrap_or(usize::MAX);
        if let Some(octets) = behaviour.reply_first.get(number) {
            return Reply::Octets(octets.clone());
        }
        if parts.uri.path() != behaviour.path {
            return bare(StatusCode::NOT_FOUND);
        }
        if parts.method != Method::POST {
            return bare(StatusCode::METHOD_NOT_ALLOWED);
        }
        let given = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if let Some(login) = &behaviour.login
            && given != Some(basic(login).as_bytes())
        {
            self.world.count(|counts| counts.logins_refused += 1);
            return unauthorized();
        }
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let from = self.from;
        answer::to(&self.world, content_type.unwrap_or_default(), &posted.body, from).await
    }
}

/// The value of Authorization for user and password. [RFC 7617]
pub(super) fn basic((user, password): &(String, String)) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

pub(super) fn http(status: StatusCode, text: String) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Reply::Http(response)
}

fn bare(status: StatusCode) -> Reply {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    Reply::Http(response)
}

fn unauthorized() -> Reply {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let asked = HeaderValue::from_static("Basic realm=\"lab\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, asked);
    Reply::Http(response)
}

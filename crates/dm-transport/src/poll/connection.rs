//! One connection: request after request, and while one waits, nothing but a few octets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::doors::Denied;
use super::hub::{Begun, Hub, Waits};
use super::request::{self, Answer, Request};

/// Counts a connection while it is there.
pub(super) struct Counted(Arc<Hub>);

impl Counted {
    pub fn new(hub: &Arc<Hub>) -> Self {
        hub.connections.fetch_add(1, Ordering::Relaxed);
        Self(hub.clone())
    }

    pub fn hub(&self) -> &Hub {
        &self.0
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
        self.0.gone.notify_waiters();
    }
}

/// Answers requests of whoever has a certificate of these names, until it goes.
pub(super) async fn serve<S>(hub: &Hub, mut stream: S, names: &[Box<str>])
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // What has come and is not read yet. It has no room of its own while a request waits.
    let mut left = Vec::new();
    loop {
        let begun = match Box::pin(begin(hub, &mut stream, &mut left, names)).await {
            Some(Next::Waits(waits)) => waits,
            Some(Next::Another) => continue,
            None => return,
        };
        let (waits, goes_on) = begun;
        let Some(given) = waited(&mut stream, &mut left, waits).await else { return };
        let goes_on = goes_on && !hub.is_closing();
        let answer = match given {
            Some(message) => request::give(&message, goes_on),
            None => Answer::NoContent.write(goes_on),
        };
        if !Box::pin(write(hub, &mut stream, answer)).await || !goes_on {
            return;
        }
    }
}

enum Next {
    Waits((Waits, bool)),
    Another,
}

/// One request until it is answered or waits; none if nothing more can come.
async fn begin<S>(hub: &Hub, stream: &mut S, left: &mut Vec<u8>, names: &[Box<str>]) -> Option<Next>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let head = tokio::select! {
        head = tokio::time::timeout(hub.silence, head(stream, left)) => head.ok()??,
        () = hub.closed() => return None,
    };
    let head = match head {
        Ok(head) => head,
        Err(answer) => {
            write(hub, stream, answer.write(false)).await;
            return None;
        }
    };
    let request = match Request::read(&head) {
        Ok(request) => request,
        Err(answer) => {
            // Behind what is not understood nothing is.
            write(hub, stream, answer.write(false)).await;
            return None;
        }
    };
    let goes_on = request.goes_on && !hub.is_closing();
    let token = request.token.as_ref().map(|token| token.as_str());
    let answer = match hub.doors.admits(&request.ask.device, names, token) {
        Err(Denied::Unknown) => Answer::Unauthorized.write(goes_on),
        Err(Denied::Other) => Answer::Forbidden.write(goes_on),
        Ok(()) => {
            let line = head.split(|octet| *octet == b'\r').next().unwrap_or_default();
            match hub.begin(&request.ask, request.wait, line).await {
                Begun::Waits(waits) => return Some(Next::Waits((waits, goes_on))),
                Begun::Given(message) => request::give(&message, goes_on),
                Begun::Nothing => Answer::NoContent.write(goes_on),
                Begun::Ahead => Answer::BadRequest(AHEAD).write(goes_on),
                Begun::Later => Answer::Unavailable.write(goes_on),
            }
        }
    };
    (write(hub, stream, answer).await && goes_on).then_some(Next::Another)
}

/// The octets of the next request's head; none if there is no other.
async fn head<S>(stream: &mut S, left: &mut Vec<u8>) -> Option<Result<Vec<u8>, Answer>>
where
    S: AsyncRead + Unpin,
{
    loop {
        if let Some(end) = request::end_of_head(left) {
            let behind = left.split_off(end);
            let head = std::mem::replace(left, behind);
            left.shrink_to_fit();
            return Some(Ok(head));
        }
        if left.len() >= MOST {
            return Some(Err(Answer::TooLarge));
        }
        left.reserve(512);
        if stream.read_buf(left).await.ok()? == 0 {
            return None;
        }
    }
}

/// What a request that waits is given; none if who asked has gone.
async fn waited<S>(
    stream: &mut S,
    left: &mut Vec<u8>,
    mut waits: Waits,
) -> Option<Option<super::store::Message>>
where
    S: AsyncRead + Unpin,
{
    let mut some = [0; 16];
    loop {
        tokio::select! {
            biased;
            given = &mut waits.answer => return Some(given.unwrap_or_default()),
            read = stream.read(&mut some), if left.len() < MOST => match read {
                Ok(0) | Err(_) => return None,
                Ok(length) => left.extend_from_slice(&some[..length]),
            },
        }
    }
}

/// Whether all of it was taken. It may take its time as long as some of it goes.
async fn write<S>(hub: &Hub, stream: &mut S, octets: Vec<u8>) -> bool
where
    S: AsyncWrite + Unpin,
{
    let mut rest = &octets[..];
    while !rest.is_empty() {
        match tokio::time::timeout(hub.silence, stream.write(rest)).await {
            Ok(Ok(length @ 1..)) => rest = &rest[length..],
            _ => return false,
        }
    }
    matches!(tokio::time::timeout(hub.silence, stream.flush()).await, Ok(Ok(())))
}

const AHEAD: &str = "`after` is above every number that was given here; was it another server's?";
/// Octets of a head, at most.
const MOST: usize = 8_192;

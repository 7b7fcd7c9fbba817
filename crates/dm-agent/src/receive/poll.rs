//! Long poll: `GET URL?after=SEQ` with `Prefer: wait=50` is answered when there is a message.
//!
//! 200 has its octets and its number, `Push-Seq`; 204 says that there was none. The next request
//! names the number, and so tells the server that the message is kept, and nothing else of what
//! became of it. [Sessionless §5.5]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dm_push::http_push::{self, APPLICATION_ID_FIELD, Misaddressed};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tracing::{info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::outward::{Way, authorization, host};
use super::tally::Refusal;
use super::tls::TlsError;
use crate::config::{Limits, Poll};
use crate::position::Position;

/// A server that is asked, and the way into the queue.
pub(super) struct PollReceiver {
    /// How long nothing may come of a body.
    body_timeout: Duration,
    poll: Poll,
    intake: Intake,
    origin: Origin,
    position: Position,
    way: Way,
}

/// Why a round brought nothing, and the next has to wait.
#[derive(Debug, thiserror::Error)]
enum PollError {
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the queue has no room, or the disk none: {0}")]
    NotTaken(Refusal),
    #[error(
        "`Push-Seq` is {number}, and {last} was the last: if the server counts anew, stop the agent, \
         remove {}, and start it", file.display()
    )]
    Behind { number: u64, last: u64, file: PathBuf },
    #[error("no answer in time")]
    Silent,
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("200 without a `Push-Seq` that is a number")]
    Unnumbered,
    #[error("a credential has octets that no field of HTTP may have")]
    Unprintable,
}

type Sender = SendRequest<Empty<Bytes>>;

impl PollReceiver {
    pub(super) fn new(
        poll: &Poll,
        limits: &Limits,
        state: &Path,
        intake: Intake,
    ) -> Result<Self, TlsError> {
        Ok(Self {
            body_timeout: limits.body_timeout,
            poll: poll.clone(),
            intake,
            origin: Origin::Name(poll.server.url.clone().into()),
            position: Position::read(state, FOLDER, &poll.server.url),
            way: Way::to(&poll.server)?,
        })
    }

    /// Asks until told to stop.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.changed() => {}
            () = self.receive() => {}
        }
    }

    async fn receive(&mut self) {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(300));
        let mut backoff = Backoff::new(least, most, chance());
        let mut connection = None;
        let mut failing = false;
        loop {
            match self.round(&mut connection).await {
                Ok(()) => {
                    if std::mem::take(&mut failing) {
                        info!(url = self.poll.server.url, "polling works again");
                    }
                    self.intake.progress.works();
                    backoff.reset();
                }
                Err(error) => {
                    connection = None;
                    failing = true;
                    self.intake.progress.fails(&error);
                    let pause = backoff.next();
                    warn!(url = self.poll.server.url, %error, ?pause, "polling failed, it goes on");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// One request and what comes of it.
    async fn round(&mut self, connection: &mut Option<Sender>) -> Result<(), PollError> {
        self.intake.credit(&self.origin).await;
        let begun = Instant::now();
        let response = self.ask(connection).await?;
        match response.status() {
            StatusCode::OK => self.take(response).await,
            StatusCode::NO_CONTENT => {
                // A server that does not wait would keep both of us busy.
                if begun.elapsed() < self.poll.wait / 2 {
                    tokio::time::sleep(self.poll.wait.saturating_sub(begun.elapsed())).await;
                }
                Ok(())
            }
            other => Err(PollError::Status(other)),
        }
    }

    async fn ask(&self, connection: &mut Option<Sender>) -> Result<Response<Incoming>, PollError> {
        let mut open = connection.take();
        if let Some(sender) = &mut open
            && sender.ready().await.is_err()
        {
            open = None;
        }
        let mut sender = match open {
            Some(sender) => sender,
            None => {
                let (sender, driver) =
                    http1::handshake(TokioIo::new(self.way.connect().await?)).await?;
                tokio::spawn(driver); // ends with its sender
                sender
            }
        };
        let answer = sender.send_request(self.request()?);
        let response = tokio::time::timeout(self.poll.wait + PATIENCE, answer).await;
        let response = response.map_err(|_| PollError::Silent)??;
        *connection = Some(sender);
        Ok(response)
    }

    fn request(&self) -> Result<Request<Empty<Bytes>>, PollError> {
        let server = &self.poll.server;
        let mark = if server.path.contains('?') { '&' } else { '?' };
        let target = format!("{}{mark}after={}", server.path, self.position.number());
        let mut request = Request::get(target)
            .header(HOST, host(server))
            .header("prefer", format!("wait={}", self.poll.wait.as_secs()));
        if let Some(value) = authorization(&server.credentials)? {
            request = request.header(AUTHORIZATION, value);
        }
        request.body(Empty::new()).map_err(|_| PollError::Unprintable)
    }

    /// Takes a message; what can be none is left behind, or nothing would ever come after it.
    async fn take(&mut self, response: Response<Incoming>) -> Result<(), PollError> {
        let (head, body) = response.into_parts();
        let text =
            |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let number = following(&self.position, text("push-seq"))?;
        let checked = http_push::check(text(CONTENT_TYPE.as_str()), text(APPLICATION_ID_FIELD));
        let read = self.body(body).await?;
        let taken = match (checked, read) {
            (Ok(()), Ok(octets)) => self.intake.keep(octets, self.origin.clone()).await,
            (Ok(()), Err(refusal)) => Err(refusal),
            (Err(Misaddressed::ApplicationId), _) => Err(Refusal::ApplicationId),
            (Err(_), _) => Err(Refusal::ContentType),
        };
        match taken {
            Ok(()) => {}
            Err(refusal @ (Refusal::QueueFull | Refusal::NotKept)) => {
                return Err(PollError::NotTaken(refusal));
            }
            Err(refusal) => self.intake.refuse(refusal, &self.origin, 0, "left behind"),
        }
        Ok(self.position.advance(number)?)
    }

    /// The octets of a body. It may take its time as long as something comes: over a slow network a
    /// limit to the whole would let a long message never pass, nor any behind it.
    async fn body(&self, body: Incoming) -> Result<Result<Vec<u8>, Refusal>, PollError> {
        let (mut body, mut octets) = (Limited::new(body, self.intake.limit), Vec::new());
        loop {
            let frame = tokio::time::timeout(self.body_timeout, body.frame()).await;
            match frame.map_err(|_| PollError::Silent)? {
                None => return Ok(Ok(octets)),
                Some(Ok(frame)) => {
                    octets.extend_from_slice(&frame.into_data().unwrap_or_default());
                }
                Some(Err(error)) => {
                    return match error.downcast::<hyper::Error>() {
                        Ok(error) => Err((*error).into()),
                        Err(_) => Ok(Err(Refusal::TooLarge)),
                    };
                }
            }
        }
    }
}

/// The number of a message that follows: above that of the last.
fn following(position: &Position, text: Option<&str>) -> Result<u64, PollError> {
    let number = text.and_then(|text| text.parse().ok()).ok_or(PollError::Unnumbered)?;
    match number > position.number() {
        true => Ok(number),
        false => {
            let (last, file) = (position.number(), position.file().to_owned());
            Err(PollError::Behind { number, last, file })
        }
    }
}

/// The folder of positions in a state folder.
const FOLDER: &str = "poll";
/// For what is not the server's waiting.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_above_the_last_is_told_with_the_file_to_remove() {
        let state = tempfile::tempdir().unwrap();
        let mut position = Position::read(state.path(), FOLDER, "https://a/");
        position.advance(100).unwrap();
        assert_eq!(following(&position, Some("101")).unwrap(), 101);
        let said = following(&position, Some("100")).unwrap_err().to_string();
        let remove = format!("stop the agent, remove {}, and start it", position.file().display());
        assert!(said.starts_with("`Push-Seq` is 100, and 100 was the last"), "{said}");
        assert!(said.ends_with(&remove), "{said}");
        for none in [None, Some("x"), Some("-1")] {
            assert!(matches!(following(&position, none), Err(PollError::Unnumbered)), "{none:?}");
        }
    }
}

//! One request: checked head first, read within limits, acknowledged in one word.

use std::net::SocketAddr;
use std::time::Duration;

use dm_push::http_push::{self, APPLICATION_ID_FIELD, Misaddressed};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::{HeaderMap, Method, Request, StatusCode, header};

use super::{Acknowledgement, acknowledgement};
use crate::receive::intake::Intake;
use crate::receive::tally::Refusal;

/// What all requests to one listener share.
pub(super) struct Exchange {
    pub(super) intake: Intake,
    pub(super) path: String,
    pub(super) body_timeout: Duration,
}

impl Exchange {
    /// Takes a message in, or says why the transport cannot. Knows nothing of verification.
    pub(super) async fn acknowledge(
        &self,
        request: Request<Incoming>,
        from: SocketAddr,
    ) -> Acknowledgement {
        let (head, mut body) = request.into_parts();
        let mut read = Vec::new();
        let taken = async {
            self.check(&head.method, head.uri.path(), &head.headers)?;
            read_body(&mut body, self.intake.limit, &mut read).await
        };
        let taken = match tokio::time::timeout(self.body_timeout, taken).await {
            Ok(taken) => taken,
            Err(_) => Err(Refusal::BodyTimeout),
        };
        let length = read.len();
        let kept = match taken {
            Ok(()) => self.intake.keep(read, from).await,
            Err(refusal) => Err(refusal),
        };
        let Err(refusal) = kept else {
            return acknowledgement(StatusCode::ACCEPTED);
        };
        self.intake.refuse(refusal, from, length, "over HTTP");
        // A sender that still writes when the connection closes may never see the answer.
        if !head.headers.contains_key(header::EXPECT) && refusal != Refusal::BodyTimeout {
            let rest = discard(&mut body, self.intake.limit);
            let _ = tokio::time::timeout(self.body_timeout, rest).await;
        }
        acknowledgement(status(refusal))
    }

    fn check(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        if path != self.path {
            return Err(Refusal::Path);
        }
        if method != Method::POST {
            return Err(Refusal::Method);
        }
        // A field that is not text is some value, and not ours.
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        http_push::check(text(header::CONTENT_TYPE.as_str()), text(APPLICATION_ID_FIELD)).map_err(
            |misaddressed| match misaddressed {
                Misaddressed::ApplicationId => Refusal::ApplicationId,
                _ => Refusal::ContentType,
            },
        )
    }
}

/// Reads a body; never holds more than the limit, whatever length was announced.
async fn read_body(body: &mut Incoming, limit: usize, into: &mut Vec<u8>) -> Result<(), Refusal> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Refusal::TooLarge);
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BrokenOff)?;
        let Some(data) = frame.data_ref() else { continue };
        if data.len() > limit - into.len() {
            return Err(Refusal::TooLarge);
        }
        into.extend_from_slice(data);
    }
    Ok(())
}

/// Reads on without keeping anything, as far as one more limit.
async fn discard(body: &mut Incoming, limit: usize) {
    let mut seen = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        seen = seen.saturating_add(frame.data_ref().map_or(0, |data| data.len()));
        if seen > limit {
            return;
        }
    }
}

const fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::BodyTimeout | Refusal::HeadTimeout => StatusCode::REQUEST_TIMEOUT,
        Refusal::BrokenOff | Refusal::Empty | Refusal::Extension | Refusal::Malformed => {
            StatusCode::BAD_REQUEST
        }
        Refusal::ApplicationId | Refusal::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Rate => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Path => StatusCode::NOT_FOUND,
        Refusal::NotKept | Refusal::QueueFull => StatusCode::SERVICE_UNAVAILABLE,
        // Bootstrap and segments come by no HTTP.
        Refusal::Bootstrap | Refusal::Mac | Refusal::Segment | Refusal::Source | Refusal::Tls => {
            StatusCode::FORBIDDEN
        }
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

//! One question to a push gateway, and its answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_push::ErrorKind;
use dm_push::pap::{self, Document, Entity, PapFault, Step, Verdict};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::config::PapConfig;
use crate::http::Client;
use crate::setup::{Secret, SetupError};
use crate::stage::waits_for;
use crate::tls::Tls;
use crate::{Address, SendError};

/// Asks a gateway.
pub(super) struct Gateway {
    client: Client,
    uri: Uri,
    /// Where it is, for what is said of it.
    at: Address,
    login: Option<HeaderValue>,
}

/// What a gateway said, with the octets.
pub(super) struct Said {
    pub(super) document: Document,
    pub(super) raw: Vec<u8>,
}

impl Gateway {
    pub(super) fn new(config: &PapConfig, tls: &Tls) -> Result<Self, SetupError> {
        let address = config.gateway()?;
        let client = Client::new(&config.http(), tls);
        let login = login(config.user.as_deref(), config.password.as_ref())?;
        Ok(Self { client, uri: address.uri(), at: Address::Http(address), login })
    }

    /// Posts an entity about this device. A code that is not one of success is an error here.
    pub(super) async fn ask(&self, entity: Entity, to: &Address) -> Result<Said, SendError> {
        let mut headers = HeaderMap::with_capacity(2);
        let content_type = HeaderValue::try_from(entity.content_type);
        headers.insert(CONTENT_TYPE, content_type.map_err(|_| message(to, PapFault::Multipart))?);
        if let Some(login) = &self.login {
            headers.insert(AUTHORIZATION, login.clone());
        }
        let body = Bytes::from(entity.body);
        waits_for(&self.at, "did not answer", true);
        let answer = self.client.post(&self.uri, headers, body, pap::limits().octets + 1).await;
        let answer = answer.map_err(|fault| fault.explain(self.at.clone()))?;
        // A gateway may say by a status what it says by a code, too: the code tells more.
        match (pap::read(&answer.body), answer.status) {
            (Ok(Document::BadMessage(verdict)), _) => Err(refused(to, verdict)),
            (Ok(document), _) => Ok(Said { document, raw: answer.body }),
            (Err(source), 200..=299) => {
                Err(SendError::PapAnswer { to: to.clone(), source: Box::new(source) })
            }
            (Err(_), status @ 300..=399) => {
                Err(SendError::Redirected { to: self.at.clone(), status })
            }
            (Err(_), status @ (401 | 403..=405 | 407)) => {
                Err(SendError::Gateway { to: self.at.clone(), status })
            }
            (Err(_), status) => {
                let wait = answer.retry_after;
                Err(SendError::Status { to: self.at.clone(), status, wait })
            }
        }
    }
}

/// Whether it has the message, which may have been sent before; or why not.
pub(super) fn taken(to: &Address, verdict: Verdict, is_again: bool) -> Result<(), SendError> {
    match verdict.code.step() {
        Step::Taken => Ok(()),
        Step::TakenBefore if is_again => Ok(()),
        _ => Err(refused(to, verdict)),
    }
}

pub(super) fn refused(to: &Address, verdict: Verdict) -> SendError {
    SendError::Pap { to: to.clone(), code: verdict.code, text: verdict.text }
}

/// An answer that does not belong to what was asked.
pub(super) fn foreign(to: &Address) -> SendError {
    let fault = PapFault::Attribute { element: "pap", attribute: "push-id" };
    let source = Box::new(dm_push::Error { kind: ErrorKind::Pap(fault), offset: 0 });
    SendError::PapAnswer { to: to.clone(), source }
}

fn message(to: &Address, fault: PapFault) -> SendError {
    let source = Box::new(dm_push::Error { kind: ErrorKind::Pap(fault), offset: 0 });
    SendError::PapMessage { to: to.clone(), source }
}

/// The value of `Authorization`, never shown. [RFC 7617]
pub(super) fn login(
    user: Option<&str>,
    password: Option<&Secret>,
) -> Result<Option<HeaderValue>, SetupError> {
    let (user, password) = match (user, password) {
        (None, None) => return Ok(None),
        (Some(user), Some(password)) if !user.contains(':') => (user, password.read()?),
        (Some(_), Some(_)) => return Err(SetupError::Key("`user` may not have a colon")),
        _ => return Err(SetupError::Key("`user` and `password` go together: give both, or none")),
    };
    let pair = Zeroizing::new(format!("{user}:{}", password.as_str()));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let value = HeaderValue::try_from(value.as_str());
    let mut value = value.map_err(|_| SetupError::Key("`user` and `password` must be text"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

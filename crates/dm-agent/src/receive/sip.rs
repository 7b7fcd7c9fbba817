//! SIP: registered at a registrar, whose proxy brings pushes as `MESSAGE`. [OMA SIP Push 1.0, RFC 3428]
//!
//! The device opens the one connection that there is, and hears nobody else. 200 says that a message
//! is kept, in the same words for every message, and nothing of what became of it
//! [Sessionless §5.5].

use std::time::{Duration, Instant};

use dm_push::sip::{Message, Start};
use tokio::sync::watch;
use tracing::{info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::outward::{Way, secret};
use super::tally::Refusal;
use super::tls::TlsError;
use crate::config::{Credentials, Limits, Sip};
use line::{Line, LineError, Received};
use registration::{Next, RegisterError, Registration};
use request::{Desk, Verdict};

mod line;
mod registration;
mod request;

/// A registrar, and the way into the queue.
pub(super) struct SipReceiver {
    desk: Desk,
    intake: Intake,
    limits: Limits,
    registration: Registration,
    sip: Sip,
    way: Way,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum SipError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error(transparent)]
    Secret(std::io::Error),
}

impl SipReceiver {
    pub(super) fn new(sip: &Sip, limits: &Limits, intake: Intake) -> Result<Self, TlsError> {
        Ok(Self {
            desk: Desk::new(sip, chance()()),
            intake,
            limits: *limits,
            registration: Registration::new(sip, chance()),
            sip: sip.clone(),
            way: Way::to(&sip.server)?,
        })
    }

    /// Receives until told to stop, and takes its registration back then.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(300));
        let mut backoff = Backoff::new(least, most, chance());
        loop {
            let begun = Instant::now();
            let Err(error) = self.connection(&mut stop).await else { return };
            if *stop.borrow() {
                return;
            }
            if begun.elapsed() >= STABLE {
                backoff.reset();
            }
            let pause = backoff.next();
            let url = &self.sip.server.url;
            self.intake.progress.fails(&error);
            warn!(url, %error, ?pause, "the registrar is gone, it is tried again");
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One connection, to its end: without an error if it was told to stop.
    async fn connection(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), SipError> {
        let password = match &self.sip.server.credentials {
            Credentials::Password(_, file) => Some(secret(file).map_err(SipError::Secret)?),
            _ => None,
        };
        self.registration.log_in(password);
        let mut line = tokio::select! {
            _ = stop.changed() => return Ok(()),
            line = Line::open(&self.sip, &self.way, &self.limits) => line?,
        };
        self.registration.begin(line.local, Instant::now());
        let mut alive = self.sip.keep_alive.map(|often| Instant::now() + often);
        let mut until = None;
        loop {
            if let Some(octets) = self.registration.due(Instant::now())? {
                line.send(&octets, None).await?;
            }
            let Some(due) = self.registration.deadline() else { return Ok(()) };
            let due = [alive, until].into_iter().flatten().fold(due, Instant::min);
            tokio::select! {
                received = line.next() => self.take(&mut line, received?).await?,
                () = tokio::time::sleep_until(due.into()) => {}
                _ = stop.changed(), if until.is_none() => {
                    until = Some(Instant::now() + FAREWELL);
                    self.registration.remove(Instant::now());
                }
            }
            let now = Instant::now();
            if until.is_some_and(|until| now >= until) {
                return Ok(());
            }
            if let Some(at) = alive.filter(|at| now >= *at) {
                line.keep_alive().await?;
                alive = self.sip.keep_alive.map(|often| at.max(now) + often);
            }
        }
    }

    async fn take(&mut self, line: &mut Line, received: Received) -> Result<(), SipError> {
        let Received { octets, from, is_whole } = received;
        let (message, fault) = match Message::read(&octets) {
            Ok(message) => (message, None),
            Err(error) => {
                let fault = if is_whole { Refusal::Malformed } else { Refusal::TooLarge };
                match Message::read_head(&octets) {
                    Ok(head) => (head, Some(fault)),
                    Err(_) => {
                        let why = error.to_string();
                        self.intake.refuse(fault, from, octets.len(), &why);
                        return Ok(());
                    }
                }
            }
        };
        match message.start {
            Start::Response { .. } if fault.is_none() => {
                return self.answered(line, &message).await;
            }
            Start::Response { .. } => return Ok(()),
            Start::Request { .. } => {}
        }
        let verdict = match (self.desk.judge(&message, Instant::now()), fault) {
            (Verdict::Silent, _) => Verdict::Silent,
            (_, Some(fault)) => Verdict::Refused(fault, "the body is cut, or above the limit"),
            (Verdict::Take(push), None) => match self.keep(&message, &push.sender).await {
                Ok(()) => {
                    self.desk.remember(&push, Instant::now());
                    Verdict::Done
                }
                Err(refusal) => Verdict::Refused(refusal, "over SIP"),
            },
            (verdict, None) => verdict,
        };
        // Those that come too often are counted where they are.
        if let Verdict::Refused(refusal, why) = verdict
            && refusal != Refusal::Rate
        {
            self.intake.refuse(refusal, from, message.body.len(), why);
        }
        match self.desk.answer(&message, from, &verdict) {
            Some(octets) => Ok(line.send(&octets, Some(from)).await?),
            None => Ok(()),
        }
    }

    /// Puts a message into the queue, and waits until it is on the disk.
    async fn keep(&self, message: &Message<'_>, sender: &str) -> Result<(), Refusal> {
        let origin = Origin::Name(sender.escape_debug().to_string().into());
        if !self.intake.in_rate(origin.clone()) {
            return Err(Refusal::Rate);
        }
        self.intake.keep(message.body.to_vec(), origin).await
    }

    async fn answered(&mut self, line: &mut Line, message: &Message<'_>) -> Result<(), SipError> {
        match self.registration.response(message, Instant::now())? {
            Next::Nothing => {}
            Next::Send(octets) => line.send(&octets, None).await?,
            Next::Registered { granted, is_new } => {
                self.intake.progress.works();
                let (url, aor) = (&self.sip.server.url, &self.sip.aor);
                if is_new {
                    info!(url, aor, ?granted, "registered");
                } else {
                    tracing::debug!(url, aor, ?granted, "registered again");
                }
            }
        }
        Ok(())
    }
}

/// For the registrar to say that we are gone.
const FAREWELL: Duration = Duration::from_secs(2);
/// After this long a connection was a good one.
const STABLE: Duration = Duration::from_secs(60);

//! Short messages: WAP pushes that oFono or ModemManager have, over D-Bus. [TS 23.040 §9.2.3.24]
//!
//! The bus is the device's own: what is said there is said to a service on this device, and never
//! to whoever sent a message. [Sessionless §5.5]

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::proving::Proving;
use super::tally::Refusal;
use super::wsp::{self, Purpose};
use crate::config::{Sms, SmsSources, SmsVia};
use bus::Lost;

mod bus;
mod modem_manager;
mod ofono;
mod segments;
#[cfg(test)]
mod tests;

/// A service on the bus, and the way into the queue.
pub(super) struct SmsReceiver {
    sms: Sms,
    gate: Gate,
}

impl SmsReceiver {
    /// With what every push has to prove, if anything.
    pub(super) fn new(sms: &Sms, proving: Option<Proving>, intake: Intake) -> Self {
        let (proving, sources) = (proving.map(Arc::new), sms.security.sources().cloned());
        Self { sms: sms.clone(), gate: Gate { intake, proving, sources } }
    }

    /// Receives until told to stop.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.changed() => {}
            () = self.receive() => {}
        }
    }

    /// One connection to the bus after the other.
    async fn receive(&self) {
        let via = self.sms.via.as_str();
        let mut backoff = backoff();
        loop {
            let begun = std::time::Instant::now();
            let lost = match self.sms.via {
                SmsVia::Ofono => ofono::receive(&self.sms, &self.gate).await,
                SmsVia::ModemManager => modem_manager::receive(&self.sms, &self.gate).await,
            };
            if begun.elapsed() >= STABLE {
                backoff.reset();
            }
            let (Lost(error), pause) = (lost, backoff.next());
            self.gate.intake.progress.fails(&error);
            warn!(via, %error, ?pause, "the message bus is gone, it is tried again");
            tokio::time::sleep(pause).await;
        }
    }
}

/// What a push has to pass, whichever service brings it.
#[derive(Clone)]
struct Gate {
    intake: Intake,
    proving: Option<Arc<Proving>>,
    sources: Option<SmsSources>,
}

/// Who the service says sent a push.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Sender {
    number: String,
    /// None if the service does not tell.
    service_centre: Option<String>,
}

/// What became of a push.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Taken {
    /// It is on the disk.
    Kept,
    /// There is no room for it now.
    Later,
    /// It is for another program, or for none.
    NotOurs(Refusal),
    /// It is for this program, which does not take it, now or later.
    Refused,
}

impl Gate {
    /// Takes a push, and waits until it is kept.
    async fn take(&self, push: &[u8], from: &Sender) -> Taken {
        match self.look(push, from) {
            Ok(purpose) => self.keep(push, purpose, from).await,
            Err(taken) => taken,
        }
    }

    /// As [`Self::take`], if its sender may come again by now: `Err` says how long to leave it where
    /// it is. Nobody else waits for that.
    async fn take_in_turn(&self, push: &[u8], from: &Sender) -> Result<Taken, Duration> {
        match self.look(push, from) {
            Ok(purpose) => {
                self.intake.try_credit(&from.origin())?;
                Ok(self.keep(push, purpose, from).await)
            }
            Err(taken) => Ok(taken),
        }
    }

    fn look<'a>(&self, push: &'a [u8], from: &Sender) -> Result<Purpose<'a>, Taken> {
        let read = match &self.proving {
            Some(proving) => wsp::read_proven(push, proving).map(Purpose::Message),
            None => wsp::read(push),
        };
        if let Err((refusal, _)) = &read
            && *refusal != Refusal::Mac
        {
            return Err(Taken::NotOurs(*refusal));
        }
        if !self.admits(from) {
            self.refuse(Refusal::Source, from, push.len(), "not in the lists of sources");
            return Err(Taken::Refused);
        }
        read.map_err(|(refusal, why)| {
            self.refuse(refusal, from, push.len(), &why);
            Taken::Refused
        })
    }

    async fn keep(&self, push: &[u8], purpose: Purpose<'_>, from: &Sender) -> Taken {
        let origin = from.origin();
        let kept = match purpose {
            Purpose::Message(body) => self.intake.keep(body.to_vec(), origin).await,
            Purpose::Bootstrap => self.intake.keep_bootstrap(push.to_vec(), origin).await,
        };
        match kept {
            Ok(()) => Taken::Kept,
            Err(Refusal::QueueFull | Refusal::NotKept) => Taken::Later,
            Err(refusal) => {
                self.refuse(refusal, from, push.len(), "dropped");
                Taken::Refused
            }
        }
    }

    fn admits(&self, from: &Sender) -> bool {
        let centre = from.service_centre.as_deref();
        self.sources.as_ref().is_none_or(|sources| sources.admits(&from.number, centre))
    }

    /// Whether the service has an owner on the bus, for the log and for a status.
    fn tell(&self, via: &str, owner: Option<&str>) {
        if let Some(owner) = owner {
            self.intake.progress.works();
            info!(via, owner, "the service is there");
        } else {
            self.intake.progress.fails(&"the service is not there");
            info!(via, "the service is not there, it is waited for");
        }
    }

    fn refuse(&self, refusal: Refusal, from: &Sender, octets: usize, why: &str) {
        self.intake.refuse(refusal, from.origin(), octets, why);
    }
}

impl Sender {
    /// An alphanumeric sender may be any text: what a log cannot bear is not in it.
    fn origin(&self) -> Origin {
        Origin::Name(self.number.escape_debug().to_string().into())
    }
}

fn backoff() -> Backoff {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(300), chance())
}

/// After this long a connection was a good one.
const STABLE: Duration = Duration::from_secs(60);

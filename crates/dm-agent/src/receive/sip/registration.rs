//! REGISTER: asked for, granted, renewed before it ends, taken back. [RFC 3261 §10]
//!
//! Octets and times go in, octets and the next time come out; there is one such time, whatever it is
//! for: a repetition, the end of patience, or the next registration.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dm_push::sip::digest::Challenge;
use dm_push::sip::{Address, Message, Start, Uri, Via, elements};
use zeroize::Zeroizing;

use crate::config::{Credentials, Sip, SipTransport};
use crate::receive::backoff::Random;

mod write;

/// The binding of our address at the registrar, and how it comes about.
pub(super) struct Registration {
    aor: String,
    application: String,
    call_id: String,
    challenge: Option<Known>,
    /// Where requests shall come to; what the registrar sees of us replaces what we know.
    contact: SocketAddr,
    cseq: u32,
    /// The URI of the registrar: the domain alone. [RFC 3261 §10.2]
    domain: String,
    expires: Duration,
    is_corrected: bool,
    /// Whether something is bound over this connection.
    is_bound: bool,
    /// What was bound before the contact was corrected.
    old: Option<SocketAddr>,
    password: Option<Zeroizing<String>>,
    random: Random,
    state: State,
    tag: String,
    transport: SipTransport,
    user: String,
}

/// A challenge that is answered.
struct Known {
    challenge: Challenge,
    /// How often it was.
    count: u32,
    /// Where the answer stands.
    field: &'static str,
}

enum State {
    Asking(Asking),
    Registered { refresh: Instant },
    Removed,
}

/// A REGISTER that has no final answer yet.
struct Asking {
    branch: String,
    octets: Vec<u8>,
    is_sent: bool,
    /// When it is sent again, and how long after that once more. [RFC 3261 §17.1.2.2]
    again: Option<(Instant, Duration)>,
    until: Instant,
    /// How often it was asked anew because of what the registrar said.
    rounds: u8,
    /// The nonce that it answers.
    nonce: Option<String>,
    removes: bool,
}

/// What follows from a response.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Next {
    Nothing,
    Send(Vec<u8>),
    Registered { granted: Duration, is_new: bool },
}

/// The registrar does not register us.
#[derive(Debug, thiserror::Error, Eq, PartialEq)]
pub(super) enum RegisterError {
    #[error("the registrar asks for a login that is not known here: digest by MD5 or SHA-256 is")]
    Challenge,
    #[error("the registrar asks for a login; write `user` and `password_file`")]
    NoLogin,
    #[error("the registrar said yes, and has no binding of ours")]
    NotBound,
    #[error("the registrar refuses: {0} {1:?}")]
    Refused(u16, String),
    #[error("the registrar asks again and again")]
    Rounds,
    #[error("the registrar says nothing")]
    Silent,
    #[error("the registrar does not take user and password")]
    WrongPassword,
}

impl Registration {
    pub(super) fn new(sip: &Sip, mut random: Random) -> Self {
        let aor = Uri::read(&sip.aor);
        let user = aor.and_then(|uri| uri.user).unwrap_or_default();
        let domain = sip.aor.split_once('@').map_or("", |(_, domain)| domain);
        let scheme = sip.aor.split_once(':').map_or("sip", |(scheme, _)| scheme);
        Self {
            aor: sip.aor.clone(),
            application: sip.application.clone(),
            call_id: format!("{:016x}{:016x}", random(), random()),
            challenge: None,
            contact: SocketAddr::from(([0, 0, 0, 0], 0)),
            cseq: 0,
            domain: format!("{scheme}:{domain}"),
            expires: sip.expires,
            is_corrected: false,
            is_bound: false,
            old: None,
            password: None,
            tag: format!("{:016x}", random()),
            random,
            state: State::Removed,
            transport: sip.transport,
            user: match &sip.server.credentials {
                Credentials::Password(user, _) => user.clone(),
                _ => user.to_owned(),
            },
        }
    }

    /// The password from now on.
    pub(super) fn log_in(&mut self, password: Option<String>) {
        self.password = password.map(Zeroizing::new);
    }

    /// Registers over a new connection, whose our end is there.
    pub(super) fn begin(&mut self, local: SocketAddr, now: Instant) {
        (self.contact, self.old) = (local, None);
        (self.is_bound, self.is_corrected) = (false, false);
        self.ask(now, 0, false);
    }

    /// Takes the binding back; one that was asked for may be there, too.
    pub(super) fn remove(&mut self, now: Instant) {
        if !matches!(self.state, State::Removed) {
            self.ask(now, 0, true);
        }
    }

    /// When [`due`](Self::due) has something to say; never more once the binding was taken back.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Asking(asking) => {
                Some(asking.again.map_or(asking.until, |(at, _)| at.min(asking.until)))
            }
            State::Registered { refresh } => Some(*refresh),
            State::Removed => None,
        }
    }

    /// What is to be sent now.
    pub(super) fn due(&mut self, now: Instant) -> Result<Option<Vec<u8>>, RegisterError> {
        if matches!(self.state, State::Registered { refresh } if now >= refresh) {
            self.is_corrected = false;
            self.ask(now, 0, false);
        }
        let State::Asking(asking) = &mut self.state else { return Ok(None) };
        if now >= asking.until {
            return Err(RegisterError::Silent);
        }
        if !asking.is_sent {
            asking.is_sent = true;
            return Ok(Some(asking.octets.clone()));
        }
        let Some((at, interval)) = asking.again.filter(|(at, _)| now >= *at) else {
            return Ok(None);
        };
        let interval = (interval * 2).min(T2);
        asking.again = Some((at.max(now) + interval, interval));
        Ok(Some(asking.octets.clone()))
    }

    /// Takes a response; those that are not for us change nothing.
    pub(super) fn response(
        &mut self,
        message: &Message<'_>,
        now: Instant,
    ) -> Result<Next, RegisterError> {
        let State::Asking(asking) = &self.state else { return Ok(Next::Nothing) };
        let via = message.field("Via").and_then(Via::read);
        let is_ours = via.and_then(|via| via.branch()) == Some(&asking.branch)
            && message.cseq() == Some((self.cseq, "REGISTER"));
        let (Start::Response { status, reason }, true) = (message.start, is_ours) else {
            return Ok(Next::Nothing);
        };
        if status < 200 {
            return Ok(Next::Nothing);
        }
        let (rounds, removes, nonce) = (asking.rounds, asking.removes, asking.nonce.clone());
        let moved = via.and_then(|via| self.seen(&via)).filter(|seen| *seen != self.contact);
        match status {
            200..=299 if removes => {
                self.state = State::Removed;
                return Ok(Next::Nothing);
            }
            200..=299 => match moved.filter(|_| !self.is_corrected) {
                // Once, lest a NAT that gives another port each time keeps us busy.
                Some(seen) => {
                    self.old = Some(std::mem::replace(&mut self.contact, seen));
                    self.is_corrected = true;
                }
                None => return self.granted(message, now),
            },
            401 | 407 => {
                self.challenged(message, status, nonce.as_deref())?;
                // Nothing is bound of what was not let in, so nothing has to be corrected.
                self.contact = moved.filter(|_| !removes).unwrap_or(self.contact);
            }
            423 => {
                let least = message.field("Min-Expires").and_then(|text| text.parse().ok());
                let least = Duration::from_secs(least.unwrap_or(0));
                if least <= self.expires || least > MOST {
                    return Err(refused(status, reason));
                }
                self.expires = least;
            }
            _ => return Err(refused(status, reason)),
        }
        if rounds >= ROUNDS {
            return Err(RegisterError::Rounds);
        }
        self.ask(now, rounds + 1, removes);
        Ok(self.due(now)?.map_or(Next::Nothing, Next::Send))
    }

    /// Whence the registrar sees us. [RFC 3581 §3]
    fn seen(&self, via: &Via<'_>) -> Option<SocketAddr> {
        let port = via.rport().filter(|port| *port != 0)?;
        Some(SocketAddr::new(via.received().unwrap_or(self.contact.ip()), port))
    }

    fn challenged(
        &mut self,
        message: &Message<'_>,
        status: u16,
        answered: Option<&str>,
    ) -> Result<(), RegisterError> {
        let (name, field) = match status {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let challenge =
            Challenge::strongest(message.fields(name)).ok_or(RegisterError::Challenge)?;
        if self.password.is_none() {
            return Err(RegisterError::NoLogin);
        }
        // A nonce of a registration before may be too old, whatever the registrar says of it.
        let is_new = self.challenge.as_ref().is_none_or(|known| known.count <= 1);
        if answered.is_some() && !challenge.stale && (is_new || answered == Some(&challenge.nonce))
        {
            self.challenge = None;
            return Err(RegisterError::WrongPassword);
        }
        self.challenge = Some(Known { challenge, count: 0, field });
        Ok(())
    }

    fn granted(&mut self, message: &Message<'_>, now: Instant) -> Result<Next, RegisterError> {
        self.old = None;
        let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
        let general = message.field("Expires").and_then(seconds);
        let ours = self.contact_uri(self.contact);
        let is_ours = |found: &Address<'_>| {
            let pair = Uri::read(found.uri).zip(Uri::read(&ours));
            pair.is_some_and(|(found, ours)| found.is_same(&ours))
        };
        let mut bound = message.fields("Contact").flat_map(elements).filter_map(Address::read);
        let granted = match bound.find(is_ours) {
            Some(found) => found.parameter("expires").and_then(seconds).or(general),
            None if message.field("Contact").is_none() => general,
            None => return Err(RegisterError::NotBound),
        };
        let granted = granted.unwrap_or(self.expires).min(MOST);
        if granted.is_zero() {
            return Err(RegisterError::NotBound);
        }
        // In time for the answer to be lost and asked for again.
        let early = (granted / 4).min(EARLY);
        self.state = State::Registered { refresh: now + granted - early };
        let is_new = !std::mem::replace(&mut self.is_bound, true);
        Ok(Next::Registered { granted, is_new })
    }
}

fn refused(status: u16, reason: &str) -> RegisterError {
    RegisterError::Refused(status, reason.chars().take(64).collect())
}

/// Before the end of a binding, if it is not shorter than four times that.
const EARLY: Duration = Duration::from_secs(300);
/// No binding is longer, whatever the registrar says.
const MOST: Duration = Duration::from_secs(30 * 86_400);
/// A challenge, an old nonce, a longer time, a corrected address.
const ROUNDS: u8 = 4;
/// [RFC 3261 §17.1.2.1]
const T1: Duration = Duration::from_millis(500);
/// [RFC 3261 §17.1.2.2]
const T2: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests;

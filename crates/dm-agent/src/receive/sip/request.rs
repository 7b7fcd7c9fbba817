//! What is asked of us, and what we say. [RFC 3261 §8.2, RFC 3428 §7]
//!
//! Only what can be no message is refused by what is in it. All that can be one is taken, and
//! answered in the same words.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dm_push::http_push::{self, APPLICATION_ID_FIELD, Misaddressed};
use dm_push::media_type::DM_WBXML;
use dm_push::sip::{Address, Answer, Message, Start, Uri, Via, answer, elements};

use crate::config::{Sip, SipIdentity};
use crate::receive::tally::Refusal;

/// Where requests are judged.
pub(super) struct Desk {
    identity: SipIdentity,
    senders: Vec<String>,
    /// Marks our end in all answers. [RFC 3261 §19.3]
    tag: String,
    taken: VecDeque<(Instant, Key)>,
    user: String,
}

/// A request that was taken is known by this when it comes again: a hash of what names it and of its
/// body, so nobody can make it unheard by coming before it under its name.
type Key = [u8; 32];

/// A message to take.
pub(super) struct Push {
    /// Who says to have sent it.
    pub(super) sender: String,
    key: Key,
}

/// What to do with a request.
pub(super) enum Verdict {
    /// 200: it was taken, now or before, or there is nothing to take.
    Done,
    /// Something else than 200.
    Refused(Refusal, &'static str),
    /// Never answered. [RFC 3261 §17.1.1.3]
    Silent,
    /// A message, which is to be kept before it is answered.
    Take(Push),
}

impl Desk {
    pub(super) fn new(sip: &Sip, chance: u64) -> Self {
        let user = Uri::read(&sip.aor).and_then(|uri| uri.user);
        Self {
            identity: sip.identity,
            senders: sip.senders.clone(),
            tag: format!("{chance:016x}"),
            taken: VecDeque::new(),
            user: user.unwrap_or_default().to_owned(),
        }
    }

    /// Judges a request by its head, and by whether it was taken before.
    pub(super) fn judge(&mut self, request: &Message<'_>, now: Instant) -> Verdict {
        match self.judged(request, now) {
            Ok(verdict) => verdict,
            Err((refusal, why)) => Verdict::Refused(refusal, why),
        }
    }

    fn judged(
        &mut self,
        request: &Message<'_>,
        now: Instant,
    ) -> Result<Verdict, (Refusal, &'static str)> {
        let Start::Request { method, uri } = request.start else { return Ok(Verdict::Silent) };
        if method == "ACK" {
            return Ok(Verdict::Silent);
        }
        let has_branch =
            request.field("Via").and_then(Via::read).is_some_and(|v| v.branch().is_some());
        if !has_branch || request.cseq().is_none_or(|(_, of)| of != method) {
            return Err((Refusal::Malformed, "Via or CSeq is missing or of another method"));
        }
        match method {
            "OPTIONS" => return Ok(Verdict::Done),
            "MESSAGE" => {}
            _ => return Err((Refusal::Method, "the method is not MESSAGE")),
        }
        if Uri::read(uri).and_then(|uri| uri.user) != Some(&self.user) {
            return Err((Refusal::Path, "the request is for another user"));
        }
        if request.field("Require").is_some() {
            return Err((Refusal::Extension, "it requires an extension"));
        }
        let sender = self.sender(request)?;
        let is_plain = |coding: &str| coding.eq_ignore_ascii_case("identity");
        if !request.fields("Content-Encoding").all(is_plain) {
            return Err((Refusal::ContentType, "the body is encoded"));
        }
        http_push::check(request.field("Content-Type"), request.field(APPLICATION_ID_FIELD))
            .map_err(|misaddressed| match misaddressed {
                Misaddressed::ApplicationId => {
                    (Refusal::ApplicationId, "the application id is another one")
                }
                _ => (Refusal::ContentType, "the content type is another one"),
            })?;
        if request.body.is_empty() {
            return Err((Refusal::Empty, "the body is empty"));
        }
        let key = key(request).ok_or((Refusal::Malformed, "From or Call-ID is missing"))?;
        self.taken.retain(|(until, _)| *until > now);
        if self.taken.iter().any(|(_, taken)| *taken == key) {
            return Ok(Verdict::Done);
        }
        Ok(Verdict::Take(Push { sender, key }))
    }

    /// Who sends, if that one may. [RFC 3325 §9]
    fn sender(&self, request: &Message<'_>) -> Result<String, (Refusal, &'static str)> {
        let malformed = (Refusal::Malformed, "nobody is said to send it");
        let from = request.field("From").and_then(Address::read).ok_or(malformed)?;
        let asserted = request.fields("P-Asserted-Identity").flat_map(elements);
        let mut asserted = asserted.map(|value| Address::read(value).map_or(value, |one| one.uri));
        let is_listed = |uri: &str| {
            let uri = Uri::read(uri);
            let is_it =
                |listed: &String| uri.zip(Uri::read(listed)).is_some_and(|(a, b)| a.is_same(&b));
            self.senders.is_empty() || self.senders.iter().any(is_it)
        };
        let (sender, may) = match self.identity {
            SipIdentity::From => (from.uri, is_listed(from.uri) && asserted.all(is_listed)),
            // Of several, a telephone number beside the URI, one will do.
            SipIdentity::Asserted => match asserted.find(|uri| is_listed(uri)) {
                Some(uri) => (uri, true),
                None => (from.uri, false),
            },
        };
        match may {
            true if sender.len() <= SENDER => Ok(sender.to_owned()),
            true => Err(malformed),
            false => Err((Refusal::Source, "the sender is not in `senders`, or not asserted")),
        }
    }

    /// Remembers a message that was kept, for as long as its sender may repeat it.
    pub(super) fn remember(&mut self, push: &Push, now: Instant) {
        while self.taken.len() >= TAKEN {
            self.taken.pop_front();
        }
        self.taken.push_back((now + REPEATED, push.key));
    }

    /// The answer, if there is to be one.
    pub(super) fn answer(
        &self,
        request: &Message<'_>,
        from: SocketAddr,
        verdict: &Verdict,
    ) -> Option<Vec<u8>> {
        let accept = format!("Accept: {DM_WBXML}\r\n");
        let (status, fields) = match verdict {
            Verdict::Done => match request.start {
                Start::Request { method: "OPTIONS", .. } => ("200 OK", format!("{ALLOW}{accept}")),
                _ => ("200 OK", String::new()),
            },
            Verdict::Refused(refusal, _) => match status(*refusal) {
                METHOD => (METHOD, ALLOW.to_owned()),
                TYPE => (TYPE, format!("{accept}Accept-Encoding: identity\r\n")),
                LATER => (LATER, "Retry-After: 10\r\n".to_owned()),
                EXTENSION => {
                    let of = |value| format!("Unsupported: {value}\r\n");
                    (EXTENSION, request.fields("Require").map(of).collect())
                }
                other => (other, String::new()),
            },
            Verdict::Silent | Verdict::Take(_) => return None,
        };
        answer(request, from, Answer { status, tag: &self.tag, fields: &fields })
    }
}

/// What names a request, whichever way it comes, and its body.
fn key(request: &Message<'_>) -> Option<Key> {
    let mut named = Vec::new();
    for name in ["From", "Call-ID", "CSeq"] {
        named.extend_from_slice(request.field(name)?.as_bytes());
        named.push(b'\n'); // never two of them in a value
        named.push(b'\n');
    }
    named.extend_from_slice(&dm_crypto::sha256(request.body));
    Some(dm_crypto::sha256(&named))
}

const fn status(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::ApplicationId | Refusal::ContentType => TYPE,
        Refusal::Extension => EXTENSION,
        Refusal::Method => METHOD,
        // To a proxy 503 would say that it should send nothing at all for a while.
        Refusal::NotKept | Refusal::QueueFull | Refusal::Rate => LATER,
        Refusal::Path => "404 Not Found",
        // Bootstrap, MACs and segments come by no SIP.
        Refusal::Bootstrap | Refusal::Mac | Refusal::Segment | Refusal::Source | Refusal::Tls => {
            "403 Forbidden"
        }
        Refusal::TooLarge => "413 Request Entity Too Large",
        Refusal::BodyTimeout
        | Refusal::BrokenOff
        | Refusal::Empty
        | Refusal::HeadTimeout
        | Refusal::Malformed => "400 Bad Request",
    }
}

const ALLOW: &str = "Allow: MESSAGE, OPTIONS\r\n";
const EXTENSION: &str = "420 Bad Extension";
const LATER: &str = "480 Temporarily Unavailable";
const METHOD: &str = "405 Method Not Allowed";
const TYPE: &str = "415 Unsupported Media Type";
/// How long a request may be repeated: 64 times T1. [RFC 3261 §17.2.2]
const REPEATED: Duration = Duration::from_secs(32);
/// Octets of a sender's URI.
const SENDER: usize = 255;
/// Messages that are known when they come again; of older ones the replay state knows.
const TAKEN: usize = 64;

#[cfg(test)]
mod tests;

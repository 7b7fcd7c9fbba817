//! One push asked of a proxy, until there is a final response. [RFC 3261 §8.1, §17.1.2, §22]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dm_push::sip::{Answers, Fired, Hop, Login, PushRequest, Sender, Timers, Validity};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use super::line::{Answer, Line, Opening, Out};
use super::voice::{By, Voice};
use super::word;
use crate::address::{Host, SipAddress, SipTransport};
use crate::kept::{Fault, Kept};
use crate::pending::{Gone, Silence, Waiting};
use crate::route::PushId;
use crate::stage::waits_for;
use crate::stream::Piece;
use crate::tls::Tls;
use crate::{Address, SendError};

/// Who asks, and the lines over which.
pub(super) struct Caller {
    pub(super) proxy: Option<Host>,
    /// Whatever the address says.
    pub(super) transport: Option<SipTransport>,
    pub(super) tls: Tls,
    pub(super) login: Option<OwnLogin>,
    pub(super) from: Option<String>,
    pub(super) accept_contact: Vec<String>,
    pub(super) connect_timeout: Duration,
    pub(super) voice: Voice,
    pub(super) places: Mutex<HashMap<(Host, SipTransport), Arc<Place>>>,
}

/// A user of the proxy.
pub(super) struct OwnLogin {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
    pub(super) hash: dm_push::sip::digest::Hash,
}

/// A next hop.
pub(super) struct Place {
    line: Kept<Line>,
    /// The same over each transport of a host.
    login: Arc<Mutex<Login>>,
    used: Mutex<Instant>,
}

/// What is sent, to whom.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) octets: &'a [u8],
    pub(super) to: &'a SipAddress,
    pub(super) id: &'a PushId,
    pub(super) valid_until: Option<SystemTime>,
}

/// Why there is no final response.
enum Trouble {
    Gone(Gone),
    /// Timer F.
    Silent,
    /// With the answers to challenges it is too long for a datagram.
    TooLong,
}

impl Caller {
    /// Asks, and answers challenges. It is one request for whoever takes it: what is challenged was not. With what
    /// protected the request that was answered.
    pub(super) async fn ask(&self, asked: Asked<'_>) -> Result<(Answer, By), SendError> {
        let at = Address::Sip(asked.to.clone());
        let from = self.from(asked.to);
        let (tag, call_id) = (word(), self.call_id(asked.id));
        let request = PushRequest {
            uri: &asked.to.uri,
            from: &from,
            tag: &tag,
            call_id: &call_id,
            accept_contact: &self.accept_contact,
            validity: asked.valid_until.and_then(validity),
            body: asked.octets,
        };
        let mut transport = self.transport_of(asked.to, &request);
        let (mut sequence, mut broken) = (1, 0);
        loop {
            let host = self.proxy.as_ref().unwrap_or(&asked.to.host);
            let place = self.place(host, transport);
            let (tls, within, voice) = (&self.tls, self.connect_timeout, &self.voice);
            waits_for(host, "took no connection", false);
            let open = || Line::open(Opening { transport, host, tls, within, voice });
            let line = place.line.get(open).await.map_err(|fault| fault.unsent(&at))?;
            waits_for(host, "did not answer", true);
            let outcome = self.exchange(&place, &line, (&request, sequence), asked.id).await;
            let (answer, answers) = match outcome {
                Ok(answered) => answered,
                Err(Trouble::TooLong) => {
                    transport = SipTransport::Tcp;
                    continue;
                }
                Err(Trouble::Silent) => {
                    return Err(SendError::Timeout { to: at, after: crate::pending::PATIENCE });
                }
                Err(Trouble::Gone(Gone { fault, was_begun: true })) => {
                    return Err(of_broken(fault, &line, &at));
                }
                // Nothing of it left: another connection will do.
                Err(Trouble::Gone(Gone { fault, .. })) => {
                    broken += 1;
                    match broken < CONNECTIONS {
                        true => continue,
                        false => return Err(fault.unsent(&at)),
                    }
                }
            };
            let wait = answer.retry_after.map(|seconds| Duration::from_secs(seconds.into()));
            let refused = SendError::Sip { to: at.clone(), status: answer.status, wait };
            match (answer.status, &answer.challenge) {
                (200..=299, _) => {
                    let by = By { digest: !answers.fields.is_empty(), ..line.by };
                    return Ok((answer, by));
                }
                (status @ (401 | 407), Some(challenge)) if self.login.is_some() => {
                    let again = place.login().challenged(status, challenge.clone(), &answers);
                    if !again && !answers.fields.is_empty() {
                        return Err(SendError::SipLogin { to: at, status });
                    }
                    if !again || sequence >= ROUNDS {
                        return Err(refused);
                    }
                    sequence += 1;
                }
                _ => return Err(refused),
            }
        }
    }

    /// What a push takes, before it is sent.
    pub(super) fn octets(&self, asked: Asked<'_>) -> usize {
        let (from, call_id) = (self.from(asked.to), self.call_id(asked.id));
        let validity = asked.valid_until.and_then(validity);
        let (uri, body, accept_contact) = (&asked.to.uri, asked.octets, &self.accept_contact);
        let tag = &word();
        let request = PushRequest {
            uri,
            from: &from,
            tag,
            call_id: &call_id,
            accept_contact,
            validity,
            body,
        };
        length(&request)
    }

    /// One transaction.
    async fn exchange(
        &self,
        place: &Place,
        line: &Line,
        (request, sequence): (&PushRequest<'_>, u32),
        id: &PushId,
    ) -> Result<(Answer, Answers), Trouble> {
        let unsent = |fault| Trouble::Gone(Gone { fault, was_begun: false });
        let turn = match &line.out {
            Out::Datagrams(_) => None,
            Out::Stream(_, queue) => match queue.reserve().await {
                Ok(turn) => Some(turn),
                Err(_) => return Err(unsent(Fault::io(&std::io::ErrorKind::BrokenPipe.into()))),
            },
        };
        let _silence = Silence { pending: &*line.pending, is_mute: &line.is_mute };
        let (number, branch) = line.transaction();
        let mut waiting = line.pending.enter(number, Some(id.clone()), ()).map_err(unsent)?;
        let transport = match &line.out {
            Out::Datagrams(_) => "UDP",
            Out::Stream(name, _) => *name,
        };
        let hop =
            |answers| Hop { transport, local: line.local, branch: &branch, sequence, answers };
        let (octets, answers) = {
            // Requests must leave in the order in which their nonce counts.
            let mut login = place.login();
            let answers = self.login.as_ref().map_or_else(Answers::default, |own| {
                let OwnLogin { user, password, hash } = own;
                let sender = Sender { user, password, hash: *hash };
                login.answers(("MESSAGE", request.uri), sender, &word())
            });
            let octets = request.write(hop(&answers.fields));
            match turn {
                None => (octets, answers),
                Some(turn) => {
                    turn.send(Piece { octets, mark: Some(waiting.mark.clone()) });
                    (Vec::new(), answers)
                }
            }
        };
        let answer = match &line.out {
            Out::Stream(..) => answered(&mut waiting, None).await,
            Out::Datagrams(_) if octets.len() > MOST_OVER_UDP => return Err(Trouble::TooLong),
            Out::Datagrams(socket) => {
                let _ = waiting.mark.begin(); // it is nobody's but ours
                answered(&mut waiting, Some((socket, &octets))).await
            }
        };
        let answer = answer?;
        if let 408 | 477 | 504 = answer.status {
            // The device is slow, or one of several: what it says in the end, a proxy may pass on all the same.
            line.pending.expect_more(number, id.clone());
        }
        Ok((answer, answers))
    }

    /// A datagram where it is short enough, also with what a challenge asks for.
    fn transport_of(&self, to: &SipAddress, request: &PushRequest<'_>) -> SipTransport {
        let room = if self.login.is_some() { ANSWER } else { 0 };
        match self.transport.unwrap_or(to.transport) {
            SipTransport::Udp if length(request) + room > MOST_OVER_UDP => SipTransport::Tcp,
            other => other,
        }
    }

    fn from(&self, to: &SipAddress) -> String {
        match (&self.from, &self.login) {
            (Some(from), _) => from.clone(),
            (None, Some(login)) => format!("sip:{}@{}", login.user, to.domain()),
            (None, None) => "sip:anonymous@anonymous.invalid".to_owned(),
        }
    }

    /// Begins with the identity of the sending, for who looks in the log of a proxy.
    fn call_id(&self, id: &PushId) -> String {
        format!("{id}.{}", word())
    }

    fn place(&self, host: &Host, transport: SipTransport) -> Arc<Place> {
        let mut places = self.places();
        let key = (host.clone(), transport);
        if let Some(place) = places.get(&key) {
            *place.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            return place.clone();
        }
        while places.len() >= MOST_PLACES {
            let used = |place: &Place| *place.used.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = places.iter().filter(|(_, place)| Arc::strong_count(place) == 1);
            let Some(oldest) = idle.min_by_key(|(_, place)| used(place)) else { break };
            let oldest = oldest.0.clone();
            places.remove(&oldest);
        }
        let of_host = places.iter().find(|((other, _), _)| other == host);
        let login = of_host.map_or_else(Arc::default, |(_, place)| place.login.clone());
        let (line, used) = (Kept::default(), Mutex::new(Instant::now()));
        places.entry(key).or_insert(Arc::new(Place { line, login, used })).clone()
    }

    fn places(&self) -> MutexGuard<'_, HashMap<(Host, SipTransport), Arc<Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the deadline for what is on its way, and closes the connections.
    pub(super) async fn close(&self, deadline: Instant) {
        let places: Vec<_> = self.places().drain().map(|(_, place)| place).collect();
        for place in places {
            let taken = tokio::time::timeout_at(deadline, place.line.take()).await;
            let Ok(Some(line)) = taken else { continue };
            while line.pending.count().0 > 0 && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

impl Place {
    fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer; a datagram is repeated until then.
async fn answered(
    waiting: &mut Waiting<'_, u64, Answer, ()>,
    datagram: Option<(&tokio::net::UdpSocket, &[u8])>,
) -> Result<Answer, Trouble> {
    let start = Instant::now();
    let mut timers = match datagram {
        Some(_) => Timers::datagram(Duration::ZERO),
        None => Timers::stream(Duration::ZERO),
    };
    let mut is_due = datagram.is_some();
    loop {
        if let Some((socket, octets)) = datagram.filter(|_| is_due) {
            // What cannot leave now is repeated, too; a closed port is seen by who listens.
            let _ = socket.send(octets).await;
        }
        tokio::select! {
            answer = waiting.answer() => return answer.map_err(Trouble::Gone),
            () = sleep_until(start + timers.due()) => {}
        }
        if waiting.mark.is_worked_on_somewhere() {
            timers.provisional();
        }
        match timers.fire(start.elapsed()) {
            Fired::Ended => return Err(Trouble::Silent),
            fired => is_due = fired == Fired::Again,
        }
    }
}

/// A port that was closed all the time took nothing.
fn of_broken(fault: Fault, line: &Line, to: &Address) -> SendError {
    let was_closed = matches!(
        (&fault, &line.out),
        (Fault::Io(std::io::ErrorKind::ConnectionRefused, _), Out::Datagrams(_))
    );
    match was_closed && !line.was_heard() {
        true => fault.unsent(to),
        false => fault.sent(to),
    }
}

/// Octets of a request without answers to challenges, about: our end is not known yet.
fn length(request: &PushRequest<'_>) -> usize {
    let local = ([192, 0, 2, 255], 65_535).into();
    let branch = "z9hG4bK0123456789abcdef.ffffffff";
    request.write(Hop { transport: "UDP", local, branch, sequence: 2, answers: "" }).len()
}

fn validity(until: SystemTime) -> Option<Validity> {
    let now = SystemTime::now();
    let date = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let expires = until.duration_since(now).map_or(0, |left| left.as_secs());
    Some(Validity { date, expires: u32::try_from(expires.max(1)).unwrap_or(u32::MAX) })
}

/// Octets of a request over UDP, at most. [RFC 3261 §18.1.1]
const MOST_OVER_UDP: usize = 1_300;
/// Octets of the answer to a challenge, about.
const ANSWER: usize = 350;
/// Requests of one push: a challenge of a proxy, one of who stands behind it, and nonces that were used up.
const ROUNDS: u32 = 6;
/// Connections for one push, of which none takes anything.
const CONNECTIONS: u32 = 3;
/// Next hops that are kept.
const MOST_PLACES: usize = 256;

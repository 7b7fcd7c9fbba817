//! One bound connection to an SMS centre, without a socket and without a clock. [SMPP 3.4 §2.2]
//!
//! Whoever has the connection hands in what it read ([`Session::receive`]) and says what time it is, writes
//! what is in [`Session::output`], takes events ([`Session::event`]), and comes back at
//! [`Session::next_timeout`]. Times are those since any one moment.
//!
//! * Not more than the window waits for an answer, segments that wait to be sent again among them.
//! * Every segment that was taken by [`Session::submit`] comes back once: in [`Event::Answered`], or at the end
//!   in [`Session::into_unanswered`].
//! * Segments are sent in the order of `submit`. What an SMS centre throttles is sent again after a pause, the
//!   same octets, in the same order, before anything new. The pause doubles until something is taken.
//! * An SMS centre that answers neither a segment nor an enquire_link in time is given up.
//!
//! ```
//! use core::time::Duration;
//! use dm_push::smpp::session::{Answer, Event, Session, Settings, Submission};
//! use dm_push::smpp::{Bind, BindMode, BindResp, Body, Message, Pdu, Tlvs, Version};
//! # let bind = Bind { mode: BindMode::Transceiver, system_id: b"mgram", password: b"secret", system_type: b"",
//! #     version: Version::V3_4, ton: 0, npi: 0, address_range: b"" };
//! let now = Duration::ZERO;
//! let mut session = Session::new(Settings::default(), &bind, now)?;
//! session.output().clear(); // written: the bind
//! # let mut answer = |sequence, body| { let mut octets = Vec::new();
//! #     Pdu::ok(sequence, body).write(&mut octets).unwrap(); octets };
//! # let mode = BindMode::Transceiver;
//! let answer_to_bind = BindResp { mode, system_id: b"centre", tlvs: Tlvs::default() };
//! session.receive(&answer(1, Body::BindResp(answer_to_bind)), now);
//! assert!(matches!(session.event(), Some(Event::Bound { .. })));
//!
//! let segment = Submission::new(&Message { short_message: b"...", ..Message::default() })?;
//! session.submit("segment 1", segment, now).expect("room in the window");
//! let taken = Body::SubmitSmResp { message_id: b"4711", tlvs: Tlvs::default() };
//! session.receive(&answer(2, taken), now);
//! let Some(Event::Answered { token: "segment 1", answer: Answer::Taken { message_id, .. } }) =
//!     session.event() else { panic!() };
//! assert_eq!(message_id, b"4711");
//! # Ok::<(), dm_push::Error>(())
//! ```

mod flow;
mod sequence;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::message::Message;
use super::pdu::{Body, Pdu, RESPONSE};
use super::status::{Kind, Status};
use super::tlv::tag;
use super::{Bind, Framer, MAX_PDU, Version};
use crate::Error;
use flow::Flow;
use sequence::Order;

/// How a session is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Segments that may wait for an answer, at least 1.
    pub window: usize,
    /// How long it may be quiet before an enquire_link asks.
    pub enquire_after: Duration,
    /// How long an answer may take.
    pub answer_within: Duration,
    /// The pause after throttling; it doubles with each time,
    pub pause: Duration,
    /// up to this.
    pub longest_pause: Duration,
}

impl Default for Settings {
    /// A window of 100, 30 s of quiet, 30 s for an answer, pauses of 250 ms to 30 s.
    fn default() -> Self {
        Self {
            window: 100,
            enquire_after: Duration::from_secs(30),
            answer_within: Duration::from_secs(30),
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// A submit_sm, written already but for its sequence number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission(Vec<u8>);

impl Submission {
    /// The submit_sm of this message.
    ///
    /// # Errors
    /// Those of [`Pdu::write`].
    pub fn new(message: &Message<'_>) -> Result<Self, Error> {
        let mut octets = Vec::new();
        Pdu::ok(0, Body::SubmitSm(*message)).write(&mut octets)?;
        Ok(Self(octets))
    }

    /// The PDU; its sequence number is that which it had last.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// What happened. `T` names a segment.
#[derive(Debug, Eq, PartialEq)]
pub enum Event<T> {
    /// The SMS centre answered a segment. It comes once for each.
    Answered {
        /// Which.
        token: T,
        /// What it said.
        answer: Answer,
    },
    /// Segments may be submitted.
    Bound {
        /// What the SMS centre speaks.
        version: Version,
        /// How it calls itself.
        system_id: Vec<u8>,
    },
    /// The session is over. Nothing follows.
    Closed(Why),
    /// A deliver_sm: to be answered by [`Session::acknowledge`].
    Delivered {
        /// Its number.
        sequence: u32,
        /// All of it.
        pdu: Vec<u8>,
        /// Whether a segment waited for its answer when it came: some SMS centres give the receipt first.
        may_be_early: bool,
    },
    /// The SMS centre throttles: nothing is sent before this time.
    Throttled {
        /// When it goes on.
        until: Duration,
    },
}

/// An answer to a segment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It will not be sent.
    Refused {
        /// Why.
        status: Status,
        /// The whole answer.
        pdu: Vec<u8>,
    },
    /// It was taken.
    Taken {
        /// How the SMS centre calls it.
        message_id: Vec<u8>,
        /// The whole answer.
        pdu: Vec<u8>,
    },
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// The bind was refused.
    BindRefused(Status),
    /// What came is no stream of PDUs.
    NoPdu(Error),
    /// No answer came in time.
    Silent,
    /// One side ended it in order.
    Unbound,
}

/// A segment without an answer when the session ended.
#[derive(Debug, Eq, PartialEq)]
pub struct Unanswered<T> {
    /// Which.
    pub token: T,
    /// Its octets.
    pub submission: Submission,
    /// Whether the SMS centre may have taken it. If not, it was throttled last.
    pub may_have_arrived: bool,
}

/// A session. See the [module](self).
#[derive(Debug)]
pub struct Session<T> {
    settings: Settings,
    state: State,
    framer: Framer,
    output: Vec<u8>,
    events: VecDeque<Event<T>>,
    next: Order,
    /// Sent and not answered, by their sequence numbers.
    outstanding: BTreeMap<Order, Segment<T>>,
    /// Throttled, in the order in which they were submitted.
    again: VecDeque<Segment<T>>,
    submitted: u64,
    flow: Flow,
    heard: Duration,
    /// The bind, enquire_link or unbind that waits for its answer, and since when.
    asked: Option<(Order, Duration)>,
}

#[derive(Debug)]
struct Segment<T> {
    token: T,
    submission: Submission,
    /// Its place among all that were submitted.
    place: u64,
    sent: Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Binding,
    Bound,
    Unbinding,
    Closed,
}

impl<T> Session<T> {
    /// A connection that was just opened. The first output is the bind.
    ///
    /// # Errors
    /// Those of [`Pdu::write`], for a name or password that is too long.
    pub fn new(settings: Settings, bind: &Bind<'_>, now: Duration) -> Result<Self, Error> {
        let mut session = Self {
            settings,
            state: State::Binding,
            framer: Framer::new(MAX_PDU),
            output: Vec::new(),
            events: VecDeque::new(),
            next: Order::FIRST,
            outstanding: BTreeMap::new(),
            again: VecDeque::new(),
            submitted: 0,
            flow: Flow::new(&settings),
            heard: now,
            asked: None,
        };
        session.ask(Body::Bind(*bind), now)?;
        Ok(session)
    }

    /// How many segments would be sent at once now.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.state {
            State::Bound if !self.flow.is_paused() => {
                self.flow.allowed().saturating_sub(self.waiting())
            }
            _ => 0,
        }
    }

    /// How many segments wait for an answer, or to be sent again.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.outstanding.len() + self.again.len()
    }

    /// Sends a segment.
    ///
    /// # Errors
    /// Both come back when there is no [`Self::room`].
    pub fn submit(
        &mut self,
        token: T,
        submission: Submission,
        now: Duration,
    ) -> Result<(), (T, Submission)> {
        if self.room() == 0 {
            return Err((token, submission));
        }
        let place = self.submitted;
        self.submitted += 1;
        self.send(Segment { token, submission, place, sent: now }, now);
        Ok(())
    }

    /// Takes what was read of the connection.
    pub fn receive(&mut self, octets: &[u8], now: Duration) {
        if octets.is_empty() || self.state == State::Closed {
            return;
        }
        self.heard = now;
        let mut framer = mem::take(&mut self.framer);
        framer.extend(octets);
        while self.state != State::Closed {
            match framer.next() {
                Ok(Some(pdu)) => self.take(pdu, now),
                Ok(None) => break,
                Err(error) => self.close(Why::NoPdu(error)),
            }
        }
        self.framer = framer;
    }

    /// What is to be written. Whoever writes takes it away from the front.
    pub const fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// The next event.
    pub fn event(&mut self) -> Option<Event<T>> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called, if nothing happens before.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Duration> {
        let within = self.settings.answer_within;
        let oldest = self.outstanding.first_key_value().map(|(_, segment)| segment.sent + within);
        let asked = self.asked.map(|(_, since)| since + within);
        match self.state {
            State::Closed => None,
            State::Binding | State::Unbinding => asked,
            State::Bound => {
                let quiet = asked.unwrap_or(self.heard + self.settings.enquire_after);
                [oldest, self.flow.until(), Some(quiet)].into_iter().flatten().min()
            }
        }
    }

    /// Does what is due at this time.
    pub fn handle_timeout(&mut self, now: Duration) {
        let within = self.settings.answer_within;
        let is_late = |since: Duration| now >= since + within;
        let oldest = self.outstanding.first_key_value().map(|(_, segment)| segment.sent);
        let asked = self.asked.map(|(_, since)| since);
        match self.state {
            State::Closed => {}
            _ if asked.is_some_and(is_late) => self.close(Why::Silent),
            State::Bound if oldest.is_some_and(is_late) => self.close(Why::Silent),
            State::Bound => {
                self.flow.wake(now);
                self.send_again(now);
                if asked.is_none() && now >= self.heard + self.settings.enquire_after {
                    let _ = self.ask(Body::EnquireLink, now); // it has no fields
                }
            }
            State::Binding | State::Unbinding => {}
        }
    }

    /// Answers a deliver_sm of this session.
    pub fn acknowledge(&mut self, sequence: u32, status: Status) {
        self.reply(sequence, status, Body::DeliverSmResp);
    }

    /// Takes back segments that were throttled and wait to be sent again.
    pub fn withdraw(&mut self, mut unwanted: impl FnMut(&T) -> bool) -> Vec<T> {
        let (gone, kept) = mem::take(&mut self.again)
            .into_iter()
            .partition::<VecDeque<_>, _>(|segment| unwanted(&segment.token));
        self.again = kept;
        gone.into_iter().map(|segment| segment.token).collect()
    }

    /// Ends the session in order. What waits for an answer is better waited for before.
    pub fn unbind(&mut self, now: Duration) {
        match self.state {
            State::Bound => {
                self.state = State::Unbinding;
                let _ = self.ask(Body::Unbind, now); // it has no fields
            }
            State::Binding => self.close(Why::Unbound),
            State::Unbinding | State::Closed => {}
        }
    }

    /// The segments without an answer, in the order in which they were submitted.
    #[must_use]
    pub fn into_unanswered(self) -> Vec<Unanswered<T>> {
        let sent = self.outstanding.into_values().map(|segment| (segment, true));
        let throttled = self.again.into_iter().map(|segment| (segment, false));
        let mut all: Vec<_> = sent.chain(throttled).collect();
        all.sort_by_key(|(segment, _)| segment.place);
        let of = |(segment, may_have_arrived): (Segment<T>, bool)| {
            let Segment { token, submission, .. } = segment;
            Unanswered { token, submission, may_have_arrived }
        };
        all.into_iter().map(of).collect()
    }

    fn take(&mut self, octets: &[u8], now: Duration) {
        let Some((command, status, sequence)) = Pdu::head(octets) else { return };
        if command & RESPONSE != 0 {
            return self.take_response(octets, status, sequence, now);
        }
        match Pdu::read(octets).map(|pdu| pdu.body) {
            // What is wrong within it is told by whoever reads it.
            Ok(Body::DeliverSm(_)) | Err(_) if command == DELIVER_SM => match self.state {
                State::Binding => self.acknowledge(sequence, Status::INVALID_BIND_STATE),
                _ => {
                    let (pdu, may_be_early) = (octets.to_vec(), self.waiting() > 0);
                    self.events.push_back(Event::Delivered { sequence, pdu, may_be_early });
                }
            },
            Ok(Body::EnquireLink) => self.reply(sequence, Status::OK, Body::EnquireLinkResp),
            Ok(Body::Unbind) => {
                self.reply(sequence, Status::OK, Body::UnbindResp);
                self.close(Why::Unbound);
            }
            // It asks for no answer. [SMPP 3.4 §4.12.1]
            Ok(Body::Other { command: ALERT_NOTIFICATION, .. }) => {}
            _ => self.reply(sequence, Status::INVALID_COMMAND, Body::GenericNack),
        }
    }

    fn take_response(&mut self, octets: &[u8], status: Status, sequence: u32, now: Duration) {
        let Some(order) = self.next.before(sequence) else { return };
        if self.asked.is_some_and(|(asked, _)| asked == order) {
            self.asked = None;
            return self.take_own(octets, status);
        }
        let Ok(Pdu { body, .. }) = Pdu::read(octets) else { return };
        let (message_id, tlvs) = match body {
            Body::SubmitSmResp { message_id, tlvs } => (message_id, tlvs),
            Body::GenericNack if status != Status::OK => Default::default(),
            _ => return,
        };
        let Some(segment) = self.outstanding.remove(&order) else { return };
        if let Some(load) = tlvs.octet(tag::CONGESTION_STATE) {
            self.flow.loaded(load, order, self.next);
        }
        let (token, pdu) = match status.kind() {
            Kind::Throttled => {
                if self.flow.throttled(order, self.next, now)
                    && let Some(until) = self.flow.until()
                {
                    self.events.push_back(Event::Throttled { until });
                }
                let at = self.again.partition_point(|other| other.place < segment.place);
                return self.again.insert(at, segment);
            }
            _ => (segment.token, octets.to_vec()),
        };
        let answer = match status {
            Status::OK => {
                self.flow.taken(order);
                Answer::Taken { message_id: message_id.to_vec(), pdu }
            }
            status => Answer::Refused { status, pdu },
        };
        self.events.push_back(Event::Answered { token, answer });
        self.send_again(now);
    }

    /// An answer to a bind, an enquire_link or an unbind.
    fn take_own(&mut self, octets: &[u8], status: Status) {
        match self.state {
            State::Binding if status != Status::OK => self.close(Why::BindRefused(status)),
            State::Binding => match Pdu::read(octets).map(|pdu| pdu.body) {
                Ok(Body::BindResp(answer)) => {
                    self.state = State::Bound;
                    let (version, system_id) = (answer.version(), answer.system_id.to_vec());
                    self.events.push_back(Event::Bound { version, system_id });
                }
                _ => self.close(Why::BindRefused(Status::INVALID_COMMAND)),
            },
            State::Unbinding => self.close(Why::Unbound),
            State::Bound | State::Closed => {}
        }
    }

    fn send_again(&mut self, now: Duration) {
        while !self.flow.is_paused()
            && self.state == State::Bound
            && self.outstanding.len() < self.flow.allowed()
            && let Some(segment) = self.again.pop_front()
        {
            self.send(segment, now);
        }
    }

    fn send(&mut self, mut segment: Segment<T>, now: Duration) {
        let order = self.next.advance();
        segment.sent = now;
        let octets = &mut segment.submission.0;
        octets[12..16].copy_from_slice(&order.sequence().to_be_bytes());
        self.output.extend_from_slice(octets);
        self.outstanding.insert(order, segment);
    }

    /// Asks something that waits for its answer; an enquire_link is forgotten for an unbind.
    fn ask(&mut self, body: Body<'_>, now: Duration) -> Result<(), Error> {
        let order = self.next.advance();
        Pdu::ok(order.sequence(), body).write(&mut self.output)?;
        self.asked = Some((order, now));
        Ok(())
    }

    fn reply(&mut self, sequence: u32, status: Status, body: Body<'_>) {
        if self.state != State::Closed {
            let _ = Pdu { status, sequence, body }.write(&mut self.output); // replies have no fields
        }
    }

    fn close(&mut self, why: Why) {
        if self.state != State::Closed {
            self.state = State::Closed;
            self.events.push_back(Event::Closed(why));
        }
    }
}

const DELIVER_SM: u32 = 0x05;
const ALERT_NOTIFICATION: u32 = 0x102;

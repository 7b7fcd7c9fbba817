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

mod event;
mod flow;
mod heard;
mod sequence;
mod settings;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use super::pdu::{Body, Pdu};
use super::status::Status;
use super::{Bind, Framer, MAX_PDU};
use crate::Error;
pub use event::{Answer, Event, Unanswered, Why};
use flow::Flow;
use sequence::Order;
pub use settings::{Settings, Submission};

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

    /// Whoever has the connection did not read it until now: the silence was not that of the SMS centre, and
    /// what waits for an answer begins to wait now.
    pub fn excuse(&mut self, now: Duration) {
        self.heard = now;
        self.outstanding.values_mut().for_each(|segment| segment.sent = now);
        if let Some((_, since)) = &mut self.asked {
            *since = now;
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

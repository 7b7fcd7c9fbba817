//! One connection to the SMS centre, from its bind to its end.

use std::io;
use std::mem;
use std::time::Duration;

use dm_push::smpp::session::{Answer, Event, Session, Why};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{Instant, sleep_until};

use super::connect::Stream;
use super::link::Link;
use super::receipts::{Acknowledgement, Heard};
use super::state::{SmppState, count};
use super::train::Segment;
use crate::SendError;

/// Octets that are read at once.
const READ: usize = 64 << 10;

/// Octets that may wait for whoever keeps them, or to be written; then nothing more is read.
const WAITING: usize = 1 << 20;

/// How long a route that nobody has any more takes to end in order.
const FAREWELL: Duration = Duration::from_secs(5);

/// Never, for a clock.
const FAR: Duration = Duration::from_secs(86_400);

/// How a connection ended.
pub(super) enum Ended {
    /// The network did it.
    Broken { error: io::Error, was_bound: bool, was_useful: bool },
    /// It was to end.
    Closed,
    /// One of the two sides did it.
    Session { why: Why, was_bound: bool, was_useful: bool },
}

/// What is known of one connection.
struct Bound {
    session: Session<Segment>,
    /// Which of the route's.
    number: u64,
    start: Instant,
    heard: Vec<Heard>,
    heard_octets: usize,
    /// Nothing is read, for whoever listens is slow.
    is_deaf: bool,
    /// What was delivered and waits for our answer.
    owed: usize,
    was_bound: bool,
    /// It carried something.
    was_useful: bool,
    closing: Option<Instant>,
}

impl Link {
    /// Binds, and carries segments until the connection ends.
    pub(super) async fn keep(&mut self, stream: Stream, number: u64) -> Ended {
        let start = Instant::now();
        let session = match Session::new(self.settings, &self.login.bind(), Duration::ZERO) {
            Ok(session) => session,
            Err(error) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, error);
                return Ended::Broken { error, was_bound: false, was_useful: false };
            }
        };
        let mut bound = Bound {
            session,
            number,
            start,
            heard: Vec::new(),
            heard_octets: 0,
            is_deaf: false,
            owed: 0,
            was_bound: false,
            was_useful: false,
            closing: None,
        };
        let ended = self.carry(&mut bound, stream).await;
        let rest = mem::take(&mut bound.heard);
        if !rest.is_empty() {
            let _ = self.heard.send(rest).await; // whoever kept it is gone: the route ends
        }
        let (was_bound, was_useful) = (bound.was_bound, bound.was_useful);
        for unanswered in bound.session.into_unanswered().into_iter().rev() {
            self.ready.push_front((unanswered.token, unanswered.submission));
        }
        match ended {
            Ok(Some(why)) => Ended::Session { why, was_bound, was_useful },
            Ok(None) => Ended::Closed,
            Err(error) => Ended::Broken { error, was_bound, was_useful },
        }
    }

    /// Until the session ends; none if it was to.
    async fn carry(&mut self, bound: &mut Bound, stream: Stream) -> io::Result<Option<Why>> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = vec![0; READ];
        let timer = sleep_until(bound.start + FAR);
        tokio::pin!(timer);
        loop {
            self.supply(bound);
            if let Some(why) = self.take_events(bound) {
                let _ = writer.write_all(bound.session.output()).await; // a last word, if it is heard
                let _ = writer.shutdown().await;
                return Ok(bound.closing.is_none().then_some(why));
            }
            let is_deaf = bound.heard_octets >= WAITING;
            if bound.is_deaf && !is_deaf {
                bound.session.excuse(bound.start.elapsed());
            }
            bound.is_deaf = is_deaf;
            let due = bound.session.next_timeout().filter(|_| !is_deaf).unwrap_or(FAR);
            let until = bound.closing.into_iter().fold(bound.start + due, Instant::min);
            if timer.deadline() != until {
                timer.as_mut().reset(until);
            }
            let can_submit = self.ready.is_empty() && bound.session.room() > 0;
            let output = bound.session.output().len();
            let can_read = output < WAITING && !is_deaf;
            tokio::select! {
                biased;
                () = &mut timer => {
                    if bound.closing.is_some_and(|at| at <= Instant::now()) {
                        return Ok(None);
                    }
                    bound.session.withdraw(|segment| !segment.train.is_wanted());
                    bound.session.handle_timeout(bound.start.elapsed());
                }
                closing = self.closing.wait_for(Option::is_some), if bound.closing.is_none() => {
                    let gone = Some(Instant::now() + FAREWELL);
                    bound.closing = closing.map_or(gone, |deadline| *deadline);
                    self.work.close();
                }
                Some(Acknowledgement { session, sequence, status }) = self.acknowledgements.recv() => {
                    if session == bound.number {
                        bound.owed = bound.owed.saturating_sub(1);
                        bound.session.acknowledge(sequence, status);
                    }
                }
                written = writer.write(bound.session.output()), if output > 0 => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::ErrorKind::WriteZero.into());
                    }
                    bound.session.output().drain(..written);
                }
                Ok(permit) = self.heard.reserve(), if !bound.heard.is_empty() => {
                    permit.send(mem::take(&mut bound.heard));
                    bound.heard_octets = 0;
                }
                read = reader.read(&mut buffer), if can_read => match read? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    octets => bound.session.receive(&buffer[..octets], bound.start.elapsed()),
                },
                Some(work) = self.work.recv(), if can_submit => {
                    self.ready.extend(work.into_segments());
                }
            }
        }
    }

    /// Gives the session as many segments as it takes.
    fn supply(&mut self, bound: &mut Bound) {
        let now = bound.start.elapsed();
        while bound.session.room() > 0 {
            let Some((segment, submission)) = self.ready.pop_front() else {
                match self.work.try_recv() {
                    Ok(work) => self.ready.extend(work.into_segments()),
                    Err(TryRecvError::Empty) => return,
                    Err(TryRecvError::Disconnected) => {
                        if bound.closing.is_some()
                            && bound.session.waiting() == 0
                            && bound.heard.is_empty()
                            && bound.owed == 0
                        {
                            bound.session.unbind(now);
                        }
                        return;
                    }
                }
                continue;
            };
            if segment.train.is_wanted() {
                segment.train.begin();
                if let Err(back) = bound.session.submit(segment, submission, now) {
                    self.ready.push_front(back);
                    return;
                }
            }
        }
    }

    /// Takes what the session says; why it is over, if it is.
    fn take_events(&self, bound: &mut Bound) -> Option<Why> {
        let shared = &self.shared;
        while let Some(event) = bound.session.event() {
            match event {
                Event::Answered { token: segment, answer } => {
                    bound.was_useful = true;
                    match answer {
                        Answer::Taken { message_id, pdu } => {
                            shared.takes();
                            bound.heard_octets += pdu.len();
                            bound.heard.push(Heard::Taken { segment, message_id, pdu });
                            if shared.is_throttled() {
                                shared.set(SmppState::Bound);
                            }
                        }
                        Answer::Refused { status, .. } => {
                            count(&shared.refused);
                            let to = segment.train.to.clone();
                            segment.train.fail(SendError::Smpp { to, status });
                        }
                    }
                }
                Event::Bound { .. } => {
                    bound.was_bound = true;
                    count(&shared.bound);
                    shared.set(SmppState::Bound);
                }
                Event::Closed(why) => return Some(why),
                Event::Delivered { sequence, pdu, may_be_early } => {
                    bound.was_useful = true;
                    bound.owed += 1;
                    bound.heard_octets += pdu.len();
                    let session = bound.number;
                    bound.heard.push(Heard::Delivered { session, sequence, pdu, may_be_early });
                }
                Event::Throttled { .. } => {
                    count(&shared.throttled);
                    shared.set(SmppState::Throttled);
                }
            }
        }
        None
    }
}

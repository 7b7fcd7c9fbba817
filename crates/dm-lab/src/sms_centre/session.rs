//! One connection of somebody who binds.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use dm_push::smpp::{
    BindMode, BindResp, Body, ESM_CLASS_UDHI, Framer, MAX_PDU, Message, Pdu, Status, Tlv, Tlvs, tag,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Segment;
use super::phones::Flight;
use super::receipt::{DELIVERED, Given, Submitted, word};
use super::world::World;
use crate::air::Word;
use crate::clock;
use crate::event::Kind;
use crate::{Behaviour, Cut, Receipts};

/// deliver_sm that may wait for their answers.
const WINDOW: usize = 100;

/// Octets that are read at once.
const READ: usize = 64 << 10;

struct Session {
    world: Arc<World>,
    words: mpsc::Sender<Word<Flight>>,
    mode: Option<BindMode>,
    output: Vec<u8>,
    /// Answers that wait for their time.
    later: VecDeque<(Instant, Vec<u8>)>,
    sequence: u32,
    outstanding: BTreeMap<u32, Given>,
    submitted: Vec<Submitted>,
    taken: Vec<Flight>,
    is_silent: bool,
}

/// What comes after the octets that were read.
#[derive(PartialEq)]
enum Then {
    End,
    GoOn,
}

pub(super) async fn serve(stream: TcpStream, world: Arc<World>, words: mpsc::Sender<Word<Flight>>) {
    let mut session = Session {
        world,
        words,
        mode: None,
        output: Vec::new(),
        later: VecDeque::new(),
        sequence: 0,
        outstanding: BTreeMap::new(),
        submitted: Vec::new(),
        taken: Vec::new(),
        is_silent: false,
    };
    let _ = session.talk(stream).await; // it is over, in whatever way
    let world = session.world.clone();
    world.give_back(mem::take(&mut session.outstanding).into_values());
}

impl Session {
    async fn talk(&mut self, mut stream: TcpStream) -> io::Result<()> {
        let (mut reader, mut writer) = stream.split();
        let (mut framer, mut buffer) = (Framer::new(MAX_PDU), vec![0; READ]);
        let world = self.world.clone();
        let mut cuts = world.cuts();
        loop {
            self.bring();
            let due = self.later.front().map(|(due, _)| *due);
            let can_bring = self.can_bring();
            tokio::select! {
                biased;
                _ = cuts.changed() => return Ok(()),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    while self.later.front().is_some_and(|(due, _)| *due <= Instant::now())
                        && let Some((_, answer)) = self.later.pop_front()
                    {
                        self.output.extend(answer);
                    }
                }
                written = writer.write(&self.output), if !self.output.is_empty() => {
                    let written = written?;
                    self.output.drain(..written);
                }
                () = world.given.notified(), if can_bring => {}
                read = reader.read(&mut buffer) => {
                    let octets = read?;
                    if octets == 0 {
                        return Ok(());
                    }
                    framer.extend(&buffer[..octets]);
                    let then = self.take_all(&mut framer);
                    self.world.remember(mem::take(&mut self.submitted));
                    for flight in mem::take(&mut self.taken) {
                        let _ = self.words.send(Word::Take(flight)).await; // the centre is gone
                    }
                    if then == Then::End {
                        writer.write_all(&self.output).await?;
                        return writer.shutdown().await;
                    }
                }
            }
        }
    }

    const fn can_bring(&self) -> bool {
        matches!(self.mode, Some(BindMode::Receiver | BindMode::Transceiver)) && !self.is_silent
    }

    /// Sends receipts that wait, as many as the window has room for.
    fn bring(&mut self) {
        let room = WINDOW.saturating_sub(self.outstanding.len());
        if room == 0 || !self.can_bring() {
            return;
        }
        for given in self.world.take_given(room) {
            self.deliver(given);
        }
    }

    fn deliver(&mut self, given: Given) {
        self.sequence = self.sequence % 0x7FFF_FFFF + 1;
        given.write(self.sequence, &mut self.output);
        if let Given::Receipt { id, state, to, .. } = &given {
            self.world.tell(Kind::Receipt, (id, to), word(*state));
        }
        self.outstanding.insert(self.sequence, given);
        self.world.count(|counts| counts.receipts += 1);
    }

    fn take_all(&mut self, framer: &mut Framer) -> Then {
        let behaviour = self.world.behaviour();
        loop {
            match framer.next() {
                Ok(Some(octets)) => {
                    if self.take(octets, &behaviour) == Then::End {
                        return Then::End;
                    }
                }
                Ok(None) => return Then::GoOn,
                Err(_) => return Then::End,
            }
        }
    }

    fn take(&mut self, octets: &[u8], behaviour: &Behaviour) -> Then {
        if self.is_silent {
            return Then::GoOn;
        }
        let Some((_, _, sequence)) = Pdu::head(octets) else { return Then::End };
        let Ok(pdu) = Pdu::read(octets) else {
            self.answer(sequence, Status::INVALID_LENGTH, Body::GenericNack, behaviour);
            return Then::GoOn;
        };
        let now = Status::OK;
        match pdu.body {
            Body::Bind(bind) => {
                let is_known = bind.system_id == behaviour.system_id.as_bytes()
                    && bind.password == behaviour.password.as_bytes();
                let status = match (self.mode, is_known) {
                    (Some(_), _) => Status(0x05),
                    (None, true) => Status::OK,
                    (None, false) => Status::INVALID_PASSWORD,
                };
                let version = BindResp::version_tlv(behaviour.version);
                let tlvs = Tlvs::of(&version);
                let answer = BindResp { mode: bind.mode, system_id: b"lab", tlvs };
                self.answer(sequence, status, Body::BindResp(answer), behaviour);
                if status != Status::OK {
                    self.world.count(|counts| counts.binds_refused += 1);
                    return Then::End;
                }
                self.world.count(|counts| counts.bound += 1);
                self.mode = Some(bind.mode);
            }
            Body::EnquireLink => {
                self.world.count(|counts| counts.enquiries += 1);
                self.answer(sequence, now, Body::EnquireLinkResp, behaviour);
            }
            Body::Unbind => {
                self.answer(sequence, now, Body::UnbindResp, behaviour);
                return Then::End;
            }
            Body::SubmitSm(message) => return self.submit(octets, sequence, &message, behaviour),
            Body::DeliverSmResp => self.delivered(pdu.sequence, pdu.status),
            Body::EnquireLinkResp | Body::GenericNack | Body::UnbindResp => {}
            _ => self.answer(sequence, Status::INVALID_COMMAND, Body::GenericNack, behaviour),
        }
        Then::GoOn
    }

    fn delivered(&mut self, sequence: u32, status: Status) {
        let Some(given) = self.outstanding.remove(&sequence) else { return };
        match status {
            Status::OK => self.world.count(|counts| counts.acknowledged += 1),
            status => {
                self.world.count(|counts| counts.receipts_refused += 1);
                if status == Status::RECEIVER_TEMPORARY {
                    self.world.give(given);
                }
            }
        }
    }

    fn submit(
        &mut self,
        octets: &[u8],
        sequence: u32,
        message: &Message<'_>,
        behaviour: &Behaviour,
    ) -> Then {
        if !matches!(self.mode, Some(BindMode::Transmitter | BindMode::Transceiver)) {
            let status = Status::INVALID_BIND_STATE;
            let body = Body::SubmitSmResp { message_id: b"", tlvs: Tlvs::default() };
            self.answer(sequence, status, body, behaviour);
            return Then::GoOn;
        }
        let mut number = 0;
        self.world.count(|counts| {
            counts.submitted += 1;
            number = counts.submitted;
        });
        let cut = behaviour.cut.filter(|cut| cut.at == number);
        let status = match cut {
            Some(Cut { is_taken: false, .. }) => Status::SYSTEM_ERROR,
            _ => self.world.judge(behaviour, number),
        };
        let id = (status == Status::OK).then(|| self.world.next_id());
        let id = id.map(|id| if behaviour.hex_ids { format!("{id:X}") } else { id.to_string() });
        let kind = if id.is_some() { Kind::Submitted } else { Kind::Refused };
        if self.world.watcher.is_there() {
            let to = String::from_utf8_lossy(message.destination.address);
            self.world.tell(kind, (id.as_deref().unwrap_or_default(), &to), status);
        }
        self.submitted.push(Submitted { message_id: id.clone(), status, pdu: octets.to_vec() });
        if let Some(id) = &id {
            self.world.count(|counts| counts.taken += 1);
            self.fly(id, message, behaviour);
        }
        if cut.is_some() {
            return Then::End;
        }
        if behaviour.silent_from.is_some_and(|from| number >= from) {
            self.is_silent = true;
            return Then::GoOn;
        }
        let mut tlvs = Vec::new();
        if let Some(load) = behaviour.congestion {
            let _ = Tlv { tag: tag::CONGESTION_STATE, value: &[load] }.write(&mut tlvs);
        }
        let message_id = id.as_deref().unwrap_or_default().as_bytes();
        let body = Body::SubmitSmResp { message_id, tlvs: Tlvs::of(&tlvs) };
        self.answer(sequence, status, body, behaviour);
        Then::GoOn
    }

    /// Hands a segment to the air, if anybody is to notice.
    fn fly(&mut self, id: &str, message: &Message<'_>, behaviour: &Behaviour) {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let (source, destination) = (message.source, message.destination);
        let wants_receipt = message.registered_delivery & 1 != 0;
        if wants_receipt && behaviour.receipts == Receipts::BeforeAnswer {
            let given = Given::of(id, DELIVERED, behaviour.hex_ids);
            self.deliver(given.between(&text(destination.address), &text(source.address)));
        }
        let is_noticed = wants_receipt && behaviour.receipts == Receipts::AsDelivered;
        if !is_noticed && !self.world.is_listened_to() {
            return;
        }
        self.world.waiting.fetch_add(1, Ordering::Relaxed);
        self.taken.push(Flight {
            segment: Segment {
                message_id: id.to_owned(),
                source: text(source.address),
                destination: text(destination.address),
                user_data: message.user_data().to_vec(),
                tpdu: Vec::new(),
            },
            coding: message.data_coding,
            has_header: message.esm_class & ESM_CLASS_UDHI != 0,
            wants_receipt,
            valid_until: valid_until(message.validity),
        });
    }

    fn answer(&mut self, sequence: u32, status: Status, body: Body<'_>, behaviour: &Behaviour) {
        let pdu = Pdu { status, sequence, body };
        if behaviour.answer_after.is_zero() && self.later.is_empty() {
            let _ = pdu.write(&mut self.output); // within every limit
            return;
        }
        let mut octets = Vec::new();
        let _ = pdu.write(&mut octets); // within every limit
        self.later.push_back((Instant::now() + behaviour.answer_after, octets));
    }
}

/// The end of a validity_period that is a time of Greenwich. Others mean the longest that there is. [SMPP 3.4 §7.1.1]
fn valid_until(validity: &[u8]) -> Option<Instant> {
    let text = str::from_utf8(validity).ok().filter(|text| text.ends_with("00+"))?;
    let part = |at: usize| text.get(2 * at..2 * at + 2);
    let [year, month, day] = [part(0)?, part(1)?, part(2)?];
    let [hour, minute, second] = [part(3)?, part(4)?, part(5)?];
    let time = format!("20{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    time.parse().ok().map(clock::instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validity_of_a_segment_is_a_time_or_for_ever() {
        let now = Instant::now();
        assert!(valid_until(b"991231235959000+").is_some_and(|until| until > now));
        assert!(valid_until(b"200101000000000+").is_some_and(|until| until <= Instant::now()));
        for none in [&b""[..], b"000001000000000R", b"999931235959000+", b"00+", b"\xFF\xFF00+"] {
            assert_eq!(valid_until(none), None);
        }
    }
}

//! The one thread that writes. Whatever is asked for while the disk works goes into the next commit.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender};

use dm_push::receipt::{Evidence, Status};
use redb::{Database, ReadableTable, Table, WriteTransaction};
use tokio::sync::{Notify, oneshot};

use super::entry::{Entry, State, Way};
use super::read::{Kept, digest};
use super::tables::{
    CALLED, COUNTS, DUE, ENTRIES, OCTETS, RECEIPTS, SAID, TAKEN, WAITING, damaged, entry, json,
};
use super::{New, Noted, OutboxError, milliseconds};
use crate::route::Sent;
use crate::{Address, PushId, SendError, Told};

type Reply<T> = oneshot::Sender<Result<T, OutboxError>>;

/// What is asked for.
pub(super) enum Change {
    Accept {
        new: Vec<New>,
        now: u64,
        reply: Reply<usize>,
    },
    Expire {
        id: PushId,
        reply: Reply<()>,
    },
    Keep {
        told: Told,
        now: u64,
        reply: Reply<()>,
    },
    /// Mostly nobody waits for it: what is asked for behind it is not on the disk before.
    Note {
        route: String,
        notes: Vec<(String, Sent)>,
        reply: Option<SyncSender<Result<(), OutboxError>>>,
    },
    /// As above.
    Take {
        route: String,
        taken: Vec<(String, Sent)>,
    },
    Retry {
        now: u64,
        reply: Reply<usize>,
    },
    Settle {
        id: PushId,
        outcome: Result<(), SendError>,
        now: u64,
        reply: Reply<()>,
    },
}

/// Until nobody can ask any more.
pub(super) fn run(
    database: &Database,
    asked: &Receiver<Change>,
    noted: &Noted,
    changed: &Notify,
    mut seq: u64,
) {
    while let Ok(first) = asked.recv() {
        let batch: Vec<_> =
            std::iter::once(first).chain(asked.try_iter().take(BATCH - 1)).collect();
        let outcome = commit(database, &batch, &mut seq);
        changed.notify_waiters();
        match outcome {
            Ok(counts) => {
                batch.into_iter().zip(counts).for_each(|(it, count)| it.answer(count, noted))
            }
            Err(error) => batch.into_iter().for_each(|it| it.answer(Err(error.clone()), noted)),
        }
    }
}

/// All of it, or nothing; for each change how many messages are new, or why it took none.
fn commit(
    database: &Database,
    batch: &[Change],
    seq: &mut u64,
) -> Result<Vec<Result<usize, OutboxError>>, OutboxError> {
    let transaction = database.begin_write()?;
    let counts = {
        let mut tables = Tables::open(&transaction)?;
        let counts =
            batch.iter().map(|change| tables.make(change, seq)).collect::<Result<_, _>>()?;
        tables.count(*seq)?;
        counts
    };
    transaction.commit()?;
    Ok(counts)
}

impl Change {
    /// Tells whoever waits for it.
    fn answer(self, count: Result<usize, OutboxError>, noted: &Noted) {
        // Where nobody waits any more, nobody is told.
        match self {
            Self::Accept { reply, .. } | Self::Retry { reply, .. } => drop(reply.send(count)),
            Self::Keep { told, reply, .. } => {
                if count.is_ok() {
                    told.done.confirm();
                }
                drop(reply.send(count.map(|_| ())));
            }
            Self::Take { .. } => {}
            // What is not on the disk is known as long as this process is there.
            Self::Note { route, notes, reply } => {
                if count.is_ok() {
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    for (called, _) in notes {
                        noted.remove(&(route.clone(), called));
                    }
                }
                if let Some(reply) = reply {
                    let _ = reply.send(count.map(|_| ()));
                }
            }
            Self::Expire { reply, .. } | Self::Settle { reply, .. } => {
                drop(reply.send(count.map(|_| ())))
            }
        }
    }
}

struct Tables<'t> {
    entries: Table<'t, &'static str, &'static [u8]>,
    octets: Table<'t, &'static str, &'static [u8]>,
    due: Table<'t, (&'static str, u64, u64), &'static str>,
    called: Table<'t, (&'static str, &'static str), (&'static str, u8, u8)>,
    taken: Table<'t, (&'static str, &'static str, &'static str), &'static [u8]>,
    receipts: Table<'t, (&'static str, u32), &'static [u8]>,
    said: Table<'t, (&'static str, [u8; 32]), u32>,
    counts: Table<'t, &'static str, u64>,
    waiting: Table<'t, &'static str, u64>,
    /// By how much the count of each state changes,
    more: HashMap<&'static str, i64>,
    /// and that of what waits for each route.
    more_waiting: HashMap<String, i64>,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, OutboxError> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            octets: transaction.open_table(OCTETS)?,
            due: transaction.open_table(DUE)?,
            called: transaction.open_table(CALLED)?,
            taken: transaction.open_table(TAKEN)?,
            receipts: transaction.open_table(RECEIPTS)?,
            said: transaction.open_table(SAID)?,
            counts: transaction.open_table(COUNTS)?,
            waiting: transaction.open_table(WAITING)?,
            more: HashMap::new(),
            more_waiting: HashMap::new(),
        })
    }

    fn make(
        &mut self,
        change: &Change,
        seq: &mut u64,
    ) -> Result<Result<usize, OutboxError>, OutboxError> {
        match change {
            Change::Accept { new, now, .. } => match self.other_of_a_known_name(new)? {
                Some(id) => return Ok(Err(OutboxError::Other(id))),
                None => return self.accept(new, *now, seq).map(Ok),
            },
            Change::Expire { id, .. } => self.change(id, Entry::expire)?,
            Change::Keep { told, now, .. } => self.keep(told, *now)?,
            Change::Note { route, notes, .. } => {
                for (called, Sent { id, part }) in notes {
                    let (number, total) = part.map_or((0, 0), |part| (part.number, part.total));
                    self.called.insert((&**route, &**called), (id.as_str(), number, total))?;
                }
            }
            Change::Retry { now, .. } => return self.retry(*now).map(Ok),
            Change::Take { route, taken } => {
                for (to, sent) in taken {
                    self.take(route, to, sent)?;
                }
            }
            Change::Settle { id, outcome, now, .. } => {
                let status = self.status(id)?;
                let is_over =
                    outcome.is_ok() || status.rung().is_some() || self.has_taken_all(id)?;
                // Whatever else failed: a route has all of it.
                let outcome = if is_over { Ok(()) } else { outcome.as_ref().copied() };
                let is_no = is_over && status.is_final() && status.rung().is_none();
                let word = is_no.then(|| status.on_screen());
                self.change(id, |entry| {
                    entry.settle(outcome, *now);
                    if let Some(word) = word {
                        entry.fails(word, *now);
                    }
                })?;
            }
        }
        Ok(Ok(0))
    }

    /// An identity stands for one message for ever.
    fn other_of_a_known_name(&self, new: &[New]) -> Result<Option<PushId>, OutboxError> {
        let mut among = HashMap::new();
        for New { id, octets, ways, .. } in new {
            let (other_octets, other_ways) = among.entry(id).or_insert((octets, ways));
            let mut is_known = *other_octets == octets && *other_ways == ways;
            if let Some(known) = self.octets.get(id.as_str())? {
                is_known &= known.value() == &octets[..];
                is_known &= self.entry(id)?.is_some_and(|known| known.ways == *ways);
            }
            if !is_known {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    fn accept(&mut self, new: &[New], now: u64, seq: &mut u64) -> Result<usize, OutboxError> {
        let mut count = 0;
        for New { id, octets, ways, until } in new {
            if self.entries.get(id.as_str())?.is_some() {
                continue;
            }
            let entry = Entry::new(*seq, ways.clone(), now, milliseconds(*until));
            *seq += 1;
            count += 1;
            self.octets.insert(id.as_str(), &octets[..])?;
            self.store(id, None, &entry)?;
        }
        Ok(count)
    }

    fn retry(&mut self, now: u64) -> Result<usize, OutboxError> {
        let mut ids = Vec::new();
        for stored in self.entries.iter()? {
            let (id, stored) = stored?;
            if matches!(entry(stored.value())?.state, State::GivenUp { .. }) {
                ids.push(PushId::new(id.value()).ok_or_else(|| damaged(&"an id that is none"))?);
            }
        }
        for id in &ids {
            self.change(id, |entry| entry.retry(now))?;
            // No identity has a zero: these are all of its own.
            let (from, behind) = (id.as_str(), format!("{id}\0"));
            self.taken.retain_in((from, "", "")..(&*behind, "", ""), |_, _| false)?;
            self.said.retain_in((from, [0; 32])..(&*behind, [0; 32]), |_, _| false)?;
        }
        Ok(ids.len())
    }

    fn keep(&mut self, told: &Told, now: u64) -> Result<(), OutboxError> {
        let Some(mut entry) = self.entry(&told.id)? else { return Ok(()) };
        let before = entry.clone();
        let said = (told.id.as_str(), digest(told));
        if self.said.get(said)?.is_some() {
            entry.repeated += 1;
            return self.store(&told.id, Some(&before), &entry);
        }
        self.said.insert(said, entry.receipts)?;
        let kept = json(&Kept::of(told))?;
        self.receipts.insert((told.id.as_str(), entry.receipts), &kept[..])?;
        entry.receipts += 1;
        if told.receipt.rung().is_none() {
            entry.fails_later(&told.route, told.receipt.on_screen(), now);
        }
        self.store(&told.id, Some(&before), &entry)
    }

    /// One more segment is with the gateway.
    fn take(&mut self, route: &str, to: &str, sent: &Sent) -> Result<(), OutboxError> {
        let (number, total) = sent.part.map_or((1, 1), |part| (part.number, part.total));
        let key = (sent.id.as_str(), route, to);
        let mut taken = self.taken.get(key)?.map_or_else(|| vec![total], |it| it.value().to_vec());
        if !taken.iter().skip(1).any(|it| *it == number) {
            taken.push(number);
            self.taken.insert(key, &taken[..])?;
        }
        Ok(())
    }

    /// Whether all segments are with the gateway of the way that was taken last.
    fn has_taken_all(&self, id: &PushId) -> Result<bool, OutboxError> {
        let Some(entry) = self.entry(id)? else { return Ok(false) };
        let Some((Way { route, to }, _)) = entry.next() else { return Ok(false) };
        let Ok(to) = to.parse::<Address>().map(|to| to.to_string()) else { return Ok(false) };
        let Some(taken) = self.taken.get((id.as_str(), &**route, &*to))? else { return Ok(false) };
        let taken = taken.value().split_first();
        Ok(taken.is_some_and(|(total, numbers)| numbers.len() >= usize::from(*total)))
    }

    /// What the receipts of the way that was taken last say.
    fn status(&self, id: &PushId) -> Result<Status, OutboxError> {
        let mut evidence = Evidence::default();
        let Some(entry) = self.entry(id)? else { return Ok(evidence.status()) };
        let Some((way, _)) = entry.next() else { return Ok(evidence.status()) };
        for stored in self.receipts.range((id.as_str(), entry.since)..=(id.as_str(), u32::MAX))? {
            let kept: Kept =
                serde_json::from_slice(stored?.1.value()).map_err(|error| damaged(&error))?;
            if *kept.route == way.route {
                kept.receipt().iter().for_each(|receipt| evidence.add(receipt));
            }
        }
        Ok(evidence.status())
    }

    fn change(&mut self, id: &PushId, make: impl FnOnce(&mut Entry)) -> Result<(), OutboxError> {
        let Some(mut entry) = self.entry(id)? else { return Ok(()) };
        let before = entry.clone();
        make(&mut entry);
        self.store(id, Some(&before), &entry)
    }

    fn entry(&self, id: &PushId) -> Result<Option<Entry>, OutboxError> {
        self.entries.get(id.as_str())?.map(|stored| entry(stored.value())).transpose()
    }

    fn store(
        &mut self,
        id: &PushId,
        before: Option<&Entry>,
        now: &Entry,
    ) -> Result<(), OutboxError> {
        if let Some((way, due)) = before.and_then(Entry::next) {
            self.due.remove((&*way.route, due, now.seq))?;
            *self.waiting_for(&way.route) -= 1;
        }
        if let Some((way, due)) = now.next() {
            self.due.insert((&*way.route, due, now.seq), id.as_str())?;
            *self.waiting_for(&way.route) += 1;
        }
        if let Some(before) = before {
            *self.more.entry(before.state.as_str()).or_default() -= 1;
        }
        *self.more.entry(now.state.as_str()).or_default() += 1;
        self.entries.insert(id.as_str(), &json(now)?[..])?;
        Ok(())
    }

    fn waiting_for(&mut self, route: &str) -> &mut i64 {
        self.more_waiting.entry(route.to_owned()).or_default()
    }

    fn count(&mut self, seq: u64) -> Result<(), OutboxError> {
        for (state, more) in self.more.drain() {
            let count = self.counts.get(state)?.map_or(0, |count| count.value());
            self.counts.insert(state, count.saturating_add_signed(more))?;
        }
        for (route, more) in self.more_waiting.drain() {
            let count = self.waiting.get(&*route)?.map_or(0, |count| count.value());
            self.waiting.insert(&*route, count.saturating_add_signed(more))?;
        }
        self.counts.insert("next", seq)?;
        Ok(())
    }
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Sent => "sent",
            Self::GivenUp { .. } => "given up",
        }
    }
}

/// Changes of one commit.
const BATCH: usize = 4_096;

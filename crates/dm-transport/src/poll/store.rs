//! The mailboxes: on the disk, so that nothing that was taken for a device is lost with this process.
//!
//! A message stays until its device asks for what comes behind it and that is kept elsewhere, or its time
//! is over. One thread writes, as for the outbox: what is asked for while the disk works goes into the
//! next commit.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use dm_push::mailbox::Numbers;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::PushId;

/// A message as a device is given it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Message {
    /// `Push-Seq`.
    pub seq: u64,
    pub octets: Arc<[u8]>,
}

/// Why a mailbox did not take a message.
#[derive(Clone, Debug)]
pub(super) enum NotPut {
    /// It has as many as it may have.
    Full,
    /// The disk failed.
    Store(Arc<redb::Error>),
}

/// Called for each message that has come, once the disk has it.
pub(super) type Came = Box<dyn Fn(&str, Message) + Send>;

pub(super) struct Store {
    database: Arc<Database>,
    /// None while it is dropped.
    changes: Option<mpsc::Sender<Change>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Above all numbers that were given.
    next: Arc<AtomicU64>,
}

/// What is asked for.
enum Change {
    Put { put: Put, reply: oneshot::Sender<Result<u64, NotPut>> },
    Remove { which: Vec<(Arc<str>, u64)>, reply: oneshot::Sender<Result<u64, NotPut>> },
}

pub(super) struct Put {
    pub device: Arc<str>,
    pub id: PushId,
    pub octets: Arc<[u8]>,
    /// Milliseconds since 1970.
    pub until: u64,
}

/// By device and number: identity, end in milliseconds since 1970, octets.
const MESSAGES: TableDefinition<'_, (&str, u64), (&str, u64, &[u8])> =
    TableDefinition::new("messages");
/// Numbers by device and identity: what is there is not taken twice.
const IDS: TableDefinition<'_, (&str, &str), u64> = TableDefinition::new("ids");
/// By end, device and number: what will have to go.
const ENDS: TableDefinition<'_, (u64, &str, u64), ()> = TableDefinition::new("ends");
/// The next number.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

impl Store {
    /// Opens the mailboxes in this file, or makes them; each takes so many messages.
    pub fn open(path: &Path, most: usize, came: Came) -> Result<Self, redb::Error> {
        let database = Arc::new(Database::builder().set_cache_size(CACHE).create(path)?);
        let transaction = database.begin_write()?;
        let numbers = {
            transaction.open_table(MESSAGES)?;
            transaction.open_table(IDS)?;
            transaction.open_table(ENDS)?;
            let kept = transaction.open_table(NUMBERS)?.get("next")?.map_or(0, |next| next.value());
            Numbers::resume(kept, microseconds())
        };
        transaction.commit()?;
        let next = Arc::new(AtomicU64::new(numbers.next()));
        let (changes, asked) = mpsc::channel(QUEUE);
        let mut writer =
            Writer { database: database.clone(), numbers, next: next.clone(), most, came };
        let thread = std::thread::Builder::new().name("mailboxes".to_owned());
        let writer = thread.spawn(move || writer.run(asked)).map_err(redb::Error::Io)?;
        Ok(Self { database, changes: Some(changes), writer: Mutex::new(Some(writer)), next })
    }

    /// Takes a message; when this returns, the disk has it. One that is there already is not taken again.
    pub async fn put(&self, put: Put) -> Result<u64, NotPut> {
        let (reply, taken) = oneshot::channel();
        self.change(Change::Put { put, reply }).await;
        taken.await.unwrap_or_else(|_| Err(NotPut::Store(Arc::new(closed()))))
    }

    /// Removes messages, by device and number; whether the disk took it.
    pub async fn remove(&self, which: Vec<(Arc<str>, u64)>) -> bool {
        let (reply, removed) = oneshot::channel();
        self.change(Change::Remove { which, reply }).await;
        matches!(removed.await, Ok(Ok(_)))
    }

    async fn change(&self, change: Change) {
        if let Some(changes) = &self.changes {
            let _ = changes.send(change).await; // of a thread that is gone, the reply tells
        }
    }

    /// Above all numbers that were given.
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// The first message behind this one whose time is not over.
    pub fn behind(
        &self,
        device: &str,
        after: u64,
        now: u64,
    ) -> Result<Option<Message>, redb::Error> {
        let messages = self.database.begin_read()?.open_table(MESSAGES)?;
        for stored in messages.range((device, after.saturating_add(1))..=(device, u64::MAX))? {
            let (key, value) = stored?;
            let (_, until, octets) = value.value();
            if until > now {
                return Ok(Some(Message { seq: key.value().1, octets: octets.into() }));
            }
        }
        Ok(None)
    }

    /// Messages up to this one.
    pub fn up_to(&self, device: &str, after: u64) -> Result<Vec<(u64, PushId)>, redb::Error> {
        let messages = self.database.begin_read()?.open_table(MESSAGES)?;
        let mut found = Vec::new();
        for stored in messages.range((device, 0)..=(device, after))? {
            let (key, value) = stored?;
            found.extend(PushId::new(value.value().0).map(|id| (key.value().1, id)));
        }
        Ok(found)
    }

    /// Messages whose time is over, at most so many.
    pub fn over(&self, now: u64, most: usize) -> Result<Vec<(Arc<str>, u64, PushId)>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let (ends, messages) = (transaction.open_table(ENDS)?, transaction.open_table(MESSAGES)?);
        let mut found = Vec::new();
        for end in ends.range((0, "", 0)..(now.saturating_add(1), "", 0))?.take(most) {
            let end = end?.0;
            let (_, device, seq) = end.value();
            if let Some(stored) = messages.get((device, seq))? {
                found.extend(PushId::new(stored.value().0).map(|id| (device.into(), seq, id)));
            }
        }
        Ok(found)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What was asked for is written before the thread ends.
        drop(self.changes.take());
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.join(); // it has said what failed to whoever asked
        }
    }
}

struct Writer {
    database: Arc<Database>,
    numbers: Numbers,
    next: Arc<AtomicU64>,
    most: usize,
    came: Came,
}

impl Writer {
    fn run(&mut self, mut asked: mpsc::Receiver<Change>) {
        let mut batch = Vec::new();
        while asked.blocking_recv_many(&mut batch, BATCH) > 0 {
            let mut replies = Vec::with_capacity(batch.len());
            let mut came = Vec::with_capacity(batch.len());
            let before = self.numbers;
            let outcome = self.commit(batch.drain(..), &mut replies, &mut came);
            match &outcome {
                Ok(()) => {
                    self.next.store(self.numbers.next(), Ordering::Release);
                    came.into_iter().for_each(|(device, message)| (self.came)(&device, message));
                }
                Err(_) => self.numbers = before, // none of these was given
            }
            for (reply, put) in replies {
                let failed = |error: &Arc<redb::Error>| Err(NotPut::Store(error.clone()));
                let _ = reply.send(outcome.as_ref().map_or_else(failed, |()| put)); // may be gone
            }
        }
    }

    #[expect(clippy::type_complexity, reason = "who waits for what")]
    fn commit(
        &mut self,
        batch: impl Iterator<Item = Change>,
        replies: &mut Vec<(oneshot::Sender<Result<u64, NotPut>>, Result<u64, NotPut>)>,
        came: &mut Vec<(Arc<str>, Message)>,
    ) -> Result<(), Arc<redb::Error>> {
        let mut failure = None;
        let database = self.database.clone();
        let transaction = database.begin_write().map_err(redb::Error::from);
        for change in batch {
            let made = match (&transaction, &failure) {
                (Ok(transaction), None) => self.make(transaction, &change, came),
                _ => Ok(Ok(0)),
            };
            let made = made.unwrap_or_else(|error| {
                failure = Some(error);
                Ok(0)
            });
            let (Change::Put { reply, .. } | Change::Remove { reply, .. }) = change;
            replies.push((reply, made));
        }
        let done = || -> Result<(), redb::Error> {
            if let Some(failure) = failure {
                return Err(failure);
            }
            let transaction = transaction?;
            transaction.open_table(NUMBERS)?.insert("next", self.numbers.next())?;
            Ok(transaction.commit()?)
        };
        done().map_err(Arc::new)
    }

    fn make(
        &mut self,
        transaction: &WriteTransaction,
        change: &Change,
        came: &mut Vec<(Arc<str>, Message)>,
    ) -> Result<Result<u64, NotPut>, redb::Error> {
        let mut messages = transaction.open_table(MESSAGES)?;
        let mut ids = transaction.open_table(IDS)?;
        let mut ends = transaction.open_table(ENDS)?;
        match change {
            Change::Put { put: Put { device, id, octets, until }, .. } => {
                if let Some(seq) = ids.get((&**device, id.as_str()))? {
                    return Ok(Ok(seq.value()));
                }
                let held = messages.range((&**device, 0)..=(&**device, u64::MAX))?;
                if held.take(self.most).count() == self.most {
                    return Ok(Err(NotPut::Full));
                }
                let seq = self.numbers.take();
                messages.insert((&**device, seq), (id.as_str(), *until, &octets[..]))?;
                ids.insert((&**device, id.as_str()), seq)?;
                if *until != u64::MAX {
                    ends.insert((*until, &**device, seq), ())?;
                }
                came.push((device.clone(), Message { seq, octets: octets.clone() }));
                return Ok(Ok(seq));
            }
            Change::Remove { which, .. } => {
                for (device, seq) in which {
                    let Some(removed) = messages.remove((&**device, *seq))? else { continue };
                    let (id, until, _) = removed.value();
                    ids.remove((&**device, id))?;
                    ends.remove((until, &**device, *seq))?;
                }
            }
        }
        Ok(Ok(0))
    }
}

fn closed() -> redb::Error {
    redb::Error::Io(std::io::Error::other("the thread that writes is gone"))
}

/// Microseconds since 1970.
fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Octets of the file that are kept in memory.
const CACHE: usize = 32 << 20;
/// Changes that wait for the disk.
const QUEUE: usize = 8_192;
/// Changes of one commit.
const BATCH: usize = 4_096;

#[cfg(test)]
mod tests;

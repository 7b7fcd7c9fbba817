//! The outbox: what was accepted for sending, on the disk until its time is over.
//!
//! A message is accepted when the disk has it; from then on it is not lost, whatever happens to this
//! process. Memory stays flat: what waits, waits on the disk. Sealed octets are stored once and
//! leave unchanged with every attempt, so whatever comes twice is dropped by the device's replay
//! protection.

mod dispatch;
mod entry;
mod fault;
mod ledger;
mod read;
mod tables;
mod write;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::Database;
use tokio::sync::{Notify, oneshot};

pub use dispatch::Dispatch;
pub use entry::{State, Way};
pub use read::{Counts, Standing};

use crate::route::Sent;
use crate::{PushId, SendError, Told};
use write::Change;

/// What was accepted for sending.
pub struct Outbox {
    database: Arc<Database>,
    /// None while it is dropped.
    changes: Option<SyncSender<Change>>,
    writer: Option<JoinHandle<()>>,
    noted: Noted,
    /// That something may be due which was not before.
    changed: Arc<Notify>,
}

/// What gateways call segments, and is not on the disk yet.
type Noted = Arc<Mutex<HashMap<(String, String), Sent>>>;

/// A message to be accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct New {
    /// Its identity: the same one is accepted once.
    pub id: PushId,
    /// The sealed octets.
    pub octets: Arc<[u8]>,
    /// The routes over which it may go, the best one first.
    pub ways: Vec<Way>,
    /// Until when it is tried.
    pub until: SystemTime,
}

/// Why the outbox did not take or give something.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// Other octets or ways under an identity that is known.
    #[error(
        "{0} was given before, with other octets or other ways; give this one an id of its own"
    )]
    Other(PushId),
    /// A message without a route.
    #[error("{0} has no route; name one at least")]
    NoWay(PushId),
    /// The disk, or what is on it.
    #[error("{}", fault::told(.0))]
    Store(Arc<redb::Error>),
    /// The thread that writes is gone.
    #[error("the outbox is closed")]
    Closed,
}

impl OutboxError {
    /// Whether another program has it open.
    #[must_use]
    pub fn is_open_elsewhere(&self) -> bool {
        matches!(self, Self::Store(error) if matches!(**error, redb::Error::DatabaseAlreadyOpen))
    }
}

impl Outbox {
    /// Opens the outbox in this file, or makes it.
    ///
    /// # Errors
    /// [`OutboxError::Store`], also when another process has it open.
    pub fn open(path: &Path) -> Result<Self, OutboxError> {
        let database = Arc::new(Database::builder().set_cache_size(CACHE).create(path)?);
        let seq = tables::prepare(&database)?;
        let (changes, asked) = sync_channel(QUEUE);
        let (noted, changed) = (Noted::default(), Arc::new(Notify::new()));
        let writer = {
            let (database, noted, changed) = (database.clone(), noted.clone(), changed.clone());
            let writer = std::thread::Builder::new().name("outbox".to_owned());
            writer
                .spawn(move || write::run(&database, &asked, &noted, &changed, seq))
                .map_err(|error| OutboxError::from(redb::Error::Io(error)))?
        };
        Ok(Self { database, changes: Some(changes), writer: Some(writer), noted, changed })
    }

    /// Accepts messages: when this returns, the disk has them. One that was accepted before, with the
    /// same octets and ways, is not accepted again, and that is no error. Says how many are new.
    ///
    /// # Errors
    /// [`OutboxError`]: none of them was accepted.
    pub async fn accept(&self, new: Vec<New>) -> Result<usize, OutboxError> {
        if let Some(New { id, .. }) = new.iter().find(|new| new.ways.is_empty()) {
            return Err(OutboxError::NoWay(id.clone()));
        }
        let (reply, accepted) = oneshot::channel();
        self.change(Change::Accept { new, now: now(), reply })?;
        accepted.await.map_err(|_| OutboxError::Closed)?
    }

    /// Keeps what came of an attempt.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn settle(
        &self,
        id: &PushId,
        outcome: Result<(), SendError>,
    ) -> Result<(), OutboxError> {
        let (reply, settled) = oneshot::channel();
        self.change(Change::Settle { id: id.clone(), outcome, now: now(), reply })?;
        settled.await.map_err(|_| OutboxError::Closed)?
    }

    /// Gives up what waits, for its time is over.
    async fn expire(&self, id: &PushId) -> Result<(), OutboxError> {
        let (reply, expired) = oneshot::channel();
        self.change(Change::Expire { id: id.clone(), reply })?;
        expired.await.map_err(|_| OutboxError::Closed)?
    }

    /// Keeps what a route told; when this returns, the disk has it.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn keep(&self, told: Told) -> Result<(), OutboxError> {
        let (reply, kept) = oneshot::channel();
        self.change(Change::Keep { told, now: now(), reply })?;
        kept.await.map_err(|_| OutboxError::Closed)?
    }

    /// Those that were given up are tried again: over all of their ways, for as long as they were to be tried at
    /// first, and what was said of them before counts no more. Says how many they are.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn retry_given_up(&self) -> Result<usize, OutboxError> {
        let (reply, retried) = oneshot::channel();
        self.change(Change::Retry { now: now(), reply })?;
        retried.await.map_err(|_| OutboxError::Closed)?
    }

    fn change(&self, change: Change) -> Result<(), OutboxError> {
        let changes = self.changes.as_ref().ok_or(OutboxError::Closed)?;
        changes.send(change).map_err(|_| OutboxError::Closed)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        // What was asked for is written before the thread ends.
        drop(self.changes.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join(); // it has said what failed to whoever asked
        }
    }
}

impl<E: Into<redb::Error>> From<E> for OutboxError {
    fn from(error: E) -> Self {
        Self::Store(Arc::new(error.into()))
    }
}

impl From<OutboxError> for io::Error {
    fn from(error: OutboxError) -> Self {
        Self::other(error)
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    milliseconds(SystemTime::now())
}

pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Octets of the file that are kept in memory.
const CACHE: usize = 64 << 20;
/// Changes that wait for the disk.
const QUEUE: usize = 8_192;

#[cfg(test)]
mod tests;

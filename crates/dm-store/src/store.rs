//! The file: who has it, who writes, who reads.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{StoreError, schema};

/// An open store. It is closed when this is dropped; what was written is on the disk before that.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    changes: Option<mpsc::SyncSender<Change>>,
    writer: Option<JoinHandle<()>>,
    /// Connections that nobody reads with just now.
    readers: Mutex<Vec<Connection>>,
    /// Kept until the end: one server has the file.
    _lock: File,
}

type Change = Box<dyn FnOnce(&mut Connection) + Send>;

/// Something that is being written.
pub(crate) struct Pending<T>(mpsc::Receiver<Result<T, StoreError>>);

impl Store {
    /// Opens a store, and makes it if it is not there. Its tables become today's.
    ///
    /// # Errors
    /// [`StoreError`]: another server has it, a newer one made it, or it is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What a caller was told is written survives the loss of power.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::migrate(path, &mut connection)?;
        let (changes, queue) = mpsc::sync_channel::<Change>(QUEUE);
        let writer = std::thread::Builder::new().name("store".to_owned());
        let writer = writer.spawn(move || queue.iter().for_each(|change| change(&mut connection)));
        let writer = writer.map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        let (path, readers) = (path.to_owned(), Mutex::default());
        Ok(Self { path, changes: Some(changes), writer: Some(writer), readers, _lock: lock })
    }

    /// Changes something, all or nothing. When this returns, the disk has it.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.begin_write(change)?.wait()
    }

    /// The same, and whoever asks goes on meanwhile.
    pub(crate) fn begin_write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Pending<T>, StoreError> {
        let (reply, pending) = mpsc::sync_channel(1);
        let change: Change = Box::new(move |connection| {
            let _ = reply.send(in_transaction(connection, change)); // whoever asked may be gone
        });
        let changes = self.changes.as_ref().ok_or(StoreError::Closed)?;
        changes.send(change).map_err(|_| StoreError::Closed)?;
        Ok(Pending(pending))
    }

    /// Reads, of one state of the whole.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let outcome = read(&connection.transaction()?);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        outcome
    }
}

impl<T> Pending<T> {
    pub(crate) fn wait(self) -> Result<T, StoreError> {
        self.0.recv().map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What was asked for is written before the thread ends.
        drop(self.changes.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join(); // it has said what failed to whoever asked
        }
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = change(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

/// A file beside the store: SQLite's own locks are for programs that share a file, and servers do not.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&name).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Changes that wait for the writer.
const QUEUE: usize = 64;
/// Memory for pages of the file, in KiB, as SQLite wants it: below nothing.
const CACHE: i64 = -65_536;

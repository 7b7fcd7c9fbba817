//! The device's state on disk: one redb file in a folder, one process at a time.
//!
//! The file holds the nodes by URI, records by key, and the journal by number; see
//! [`Node::encode`] for a node's octets. Everything of one commit is one transaction of the
//! database: after a loss of power it is there whole, or not at all.
//!
//! Values of the tree are secrets, some of them decrypted: the file is its owner's alone (mode 0600).

use std::ffi::OsStr;
use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dm_tree::store::{Commit, Store};
use dm_tree::{CorruptNode, Node, Uri};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, Durability, ReadableTable, TableDefinition};
use thiserror::Error;
use tokio::sync::watch;

pub use reader::Reader;

mod reader;

const NODES: TableDefinition<&str, &[u8]> = TableDefinition::new("nodes");
const RECORDS: TableDefinition<&str, &[u8]> = TableDefinition::new("records");
const JOURNAL: TableDefinition<u64, &[u8]> = TableDefinition::new("journal");

/// The file in a state folder.
pub const FILE: &str = "state.redb";
/// Entries that the journal keeps; the oldest give way.
pub const JOURNAL_ENTRIES: u64 = 1_000;

/// Octets of the file that are kept in memory: the tree is in memory anyway.
pub(crate) const CACHE: usize = 256 << 10;

/// A state folder, held by this process.
#[derive(Debug)]
pub struct RedbStore {
    reader: Reader,
    written: watch::Sender<()>,
}

/// The state cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PersistError {
    /// A stored node cannot be read.
    #[error("the node {uri} in {folder} is damaged: {error}")]
    Corrupt {
        /// The state folder.
        folder: PathBuf,
        /// The URI of the node, as it is stored.
        uri: Box<str>,
        /// What is wrong with it.
        error: CorruptNode,
    },
    /// The file is not as it was written: cut off, or changed from outside.
    #[error("the state in {folder} is damaged, it was cut off or changed from outside: {error}")]
    Damaged {
        /// The state folder.
        folder: PathBuf,
        /// What the database said.
        error: Box<redb::Error>,
    },
    /// The database failed.
    #[error("the state in {folder} cannot be read or written: {error}")]
    Database {
        /// The state folder.
        folder: PathBuf,
        /// What the database said.
        error: Box<redb::Error>,
    },
    /// Another process holds the folder.
    #[error("the state folder {0} is in use by another process")]
    InUse(PathBuf),
    /// The disk failed, or the folder is not this process's to use.
    #[error("the state in {folder} cannot be read or written: {error}")]
    Io {
        /// The state folder.
        folder: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The folder is no state folder.
    #[error("{0} is not a state folder: it has no readable {FILE}")]
    NotAState(PathBuf),
}

impl PersistError {
    /// What the device's owner can do.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Corrupt { .. } | Self::Damaged { .. } => {
                "put a copy back, or provision the device anew with `mgram provision --put-damaged-aside`"
            }
            Self::Database { .. } | Self::Io { .. } => {
                "look at the disk, and at the owner and the rights of the folder"
            }
            Self::InUse(_) => "stop the other process, or give each device a folder of its own",
            Self::NotAState(_) => "make it with `mgram provision`, or correct the path",
        }
    }
}

impl RedbStore {
    /// Opens a state folder. The whole file is checked: one that was damaged from outside is
    /// found here, and not when a message needs it.
    ///
    /// # Errors
    /// When it is none, or in use, or damaged.
    pub fn open(folder: &Path) -> Result<Self, PersistError> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Err(PersistError::NotAState(folder.to_owned()));
        }
        make_private(&path);
        let database =
            Database::builder().set_check_integrity_on_open(true).set_cache_size(CACHE).open(&path);
        Ok(Self::new(database.map_err(|error| unopened(folder, error))?, folder))
    }

    /// Opens a state folder, or makes a new one where there is none: whole, or not at all.
    ///
    /// # Errors
    /// When the folder cannot be made, is in use, or damaged.
    pub fn create(folder: &Path) -> Result<Self, PersistError> {
        let path = folder.join(FILE);
        if !path.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(failed(folder))?;
            let beside = folder.join(format!("{}{}", unfinished(), std::process::id()));
            let made = make(&beside, &path);
            let _ = std::fs::remove_file(&beside); // gone already where it was renamed
            made.map_err(|error| failed(folder)(error))?;
        }
        Self::open(folder)
    }

    /// Puts the file of a folder aside when it is damaged, as `state.redb.damaged-1` or with the next
    /// number that is free, so that a new one can be made; yields its new name. One that is good stays,
    /// and so does one that cannot be looked at now. Nothing does this by itself: the file is what the
    /// device knows of earlier messages.
    ///
    /// # Errors
    /// When the folder is in use, or the disk fails.
    pub fn put_damaged_aside(folder: &Path) -> Result<Option<PathBuf>, PersistError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        match Self::open(folder).and_then(|store| store.nodes()) {
            Ok(_) => return Ok(None),
            Err(
                PersistError::Corrupt { .. }
                | PersistError::Damaged { .. }
                | PersistError::NotAState(_),
            ) => {}
            Err(error) => return Err(error),
        }
        let io = |error| PersistError::Io { folder: folder.to_owned(), error };
        let mut number = 1_u32;
        let aside = loop {
            let aside = folder.join(format!("{FILE}.damaged-{number}"));
            if !aside.try_exists().map_err(io)? {
                break aside;
            }
            number += 1;
        };
        std::fs::rename(&path, &aside).map_err(io)?;
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        Ok(Some(aside))
    }

    /// A store on a database of any kind; `folder` is only named in errors.
    pub(crate) fn new(database: Database, folder: &Path) -> Self {
        let (written, follows) = watch::channel(());
        let (database, folder) = (Arc::new(database), folder.to_owned());
        Self { reader: Reader { database, folder, follows }, written }
    }

    /// What reads beside this store. The folder is held until all of them are gone.
    #[must_use]
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The journal, oldest entry first, each with its number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn numbered_journal(&self) -> Result<Vec<(u64, Vec<u8>)>, PersistError> {
        self.reader.journal_after(0, usize::MAX)
    }

    fn failed<E: Into<redb::Error>>(&self) -> impl Fn(E) -> PersistError + '_ {
        failed(&self.reader.folder)
    }

    fn write(&self, commit: &Commit<'_>) -> Result<(), redb::Error> {
        let mut transaction = self.reader.database.begin_write()?;
        if !commit.durable {
            transaction.set_durability(Durability::None)?;
        }
        {
            let mut nodes = transaction.open_table(NODES)?;
            for change in commit.changes {
                let uri = &change.uri;
                match &change.after {
                    Some(node) => drop(nodes.insert(uri.as_str(), node.encode().as_slice())?),
                    None => drop(nodes.remove(uri.as_str())?),
                }
            }
            let mut records = transaction.open_table(RECORDS)?;
            for (key, octets) in commit.records {
                match octets {
                    Some(octets) => drop(records.insert(*key, *octets)?),
                    None => drop(records.remove(*key)?),
                }
            }
            if !commit.journal.is_empty() {
                let mut journal = transaction.open_table(JOURNAL)?;
                let number = journal.last()?.map_or(1, |(last, _)| last.value() + 1);
                journal.insert(number, commit.journal)?;
                while journal
                    .first()?
                    .is_some_and(|(first, _)| first.value() + JOURNAL_ENTRIES <= number)
                {
                    journal.pop_first()?;
                }
            }
        }
        transaction.commit()?;
        if !commit.journal.is_empty() {
            self.written.send_replace(());
        }
        Ok(())
    }
}

/// What the name of a state begins with that is being made.
fn unfinished() -> String {
    format!(".{FILE}.")
}

/// Whether a file of a state folder is a state that was being made, and never was one.
pub(crate) fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(&unfinished()))
}

/// Makes an empty database beside, and gives it its name when it is complete. One that somebody
/// else made in the meantime stays.
fn make(beside: &Path, path: &Path) -> Result<(), redb::Error> {
    let _ = std::fs::remove_file(beside); // left by a process of the same number
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(beside)?;
    drop(Database::builder().create_with_backend(FileBackend::new(file)?)?);
    match std::fs::hard_link(beside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(_) => std::fs::rename(beside, path)?, // a file system without links
        Ok(()) => {}
    }
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Takes the rights of others from a file of an earlier version: values in it are secrets. Where it
/// belongs to somebody else, that is for its owner to do.
fn make_private(path: &Path) {
    let permissions = std::fs::metadata(path).map(|metadata| metadata.permissions());
    if let Ok(mut permissions) = permissions
        && permissions.mode() & 0o077 != 0
    {
        permissions.set_mode(0o600);
        let _ = std::fs::set_permissions(path, permissions);
    }
}

/// Why the file of a folder cannot be opened.
fn unopened(folder: &Path, error: DatabaseError) -> PersistError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => PersistError::InUse(folder.to_owned()),
        DatabaseError::Storage(redb::StorageError::Io(error))
            if error.kind() == ErrorKind::InvalidData =>
        {
            PersistError::NotAState(folder.to_owned())
        }
        error => failed(folder)(error),
    }
}

/// Turns what the library says into an error that names the folder.
fn failed<E: Into<redb::Error>>(folder: &Path) -> impl Fn(E) -> PersistError + '_ {
    |error| {
        let folder = folder.to_owned();
        match error.into() {
            redb::Error::Io(error) if error.kind() != ErrorKind::UnexpectedEof => {
                PersistError::Io { folder, error }
            }
            error @ (redb::Error::Corrupted(_) | redb::Error::Io(_)) => {
                PersistError::Damaged { folder, error: Box::new(error) }
            }
            error => PersistError::Database { folder, error: Box::new(error) },
        }
    }
}

impl Store for RedbStore {
    type Error = PersistError;

    fn nodes(&self) -> Result<Vec<(Uri, Node)>, PersistError> {
        self.reader.nodes()
    }

    fn record(&self, key: &str) -> Result<Option<Vec<u8>>, PersistError> {
        self.reader.record(key)
    }

    fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, PersistError> {
        self.reader.records(prefix)
    }

    fn journal(&self) -> Result<Vec<Vec<u8>>, PersistError> {
        Ok(self.numbered_journal()?.into_iter().map(|(_, entry)| entry).collect())
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), PersistError> {
        // What need not be durable at once becomes so with the next that must, or at the close.
        self.write(commit).map_err(self.failed())
    }
}

#[cfg(test)]
mod tests;

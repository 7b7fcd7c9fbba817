//! Reading a state beside the process's own writing: what is asked for never waits for a message.

use std::path::PathBuf;
use std::sync::Arc;

use dm_tree::{Node, Uri};
use redb::{
    Database, Key, ReadOnlyTable, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, TableError, Value,
};
use tokio::sync::watch;

use super::{JOURNAL, NODES, PersistError, RECORDS, failed};

/// Reads the state that a [`RedbStore`](super::RedbStore) of this process holds.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) database: Arc<Database>,
    pub(super) folder: PathBuf,
    pub(super) follows: watch::Receiver<()>,
}

impl Reader {
    /// Waits until the journal has grown since this reader was made or last waited; false when the
    /// store is gone.
    pub async fn grown(&mut self) -> bool {
        self.follows.changed().await.is_ok()
    }

    /// Entries of the journal behind a number, the oldest first, at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn journal_after(
        &self,
        number: u64,
        most: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, PersistError> {
        let Some(table) = self.table(JOURNAL)? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for row in table.range(number.saturating_add(1)..).map_err(self.failed())?.take(most) {
            let (number, entry) = row.map_err(self.failed())?;
            entries.push((number.value(), entry.value().to_vec()));
        }
        Ok(entries)
    }

    /// The last entries of the journal, the oldest of them first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn journal_end(&self, most: usize) -> Result<Vec<(u64, Vec<u8>)>, PersistError> {
        let last = self.last_number()?;
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        self.journal_after(last.saturating_sub(most), usize::MAX)
    }

    /// The number of the last entry of the journal; 0 when it is empty.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last_number(&self) -> Result<u64, PersistError> {
        let Some(table) = self.table(JOURNAL)? else { return Ok(0) };
        let last = table.last().map_err(self.failed())?;
        Ok(last.map_or(0, |(number, _)| number.value()))
    }

    /// How many nodes the tree has.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_of_nodes(&self) -> Result<u64, PersistError> {
        let Some(table) = self.table(NODES)? else { return Ok(0) };
        table.len().map_err(self.failed())
    }

    /// How many accounts the tree has.
    ///
    /// # Errors
    /// When the database fails, or a node is none.
    pub fn count_of_accounts(&self) -> Result<usize, PersistError> {
        Ok(self.nodes()?.iter().filter(|(_, node)| node.is_account()).count())
    }

    /// All records whose keys begin so.
    ///
    /// # Errors
    /// When the database fails.
    pub fn records(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, PersistError> {
        let Some(table) = self.table(RECORDS)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for row in table.range(prefix..).map_err(self.failed())? {
            let (key, octets) = row.map_err(self.failed())?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found.push((key.value().to_owned(), octets.value().to_vec()));
        }
        Ok(found)
    }

    pub(super) fn record(&self, key: &str) -> Result<Option<Vec<u8>>, PersistError> {
        let Some(table) = self.table(RECORDS)? else { return Ok(None) };
        let found = table.get(key).map_err(self.failed())?;
        Ok(found.map(|octets| octets.value().to_vec()))
    }

    pub(super) fn nodes(&self) -> Result<Vec<(Uri, Node)>, PersistError> {
        let Some(table) = self.table(NODES)? else { return Ok(Vec::new()) };
        let mut nodes = Vec::new();
        for row in table.iter().map_err(self.failed())? {
            let (key, octets) = row.map_err(self.failed())?;
            let corrupt = |error| PersistError::Corrupt {
                folder: self.folder.clone(),
                uri: key.value().into(),
                error,
            };
            let uri =
                Uri::parse(key.value()).map_err(|_| corrupt(dm_tree::CorruptNode { offset: 0 }))?;
            nodes.push((uri, Node::decode(octets.value()).map_err(corrupt)?));
        }
        Ok(nodes)
    }

    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'_, K, V>,
    ) -> Result<Option<ReadOnlyTable<K, V>>, PersistError> {
        let transaction = self.database.begin_read().map_err(self.failed())?;
        match transaction.open_table(table) {
            Ok(table) => Ok(Some(table)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(self.failed()(error)),
        }
    }

    fn failed<E: Into<redb::Error>>(&self) -> impl Fn(E) -> PersistError + '_ {
        failed(&self.folder)
    }
}

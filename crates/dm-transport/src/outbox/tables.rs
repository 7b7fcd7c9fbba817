//! What is in the file.

use redb::{Database, ReadableDatabase, TableDefinition};

use super::OutboxError;
use super::entry::Entry;

/// An entry in JSON, by its identity.
pub(super) const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");
/// Sealed octets, by identity.
pub(super) const OCTETS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("octets");
/// Identities by route, time in milliseconds since 1970, and order in which they came.
pub(super) const DUE: TableDefinition<'_, (&str, u64, u64), &str> = TableDefinition::new("due");
/// What a gateway calls a segment: route and name; to identity, number and total, both 0 of a whole.
pub(super) const CALLED: TableDefinition<'_, (&str, &str), (&str, u8, u8)> =
    TableDefinition::new("called");
/// Segments that a route took of what waits: identity, route and address; to their total, and their numbers.
pub(super) const TAKEN: TableDefinition<'_, (&str, &str, &str), &[u8]> =
    TableDefinition::new("taken");
/// Receipts in JSON, by identity and in the order in which they came.
pub(super) const RECEIPTS: TableDefinition<'_, (&str, u32), &[u8]> =
    TableDefinition::new("receipts");
/// What was said of an identity already, as a digest; to the number of the receipt.
pub(super) const SAID: TableDefinition<'_, (&str, [u8; 32]), u32> = TableDefinition::new("said");
/// How many entries are waiting, sent and given up; and the number of the next one.
pub(super) const COUNTS: TableDefinition<'_, &str, u64> = TableDefinition::new("counts");
/// How many are waiting for each route.
pub(super) const WAITING: TableDefinition<'_, &str, u64> = TableDefinition::new("waiting");

/// Makes the tables that are missing; the number of the next entry.
pub(super) fn prepare(database: &Database) -> Result<u64, OutboxError> {
    let transaction = database.begin_write()?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(OCTETS)?;
    transaction.open_table(DUE)?;
    transaction.open_table(CALLED)?;
    transaction.open_table(TAKEN)?;
    transaction.open_table(RECEIPTS)?;
    transaction.open_table(SAID)?;
    transaction.open_table(COUNTS)?;
    transaction.open_table(WAITING)?;
    transaction.commit()?;
    let counts = database.begin_read()?.open_table(COUNTS)?;
    Ok(counts.get("next")?.map_or(0, |next| next.value()))
}

/// What is stored of an entry. Nothing else is written there; a file that says otherwise is damaged.
pub(super) fn entry(json: &[u8]) -> Result<Entry, OutboxError> {
    serde_json::from_slice(json).map_err(|error| damaged(&error))
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, OutboxError> {
    serde_json::to_vec(value).map_err(|error| damaged(&error))
}

pub(super) fn damaged(error: &dyn std::fmt::Display) -> OutboxError {
    redb::Error::Corrupted(error.to_string()).into()
}

//! The tables, and how those of an older program become today's.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// Each makes the tables of the version before into those of its own: the first, of none, those of version 1. What
/// was released is never changed: what is new is a further one.
const STEPS: &[&str] = &["
    CREATE TABLE device (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        -- dm_api::Device, as JSON without what is not known
        body TEXT NOT NULL,
        -- milliseconds since 1970
        changed INTEGER NOT NULL
    ) STRICT;
"];

/// `MGRM`, in the head of each file that is ours.
const APPLICATION: i32 = 0x4D47_524D;

/// Makes the tables what they are today.
pub fn migrate(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables = "SELECT count(*) FROM sqlite_schema";
    let is_empty = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
    let (application, found) = (number("application_id")?, number("user_version")?);
    if !is_empty && application != i64::from(APPLICATION) {
        return Err(StoreError::NotAStore(path.to_owned()));
    }
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    let found = u32::try_from(found).map_err(|_| StoreError::NotAStore(path.to_owned()))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (version, step) in (1_u32..).zip(STEPS).filter(|(version, _)| *version > found) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    Ok(transaction.commit()?)
}

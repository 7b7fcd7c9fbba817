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

    CREATE TABLE campaign (
        n INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        -- dm_campaign, as JSON
        policy TEXT NOT NULL,
        phase TEXT NOT NULL,
        wave INTEGER NOT NULL,
        seen TEXT NOT NULL,
        leases INTEGER NOT NULL,
        -- milliseconds since 1970, as all times here
        made INTEGER NOT NULL
    ) STRICT;

    -- Who changed something, when and why. Only ever added.
    CREATE TABLE transition (
        campaign INTEGER NOT NULL REFERENCES campaign,
        n INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (campaign, n)
    ) STRICT, WITHOUT ROWID;

    -- Up to a thousand devices of one wave and one time zone.
    CREATE TABLE chunk (
        campaign INTEGER NOT NULL REFERENCES campaign,
        n INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (campaign, n)
    ) STRICT, WITHOUT ROWID;

    -- A device of a campaign. It never changes but for its message, which is sealed once and then stays.
    CREATE TABLE member (
        campaign INTEGER NOT NULL,
        chunk INTEGER NOT NULL,
        n INTEGER NOT NULL,
        device TEXT NOT NULL,
        -- the campaign's routes that it has, in their order, an octet each
        routes BLOB NOT NULL,
        message BLOB,
        PRIMARY KEY (campaign, chunk, n)
    ) STRICT, WITHOUT ROWID;

    -- What was said of a device. Only ever added.
    CREATE TABLE evidence (
        campaign INTEGER NOT NULL,
        chunk INTEGER NOT NULL,
        member INTEGER NOT NULL,
        n INTEGER NOT NULL,
        -- dm_campaign::Evidence, as JSON
        body TEXT NOT NULL,
        -- the octets that said so, as they came
        raw BLOB NOT NULL,
        PRIMARY KEY (campaign, chunk, member, n)
    ) STRICT, WITHOUT ROWID;
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

//! An import: lines, a thousand at a time, laid over what is known.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use dm_api::Device;
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Map, Value};

use super::lines::{Line, Lines, LinesError};
use super::{Bad, patch};
use crate::store::Pending;
use crate::{Store, StoreError};

/// What an import did. The same lines again change nothing: all of them are [`same`](Self::same) then.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Import {
    /// Lines that were read.
    pub lines: u64,
    /// Devices that were not in the fleet before.
    pub new: u64,
    /// Devices of which something is different now.
    pub changed: u64,
    /// Devices that are as they were.
    pub same: u64,
    /// Lines that could not be taken. The others were.
    pub failed: u64,
    /// The first of them; the others are only counted.
    pub errors: Vec<LineError>,
    /// In how many devices each thing changed: `zone`, `attributes.model`.
    pub changes: BTreeMap<String, u64>,
}

/// A line that could not be taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineError {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: Bad,
}

impl Store {
    /// Takes devices into the fleet, or changes those that are in it. What cannot be taken is told, and stops nothing.
    /// `progress` hears of each thousand.
    ///
    /// # Errors
    /// [`LinesError`]: the lines cannot be read on; [`StoreError`] in it: they cannot be written. What was told by then
    /// is written.
    pub fn import(
        &self,
        mut lines: Lines<'_>,
        mut progress: impl FnMut(&Import),
    ) -> Result<Import, LinesError> {
        let (mut import, mut writing) = (Import::default(), None::<Pending<Import>>);
        loop {
            // While a thousand are written, the next thousand are read.
            let batch = read(&mut lines)?;
            if let Some(pending) = writing.take() {
                import.add(pending.wait().map_err(std::io::Error::other)?);
                progress(&import);
            }
            if batch.is_empty() {
                return Ok(import);
            }
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
            let write = move |transaction: &Transaction<'_>| take(transaction, batch, now);
            writing = Some(self.begin_write(write).map_err(std::io::Error::other)?);
        }
    }
}

fn read(lines: &mut Lines<'_>) -> Result<Vec<Line>, LinesError> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH {
        match lines.next()? {
            Some(line) => batch.push(line),
            None => break,
        }
    }
    Ok(batch)
}

fn take(transaction: &Transaction<'_>, batch: Vec<Line>, now: i64) -> Result<Import, StoreError> {
    let mut import = Import::default();
    let mut find = transaction.prepare_cached("SELECT n, body FROM device WHERE id = ?1")?;
    let insert = "INSERT INTO device (id, body, changed) VALUES (?1, ?2, ?3)";
    let mut insert = transaction.prepare_cached(insert)?;
    let update = "UPDATE device SET body = ?2, changed = ?3 WHERE n = ?1";
    let mut update = transaction.prepare_cached(update)?;
    for Line { number, patch } in batch {
        import.lines += 1;
        let (id, patch) = match patch {
            Ok(patch) => patch,
            Err(why) => {
                import.fail(number, why);
                continue;
            }
        };
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
        let known = find.query_row([&id], row).optional()?;
        let before = match &known {
            None => Value::Object(Map::new()),
            Some((_, body)) => serde_json::from_str(body)
                .map_err(|error| StoreError::Broken { what: "device", why: error.to_string() })?,
        };
        let mut after = before.clone();
        patch::merge(&mut after, patch);
        let after: Device = match serde_json::from_value(after) {
            Ok(after) => after,
            Err(error) => {
                import.fail(number, Bad::Form(error.to_string()));
                continue;
            }
        };
        let body = serde_json::to_value(&after)
            .map_err(|error| StoreError::Broken { what: "device", why: error.to_string() })?;
        match known {
            None => {
                insert.execute(params![id, body.to_string(), now])?;
                import.new += 1;
            }
            Some(_) if body == before => import.same += 1,
            Some((n, _)) => {
                update.execute(params![n, body.to_string(), now])?;
                import.changed += 1;
                for what in differences(&before, &body) {
                    *import.changes.entry(what).or_default() += 1;
                }
            }
        }
    }
    Ok(import)
}

/// What differs between two devices, by name; in attributes and addresses each by its own.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let empty = Map::new();
    let of = |value: &Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (of(before), of(after));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let mut found = Vec::new();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        if was == is {
            continue;
        }
        match name.as_str() {
            "addresses" | "attributes" | "capabilities" => {
                let inner = |value: Option<&Value>| value.cloned().unwrap_or_default();
                let inner = differences(&inner(was), &inner(is));
                found.extend(inner.into_iter().map(|inner| format!("{name}.{inner}")));
            }
            _ => found.push(name.clone()),
        }
    }
    found
}

impl Import {
    fn fail(&mut self, line: u64, why: Bad) {
        self.failed += 1;
        if self.errors.len() < ERRORS {
            self.errors.push(LineError { line, why });
        }
    }

    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        self.failed += other.failed;
        let room = ERRORS - self.errors.len().min(ERRORS);
        self.errors.extend(other.errors.into_iter().take(room));
        for (what, count) in other.changes {
            // Attributes have any names: what a file with a million of them changes is not told one by one.
            if self.changes.len() < ERRORS || self.changes.contains_key(&what) {
                *self.changes.entry(what).or_default() += count;
            }
        }
    }
}

/// Devices that are written at once.
const BATCH: usize = 1_000;
/// Lines that are told of, of those that could not be taken.
const ERRORS: usize = 100;

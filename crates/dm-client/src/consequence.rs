//! What a message sets going on the device, once it is durable: remembered until it is done.
//!
//! The tree is the truth; whatever makes the device follow it (a network profile, a program) runs
//! after the commit, may fail, and comes again. So what changed is a record of the same commit, and
//! stays until it is [settled](crate::Client::settle). Nothing of it rolls the tree back.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_seal::Provider;
use dm_tree::Changes;
use dm_tree::store::{Commit, Store};
use serde::{Deserialize, Serialize};

use crate::{Accepted, Client, ClientError, EffectEntry, Exec};

/// What one message set going.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequence {
    /// Its number: older ones first.
    pub number: u64,
    /// The server whose message it was.
    pub server_id: String,
    /// When the message came, in seconds since 1970, if the device has a clock.
    pub time: Option<u64>,
    /// The nodes that changed; what they hold now is in the tree.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changed: Vec<Changed>,
    /// Whether more changed than is listed.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub is_cut: bool,
    /// `Exec` commands that were allowed, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub execs: Vec<Exec>,
    /// The effects that are settled already, by name.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub settled: BTreeSet<String>,
}

/// A node that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its URI.
    pub uri: String,
    /// What became of it.
    pub change: ChangeKind,
}

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It was there, and is different.
    Replaced,
    /// It is gone.
    Deleted,
}

/// The first part of the keys of all records of consequences.
const PREFIX: &str = "effect/";
/// The most nodes that are listed.
const MOST: usize = 4_096;

impl Consequence {
    /// What a message set going; none if it is nothing.
    pub(crate) fn of(accepted: &Accepted, number: u64, time: Option<u64>) -> Option<Self> {
        if accepted.changes.is_empty() && accepted.execs.is_empty() {
            return None;
        }
        let changed = accepted.changes.iter().take(MOST).map(|change| Changed {
            uri: change.uri.to_string(),
            change: match (&change.before, &change.after) {
                (None, _) => ChangeKind::Added,
                (Some(_), Some(_)) => ChangeKind::Replaced,
                (Some(_), None) => ChangeKind::Deleted,
            },
        });
        Some(Self {
            number,
            server_id: accepted.header.server_id.clone(),
            time,
            changed: changed.collect(),
            is_cut: accepted.changes.len() > MOST,
            execs: accepted.execs.clone(),
            settled: BTreeSet::new(),
        })
    }

    pub(crate) fn key(&self) -> String {
        format!("{PREFIX}{:020}", self.number)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // strings and numbers only: cannot fail
    }

    /// Whether the node, or one below it, changed; always, when not all that changed is listed.
    #[must_use]
    pub fn touches(&self, uri: &str) -> bool {
        self.is_cut || self.changed.iter().any(|changed| is_at_or_below(&changed.uri, uri))
    }
}

/// Whether a node is this one, or below it.
fn is_at_or_below(node: &str, uri: &str) -> bool {
    uri == "."
        || node.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<S: Store, P: Provider> Client<S, P> {
    /// What is not settled yet, the oldest first.
    ///
    /// # Errors
    /// When the store fails, or holds what cannot be read.
    pub fn consequences(&self) -> Result<Vec<Consequence>, ClientError<S::Error>> {
        let records = self.store.records(PREFIX)?;
        let read = |(key, octets): (String, Vec<u8>)| {
            serde_json::from_slice(&octets).map_err(|_| ClientError::Damaged(key.into()))
        };
        records.into_iter().map(read).collect()
    }

    /// Notes what came of an effect. With `is_over` it is not to come again; when `all` effects of
    /// the consequence are over, the consequence is forgotten.
    ///
    /// # Errors
    /// When the store fails; then nothing is noted.
    pub fn settle(
        &mut self,
        consequence: &mut Consequence,
        entry: &EffectEntry,
        is_over: bool,
        all: &BTreeSet<String>,
    ) -> Result<(), ClientError<S::Error>> {
        if is_over {
            consequence.settled.insert(entry.effect.clone());
        }
        let is_done = all.is_subset(&consequence.settled);
        let (key, octets) = (consequence.key(), consequence.encode());
        let kept = (!is_done).then_some(octets.as_slice());
        self.store.commit(&Commit {
            changes: &Changes::default(),
            records: &[(key.as_str(), kept)],
            journal: &entry.encode(),
            durable: is_over,
        })?;
        Ok(())
    }

    /// Forgets a consequence that nothing on the device is there for.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget(&mut self, consequence: &Consequence) -> Result<(), ClientError<S::Error>> {
        let key = consequence.key();
        self.store.commit(&Commit {
            changes: &Changes::default(),
            records: &[(key.as_str(), None)],
            journal: b"",
            durable: false,
        })?;
        Ok(())
    }
}

/// The number behind the last consequence that is kept.
pub(crate) fn next_number<S: Store>(store: &S) -> Result<u64, S::Error> {
    let records = store.records(PREFIX)?;
    let last = records.last().and_then(|(key, _)| key.strip_prefix(PREFIX)?.parse::<u64>().ok());
    Ok(last.map_or(1, |last| last.saturating_add(1)))
}

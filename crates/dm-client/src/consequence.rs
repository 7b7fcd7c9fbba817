//! What a message sets going on the device, once it is durable: remembered until it is done.
//!
//! The tree is the truth; whatever makes the device follow it (a network profile, a program) runs
//! after the commit, may fail, and comes again. So what changed is a record of the same commit, and
//! stays until it is [settled](crate::Client::settle). Nothing of it rolls the tree back.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_seal::Provider;
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, Tree, Uri};
use serde::{Deserialize, Serialize};

use crate::{Accepted, Client, ClientError, EffectEntry, Exec, Settings, Waiting};

mod followed;

use followed::{Followers, Spelled};

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
    /// The followed nodes that are named otherwise, where the case of names does not count: each
    /// with the spellings that its node has in this message.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub spelled: BTreeMap<String, BTreeSet<String>>,
    /// The followed nodes at or below which more changed than is listed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unlisted: BTreeSet<String>,
    /// `Exec` commands that were allowed, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub execs: Vec<Exec>,
    /// Whether a session with the server's account is asked for. (R20)
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub session: bool,
    /// What of it is settled already; the names are those that [`Client::settle`] was given.
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
pub(crate) const PREFIX: &str = "effect/";
/// The most nodes that are listed.
const MOST: usize = 4_096;
/// About the octets that a listed node takes beside its URI.
const AROUND: usize = 32;

impl Consequence {
    /// What a message set going; none if nothing on the device follows it.
    pub(crate) fn of(
        accepted: &Accepted,
        (settings, tree): (&Settings, &Tree),
        number: u64,
        time: Option<u64>,
        mut room: usize,
    ) -> Option<Self> {
        let (effects, rules) = (&settings.effects, &settings.rules);
        let (mut listed, mut unlisted) = (Vec::new(), BTreeSet::new());
        let mut spelled = Spelled::default();
        let followers = Followers::read(&effects.on, rules, tree);
        for change in &accepted.changes {
            let uri = change.uri.as_str();
            let on: Vec<_> = followers.at_or_above(&change.uri).collect();
            if on.is_empty() {
                continue;
            }
            let octets =
                uri.len() + AROUND + on.iter().map(|on| on.octets(&spelled)).sum::<usize>();
            if listed.len() == MOST || octets > room || !unlisted.is_empty() {
                unlisted.extend(on.iter().map(|on| on.named.to_string()));
                continue;
            }
            room -= octets;
            on.iter().for_each(|on| on.note(&mut spelled));
            let change = match (&change.before, &change.after) {
                (None, _) => ChangeKind::Added,
                (Some(_), Some(_)) => ChangeKind::Replaced,
                (Some(_), None) => ChangeKind::Deleted,
            };
            listed.push(Changed { uri: uri.to_string(), change });
        }
        let followers = Followers::read(&effects.exec, rules, tree);
        let mut execs = Vec::new();
        for exec in &accepted.execs {
            let Ok(uri) = Uri::parse(&exec.uri) else { continue }; // it was one
            let on: Vec<_> = followers.at(&uri).collect();
            on.iter().for_each(|on| on.note(&mut spelled));
            if !on.is_empty() {
                execs.push(exec.clone());
            }
        }
        if listed.is_empty() && unlisted.is_empty() && execs.is_empty() && !accepted.session {
            return None;
        }
        Some(Self {
            number,
            server_id: accepted.header.server_id.clone(),
            time,
            changed: listed,
            spelled,
            unlisted,
            execs,
            session: accepted.session,
            settled: BTreeSet::new(),
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // strings and numbers only: cannot fail
    }

    /// Whether the node, or one below it, changed; or may have, where not all is listed.
    #[must_use]
    pub fn touches(&self, uri: &str) -> bool {
        self.changed.iter().any(|changed| self.is_followed(&changed.uri, uri)) || self.is_cut(uri)
    }

    /// Whether a node of this message is the one that something follows, or below it; however that
    /// is spelled.
    #[must_use]
    pub fn is_followed(&self, node: &str, on: &str) -> bool {
        let others = || self.spelled.get(on).into_iter().flatten();
        is_at_or_below(node, on) || others().any(|on| is_at_or_below(node, on))
    }

    /// Whether a node of this message is the one that something follows; however that is spelled.
    #[must_use]
    pub fn is_named(&self, node: &str, on: &str) -> bool {
        node == on || self.spelled.get(on).is_some_and(|others| others.contains(node))
    }

    /// Whether more may have changed at or below the node than is listed.
    #[must_use]
    pub fn is_cut(&self, uri: &str) -> bool {
        self.unlisted.iter().any(|on| is_at_or_below(on, uri) || is_at_or_below(uri, on))
    }
}

/// Whether a node is this one, or below it.
fn is_at_or_below(node: &str, uri: &str) -> bool {
    uri == "."
        || node.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The key of the record of the consequence of this number.
pub(crate) fn key(number: u64) -> String {
    format!("{PREFIX}{number:020}")
}

impl<S: Store, P: Provider> Client<S, P> {
    /// How much is not settled yet.
    #[must_use]
    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// What is not settled yet, the oldest first: all of it at once. One by one, it is
    /// [`waiting`](Self::waiting) and [`consequence`](Self::consequence).
    ///
    /// # Errors
    /// When the store fails, or holds what cannot be read.
    pub fn consequences(&self) -> Result<Vec<Consequence>, ClientError<S::Error>> {
        let records = self.store.records(PREFIX)?;
        records.into_iter().map(|(key, octets)| decode(&key, &octets)).collect()
    }

    /// The consequence of this number, if it is not settled.
    ///
    /// # Errors
    /// When the store fails, or holds what cannot be read.
    pub fn consequence(&self, number: u64) -> Result<Option<Consequence>, ClientError<S::Error>> {
        let key = key(number);
        self.store.record(&key)?.map(|octets| decode(&key, &octets)).transpose()
    }

    /// Writes in one step what came of an effect into the journal, and notes what is over by it:
    /// parts of consequences by their numbers, each by a name that `all` lists for a consequence. A
    /// consequence with nothing left is forgotten; one that is forgotten already stays so.
    ///
    /// # Errors
    /// When the store fails, or holds what cannot be read; then nothing is noted.
    pub fn settle(
        &mut self,
        entry: Option<&EffectEntry>,
        over: &[(u64, String)],
        all: impl Fn(&Consequence) -> BTreeSet<String>,
    ) -> Result<(), ClientError<S::Error>> {
        let mut parts = BTreeMap::<u64, Vec<&String>>::new();
        for (number, part) in over {
            parts.entry(*number).or_default().push(part);
        }
        let mut kept: Vec<(u64, String, Option<Vec<u8>>)> = Vec::new();
        for (number, parts) in parts {
            let Some(mut it) = self.consequence(number)? else { continue }; // one at a time
            it.settled.extend(parts.into_iter().cloned());
            let octets = (!all(&it).is_subset(&it.settled)).then(|| it.encode());
            kept.push((number, key(number), octets));
        }
        let records: Vec<_> =
            kept.iter().map(|(_, key, octets)| (key.as_str(), octets.as_deref())).collect();
        self.store.commit(&Commit {
            changes: &Changes::default(),
            records: &records,
            journal: &entry.map(EffectEntry::encode).unwrap_or_default(),
            durable: !records.is_empty(),
        })?;
        for (number, _, octets) in &kept {
            self.waiting.set(*number, octets.as_ref().map_or(0, Vec::len));
        }
        Ok(())
    }
}

fn decode<E: core::error::Error>(key: &str, octets: &[u8]) -> Result<Consequence, ClientError<E>> {
    serde_json::from_slice(octets).map_err(|_| ClientError::Damaged(key.into()))
}

/// The number in the key of a record.
pub(crate) fn number_of(key: &str) -> Option<u64> {
    key.strip_prefix(PREFIX)?.parse().ok()
}

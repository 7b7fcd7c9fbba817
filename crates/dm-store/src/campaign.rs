//! Campaigns: what the machine of `dm-campaign` must find again after a restart, and what was said of each device.

mod evidence;
mod member;

use std::fmt;

use dm_campaign::{Broken, Chunk, ChunkId, Phase, Policy, Snapshot, Transition};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use evidence::{Kept, Said};
pub use member::{Member, MemberId, NewMember};

use crate::{Store, StoreError};

/// A campaign, by its number.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CampaignId(pub i64);

impl Store {
    /// Begins a campaign that has no devices yet.
    ///
    /// # Errors
    /// [`StoreError::Taken`]: there is one of that name.
    pub fn new_campaign(
        &self,
        name: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<CampaignId, StoreError> {
        let (name, policy, phase) = (name.to_owned(), text(policy)?, text(&Phase::Planned)?);
        self.write(move |transaction| {
            let insert = "INSERT INTO campaign (name, policy, phase, wave, seen, leases, made)
                VALUES (?1, ?2, ?3, 0, '[]', 0, ?4) ON CONFLICT DO NOTHING";
            let made = now.as_millisecond();
            match transaction.execute(insert, params![name, policy, phase, made])? {
                0 => Err(StoreError::Taken(name)),
                _ => Ok(CampaignId(transaction.last_insert_rowid())),
            }
        })
    }

    /// A campaign by its name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn campaign_named(&self, name: &str) -> Result<Option<CampaignId>, StoreError> {
        self.read(|transaction| {
            let find = "SELECT n FROM campaign WHERE name = ?1";
            let number = transaction.query_row(find, [name], |row| row.get(0)).optional()?;
            Ok(number.map(CampaignId))
        })
    }

    /// All that the machine needs of a campaign.
    ///
    /// # Errors
    /// [`StoreError::Missing`]: there is none.
    pub fn snapshot(&self, id: CampaignId) -> Result<Snapshot, StoreError> {
        self.read(|transaction| {
            let find = "SELECT policy, phase, wave, seen, leases FROM campaign WHERE n = ?1";
            let row = transaction.query_row(find, [id.0], |row| {
                let texts: [String; 3] = [row.get(0)?, row.get(1)?, row.get(3)?];
                Ok((texts, row.get::<_, u16>(2)?, row.get::<_, i64>(4)?))
            });
            let ([policy, phase, seen], wave, leases) =
                row.optional()?.ok_or(StoreError::Missing(id))?;
            let mut chunks = Vec::new();
            let all = "SELECT body FROM chunk WHERE campaign = ?1 ORDER BY n";
            let mut all = transaction.prepare_cached(all)?;
            for body in all.query_map([id.0], |row| row.get::<_, String>(0))? {
                chunks.push(value::<Chunk>("chunk", &body?)?);
            }
            Ok(Snapshot {
                policy: value::<Policy>("policy", &policy)?,
                phase: value::<Phase>("phase", &phase)?,
                wave,
                seen: value::<Vec<Broken>>("stop rule", &seen)?,
                chunks,
                leases: leases.unsigned_abs(),
            })
        })
    }

    /// Keeps where a campaign stands, and how it came there: all of it, or nothing. Of its chunks those that are named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_campaign(
        &self,
        id: CampaignId,
        state: &Snapshot,
        changed: &[ChunkId],
        transitions: &[Transition],
    ) -> Result<(), StoreError> {
        let (phase, seen, wave) = (text(&state.phase)?, text(&state.seen)?, state.wave);
        let leases = i64::try_from(state.leases).unwrap_or(i64::MAX);
        let chunk = |id: &ChunkId| {
            let chunk = usize::try_from(id.0).ok().and_then(|index| state.chunks.get(index));
            chunk.map(|chunk| Ok((id.0, text(chunk)?)))
        };
        let chunks = changed.iter().filter_map(chunk).collect::<Result<Vec<_>, StoreError>>()?;
        let transitions = transitions.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        self.write(move |transaction| {
            let update =
                "UPDATE campaign SET phase = ?2, wave = ?3, seen = ?4, leases = ?5 WHERE n = ?1";
            if transaction
                .prepare_cached(update)?
                .execute(params![id.0, phase, wave, seen, leases])?
                == 0
            {
                return Err(StoreError::Missing(id));
            }
            chunks
                .iter()
                .try_for_each(|(number, body)| put_chunk(transaction, id, *number, body))?;
            let add = "INSERT INTO transition (campaign, n, body)
                VALUES (?1, (SELECT count(*) FROM transition WHERE campaign = ?1), ?2)";
            let mut add = transaction.prepare_cached(add)?;
            for body in &transitions {
                add.execute(params![id.0, body])?;
            }
            Ok(())
        })
    }

    /// How a campaign came to where it stands, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn transitions(&self, id: CampaignId) -> Result<Vec<Transition>, StoreError> {
        self.read(|transaction| {
            let all = "SELECT body FROM transition WHERE campaign = ?1 ORDER BY n";
            let mut all = transaction.prepare_cached(all)?;
            let rows = all.query_map([id.0], |row| row.get::<_, String>(0))?;
            rows.map(|body| value("transition", &body?)).collect()
        })
    }
}

fn put_chunk(
    transaction: &Transaction<'_>,
    id: CampaignId,
    number: u32,
    body: &str,
) -> Result<(), StoreError> {
    let put = "INSERT INTO chunk (campaign, n, body) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET body = excluded.body";
    transaction.prepare_cached(put)?.execute(params![id.0, number, body])?;
    Ok(())
}

fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| broken("value", &error))
}

fn value<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| broken(what, &error))
}

fn broken(what: &'static str, error: &serde_json::Error) -> StoreError {
    StoreError::Broken { what, why: error.to_string() }
}

impl fmt::Display for CampaignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

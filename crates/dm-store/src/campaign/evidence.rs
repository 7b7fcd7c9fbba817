//! What was said of the devices of a campaign: added, never changed, and counted by folding it.

use std::collections::BTreeMap;

use dm_campaign::{ChunkId, Evidence, Policy, Record, Report, Tally};
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::{CampaignId, MemberId, text, value};
use crate::{Store, StoreError};

/// One thing that was said of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// Of which.
    pub member: MemberId,
    /// What.
    pub evidence: Evidence,
    /// The octets that said so, as they came.
    pub raw: Vec<u8>,
}

/// What is kept of a device, for whoever looks at one.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What was said.
    pub evidence: Evidence,
    /// The octets that said so.
    pub raw: Vec<u8>,
}

impl Store {
    /// Keeps messages: from here on these octets are what is sent to those devices. A device that has one keeps it.
    ///
    /// # Errors
    /// [`StoreError`]; then none of them is kept.
    pub fn keep_messages(&self, messages: Vec<(MemberId, Vec<u8>)>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let keep = "UPDATE member SET message = coalesce(message, ?4)
                WHERE campaign = ?1 AND chunk = ?2 AND n = ?3";
            let mut keep = transaction.prepare_cached(keep)?;
            for (id, octets) in &messages {
                if keep.execute(params![id.campaign.0, id.chunk.0, id.n, octets])? == 0 {
                    return Err(StoreError::Nobody(*id));
                }
            }
            Ok(())
        })
    }

    /// Adds what was said. What was said before, of the same attempt and segment, is not kept twice.
    ///
    /// # Errors
    /// [`StoreError`]; then none of it is kept.
    pub fn add_evidence(&self, said: Vec<Said>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let add = "INSERT INTO evidence (campaign, chunk, member, n, body, raw)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS
                    (SELECT 1 FROM member WHERE campaign = ?1 AND chunk = ?2 AND n = ?3)";
            let mut add = transaction.prepare_cached(add)?;
            let mut records = BTreeMap::<MemberId, Record>::new();
            for Said { member, evidence, raw } in &said {
                let record = match records.get_mut(member) {
                    Some(record) => record,
                    None => records.entry(*member).or_insert(record(transaction, *member)?),
                };
                let before = record.evidence().len();
                record.add(*evidence);
                if record.evidence().len() == before {
                    continue; // the same again
                }
                let (MemberId { campaign, chunk, n }, number) = (member, i64::try_from(before));
                let number = number.unwrap_or(i64::MAX);
                let row = params![campaign.0, chunk.0, n, number, text(evidence)?, raw];
                if add.execute(row)? == 0 {
                    return Err(StoreError::Nobody(*member));
                }
            }
            Ok(())
        })
    }

    /// What is known of each device of a chunk, by its place there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn records(
        &self,
        campaign: CampaignId,
        chunk: ChunkId,
    ) -> Result<BTreeMap<u16, Record>, StoreError> {
        self.read(|transaction| of_chunk(transaction, campaign, chunk))
    }

    /// What was said of one device, with the octets, in the order in which it came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn evidence(&self, id: MemberId) -> Result<Vec<Kept>, StoreError> {
        self.read(|transaction| {
            let all = "SELECT body, raw FROM evidence
                WHERE campaign = ?1 AND chunk = ?2 AND member = ?3 ORDER BY n";
            let mut all = transaction.prepare_cached(all)?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
            let rows = all.query_map(params![id.campaign.0, id.chunk.0, id.n], row)?;
            rows.map(|row| {
                let (body, raw) = row?;
                Ok(Kept { evidence: value("evidence", &body)?, raw })
            })
            .collect()
        })
    }

    /// Counts a chunk anew: what the machine is told of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count_chunk(
        &self,
        campaign: CampaignId,
        chunk: ChunkId,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Report, StoreError> {
        self.read(|transaction| {
            let version = version(transaction, campaign, chunk)?;
            let known = of_chunk(transaction, campaign, chunk)?;
            let (nothing, mut report) = (
                Record::default(),
                Report { tally: Tally::default(), due: None, silent: None, version },
            );
            let all = "SELECT n, routes FROM member WHERE campaign = ?1 AND chunk = ?2";
            let mut all = transaction.prepare_cached(all)?;
            let mut rows = all.query(params![campaign.0, chunk.0])?;
            while let Some(row) = rows.next()? {
                let record = known.get(&row.get::<_, u16>(0)?).unwrap_or(&nothing);
                let step = record.step(policy, &row.get::<_, Vec<u8>>(1)?, now);
                report.tally += Tally::of(record, step, policy.patience, now);
                report.due = report.due.into_iter().chain(step.due(now)).min();
                let silent = record.falls_silent(policy.patience).filter(|at| *at > now);
                report.silent = report.silent.into_iter().chain(silent).min();
            }
            Ok(report)
        })
    }
}

/// A count is as new as the evidence that it saw: the number of its rows only grows. So does the time that goes by
/// without any, and of two counts of the same evidence the later one is taken.
fn version(
    transaction: &Transaction<'_>,
    campaign: CampaignId,
    chunk: ChunkId,
) -> Result<u64, StoreError> {
    let count = "SELECT count(*) FROM evidence WHERE campaign = ?1 AND chunk = ?2";
    let mut count = transaction.prepare_cached(count)?;
    let rows = count.query_row(params![campaign.0, chunk.0], |row| row.get::<_, i64>(0))?;
    Ok(rows.unsigned_abs())
}

fn record(transaction: &Transaction<'_>, id: MemberId) -> Result<Record, StoreError> {
    let all =
        "SELECT body FROM evidence WHERE campaign = ?1 AND chunk = ?2 AND member = ?3 ORDER BY n";
    let mut all = transaction.prepare_cached(all)?;
    let mut record = Record::default();
    for body in
        all.query_map(params![id.campaign.0, id.chunk.0, id.n], |row| row.get::<_, String>(0))?
    {
        record.add(value("evidence", &body?)?);
    }
    Ok(record)
}

fn of_chunk(
    transaction: &Transaction<'_>,
    campaign: CampaignId,
    chunk: ChunkId,
) -> Result<BTreeMap<u16, Record>, StoreError> {
    let all =
        "SELECT member, body FROM evidence WHERE campaign = ?1 AND chunk = ?2 ORDER BY member, n";
    let mut all = transaction.prepare_cached(all)?;
    let mut rows = all.query(params![campaign.0, chunk.0])?;
    let mut records = BTreeMap::<u16, Record>::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        records.entry(row.get(0)?).or_default().add(value("evidence", body)?);
    }
    Ok(records)
}

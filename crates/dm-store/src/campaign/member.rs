//! The devices of a campaign, in chunks.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use dm_api::DeviceId;
use dm_campaign::{Chunk, ChunkId, Zone};
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::{CampaignId, put_chunk, text};
use crate::{Store, StoreError};

/// A device that comes to a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMember {
    /// Which.
    pub device: DeviceId,
    /// In which wave, from 0.
    pub wave: u16,
    /// Its zone, or the campaign's.
    pub zone: Zone,
    /// The campaign's routes that it has, in their order.
    pub routes: Vec<u8>,
}

/// A device of a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Where it stands in the campaign.
    pub id: MemberId,
    /// Which.
    pub device: DeviceId,
    /// The campaign's routes that it has, in their order.
    pub routes: Vec<u8>,
    /// Its message, once it is sealed: these octets, and no other ones.
    pub message: Option<Vec<u8>>,
}

/// Where a device stands in a campaign. As text, with the number of an attempt behind it, it is the identity of what is
/// sent: `c7.12.345.1`; a receipt finds its way back by it, also after a restart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MemberId {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// In which chunk.
    pub chunk: ChunkId,
    /// The place there, from 0.
    pub n: u16,
}

/// Devices of one chunk.
const CHUNK: usize = 1_000;

impl Store {
    /// Takes devices into a campaign: a chunk for each thousand of one wave and zone. Of a million devices, as many are in
    /// memory as there are waves and zones, times a thousand.
    ///
    /// # Errors
    /// [`StoreError`]; then none of them is in it.
    pub fn join(
        &self,
        id: CampaignId,
        members: impl Iterator<Item = Result<NewMember, StoreError>> + Send + 'static,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(move |transaction| {
            let first = "SELECT coalesce(max(n) + 1, 0) FROM chunk WHERE campaign = ?1";
            let mut next = transaction.query_row(first, [id.0], |row| row.get::<_, u32>(0))?;
            let (mut open, mut count) = (BTreeMap::<(u16, String), Vec<NewMember>>::new(), 0);
            let mut close = |members: Vec<NewMember>| {
                let number = next;
                next += 1;
                put(transaction, id, number, &members, now)
            };
            for member in members {
                let member = member?;
                count += 1;
                let chunk = open.entry((member.wave, member.zone.name().to_owned())).or_default();
                chunk.push(member);
                if chunk.len() == CHUNK {
                    close(std::mem::take(chunk))?;
                }
            }
            open.into_values().filter(|chunk| !chunk.is_empty()).try_for_each(close)?;
            Ok(count)
        })
    }

    /// The devices of a chunk.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn members(&self, campaign: CampaignId, chunk: ChunkId) -> Result<Vec<Member>, StoreError> {
        self.read(|transaction| {
            let all = "SELECT n, device, routes, message FROM member
                WHERE campaign = ?1 AND chunk = ?2 ORDER BY n";
            let mut all = transaction.prepare_cached(all)?;
            let mut rows = all.query(params![campaign.0, chunk.0])?;
            let mut members = Vec::with_capacity(CHUNK);
            while let Some(row) = rows.next()? {
                let device = row.get::<_, String>(1)?.parse().map_err(|error| {
                    StoreError::Broken { what: "device of a campaign", why: format!("{error}") }
                })?;
                let id = MemberId { campaign, chunk, n: row.get(0)? };
                members.push(Member { id, device, routes: row.get(2)?, message: row.get(3)? });
            }
            Ok(members)
        })
    }
}

fn put(
    transaction: &Transaction<'_>,
    id: CampaignId,
    number: u32,
    members: &[NewMember],
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(first) = members.first() else { return Ok(()) };
    let devices = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let chunk = Chunk::planned(first.wave, first.zone.clone(), devices, now);
    put_chunk(transaction, id, number, &text(&chunk)?)?;
    let add = "INSERT INTO member (campaign, chunk, n, device, routes) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut add = transaction.prepare_cached(add)?;
    for (n, member) in (0_u16..).zip(members) {
        add.execute(params![id.0, number, n, member.device.as_str(), member.routes])?;
    }
    Ok(())
}

impl MemberId {
    /// The identity of one attempt.
    #[must_use]
    pub fn attempt(&self, number: u32) -> String {
        format!("{self}.{number}")
    }

    /// The device and the number of an attempt, by its identity.
    #[must_use]
    pub fn of_attempt(text: &str) -> Option<(Self, u32)> {
        let (member, number) = text.rsplit_once('.')?;
        let found: (Self, u32) = (member.parse().ok()?, number.parse().ok()?);
        (found.0.attempt(found.1) == text).then_some(found)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.campaign, self.chunk.0, self.n)
    }
}

impl FromStr for MemberId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.strip_prefix('c').ok_or(())?.split('.');
        let mut part = || parts.next().ok_or(());
        let campaign = CampaignId(part()?.parse().map_err(|_| ())?);
        let chunk = ChunkId(part()?.parse().map_err(|_| ())?);
        let n = part()?.parse().map_err(|_| ())?;
        parts.next().is_none().then_some(Self { campaign, chunk, n }).ok_or(())
    }
}

//! What is in the outbox, for whoever sends and whoever asks.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dm_crypto::sha256;
use dm_push::Receipt;
use dm_push::receipt::{Detail, Evidence, Part, Says, Status};
use redb::ReadableDatabase;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, State, Way};
use super::tables::{COUNTS, DUE, ENTRIES, OCTETS, RECEIPTS, WAITING, damaged, entry};
use super::{Outbox, OutboxError, milliseconds};
use crate::{Done, PushId, Told};

/// What is known of one sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it waits, was sent, or was given up.
    pub state: State,
    /// What the receipts of its routes say together: the most that one of them says.
    pub status: Status,
    /// Its receipts, in the order in which they came.
    pub receipts: Vec<Told>,
    /// How often one of them came again: it is kept once.
    pub repeated: u64,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// To be tried.
    pub waiting: u64,
    /// Taken by a route.
    pub sent: u64,
    /// Taken by no route.
    pub given_up: u64,
}

/// One that is due.
pub(super) struct Due {
    pub id: PushId,
    pub octets: Vec<u8>,
    pub way: Way,
    /// Whether there is another.
    pub has_others: bool,
    pub until: SystemTime,
}

/// A receipt as it is stored.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Kept<'a> {
    pub route: Cow<'a, str>,
    says: Cow<'a, str>,
    detail: (Cow<'a, str>, u64),
    #[serde(skip_serializing_if = "Option::is_none", default)]
    part: Option<(u8, u8)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    security: Option<Cow<'a, str>>,
    at: u64,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    raw: String,
}

impl<'a> Kept<'a> {
    pub fn of(told: &'a Told) -> Self {
        let (kind, number) = told.receipt.detail().parts();
        Self {
            route: Cow::Borrowed(&told.route),
            says: Cow::Borrowed(told.receipt.on_screen()),
            detail: (Cow::Borrowed(kind), number),
            part: told.receipt.part().map(|part| (part.number, part.total)),
            security: told.security.as_deref().map(Cow::Borrowed),
            at: milliseconds(told.at),
            raw: STANDARD.encode(&told.raw),
        }
    }

    pub fn receipt(&self) -> Option<Receipt> {
        let says = Says::ALL.into_iter().find(|says| says.on_screen() == self.says)?;
        let receipt = Receipt::new(says, Detail::of_parts(&self.detail.0, self.detail.1)?);
        Some(match self.part {
            Some((number, total)) => receipt.of(Part { number, total }),
            None => receipt,
        })
    }

    fn told(self, id: &PushId) -> Result<Told, OutboxError> {
        let receipt = self.receipt().ok_or_else(|| damaged(&"a receipt of no known kind"))?;
        Ok(Told {
            id: id.clone(),
            route: self.route.into(),
            receipt,
            security: self.security.map(|mechanism| Cow::Owned(mechanism.into_owned())),
            at: time(self.at),
            raw: STANDARD.decode(&self.raw).map_err(|error| damaged(&error))?,
            done: Done::default(),
        })
    }
}

/// What a receipt says, as one number: that of the same one that comes again is the same.
pub(super) fn digest(told: &Told) -> [u8; 32] {
    let detail = told.receipt.detail();
    // The header of an SMPP PDU has the number that it came with, which is another one each time.
    let skip =
        if matches!(detail, Detail::Smpp { .. } | Detail::SmppState { .. }) { 16 } else { 0 };
    let (raw, part) = (told.raw.get(skip..).unwrap_or(&told.raw), told.receipt.part());
    let words = format!(
        "{}\n{}\n{detail:?}\n{part:?}\n{:?}\n",
        told.route,
        told.receipt.on_screen(),
        told.security
    );
    sha256(&[words.as_bytes(), raw].concat())
}

impl Outbox {
    /// What is known of a sending; nothing, if it was never accepted.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub fn standing(&self, id: &PushId) -> Result<Option<Standing>, OutboxError> {
        let transaction = self.database.begin_read()?;
        let entries = transaction.open_table(ENTRIES)?;
        let Some(stored) = entries.get(id.as_str())? else { return Ok(None) };
        let Entry { state, ways, repeated, .. } = entry(stored.value())?;
        let mut receipts = Vec::new();
        let stored = transaction.open_table(RECEIPTS)?;
        for stored in stored.range((id.as_str(), 0)..=(id.as_str(), u32::MAX))? {
            let kept: Kept<'_> =
                serde_json::from_slice(stored?.1.value()).map_err(|error| damaged(&error))?;
            receipts.push(kept.told(id)?);
        }
        let status = ways.iter().map(|way| {
            let mut evidence = Evidence::default();
            let of_it = receipts.iter().filter(|told| *told.route == *way.route);
            of_it.for_each(|told| evidence.add(&told.receipt));
            evidence.status()
        });
        // A later route that says nothing takes nothing from an earlier one that said no.
        let status = status.fold(Status::Unknown, |most, one| match (most.rung(), one.rung()) {
            (most_rung, one_rung) if one_rung > most_rung => one,
            (None, None) if one != Status::Unknown => one,
            _ => most,
        });
        Ok(Some(Standing { state, status, receipts, repeated }))
    }

    /// At most so many of these states, in the order of their identities, behind this one.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub fn list(
        &self,
        is_wanted: impl Fn(&State) -> bool,
        after: Option<&PushId>,
        most: usize,
    ) -> Result<Vec<(PushId, State)>, OutboxError> {
        let entries = self.database.begin_read()?.open_table(ENTRIES)?;
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.as_str()));
        let mut found = Vec::new();
        for stored in entries.range::<&str>((from, Bound::Unbounded))? {
            if found.len() == most {
                break;
            }
            let (id, stored) = stored?;
            let Entry { state, .. } = entry(stored.value())?;
            if is_wanted(&state) {
                let id = PushId::new(id.value()).ok_or_else(|| damaged(&"an id that is none"))?;
                found.push((id, state));
            }
        }
        Ok(found)
    }

    /// How many there are.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub fn counts(&self) -> Result<Counts, OutboxError> {
        let counts = self.database.begin_read()?.open_table(COUNTS)?;
        let count = |state| -> Result<u64, redb::StorageError> {
            Ok(counts.get(state)?.map_or(0, |count| count.value()))
        };
        let (waiting, sent, given_up) = (count("waiting")?, count("sent")?, count("given up")?);
        Ok(Counts { waiting, sent, given_up })
    }

    /// How many wait for each route: for their time, or for their turn.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub fn waiting(&self) -> Result<BTreeMap<String, u64>, OutboxError> {
        let waiting = self.database.begin_read()?.open_table(WAITING)?;
        let mut counts = BTreeMap::new();
        for stored in waiting.range::<&str>(..)? {
            let (route, count) = stored?;
            counts.insert(route.value().to_owned(), count.value());
        }
        Ok(counts)
    }

    /// At most so many that are due on this route and are not among these.
    pub(super) fn due(
        &self,
        route: &str,
        now: u64,
        most: usize,
        but: &HashSet<PushId>,
    ) -> Result<Vec<Due>, OutboxError> {
        let transaction = self.database.begin_read()?;
        let (due, entries) = (transaction.open_table(DUE)?, transaction.open_table(ENTRIES)?);
        let octets = transaction.open_table(OCTETS)?;
        let mut found = Vec::new();
        for one in due.range((route, 0, 0)..=(route, now, u64::MAX))? {
            if found.len() == most {
                break;
            }
            let one = one?.1;
            let id = PushId::new(one.value()).ok_or_else(|| damaged(&"an id that is none"))?;
            if but.contains(&id) {
                continue;
            }
            let (Some(entry_of), Some(octets)) =
                (entries.get(one.value())?, octets.get(one.value())?)
            else {
                return Err(damaged(&"an id without its entry"));
            };
            let entry = entry(entry_of.value())?;
            let way = entry.next().map(|(way, _)| way.clone());
            let way = way.ok_or_else(|| damaged(&"one that is due and does not wait"))?;
            let (has_others, until) = (entry.alive() > 1, time(entry.until));
            found.push(Due { id, octets: octets.value().to_vec(), way, has_others, until });
        }
        Ok(found)
    }

    /// When something is due on this route next, behind now.
    pub(super) fn next_due(&self, route: &str, now: u64) -> Result<Option<u64>, OutboxError> {
        let due = self.database.begin_read()?.open_table(DUE)?;
        let next = due.range((route, now + 1, 0)..=(route, u64::MAX, u64::MAX))?.next();
        Ok(next.transpose()?.map(|(key, _)| key.value().1))
    }
}

fn time(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(milliseconds)
}

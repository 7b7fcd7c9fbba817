//! What gateways call the segments of what was sent, kept beside it.

use std::io;
use std::sync::PoisonError;
use std::sync::mpsc::{SyncSender, sync_channel};

use dm_push::receipt::Part;
use redb::ReadableDatabase;

use super::tables::{CALLED, TAKEN, damaged};
use super::write::Change;
use super::{Outbox, OutboxError};
use crate::route::{Ledger, Sent};
use crate::{Address, PushId};

impl Ledger for Outbox {
    fn note(&self, route: &str, called: &str, sent: &Sent) -> io::Result<()> {
        let (reply, kept) = sync_channel(1);
        self.keep_notes(route, &[(called.to_owned(), sent.clone())], Some(reply))?;
        Ok(kept.recv().unwrap_or(Err(OutboxError::Closed))?)
    }

    /// It does not wait for the disk: they are there before the outcome of the sending is, which is asked for behind them.
    fn note_all(&self, route: &str, notes: &[(String, Sent)]) -> io::Result<()> {
        self.keep_notes(route, notes, None)
    }

    fn find(&self, route: &str, called: &str) -> io::Result<Option<Sent>> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sent) = noted.get(&(route.to_owned(), called.to_owned())) {
            return Ok(Some(sent.clone()));
        }
        drop(noted);
        Ok(self.find_stored(route, called)?)
    }

    /// As above.
    fn take_all(&self, route: &str, taken: &[(Address, Sent)]) -> io::Result<()> {
        if taken.is_empty() {
            return Ok(());
        }
        let taken = taken.iter().map(|(to, sent)| (to.to_string(), sent.clone())).collect();
        Ok(self.change(Change::Take { route: route.to_owned(), taken })?)
    }

    /// What waits is tried again only when the disk has what became of the attempt before.
    fn taken(&self, route: &str, to: &Address, id: &PushId) -> io::Result<Vec<u8>> {
        Ok(self.taken_stored(route, &to.to_string(), id)?)
    }
}

impl Outbox {
    fn taken_stored(&self, route: &str, to: &str, id: &PushId) -> Result<Vec<u8>, OutboxError> {
        let stored = self.database.begin_read()?.open_table(TAKEN)?;
        let taken = stored.get((id.as_str(), route, to))?;
        Ok(taken
            .and_then(|taken| Some(taken.value().split_first()?.1.to_vec()))
            .unwrap_or_default())
    }

    /// What is not on the disk yet is known all the same.
    fn keep_notes(
        &self,
        route: &str,
        notes: &[(String, Sent)],
        reply: Option<SyncSender<Result<(), OutboxError>>>,
    ) -> io::Result<()> {
        if notes.is_empty() {
            return Ok(());
        }
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.extend(notes.iter().map(|(called, sent)| {
            let key = (route.to_owned(), called.clone());
            (key, sent.clone())
        }));
        drop(noted);
        Ok(self.change(Change::Note { route: route.to_owned(), notes: notes.to_vec(), reply })?)
    }

    fn find_stored(&self, route: &str, called: &str) -> Result<Option<Sent>, OutboxError> {
        let stored = self.database.begin_read()?.open_table(CALLED)?;
        let Some(found) = stored.get((route, called))? else { return Ok(None) };
        let (id, number, total) = found.value();
        let id = PushId::new(id).ok_or_else(|| damaged(&"an id that is none"))?;
        Ok(Some(Sent { id, part: (total > 0).then_some(Part { number, total }) }))
    }
}

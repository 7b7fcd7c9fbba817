//! A device on a disk in memory: the store, the client and the queue of the agent, as its two threads
//! use them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use dm_client::{Client, EffectEntry, EffectResult, Effects, Settings};
use dm_crypto::AwsLc;
use dm_tree::store::{Commit, Store};
use redb::Database;

use super::disk::{Disk, Image};
use super::message::{self, ALL, DEVICE, Kind};
use super::random::Random;
use crate::keeper::{Shared, Taken};
use crate::kept::{self, Kept, Message};
use crate::persist::{PersistError, RedbStore};
use crate::run::{AgentClient, RunError};
use crate::worker::{self, Refused};

/// Something that somebody relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The sender of this message was told that it is kept.
    Acknowledged(usize),
    /// The client has begun with this message.
    Begun(usize),
    /// The client has returned from this message, which is kept no longer, or never was.
    Taken(usize),
    /// The oldest consequence is to be settled. What comes before its end may be either.
    Settling,
}

/// A device that runs, and what it promised after how many steps of its disk.
pub struct Device {
    pub disk: Disk,
    pub client: AgentClient,
    kept: Shared,
    waiting: VecDeque<(usize, Taken)>,
    /// Kept messages that the client has taken since all was settled.
    taken: Vec<usize>,
    pub promises: Vec<(usize, Promise)>,
}

/// Opens the store of a disk as [`RedbStore::open`] does.
pub fn store(disk: &Disk) -> Result<RedbStore, PersistError> {
    let mut builder = Database::builder();
    builder.set_cache_size(crate::persist::CACHE).set_check_integrity_on_open(true);
    let database = builder.create_with_backend(disk.clone());
    let failed = |error: redb::DatabaseError| PersistError::Database {
        folder: "crash".into(),
        error: Box::new(error.into()),
    };
    Ok(RedbStore::new(database.map_err(failed)?, Path::new("crash")))
}

/// The disk of a device before its first message.
pub fn provisioned() -> Image {
    let disk = Disk::of(Image { files: vec![Vec::new()], ..Image::default() });
    let changes = &message::bootstrap();
    let mut made = store(&disk).unwrap();
    made.commit(&Commit { changes, records: &[], journal: &[], durable: true }).unwrap();
    drop(made);
    disk.now()
}

impl Device {
    /// Opens what is on a disk. What was left in the queue waits.
    pub fn open(disk: Disk) -> Result<Self, RunError> {
        let effects = Effects { on: [".".to_owned()].into(), ..Effects::default() };
        let settings = Settings { device_id: DEVICE.into(), effects, ..Settings::default() };
        let client = Client::open(store(&disk)?, AwsLc, settings)?;
        let done = client.store().record(kept::RECORD)?;
        let (kept, left) = Kept::open_folder(disk.queue(), done.as_deref()).map_err(io)?;
        let waiting = left.into_iter().map(|(place, message)| {
            (number_of(&message.octets), Taken { message, place: Some(place) })
        });
        let (kept, waiting) = (Arc::new(Mutex::new(kept)), waiting.collect());
        Ok(Self { disk, client, kept, waiting, taken: Vec::new(), promises: Vec::new() })
    }

    /// The messages that wait for the client.
    pub fn waiting(&self) -> Vec<usize> {
        self.waiting.iter().map(|(number, _)| *number).collect()
    }

    /// Messages come, all at once, over a transport that acknowledges. Whether they could be kept.
    pub fn post(&mut self, numbers: &[usize]) -> bool {
        let messages: Vec<_> = numbers.iter().map(|number| arrived(*number)).collect();
        let Ok(places) = self.kept.lock().unwrap().keep(&messages) else { return false };
        for ((number, message), place) in numbers.iter().zip(messages).zip(places) {
            self.promise(Promise::Acknowledged(*number));
            self.waiting.push_back((*number, Taken { message, place: Some(place) }));
        }
        true
    }

    /// A message comes over a transport that does not.
    pub fn push(&mut self, number: usize) {
        self.waiting.push_back((number, Taken { message: arrived(number), place: None }));
    }

    /// The client takes the next message, if one waits.
    pub fn take(&mut self) -> Result<bool, RunError> {
        let Some((number, taken)) = self.waiting.pop_front() else { return Ok(false) };
        self.promise(Promise::Begun(number));
        worker::take(&mut self.client, &self.kept, &taken, &mut Refused::default())?;
        match taken.place {
            None => self.promise(Promise::Taken(number)),
            Some(_) => self.taken.push(number), // may be taken again, until all is settled
        }
        Ok(true)
    }

    /// All that is done becomes durable, and is kept no longer.
    pub fn settle_all(&mut self) -> Result<(), RunError> {
        worker::settle(&mut self.client, &self.kept)?;
        for number in std::mem::take(&mut self.taken) {
            self.promise(Promise::Taken(number));
        }
        Ok(())
    }

    /// How many messages are in the queue.
    pub fn queued(&self) -> usize {
        let done = self.client.store().record(kept::RECORD).expect("readable");
        let queue = Kept::open_folder(self.disk.queue(), done.as_deref());
        queue.expect("readable").1.len()
    }

    /// The oldest consequence is carried out.
    fn settle(&mut self) -> Result<(), RunError> {
        let Some(oldest) = self.client.consequences()?.into_iter().next() else {
            return Ok(());
        };
        self.promise(Promise::Settling);
        let entry = EffectEntry {
            time: None,
            effect: "all".into(),
            result: EffectResult::Done,
            server_id: oldest.server_id.clone(),
            attempt: 1,
            what: None,
            correlator: None,
        };
        let all = || "all".to_owned();
        Ok(self.client.settle(Some(&entry), &[(oldest.number, all())], |_| [all()].into())?)
    }

    fn promise(&mut self, promise: Promise) {
        self.promises.push((self.disk.count(), promise));
    }

    /// This many messages come in some order, some of them twice, over both transports, singly and
    /// together; they are taken while others come.
    pub fn script(&mut self, random: &mut Random, messages: usize) -> Result<(), RunError> {
        let mut come = 0;
        while come < messages {
            let mut next = || match random.below(6) {
                0 => random.below(come + 1) % ALL.len(),
                _ => come % ALL.len(),
            };
            match next() {
                number if number % 4 == 1 => self.push(number),
                number => {
                    let batch = [number, (number + 1) % ALL.len(), (number + 2) % ALL.len()];
                    let count = 1 + random.below(3);
                    self.post(&batch[..count]);
                    come += count - 1;
                }
            }
            come += 1;
            for _ in 0..random.below(4) {
                self.take()?;
            }
            match random.below(10) {
                0 | 1 => self.settle()?,
                2 => self.settle_all()?,
                _ => {}
            }
        }
        while self.take()? {}
        Ok(())
    }
}

fn io(error: std::io::Error) -> RunError {
    PersistError::Io { folder: "crash".into(), error }.into()
}

fn arrived(number: usize) -> Message {
    let from = format!("http {number}");
    Message { octets: ALL[number].octets.clone(), received: Some(1_800_000_000), from }
}

/// Which message this is.
pub fn number_of(octets: &[u8]) -> usize {
    ALL.iter().position(|message| message.octets == octets).expect("a message of the script")
}

/// Whether it changes the tree.
pub fn is_good(number: usize) -> bool {
    ALL[number].kind == Kind::Good
}

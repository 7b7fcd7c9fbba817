//! What a running agent tells its owner, over a socket in the state folder: how it is, and its journal.
//!
//! The database is held by the agent, so nobody else can look into it. The socket is its owner's alone
//! (mode 0600), takes one question a connection, and changes nothing: it is no way for messages.

mod answer;
mod ask;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use dm_client::{Consequence, JournalEntry, freshness::Freshness};
use serde::{Deserialize, Serialize};

pub use ask::{AskError, Numbered, ask_journal, ask_status};
pub(crate) use server::Server;

use crate::config::Config;
use crate::persist::{PersistError, Reader};
use crate::receive::{Progress, Refusal, Tally};

/// The socket in a state folder.
pub const SOCKET: &str = "agent.sock";
/// How many of the last entries a status has, and how many messages whose effects wait.
const LAST: usize = 5;

/// How an agent is.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Status {
    /// The version of the program.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The device.
    pub device_id: String,
    /// For how many seconds it runs.
    pub uptime: u64,
    /// For how many seconds it has been at the message that it carries out now, if at one.
    pub busy_for: Option<u64>,
    /// KiB of memory that are resident, as the system counts them.
    pub resident_kib: Option<u64>,
    /// Its receivers.
    pub receivers: Vec<ReceiverStatus>,
    /// Messages that were taken since the start, and what was turned away, by reason.
    pub taken: u64,
    /// Reasons that did not occur are left out.
    pub turned_away: BTreeMap<String, u64>,
    /// Messages that were acknowledged and are not carried out.
    pub waiting: Waiting,
    /// Accounts of the tree: without one, every message is refused.
    pub accounts: usize,
    /// The nodes of the tree, and the most that it may have.
    pub nodes: u64,
    /// The most nodes.
    pub most_nodes: usize,
    /// What is remembered of each server's messages.
    pub servers: Vec<ServerStatus>,
    /// Messages whose effects are not settled, the oldest first; of more than 5 only these.
    pub effects: Vec<WaitingEffect>,
    /// How many these are in all.
    pub effects_waiting: usize,
    /// The last entries of the journal, the oldest of them first.
    pub last: Vec<Numbered>,
    /// How far the journal was reported, if it is to be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reported: Option<ReportStatus>,
}

/// A receiver.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct ReceiverStatus {
    /// How it receives.
    pub transport: String,
    /// Where: an address, a folder, a URL.
    pub place: String,
    /// Messages that it took since the start.
    pub taken: u64,
    /// Why it brings nothing now, if it knows.
    pub trouble: Option<String>,
}

/// Messages on the disk.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub messages: usize,
    /// Octets of the files that hold them.
    pub octets: u64,
}

/// What is remembered of one server's messages.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct ServerStatus {
    /// ServerID.
    pub server_id: String,
    /// The highest counter of each Target.
    pub highest: BTreeMap<String, u64>,
    /// Messages that are remembered by their digests.
    pub digests: usize,
}

/// A message whose effects are not settled.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct WaitingEffect {
    /// Its number.
    pub number: u64,
    /// The server whose message it was.
    pub server_id: String,
    /// When it came, in seconds since 1970, if the device has a clock.
    pub time: Option<u64>,
}

/// How far the journal was reported.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct ReportStatus {
    /// Where it goes: from the configuration.
    pub url: String,
    /// The number of the last entry that was taken there.
    pub last: u64,
    /// Why the last attempt failed, if it did.
    pub trouble: Option<String>,
}

/// All that a status is made of.
pub(crate) struct Sources {
    device_id: String,
    most_nodes: usize,
    started: Instant,
    pub(crate) receivers: Vec<Arc<Progress>>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) waiting: Box<dyn Fn() -> Waiting + Send + Sync>,
    pub(crate) busy: Arc<Busy>,
    pub(crate) reported: Option<Box<dyn Fn() -> ReportStatus + Send + Sync>>,
    pub(crate) reader: Reader,
}

impl Sources {
    pub(crate) fn new(config: &Config, reader: Reader) -> Self {
        Self {
            device_id: config.device_id.clone(),
            most_nodes: config.limits.tree.nodes,
            started: Instant::now(),
            receivers: Vec::new(),
            tally: Arc::default(),
            waiting: Box::new(Waiting::default),
            busy: Arc::default(),
            reported: None,
            reader,
        }
    }

    fn status(&self) -> Result<Status, PersistError> {
        let reader = &self.reader;
        let turned_away = Refusal::ALL.iter().map(|it| (it.label(), self.tally.refused(*it)));
        let turned_away = turned_away.filter(|(_, count)| *count > 0);
        let waiting = reader.records("effect/")?;
        let effects_waiting = waiting.len();
        let effects = waiting.into_iter().take(LAST);
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            device_id: self.device_id.clone(),
            uptime: self.started.elapsed().as_secs(),
            busy_for: self.busy.seconds(),
            resident_kib: resident_kib(),
            receivers: self.receivers.iter().map(|it| it.status()).collect(),
            taken: self.tally.accepted(),
            turned_away: turned_away.map(|(name, count)| (name.to_owned(), count)).collect(),
            waiting: (self.waiting)(),
            accounts: reader.count_of_accounts()?,
            nodes: reader.count_of_nodes()?,
            most_nodes: self.most_nodes,
            servers: servers(reader)?,
            effects: effects.filter_map(|(_, octets)| WaitingEffect::of(&octets)).collect(),
            effects_waiting,
            last: numbered(reader.journal_end(LAST)?),
            reported: self.reported.as_ref().map(|reported| reported()),
        })
    }
}

fn servers(reader: &Reader) -> Result<Vec<ServerStatus>, PersistError> {
    let prefix = "freshness/";
    let known = reader.records(prefix)?.into_iter().filter_map(|(key, octets)| {
        let freshness = Freshness::decode(&octets)?;
        Some(ServerStatus {
            server_id: key.strip_prefix(prefix)?.to_owned(),
            highest: freshness.highest().map(|(name, it)| (name.to_owned(), it)).collect(),
            digests: freshness.remembered(),
        })
    });
    Ok(known.collect())
}

fn numbered(stored: Vec<(u64, Vec<u8>)>) -> Vec<Numbered> {
    let entry = |(number, octets): (u64, Vec<u8>)| {
        Some(Numbered { number, entry: JournalEntry::decode(&octets)? })
    };
    stored.into_iter().filter_map(entry).collect()
}

impl WaitingEffect {
    fn of(octets: &[u8]) -> Option<Self> {
        let Consequence { number, server_id, time, .. } = serde_json::from_slice(octets).ok()?;
        Some(Self { number, server_id, time })
    }
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Since when the thread that owns the client has been at one message. Of a clock that nobody sets:
/// a jump of the other must not look like a message that hangs, nor hide one.
#[derive(Debug)]
pub(crate) struct Busy {
    base: Instant,
    /// Seconds after `base`, and one; 0: at none.
    since: AtomicU64,
}

impl Default for Busy {
    fn default() -> Self {
        Self { base: Instant::now(), since: AtomicU64::new(0) }
    }
}

impl Busy {
    pub(crate) fn begin(&self) {
        self.since.store(self.elapsed() + 1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    pub(crate) fn seconds(&self) -> Option<u64> {
        let since = self.since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.elapsed().saturating_sub(since))
    }

    fn elapsed(&self) -> u64 {
        self.base.elapsed().as_secs()
    }
}

//! A bootstrap push that came to a running agent. [SEC 1.2 §5.1.7.2]
//!
//! A push that proves nothing ends here, with a line of the log. For any other the client of
//! messages hands its store to the entry point of bootstrap, ends, and begins anew with what is
//! stored then: neither ever works on what the other has, and no other process comes in between.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tracing::{debug, info, warn};

use super::claim::{self, Claim};
use super::document::{self, Arrival, Refused};
use crate::config::Config;
use crate::persist::{FILE, PersistError, RedbStore, is_unfinished};
use crate::receive::BootstrapPush;
use crate::run::{AgentClient, RunError};

/// An empty state, where a device that waits for its bootstrap has no folder yet, or an empty one.
/// A folder with something in it has lost its state: nothing is made anew there. A state that was
/// being made when the power went is none yet.
///
/// # Errors
/// When the folder cannot be read or written.
pub(crate) fn prepare(config: &Config) -> Result<(), PersistError> {
    let state = &config.state;
    if state.join(FILE).exists() || !is_new(state)? {
        return Ok(());
    }
    RedbStore::create(state)?;
    info!(state = %state.display(), "a new state: the device waits for a bootstrap push");
    Ok(())
}

fn is_new(folder: &Path) -> Result<bool, PersistError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            Ok(entries.all(|entry| entry.is_ok_and(|it| is_unfinished(&it.file_name()))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(PersistError::Io { folder: folder.to_owned(), error }),
    }
}

/// Where pushes come in.
pub(crate) struct ByPush<'c> {
    config: &'c Config,
    /// Proven pushes that were judged not long ago, each with its MAC.
    judged: Vec<(Instant, Vec<u8>)>,
    /// How many were refused: a flood does not fill the log.
    refused: u64,
    /// Whether one was taken that nobody asked for yet.
    has_taken: bool,
}

impl<'c> ByPush<'c> {
    pub(crate) const fn new(config: &'c Config) -> Self {
        Self { config, judged: Vec::new(), refused: 0, has_taken: false }
    }

    /// Takes one push, and yields the client again. The state stays open, and what proves nothing
    /// touches neither it nor the client.
    ///
    /// # Errors
    /// When the state cannot be read after it changed.
    pub(crate) fn take(
        &mut self,
        client: AgentClient,
        push: BootstrapPush,
    ) -> Result<AgentClient, RunError> {
        let client = match self.admit(&client, &push, Instant::now()) {
            Ok(claim) => self.judge(client, &push, claim)?,
            Err(refused) => {
                self.refuse(&push, &refused);
                client
            }
        };
        push.acknowledge();
        Ok(client)
    }

    /// Whether the tree is another one since this was asked last.
    pub(crate) fn has_taken(&mut self) -> bool {
        std::mem::take(&mut self.has_taken)
    }

    /// Whether a push is worth an end of the client: by what it says and proves alone.
    fn admit<'p>(
        &mut self,
        client: &AgentClient,
        push: &'p BootstrapPush,
        now: Instant,
    ) -> Result<Claim<'p>, Refused> {
        let policy = &self.config.bootstrap;
        if !policy.again && client.tree().accounts().next().is_some() {
            return Err(Refused::Again);
        }
        let claim = Claim::read(policy, push.datagram())?;
        if !claim.is_try() {
            // Whoever heard a proven push can send it again, and must not keep others out with it.
            self.judged.retain(|(at, _)| now.duration_since(*at) < INTERVAL);
            let is_again = self.judged.iter().any(|(_, mac)| mac == claim.mac());
            if is_again || self.judged.len() >= JUDGED {
                return Err(Refused::Rate);
            }
            self.judged.push((now, claim.mac().to_vec()));
        } else if claim::is_spent(policy, client.store())? {
            return Err(Refused::Tries);
        }
        Ok(claim)
    }

    fn judge(
        &mut self,
        client: AgentClient,
        push: &BootstrapPush,
        claim: Claim<'_>,
    ) -> Result<AgentClient, RunError> {
        let (octets, from) = (push.datagram().len(), format!("push {}", push.from()));
        let (config, now) = (self.config, push.received());
        let mut outcome = None;
        let client = client.around(|store, settings| {
            let arrival =
                Arrival { config, rules: &settings.rules, from, octets, now, replaces: false };
            outcome = Some(document::take_claim(&arrival, store, claim));
        })?;
        match outcome {
            Some(Ok(taken)) => {
                let (servers, nodes) = (taken.server_ids.join(", "), taken.nodes);
                info!(from = %push.from(), octets, servers, nodes, "bootstrapped");
                self.has_taken = true;
            }
            Some(Err(refused)) => self.refuse(push, &refused),
            None => {}
        }
        Ok(client)
    }

    fn refuse(&mut self, push: &BootstrapPush, reason: &Refused) {
        self.refused += 1;
        let (from, octets, count) = (push.from(), push.datagram().len(), self.refused);
        if count <= 16 || count.is_power_of_two() {
            warn!(%from, octets, %reason, count, "bootstrap refused");
        } else {
            debug!(%from, octets, %reason, count, "bootstrap refused");
        }
    }
}

/// How long one and the same proven push is not judged again.
const INTERVAL: Duration = Duration::from_secs(60);
/// How many different ones are judged within that.
const JUDGED: usize = 16;

#[cfg(test)]
mod tests;

//! The machine: phases, waves, chunks of devices. It has no clock: the time is an argument.
//!
//! Whoever drives it, after each change and when [`wake`](Campaign::wake) says so, counts the chunks that are
//! [to be counted](Campaign::to_count), calls [`tick`](Campaign::tick), keeps the transitions that it returns, and
//! [leases](Campaign::lease) chunks as long as there are any. What it must know after a
//! restart is a [`Snapshot`].

mod act;
mod lease;
mod tick;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use lease::{Lease, Report};

use crate::rate::Meter;
use crate::{Broken, Gate, Policy, Tally, Zone};

/// One campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    state: Snapshot,
    /// A meter for each route that has a rate.
    meters: Vec<Option<Meter>>,
    /// The sum of all chunks, and of each wave: what rules and gates look at.
    total: Tally,
    waves: Vec<Tally>,
}

/// All that a campaign is, for the store.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Snapshot {
    /// What the operator wrote.
    pub policy: Policy,
    /// Where it stands.
    pub phase: Phase,
    /// The last wave that is open, from 0.
    pub wave: u16,
    /// What somebody saw of the stop rules, and went on all the same: they speak again when there is more.
    pub seen: Vec<Broken>,
    /// Its devices.
    pub chunks: Vec<Chunk>,
    /// The number of the last lease.
    pub leases: u64,
}

/// Up to a thousand devices of one wave and one time zone: what one worker takes at a time.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Chunk {
    /// Their wave, from 0.
    pub wave: u16,
    /// Their time zone.
    pub zone: Zone,
    /// When something is to be done for one of them; never, if only evidence can change anything.
    pub due: Option<Timestamp>,
    /// When one of them will be silent, if nothing is heard.
    pub silent: Option<Timestamp>,
    /// How far they are.
    pub tally: Tally,
    /// How often that was counted: an older count never replaces a newer one.
    pub version: u64,
    /// Who has it: the number of the lease, and until when.
    pub lease: Option<(u64, Timestamp)>,
}

/// Which chunk.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ChunkId(pub u32);

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Planned, and waits for its approval.
    Planned,
    /// Approved, and waits to be started.
    Approved,
    /// Goes on.
    Running,
    /// Waits for somebody: by hand, by a stop rule, or since the server could not go on.
    Paused,
    /// Ended before its time, by hand. Nothing is sent any more.
    Stopped,
    /// Ended: nothing is left to be tried. Evidence may still come.
    Finished,
}

/// What an author does with a campaign.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// What will be sent is as it should be.
    Approve,
    /// Begin.
    Start,
    /// Wait.
    Pause,
    /// Go on, whatever the stop rules have said so far.
    Resume,
    /// Open the gate to the next wave.
    OpenGate,
    /// End it.
    Stop,
    /// Try those again for which no route was left: for each of them [`Claim::Retried`](crate::Claim::Retried) was added.
    RetryFailed,
}

/// Who changed something.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A person, by name.
    Author(String),
    /// The campaign, by its policy.
    Policy,
    /// The server, that could not go on.
    Server,
}

/// Why something changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The reason that was given.
    Said(String),
    /// A stop rule does not hold.
    Broken(Broken),
    /// So many devices of the wave stand where its gate wants them, or were tried.
    Gate(Gate, u64),
    /// Its time is over.
    Expired,
    /// Nothing is left to be tried.
    Settled,
}

/// One change of a campaign, to be kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
    /// Why.
    pub why: Why,
    /// From where.
    pub from: Phase,
    /// To where.
    pub to: Phase,
    /// The last wave that is open behind it, from 0.
    pub wave: u16,
}

impl Campaign {
    /// A campaign with these chunks, whose devices were only planned.
    #[must_use]
    pub fn new(policy: Policy, chunks: Vec<Chunk>, now: Timestamp) -> Self {
        let phase = Phase::Planned;
        let state = Snapshot { policy, phase, wave: 0, seen: Vec::new(), chunks, leases: 0 };
        Self::restore(state, now)
    }

    /// A campaign as it was. Its rates count as used up, for nobody knows what was sent just before.
    #[must_use]
    pub fn restore(state: Snapshot, now: Timestamp) -> Self {
        let Policy { routes, rates, .. } = &state.policy;
        let meter = |name: &String| rates.get(name).map(|rate| Meter::used_up(*rate, now));
        let meters = routes.iter().map(meter).collect();
        let waves = state.chunks.iter().map(|chunk| usize::from(chunk.wave) + 1).max().unwrap_or(1);
        let mut restored = Self {
            meters,
            total: Tally::default(),
            waves: alloc::vec![Tally::default(); waves],
            state,
        };
        for index in 0..restored.state.chunks.len() {
            let Chunk { wave, tally, .. } = restored.state.chunks[index];
            restored.count(wave, Tally::default(), tally);
        }
        restored
    }

    /// What the store keeps of it.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    /// Where it stands.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.state.phase
    }

    /// How far its devices are.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.total
    }

    /// How far those of each wave are.
    #[must_use]
    pub fn waves(&self) -> &[Tally] {
        &self.waves
    }

    /// What the operator wrote.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.state.policy
    }

    /// More devices, of a campaign that is [live](crate::Membership::Live).
    ///
    /// # Errors
    /// [`Refusal::Phase`](crate::Refusal::Phase): it is over.
    pub fn join(&mut self, chunks: Vec<Chunk>) -> Result<(), crate::Refusal> {
        let phase = self.state.phase;
        if matches!(phase, Phase::Stopped | Phase::Finished) {
            return Err(crate::Refusal::Phase { phase });
        }
        for chunk in chunks {
            let wave = usize::from(chunk.wave) + 1;
            self.waves.resize(self.waves.len().max(wave), Tally::default());
            self.count(chunk.wave, Tally::default(), chunk.tally);
            self.state.chunks.push(chunk);
        }
        Ok(())
    }

    /// A tally in place of another.
    fn count(&mut self, wave: u16, before: Tally, now: Tally) {
        self.total -= before;
        self.total += now;
        if let Some(of_wave) = self.waves.get_mut(usize::from(wave)) {
            *of_wave -= before;
            *of_wave += now;
        }
    }

    fn go(&mut self, to: Phase, by: By, why: Why, at: Timestamp) -> Transition {
        let from = core::mem::replace(&mut self.state.phase, to);
        Transition { at, by, why, from, to, wave: self.state.wave }
    }
}

impl Phase {
    /// The word on screen.
    #[must_use]
    pub const fn on_screen(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.on_screen())
    }
}

#[cfg(test)]
mod tests;

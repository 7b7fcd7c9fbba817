//! The gate of a device, asked and never opened: nothing is applied, nothing is spent.

use std::path::{Path, PathBuf};

use dm_agent::run::AgentClient;
use dm_client::{Effect, Outcome};
use dm_inspect::{Kind, Message};

use crate::command::open::clock;
use crate::fault::Fault;
use crate::state;

/// What gives verdicts, if an account was given.
pub struct Gate {
    device: Option<(AgentClient, PathBuf)>,
    now: Option<u64>,
}

/// What can be said about a message.
pub enum Verdict {
    /// The gate's own.
    Judged(Outcome),
    /// Nothing: why.
    NotVerified(&'static str),
}

impl Gate {
    /// That of the device in this folder, if there is one.
    pub fn open(
        state: Option<&Path>,
        config: Option<&Path>,
        now: Option<u64>,
    ) -> Result<Self, Fault> {
        let device = match state {
            Some(folder) => Some((state::open(folder, config)?, folder.to_owned())),
            None => None,
        };
        Ok(Self { device, now: now.or_else(clock) })
    }

    /// What it says about a message. A dry run: it keeps nothing.
    pub fn judge(&mut self, message: &Message) -> Result<Verdict, Fault> {
        let Some((device, folder)) = &mut self.device else {
            return Ok(Verdict::NotVerified("no account was given"));
        };
        if message.kind == Kind::Unknown {
            return Ok(Verdict::NotVerified("there is no message"));
        }
        if !message.missing.is_empty() {
            return Ok(Verdict::NotVerified("segments are missing"));
        }
        let outcome = device.receive(&message.octets, self.now, Effect::DryRun);
        outcome.map(Verdict::Judged).map_err(|error| state::of_client(&error).in_file(folder))
    }
}

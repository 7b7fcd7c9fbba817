//! The device's half: gate, freshness, commands, journal; without I/O. [Sessionless §5.5]
//!
//! [`Client::receive`] takes octets, whatever brought them, and yields an [`Outcome`]: what was
//! refused and by which clause, or what was done. There is no type here that could be sent back:
//! the rule that a message is never answered (R19) is kept by the compiler.
//!
//! The order of the checks is that of [`gate`], read from top to bottom. Each step takes what the
//! step before it yields, so none can be left out.

#![no_std]

extern crate alloc;

pub mod account;
mod apply;
mod arrival;
mod client;
mod consequence;
mod effect_entry;
pub mod freshness;
pub mod gate;
mod journal;
mod outcome;
mod refusal;
mod settings;
mod waiting;

pub use dm_syncml::wbxml::Spellings;

pub use arrival::Arrival;
pub use client::{Client, ClientError, Effect};
pub use consequence::{ChangeKind, Changed, Consequence};
pub use effect_entry::{EffectEntry, EffectResult, JournalEntry};
pub use journal::{Entry, EntryCommand, Verdict};
pub use outcome::{
    Accepted, CmdId, CommandFailure, CommandOutcome, Dangers, Exec, Outcome, Refused,
};
pub use refusal::{Refusal, Stage};
pub use settings::{Effects, Settings, Ui};
pub use waiting::Waiting;

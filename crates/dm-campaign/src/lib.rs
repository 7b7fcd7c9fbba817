//! Campaigns: who gets a message when, how often it is tried, and when the whole is stopped. Decided without I/O.
//!
//! A server asks and is told; the time is an argument, and the same questions get the same answers:
//!
//! * [`Policy`] is what the operator wrote: waves, gates, [`QuietHours`], rates, [`Retries`], stop rules.
//! * [`Campaign`] is the machine. It knows chunks of devices, never single ones, and so stays small with a million of them:
//!   [`Campaign::lease`] hands out a chunk whose time has come, [`Campaign::settle`] takes back what came of it,
//!   [`Campaign::tick`] opens gates and stops, and [`Campaign::wake`] says when to ask again.
//! * [`Record`] is what is known of one device. Its [`Status`] is folded from [`Evidence`]: nothing sets it.
//!   [`Record::step`] says what to try next.
//!
//! The order of the rungs, and what none of them proves, is told by [`Status`]: a device never answers
//! [Sessionless §5.2].

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod campaign;
mod error;
mod evidence;
mod hours;
mod policy;
mod rate;
mod record;
mod retry;
mod rule;
mod share;
mod tally;

pub use campaign::{
    Act, By, Campaign, Chunk, ChunkId, Lease, Phase, Report, Snapshot, Transition, Why,
};
pub use error::{PolicyError, Refusal};
pub use evidence::{Claim, Evidence, Part, Retry};
pub use hours::{QuietHours, Zone};
pub use policy::{Gate, Membership, Policy, StopRules, Wave};
pub use rate::{Grant, Rate};
pub use record::{Record, Status};
pub use retry::{Retries, Step};
pub use rule::{Broken, Rule};
pub use share::Share;
pub use tally::Tally;

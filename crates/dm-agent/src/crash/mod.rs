//! The crash test: the power goes at any moment, and the disk keeps what it likes of what was not
//! synced. [Sessionless §5.5, profile §7]
//!
//! The agent's own store, client, queue and worker run on a disk in memory that numbers each write,
//! each change of a length, each sync and each name. What is then on the disk is opened again, and
//! must agree: the tree is whole; what is in it is known to the replay protection, to the journal and
//! to what is to be carried out; no message that was acknowledged is lost; none is done twice.

mod check;
mod clock;
mod device;
mod disk;
mod message;
mod power;
pub(crate) mod random;
mod schedules;

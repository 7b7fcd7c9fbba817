//! Mailboxes of devices that ask: who waits, how messages are numbered, what an acknowledgement covers.
//!
//! A device asks for what comes behind a number, and so says that it has all up to there. One message is
//! given at a time; the next request acknowledges it. What is in the mailboxes is kept by whoever has a
//! disk; here is decided, without a clock and without I/O:
//!
//! ```
//! use core::time::Duration;
//! use dm_push::mailbox::{Numbers, Waiting};
//! let at = Duration::from_secs;
//! let mut waiting = Waiting::new();
//! let (_, older) = waiting.wait("meter-7", at(50), "its first request");
//! assert_eq!(older, None);
//! let (_, older) = waiting.wait("meter-7", at(55), "its second request");
//! assert_eq!(older, Some("its first request"), "which ends with nothing");
//!
//! let mut numbers = Numbers::resume(0, 1_790_000_000_000_000);
//! assert_eq!(waiting.take("meter-7"), Some("its second request"));
//! assert_eq!(numbers.take(), 1_790_000_000_000_000);
//! ```

mod numbers;
mod waiting;

pub use numbers::Numbers;
pub use waiting::{Ticket, Waiting};

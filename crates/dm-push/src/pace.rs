//! How fast a route may go, and when it is left alone: limits, waits after failures, a breaker.
//!
//! All of it decides and nothing here waits: time is an argument, counted from any start that the
//! caller likes, and chance is an argument too.
//!
//! ```
//! use core::time::Duration;
//! use dm_push::pace::Bucket;
//! let mut ten_a_second = Bucket::new(Duration::from_millis(100), 2);
//! let now = Duration::from_secs(7);
//! assert_eq!(ten_a_second.take(now, 1), Ok(()));
//! assert_eq!(ten_a_second.take(now, 1), Ok(()), "a burst of two");
//! assert_eq!(ten_a_second.take(now, 1), Err(Duration::from_millis(7_100)), "then at this time");
//! ```

mod backoff;
mod breaker;
mod bucket;

pub use backoff::Backoff;
pub use breaker::{Breaker, Health};
pub use bucket::Bucket;

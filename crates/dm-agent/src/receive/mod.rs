//! Octets from the network into a queue, and no way back.
//!
//! A device never answers a message [Sessionless §5.5], requirement R19. Here the compiler
//! keeps that: a receiver holds its socket behind a type that cannot send, or answers with a
//! type that has no body; and the handle to the queue hands nothing back but "full".
//!
//! A transport may acknowledge. It does so before anything is verified, in the same words for
//! every message that has the right size and wrapping, whatever becomes of it; and only once the
//! message is [kept](Delivery::acknowledge), for it comes no more then.
//!
//! ```
//! use dm_agent::Config;
//! use dm_agent::receive::{ReceiveLimits, Receivers};
//! use tokio::sync::mpsc;
//!
//! # async fn example(config: Config) -> Result<(), Box<dyn std::error::Error>> {
//! let (queue, mut deliveries) = mpsc::channel(config.limits.queue);
//! let limits = ReceiveLimits::from(&config);
//! let receivers = Receivers::start(&config.listen, &limits, queue).await?;
//! while let Some(mut delivery) = deliveries.recv().await {
//!     delivery.acknowledge(); // after it was written to a disk, say
//!     println!("{} octets from {}", delivery.octets.len(), delivery.from);
//! }
//! receivers.stop().await;
//! # Ok(())
//! # }
//! ```

mod delivery;
mod error;
mod http;
mod intake;
mod origin;
mod receivers;
mod tally;
mod udp;

use std::time::Duration;

pub use delivery::Delivery;
pub use error::StartError;
pub use origin::Origin;
pub use receivers::Receivers;
pub use tally::{Refusal, Tally};

use crate::Config;

/// How a message came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Transport {
    /// HTTP push.
    Http,
    /// Connectionless WSP push over UDP.
    Udp,
}

/// What receiving may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReceiveLimits {
    /// How long the body of one HTTP push may take.
    pub body_timeout: Duration,
    /// Whether to note the time of arrival.
    pub clock: bool,
    /// HTTP connections at a time, per listener.
    pub connections: usize,
    /// How long the head of one HTTP push may take.
    pub header_timeout: Duration,
    /// Octets of a message.
    pub message: usize,
}

impl Transport {
    /// The word in logs and journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Udp => "udp",
        }
    }
}

impl From<&Config> for ReceiveLimits {
    fn from(config: &Config) -> Self {
        Self {
            body_timeout: config.limits.body_timeout,
            clock: config.clock,
            connections: config.limits.connections,
            header_timeout: config.limits.header_timeout,
            message: config.limits.message,
        }
    }
}

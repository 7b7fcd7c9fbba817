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
//! use dm_agent::receive::Receivers;
//! use tokio::sync::mpsc;
//!
//! # async fn example(config: Config) -> Result<(), Box<dyn std::error::Error>> {
//! let (queue, mut deliveries) = mpsc::channel(config.limits.queue);
//! let receivers = Receivers::start(&config, queue).await?;
//! while let Some(mut delivery) = deliveries.recv().await {
//!     delivery.acknowledge(); // after it was written to a disk, say
//!     println!("{} octets from {}", delivery.octets.len(), delivery.from);
//! }
//! receivers.stop().await;
//! # Ok(())
//! # }
//! ```

#[cfg(any(
    feature = "mqtt",
    feature = "poll",
    feature = "report",
    feature = "sip",
    feature = "sms",
    feature = "spool"
))]
pub(crate) mod backoff;
mod bootstrap_push;
mod delivery;
mod error;
#[cfg(feature = "http")]
mod http;
mod intake;
#[cfg(feature = "mqtt")]
mod mqtt;
mod origin;
#[cfg(any(feature = "mqtt", feature = "poll", feature = "report", feature = "sip"))]
pub(crate) mod outward;
#[cfg(feature = "poll")]
mod poll;
mod progress;
mod proving;
mod rate;
mod receivers;
#[cfg(feature = "sip")]
mod sip;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "spool")]
mod spool;
mod tally;
#[cfg(feature = "tls")]
mod tls;
mod udp;
mod wsp;

pub use bootstrap_push::BootstrapPush;
pub use delivery::Delivery;
pub use error::StartError;
pub use origin::Origin;
pub use progress::Progress;
pub use receivers::Receivers;
pub(crate) use tally::is_told;
pub use tally::{Refusal, Tally};
#[cfg(feature = "tls")]
pub use tls::TlsError;

/// How a message came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Transport {
    /// HTTP push.
    Http,
    /// MQTT.
    Mqtt,
    /// Long poll.
    Poll,
    /// `MESSAGE` of SIP.
    Sip,
    /// Short messages.
    Sms,
    /// A file in a spool folder.
    Spool,
    /// Connectionless WSP push over UDP.
    Udp,
}

impl Transport {
    /// The word in logs and journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Mqtt => "mqtt",
            Self::Poll => "poll",
            Self::Sip => "sip",
            Self::Sms => "sms",
            Self::Spool => "spool",
            Self::Udp => "udp",
        }
    }
}

//! `BootstrapPush`: what a receiver hands over to bootstrap, and to nothing else.

use tokio::sync::oneshot;

use super::{Origin, Transport};

/// A push with SEC and MAC, as a whole, not verified. Only a receiver makes one, and the client of
/// messages takes none; a [`Delivery`](super::Delivery), which bootstrap does not take, cannot
/// become one:
///
/// ```compile_fail
/// use dm_agent::receive::{BootstrapPush, Delivery};
/// fn cross(delivery: Delivery) -> BootstrapPush {
///     delivery.into()
/// }
/// ```
#[derive(Debug)]
pub struct BootstrapPush {
    pub(super) datagram: Vec<u8>,
    pub(super) from: Origin,
    pub(super) received: Option<u64>,
    pub(super) transport: Transport,
    /// Waits for what becomes of it to be on the disk, if the transport acknowledges.
    pub(super) kept: Option<oneshot::Sender<()>>,
}

impl BootstrapPush {
    /// As a receiver would hand it over.
    #[cfg(test)]
    pub(crate) fn of(datagram: Vec<u8>) -> Self {
        let from = std::net::SocketAddr::from(([192, 0, 2, 1], 9)).into();
        Self { datagram, from, received: Some(7), transport: Transport::Udp, kept: None }
    }

    /// The push, head and document.
    #[must_use]
    pub fn datagram(&self) -> &[u8] {
        &self.datagram
    }

    /// How it came, and who the network says sent it.
    #[must_use]
    pub fn from(&self) -> String {
        format!("{} {}", self.transport.as_str(), self.from)
    }

    /// When it came, in seconds since 1970; none if the device has no clock that it trusts.
    #[must_use]
    pub const fn received(&self) -> Option<u64> {
        self.received
    }

    /// Tells the receiver that it was judged, and need not come again.
    pub fn acknowledge(mut self) {
        if let Some(kept) = self.kept.take() {
            let _ = kept.send(()); // whoever sent it may be gone
        }
    }
}

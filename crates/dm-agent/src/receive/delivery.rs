//! `Delivery`: what a receiver hands over.

use tokio::sync::oneshot;

use super::{Origin, Transport};

/// What arrived: the octets of one message, not verified.
#[derive(Debug)]
pub struct Delivery {
    /// The message, without the wrapping of the transport.
    pub octets: Vec<u8>,
    /// How it came.
    pub transport: Transport,
    /// Who the network says sent it.
    pub from: Origin,
    /// When, in seconds since 1970; none if the device has no clock that it trusts.
    pub received: Option<u64>,
    /// Waits for the message to be kept, if the transport acknowledges.
    pub(super) kept: Option<oneshot::Sender<()>>,
}

impl Delivery {
    /// Whether the transport acknowledges the message once it is kept: it comes no more then.
    #[must_use]
    pub const fn is_acknowledged(&self) -> bool {
        self.kept.is_some()
    }

    /// Tells the receiver that the message is kept, whatever becomes of it; a receiver whose
    /// delivery is dropped before says that it could not be taken.
    pub fn acknowledge(&mut self) {
        if let Some(kept) = self.kept.take() {
            let _ = kept.send(()); // whoever sent it may be gone
        }
    }
}

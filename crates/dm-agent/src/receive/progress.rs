//! How one receiver is doing: for its owner, never for a sender.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::Transport;
use crate::status::ReceiverStatus;

/// What one receiver took, and why it brings nothing now.
#[derive(Debug)]
pub struct Progress {
    transport: Transport,
    place: OnceLock<String>,
    taken: AtomicU64,
    trouble: Mutex<Option<String>>,
}

impl Progress {
    pub(super) fn new(transport: Transport) -> Self {
        let (place, taken, trouble) = (OnceLock::new(), AtomicU64::new(0), Mutex::new(None));
        Self { transport, place, taken, trouble }
    }

    /// Where it receives; said once, when that is known.
    pub(super) fn is_at(&self, place: &impl ToString) {
        let _ = self.place.set(place.to_string()); // said already
    }

    pub(super) fn take(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// For a status.
    #[must_use]
    pub fn status(&self) -> ReceiverStatus {
        ReceiverStatus {
            transport: self.transport.as_str().to_owned(),
            place: self.place.get().cloned().unwrap_or_default(),
            taken: self.taken.load(Ordering::Relaxed),
            trouble: self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// Of receivers that go somewhere themselves, and may not get there.
#[cfg(any(
    feature = "mqtt",
    feature = "poll",
    feature = "sip",
    feature = "sms",
    feature = "spool"
))]
impl Progress {
    /// It brings nothing, for this reason, until it [works](Self::works).
    pub(super) fn fails(&self, why: &impl ToString) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_string());
    }

    /// It works, as far as it knows.
    pub(super) fn works(&self) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

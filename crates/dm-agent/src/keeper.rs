//! The thread that keeps what is to be acknowledged.
//!
//! It waits for the disk and for nothing else: how long an acknowledgement takes does not depend on
//! what became of earlier messages. [Sessionless §5.5]

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tracing::error;

use crate::kept::{Kept, Message, Place};
use crate::receive::Delivery;

/// A message on its way to the client.
pub(crate) struct Taken {
    pub message: Message,
    /// Where it is kept; none if nothing was promised to its sender.
    pub place: Option<Place>,
}

/// The messages of a folder, for both threads.
pub(crate) type Shared = Arc<Mutex<Kept>>;

/// Keeps and acknowledges what comes, until the receivers end or the client does.
pub(crate) fn keep(
    kept: &Shared,
    mut deliveries: mpsc::Receiver<Delivery>,
    taken: &mpsc::Sender<Taken>,
) {
    while let Some(first) = deliveries.blocking_recv() {
        let mut batch = vec![first];
        while let Ok(next) = deliveries.try_recv() {
            batch.push(next);
        }
        let (promised, other): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(Delivery::is_acknowledged);
        let other = other.into_iter().map(|delivery| (message(&delivery), None));
        for (message, place) in keep_all(kept, promised).into_iter().chain(other) {
            if taken.blocking_send(Taken { message, place }).is_err() {
                return;
            }
        }
    }
}

/// Keeps messages with one wait for the disk, then acknowledges them; those that cannot be kept are
/// not acknowledged, and go no further.
fn keep_all(kept: &Shared, mut deliveries: Vec<Delivery>) -> Vec<(Message, Option<Place>)> {
    if deliveries.is_empty() {
        return Vec::new();
    }
    let messages: Vec<Message> = deliveries.iter().map(message).collect();
    match lock(kept).keep(&messages) {
        Ok(places) => {
            deliveries.iter_mut().for_each(Delivery::acknowledge);
            messages.into_iter().zip(places.into_iter().map(Some)).collect()
        }
        Err(error) => {
            let count = messages.len();
            error!(%error, count, "messages not acknowledged: they cannot be kept on the disk");
            Vec::new()
        }
    }
}

fn message(delivery: &Delivery) -> Message {
    let from = format!("{} {}", delivery.transport.as_str(), delivery.from);
    Message { octets: delivery.octets.clone(), received: delivery.received, from }
}

pub(crate) fn lock(kept: &Shared) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

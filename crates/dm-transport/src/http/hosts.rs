//! Which hosts speak HTTP/2, as their handshakes said.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What was learned of hosts; of the last ones, when there are many.
#[derive(Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<Place>>>);

/// What was learned of one.
pub(super) struct Place {
    speaks_h2: AtomicBool,
    turns: Arc<Semaphore>,
}

/// Hosts that are remembered. Beyond, all are forgotten: that costs a handshake each.
const MOST: usize = 16_384;
/// Connections at once to a host of which nothing is known, or that speaks HTTP/1.1.
const TURNS: usize = 8;

impl Hosts {
    pub(super) fn place(&self, authority: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(authority) {
            return place.clone();
        }
        if places.len() >= MOST {
            places.clear();
        }
        let turns = Arc::new(Semaphore::new(TURNS));
        let place = Arc::new(Place { speaks_h2: AtomicBool::new(false), turns });
        places.insert(authority.to_owned(), place.clone());
        place
    }
}

impl Place {
    pub(super) fn speaks_h2(&self) -> bool {
        self.speaks_h2.load(Ordering::Acquire)
    }

    pub(super) fn set_speaks_h2(&self, speaks: bool) {
        self.speaks_h2.store(speaks, Ordering::Release);
    }

    /// A turn to connect, until it is dropped.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.turns.clone().acquire_owned().await.ok()
    }
}

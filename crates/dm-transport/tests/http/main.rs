//! The route by HTTP: to nginx with client certificates, and to servers that fail in every way.

#[path = "../../../dm-agent/tests/receive/authority.rs"]
mod authority;
mod faults;
mod h2;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod mutual;
mod nginx;
#[path = "../../../../tests/peers/peer.rs"]
mod peer;

use std::sync::Arc;
use std::time::Duration;

use dm_transport::{HttpConfig, HttpRoute, Outgoing, PushId, Teller, Told};
use tokio::sync::mpsc;
use tokio::time::Instant;

fn outgoing(id: &str, octets: &[u8], to: &str) -> Outgoing {
    Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: Arc::from(octets),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + Duration::from_secs(10),
        valid_until: None,
    }
}

fn route(config: &HttpConfig) -> (HttpRoute, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel(10_000);
    (HttpRoute::new(config, Teller::new("http", tell)).expect("a route"), told)
}

/// The next of a channel, which must come soon.
async fn next<T>(of: &mut mpsc::Receiver<T>) -> T {
    let next = tokio::time::timeout(Duration::from_secs(10), of.recv());
    next.await.expect("in time").expect("an open channel")
}

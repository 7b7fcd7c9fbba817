//! A route with its ledger, and what it tells.

use std::sync::Arc;
use std::time::Duration;

use dm_push::receipt::{Evidence, Status};
use dm_transport::{
    Ledger, MemoryLedger, Outgoing, PushId, Route, SendError, SmppConfig, SmppRoute, SmppState,
    Teller, Told, attempt,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// A route that is listened to.
pub struct Listened {
    pub route: SmppRoute,
    pub told: mpsc::Receiver<Told>,
}

impl Listened {
    pub fn new(config: &SmppConfig) -> Self {
        Self::with(config, Arc::new(MemoryLedger::new(10_000)))
    }

    pub fn with(config: &SmppConfig, ledger: Arc<dyn Ledger>) -> Self {
        let (tell, told) = mpsc::channel(1_000);
        let route = SmppRoute::new(config, Teller::new("lab", tell), ledger).expect("a route");
        Self { route, told }
    }

    pub async fn send(&self, outgoing: &Outgoing) -> Result<(), SendError> {
        attempt(&self.route, outgoing).await
    }

    /// What is told next.
    pub async fn told(&mut self) -> Told {
        let told = self.told_and_not_kept().await;
        told.done.confirm();
        told
    }

    /// The same, which nobody keeps yet.
    pub async fn told_and_not_kept(&mut self) -> Told {
        let told = timeout(Duration::from_secs(20), self.told.recv()).await;
        told.expect("something is told").expect("the route is there")
    }

    /// Listens until so much is known of a sending; gives everything that was told on the way.
    pub async fn until(&mut self, id: &str, status: Status) -> Vec<Told> {
        let (mut evidence, mut all) = (Evidence::default(), Vec::new());
        while evidence.status() != status {
            let told = self.told().await;
            if told.id.as_str() == id {
                evidence.add(&told.receipt);
            }
            all.push(told);
        }
        all
    }

    /// Waits until the route is so.
    pub async fn is(&self, wanted: impl Fn(&SmppState) -> bool) {
        eventually(|| wanted(&self.route.state())).await;
    }

    pub async fn close(&self) {
        self.route.close(Instant::now() + Duration::from_secs(10)).await;
    }
}

/// Waits until it is so.
pub async fn eventually(is_so: impl Fn() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), waits).await.expect("it becomes so in 20 s");
}

/// A message of so many octets for the lab's first device.
pub fn outgoing(id: &str, octets: usize) -> Outgoing {
    to("tel:+358401234567", id, octets)
}

pub fn to(number: &str, id: &str, octets: usize) -> Outgoing {
    // No two neighbours are alike: what is put together in the wrong order is seen.
    let message: Vec<u8> = (0..octets).map(|at| u8::try_from(at % 251).expect("small")).collect();
    Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: Arc::from(message),
        to: number.parse().expect("a number"),
        deadline: Instant::now() + Duration::from_secs(20),
        valid_until: None,
    }
}

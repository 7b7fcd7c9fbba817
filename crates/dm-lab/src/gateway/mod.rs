//! A simulated push gateway: PAP 2.0 over HTTP/1.1 on one side, a bearer on the other. [PAP §8, §9]

mod answer;
mod behaviour;
mod notice;
mod serve;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use dm_push::pap::State;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::air;
use crate::{Bearer, Watcher};
pub use behaviour::{Answer, GatewayBehaviour};
use notice::Post;
pub use serve::Posted;
pub use world::GatewayCounts;
use world::World;

/// Notifications that may wait for the air; then pushes that ended wait.
const NOTICES: usize = 1_000;

/// A push gateway that runs until this is dropped. It works in the runtime in which it was started.
///
/// ```no_run
/// use dm_lab::{Answer, Bearer, Faults, Gateway, GatewayBehaviour};
/// # async fn example() -> std::io::Result<()> {
/// let bearer = Bearer::start(7, Faults { lose: 20, ..Faults::default() }).await?;
/// bearer.device("358401234567", "127.0.0.1:2948".parse().unwrap());
/// let behaviour = GatewayBehaviour { answer_first: vec![Answer::Lose], ..Default::default() };
/// let gateway = Gateway::start(behaviour, &bearer).await?;
/// println!("post to {}", gateway.url());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    world: Arc<World>,
    _works: JoinSet<()>,
}

impl Gateway {
    /// Starts one. What it takes goes over this bearer, to the device of that name: a number without a plus sign,
    /// an address of IP, or a user.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn start(behaviour: GatewayBehaviour, bearer: &Bearer) -> io::Result<Self> {
        Self::start_with(behaviour, bearer, None, Watcher::default()).await
    }

    /// As [`Self::start`], and somebody looks on.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn watched(
        behaviour: GatewayBehaviour,
        bearer: &Bearer,
        watcher: Watcher,
    ) -> io::Result<Self> {
        Self::start_with(behaviour, bearer, None, watcher).await
    }

    /// As [`Self::start`]; every request that it reads can be taken here, before it is answered.
    ///
    /// # Errors
    /// It cannot listen.
    pub async fn with_requests(
        behaviour: GatewayBehaviour,
        bearer: &Bearer,
    ) -> io::Result<(Self, mpsc::UnboundedReceiver<Posted>)> {
        let (tell, told) = mpsc::unbounded_channel();
        let gateway = Self::start_with(behaviour, bearer, Some(tell), Watcher::default()).await?;
        Ok((gateway, told))
    }

    async fn start_with(
        behaviour: GatewayBehaviour,
        bearer: &Bearer,
        requests: Option<mpsc::UnboundedSender<Posted>>,
        watcher: Watcher,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(behaviour.listen).await?;
        let address = listener.local_addr()?;
        let (notify, notices) = mpsc::channel(NOTICES);
        let seed = behaviour.seed;
        let world = Arc::new(World::new(behaviour, bearer.clone(), notify, watcher));
        let mut works = JoinSet::new();
        works.spawn(air::run(seed, notices, Post::new(world.clone())));
        works.spawn(serve::accept(listener, world.clone(), requests));
        Ok(Self { address, world, _works: works })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to post.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.world.behaviour().path)
    }

    /// From now on it behaves otherwise. Where it listens stays.
    pub fn behave(&self, change: impl FnOnce(&mut GatewayBehaviour)) {
        self.world.behave(change);
    }

    /// What it counted.
    #[must_use]
    pub fn counts(&self) -> GatewayCounts {
        self.world.counts()
    }

    /// What became of the push with this id, as far as the gateway knows; of the last 10,000 that it took.
    #[must_use]
    pub fn state(&self, push_id: &str) -> Option<State> {
        self.world.find(push_id).map(|record| record.state)
    }
}

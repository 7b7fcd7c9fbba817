//! SMPP 3.4 and 5.0: short messages through an SMS centre, one bound connection a route. [SMPP 3.4]
//!
//! A message goes as a WSP push to port 2948, in as many segments as it takes, in order. Each answer of the
//! SMS centre is kept in the [`Ledger`] before the sending counts as done; so a delivery receipt finds its
//! segment days later, and after a restart. It is acknowledged once whoever is told of it has
//! [confirmed](crate::Done::confirm) that it is kept, and comes again where nobody does. When a connection is cut, the segments without an answer go
//! again over the next one, the same octets with the same reference: the device puts together what came
//! twice. What was answered is not sent again.

mod bound;
mod compose;
mod config;
mod connect;
mod link;
mod receipts;
mod state;
mod train;

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dm_push::smpp::Session;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

pub use config::SmppConfig;
pub use state::{SmppCounts, SmppDown, SmppState};

use crate::SendError;
use crate::route::{Ledger, Outgoing, Plan, Route, Sending, Teller};
use crate::setup::SetupError;
use compose::Composer;
use link::{Link, Login, Times};
use receipts::Keeper;
use state::{Asking, Shared};
use train::{Segment, Work};

/// Messages that may wait for the connection beside those that it works on.
const QUEUE: usize = 64;

/// Batches of answers that may wait to be kept.
const BATCHES: usize = 4;

/// A route to an SMS centre. It connects at once, and again whenever the connection is lost. A deadline is one of
/// silence: a sending goes on while the SMS centre takes segments, of this message or of those before it.
pub struct SmppRoute {
    composer: Composer,
    /// Its name, and what of a message its SMS centre took before.
    name: Arc<str>,
    ledger: Arc<dyn Ledger>,
    work: mpsc::Sender<Work>,
    closing: watch::Sender<Option<Instant>>,
    /// Closed once everything that worked for the route has ended.
    ended: watch::Receiver<()>,
    shared: Arc<Shared>,
}

impl SmppRoute {
    /// A route that tells this, and keeps what the SMS centre calls its segments there. It works in the
    /// runtime in which it is made.
    ///
    /// # Errors
    /// [`SetupError`], of the configuration, or of what it names.
    ///
    /// # Panics
    /// Outside of a runtime of tokio.
    pub fn new(
        config: &SmppConfig,
        teller: Teller,
        ledger: Arc<dyn Ledger>,
    ) -> Result<Self, SetupError> {
        let composer = Composer::new(config)?;
        let tls = config.tls.as_ref().map(|tls| tls.open()).transpose()?;
        let teller = tls.iter().fold(teller, Teller::once_shown);
        let password = config.password.as_ref().map(|secret| secret.read()).transpose()?;
        let login = Login {
            centre: config.centre.clone(),
            system_id: config.system_id.clone(),
            password: password.unwrap_or_default(),
            system_type: config.system_type.clone(),
            version: config.version,
        };
        let settings = config.settings();
        Session::<Segment>::new(settings, &login.bind(), Duration::ZERO).map_err(|_| {
            SetupError::Key(
                "SMPP has at most 15 octets of system_id, 8 of a password and 12 of \
                     system_type, none of them zero: correct the one that has not",
            )
        })?;
        let shared = Arc::new(Shared::new(config.centre.to_string()));
        let (work, works) = mpsc::channel(QUEUE);
        let (heard, to_keep) = mpsc::channel(BATCHES);
        let (acknowledge, acknowledgements) = mpsc::unbounded_channel();
        let (closing, is_closing) = watch::channel(None);
        let (alive, ended) = watch::channel(());
        let link = Link {
            login,
            tls,
            times: Times {
                connect: config.connect_timeout,
                reconnect: config.reconnect,
                longest_reconnect: config.longest_reconnect,
            },
            settings,
            work: works,
            ready: VecDeque::new(),
            heard,
            acknowledgements,
            closing: is_closing,
            shared: shared.clone(),
        };
        let name = teller.route().clone();
        let keeper = Keeper::new(config, teller, ledger.clone(), acknowledge, shared.clone());
        tokio::spawn(link.run());
        tokio::spawn(async move {
            keeper.run(to_keep).await;
            drop(alive);
        });
        Ok(Self { composer, name, ledger, work, closing, ended, shared })
    }

    /// How it is now.
    #[must_use]
    pub fn state(&self) -> SmppState {
        self.shared.state()
    }

    /// When the SMS centre took nothing for as long as there is until the deadline; how long that is.
    async fn silence(&self, mut deadline: Instant) -> Duration {
        let allowed = deadline.saturating_duration_since(Instant::now());
        loop {
            sleep_until(deadline).await;
            match self.shared.took().and_then(|took| took.checked_add(allowed)) {
                Some(later) if later > deadline => deadline = later,
                _ => return allowed,
            }
        }
    }

    /// What it counted.
    #[must_use]
    pub fn counts(&self) -> SmppCounts {
        self.shared.counts()
    }
}

impl fmt::Debug for SmppRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, shared, .. } = self;
        f.debug_struct("SmppRoute").field("name", name).field("shared", shared).finish()
    }
}

impl Route for SmppRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        self.composer.plan(outgoing)
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let submissions = self.composer.submissions(outgoing)?;
            let Outgoing { id, to, .. } = outgoing;
            let taken = self.ledger.taken(&self.name, to, id);
            let taken = taken.map_err(|source| SendError::Ledger { to: to.clone(), source })?;
            let (work, waiting) = Work::new(id.clone(), to.clone(), submissions, &taken);
            if work.submissions.is_empty() {
                return Ok(()); // all of it was taken before
            }
            let _asking = Asking::new(&self.shared);
            let closed = || SendError::Closed { to: to.clone() };
            let sending = async {
                self.work.send(work).await.map_err(|_| closed())?;
                waiting.outcome().await.unwrap_or_else(|| Err(closed()))
            };
            tokio::select! {
                outcome = sending => outcome,
                after = self.silence(outgoing.deadline) => {
                    Err(SendError::Timeout { to: to.clone(), after })
                }
            }
        })
    }

    fn events(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts();
        vec![
            ("bound", counts.bound),
            ("throttled", counts.throttled),
            ("unknown receipt", counts.unknown_receipts),
            ("receipt not kept", counts.unkept_receipts),
            ("no receipt", counts.not_receipts),
        ]
    }

    fn is_patient(&self) -> bool {
        true
    }

    fn close(&self, deadline: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            self.closing.send_replace(Some(deadline));
            let mut ended = self.ended.clone();
            let _ = timeout_at(deadline, async { while ended.changed().await.is_ok() {} }).await;
        })
    }
}

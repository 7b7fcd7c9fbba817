//! The agent: receivers in front, one client behind, and nothing that leads back.

use std::path::PathBuf;
#[cfg(feature = "report")]
use std::sync::PoisonError;
use std::sync::{Arc, Mutex};

use dm_client::{Client, ClientError};
use dm_crypto::AwsLc;
use dm_seal::encryption::DeviceKeys;
use dm_tree::Uri;
use dm_tree::store::Store;
use thiserror::Error;
use tokio::sync::mpsc;
use tracing::warn;

use crate::bootstrap::by_push;
use crate::config::Config;
use crate::device_keys::{self, DeviceKeyError};
use crate::effects::{EffectsError, Runner};
use crate::kept::Kept;
use crate::persist::{PersistError, RedbStore};
use crate::receive::{Receivers, StartError};
#[cfg(feature = "report")]
use crate::report::{ReportError, Reporting};
use crate::settings::{SettingsError, settings};
use crate::status::{Busy, Server, Sources, Waiting};
use crate::worker::Inbound;
use crate::{keeper, kept, worker};

/// The client of an agent.
pub type AgentClient = Client<RedbStore, AwsLc>;

/// The agent cannot start, or cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The client cannot work.
    #[error(transparent)]
    Client(#[from] ClientError<PersistError>),
    /// Something that works until it is stopped has ended.
    #[error("{0} ended by itself: this is a bug in it; please report it with the log")]
    Ended(&'static str),
    /// A device key cannot be used.
    #[error(transparent)]
    DeviceKey(#[from] DeviceKeyError),
    /// An effect cannot be.
    #[error(transparent)]
    Effects(#[from] EffectsError),
    /// The configuration and the state are of different devices.
    #[error(
        "the configuration is for device {configured:?}, but {state} was provisioned for \
         {provisioned:?}: correct `device_id` or `state`"
    )]
    OtherDevice {
        /// `device_id` of the configuration.
        configured: String,
        /// `./DevInfo/DevId` of the state.
        provisioned: String,
        /// The state folder.
        state: PathBuf,
    },
    /// A message made the client fail in a way that it must not.
    #[error("the client failed on a message: this is a bug in it; please report it with the log")]
    Panicked,
    /// The state cannot be opened.
    #[error(transparent)]
    Persist(#[from] PersistError),
    /// The journal cannot be reported as the configuration says.
    #[cfg(feature = "report")]
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The section `tree` of the configuration is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A receiver cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl RunError {
    /// What the device's owner can do, where the error itself does not say it.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Client(ClientError::Store(error)) | Self::Persist(error) => Some(error.remedy()),
            Self::Client(ClientError::DeviceKey(_)) => {
                Some("see that the token of the device key is there; the message may come again")
            }
            Self::Client(_) => Some("put a copy of the state back, or provision the device anew"),
            #[cfg(feature = "tokens")]
            Self::DeviceKey(DeviceKeyError::Token { error, .. }) => Some(error.remedy()),
            Self::DeviceKey(DeviceKeyError::Passphrase { .. }) => {
                Some("correct device_keys.pass_file in the configuration, or the file")
            }
            Self::DeviceKey(_) => Some("look at the folder device-keys in the state folder"),
            #[cfg(feature = "report")]
            Self::Report(_) => None,
            Self::Effects(_)
            | Self::Ended(_)
            | Self::OtherDevice { .. }
            | Self::Panicked
            | Self::Settings(_)
            | Self::Start(_) => None,
        }
    }

    /// Whether something has to be there that is not: a state folder, or what a key in a token
    /// needs.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Persist(PersistError::NotAState(_)) => true,
            #[cfg(feature = "tokens")]
            Self::DeviceKey(DeviceKeyError::Token { error, .. }) => error.is_missing(),
            _ => false,
        }
    }
}

/// Opens the client of a configuration on its state, with the keys that it decrypts with.
///
/// # Errors
/// When the state is none, in use, damaged, or of another device, or a key cannot be used.
pub fn open(config: &Config) -> Result<AgentClient, RunError> {
    open_with(config, device_keys::load_all(config, None)?)
}

/// As [`open()`]; a state that is in use may be free in a moment: somebody looks into its journal.
async fn open_soon(config: &Config) -> Result<AgentClient, RunError> {
    for _ in 0..10 {
        match open(config) {
            Err(RunError::Persist(PersistError::InUse(_))) => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            other => return other,
        }
    }
    open(config)
}

/// As [`open()`], with these keys and no others.
///
/// # Errors
/// When the state is none, in use, damaged, or of another device.
pub fn open_with(config: &Config, keys: DeviceKeys) -> Result<AgentClient, RunError> {
    let store = RedbStore::open(&config.state)?;
    let client = Client::open(store, AwsLc, settings(config)?)?.with_device_keys(keys);
    match device_id(&client) {
        Some(provisioned) if provisioned != config.device_id => Err(RunError::OtherDevice {
            configured: config.device_id.clone(),
            provisioned,
            state: config.state.clone(),
        }),
        _ => Ok(client),
    }
}

/// `./DevInfo/DevId` of a client's tree.
#[must_use]
pub fn device_id(client: &AgentClient) -> Option<String> {
    let uri = Uri::parse("./DevInfo/DevId").ok()?;
    client.tree().get(&uri)?.as_text().map(str::to_owned)
}

/// A running agent.
#[derive(Debug)]
pub struct Agent {
    busy: Arc<Busy>,
    receivers: Receivers,
    #[cfg(feature = "report")]
    reporting: Reporting,
    status: Server,
    /// None once it has ended.
    worker: Option<tokio::task::JoinHandle<Result<(), RunError>>>,
}

impl Agent {
    /// Opens the state, then starts to receive.
    ///
    /// # Errors
    /// When the state cannot be opened or an address is in use.
    pub async fn start(config: &Config) -> Result<Self, RunError> {
        if config.bootstrap.push {
            by_push::prepare(config)?;
        }
        let client = open_soon(config).await?;
        if client.tree().accounts().next().is_none() {
            warn!(
                "the state has no account: every message is refused until a bootstrap document brings one"
            );
        }
        if config.danger.sha1 {
            warn!(
                "DANGER: danger.sha1 is on: messages signed with SHA-1 are accepted, and can be forged \
                 by whoever pays for a collision"
            );
        }
        if config.danger.unbound_ciphertext {
            warn!(
                "DANGER: danger.unbound_ciphertext is on: encrypted values are accepted that any server \
                 with an account may have taken from another one's message"
            );
        }
        let runner = Runner::new(config, tokio::runtime::Handle::current())?;
        let (queue, deliveries) = mpsc::channel(config.limits.queue);
        // A queue of its own, and none where bootstrap takes no pushes.
        let (bootstrap, bootstraps) = mpsc::channel(BOOTSTRAPS);
        let bootstrap = config.bootstrap.push.then_some(bootstrap);
        let receivers = Receivers::start_with(config, queue, bootstrap).await?;
        let mut sources = Sources::new(config, client.store().reader());
        sources.receivers = receivers.progress().to_vec();
        sources.tally = receivers.tally();
        let done = client.store().record(kept::RECORD)?;
        let (kept, left) = Kept::open(&config.state, done.as_deref())
            .map_err(|error| PersistError::Io { folder: config.state.join(kept::FOLDER), error })?;
        let kept = Arc::new(Mutex::new(kept));
        let (taken, to_take) = mpsc::channel(config.limits.queue);
        // Both wait for the disk: not a place for the reactor.
        let keeper = kept.clone();
        tokio::task::spawn_blocking(move || keeper::keep(&keeper, deliveries, &taken));
        let busy = sources.busy.clone();
        let (asked, seen) = (kept.clone(), busy.clone());
        sources.waiting = Box::new(move || {
            let (messages, octets) = keeper::lock(&asked).waiting();
            Waiting { messages, octets }
        });
        #[cfg(feature = "report")]
        let (reporting, reported) = Reporting::start(config, client.store().reader())?;
        #[cfg(feature = "report")]
        if let Some(reported) = reported {
            let reported = move || reported.lock().unwrap_or_else(PoisonError::into_inner).clone();
            sources.reported = Some(Box::new(reported));
        }
        #[cfg(not(feature = "report"))]
        if config.report.is_some() {
            return Err(StartError::NotBuilt { section: "[report]" }.into());
        }
        let status = Server::start(&config.state, sources);
        let (own, inbound) = (config.clone(), Inbound { left, taken: to_take, bootstraps, kept });
        let worker =
            tokio::task::spawn_blocking(move || worker::work(client, &own, inbound, runner, &seen));
        Ok(Self {
            busy,
            receivers,
            #[cfg(feature = "report")]
            reporting,
            status,
            worker: Some(worker),
        })
    }

    /// The addresses that are listened on, in the order of the configuration.
    #[must_use]
    pub fn local_addrs(&self) -> &[std::net::SocketAddr] {
        self.receivers.local_addrs()
    }

    /// For how many seconds it has been at one message or effect; none when it waits for the next.
    #[must_use]
    pub fn busy_for(&self) -> Option<u64> {
        self.busy.seconds()
    }

    /// Waits until it cannot go on: a failing store can cause that, or what must not be. Without a
    /// receiver in the configuration there is nothing to wait for.
    ///
    /// # Errors
    /// What the store said, or [`RunError::Ended`] and [`RunError::Panicked`]; after the first of
    /// these [`Self::stop`] still closes the state.
    pub async fn failed(&mut self) -> Result<(), RunError> {
        let Some(worker) = &mut self.worker else { return Ok(()) };
        let ended = tokio::select! {
            biased;
            () = self.receivers.ended() => return Err(RunError::Ended("a receiver")),
            ended = worker => ended,
        };
        self.worker = None;
        match ended.unwrap_or(Err(RunError::Panicked)) {
            // It ends when the thread before it does, which ends with the receivers.
            Ok(()) if self.receivers.are_running() => {
                Err(RunError::Ended("the thread that keeps messages"))
            }
            ended => ended,
        }
    }

    /// Stops to receive, carries out what is queued, and closes the state.
    ///
    /// # Errors
    /// When the store failed on the way.
    pub async fn stop(self) -> Result<(), RunError> {
        self.status.stop().await;
        #[cfg(feature = "report")]
        self.reporting.stop().await;
        self.receivers.stop().await; // the queue ends with its receivers, and the worker with it
        let Some(worker) = self.worker else { return Ok(()) };
        worker.await.unwrap_or(Err(RunError::Panicked))
    }
}

/// Bootstrap pushes that wait for their turn.
const BOOTSTRAPS: usize = 4;

#[cfg(test)]
mod tests;

//! oFono: it joins segments, and hands over each WAP push to port 2948 once.
//!
//! Its network side is told that a segment arrived before we hear of it. So what it hands over is
//! answered when it is kept, and until then it is tried again: an error would lose the message,
//! and our registration with it. A push that comes while no agent is registered is lost in oFono.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tracing::{debug, info, warn};
use zbus::fdo;
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::bus::{Bus, Lost, Signal};
use super::{Gate, Sender, Taken, backoff};
use crate::config::Sms;
use crate::receive::tally::Refusal;

const SERVICE: &str = "org.ofono";
const PUSH: &str = "org.ofono.PushNotification";
const SIGNALS: &[Signal] = &[
    ("org.ofono.Manager", "ModemAdded", None),
    ("org.ofono.Manager", "ModemRemoved", None),
    ("org.ofono.Modem", "PropertyChanged", Some("Interfaces")),
];

/// Receives until the bus is gone.
pub(super) async fn receive(sms: &Sms, gate: &Gate) -> Lost {
    match connected(sms, gate).await {
        Err(lost) => lost,
        Ok(never) => match never {},
    }
}

async fn connected(sms: &Sms, gate: &Gate) -> Result<std::convert::Infallible, Lost> {
    let mut bus = Bus::connect(sms.bus.as_deref(), SERVICE, SIGNALS).await?;
    let known = Arc::new(Known {
        changed: bus.waker(),
        gate: gate.clone(),
        now: Mutex::default(),
        waiting: Semaphore::new(WAITING),
    });
    let mut backoff = backoff();
    loop {
        let owner = bus.owner(SERVICE).await?;
        if known.follow(owner.as_deref()) {
            gate.tell("ofono", owner.as_deref());
        }
        let mut again = None;
        if owner.is_some() {
            match register(&bus, &known).await {
                Ok(()) => backoff.reset(),
                Err(error) => {
                    let pause = backoff.next();
                    debug!(%error, ?pause, "oFono does not take us on all of its modems yet");
                    again = Some(pause);
                }
            }
        }
        bus.wait(again).await?;
    }
}

/// Registers with every modem that has pushes and does not know us.
async fn register(bus: &Bus, known: &Arc<Known>) -> zbus::Result<()> {
    type Modems = Vec<(OwnedObjectPath, HashMap<String, OwnedValue>)>;
    let connection = &bus.connection;
    let manager = "org.ofono.Manager";
    let modems =
        connection.call_method(Some(SERVICE), "/", Some(manager), "GetModems", &()).await?;
    let modems = modems.body().deserialize::<Modems>()?;
    let modems: HashSet<String> = modems
        .into_iter()
        .filter(|(_, properties)| has_pushes(properties))
        .map(|(path, _)| path.to_string())
        .collect();
    known.retain(&modems);
    let mut failed = None;
    for modem in modems {
        if known.has(&modem) {
            continue;
        }
        let path = format!("/org/marconigram{modem}");
        let agent = PushAgent { known: known.clone(), modem: modem.clone() };
        connection.object_server().at(path.as_str(), agent).await?; // "false" if it is there
        let path = zbus::zvariant::ObjectPath::try_from(path)?;
        known.insert(&modem); // before it can be released
        let (at, body) = (modem.as_str(), (path,));
        let called =
            connection.call_method(Some(SERVICE), at, Some(PUSH), "RegisterAgent", &body).await;
        match called {
            Ok(_) => info!(modem, "oFono hands pushes over"),
            Err(error) => {
                known.remove(&modem);
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

fn has_pushes(properties: &HashMap<String, OwnedValue>) -> bool {
    let interfaces = properties.get("Interfaces").and_then(|value| value.try_clone().ok());
    let interfaces = interfaces.and_then(|value| Vec::<String>::try_from(value).ok());
    interfaces.is_some_and(|interfaces| interfaces.iter().any(|name| name == PUSH))
}

/// What all of our objects on the bus know.
struct Known {
    changed: Arc<Notify>,
    gate: Gate,
    now: Mutex<Now>,
    /// Pushes that wait to be kept: each holds its octets.
    waiting: Semaphore,
}

/// Who oFono is, and the modems on which it knows us.
#[derive(Default)]
struct Now {
    owner: Option<String>,
    modems: HashSet<String>,
}

impl Known {
    /// Whether oFono is another than before; it knows nothing of us then.
    fn follow(&self, owner: Option<&str>) -> bool {
        let mut now = self.lock();
        let is_new = now.owner.as_deref() != owner;
        if is_new {
            *now = Now { owner: owner.map(str::to_owned), modems: HashSet::new() };
        }
        is_new
    }

    fn is_of_owner(&self, header: &Header<'_>) -> bool {
        let now = self.lock();
        now.owner.is_some() && header.sender().map(|name| name.as_str()) == now.owner.as_deref()
    }

    fn retain(&self, modems: &HashSet<String>) {
        self.lock().modems.retain(|modem| modems.contains(modem));
    }

    fn has(&self, modem: &str) -> bool {
        self.lock().modems.contains(modem)
    }

    fn insert(&self, modem: &str) {
        self.lock().modems.insert(modem.to_owned());
    }

    fn remove(&self, modem: &str) {
        self.lock().modems.remove(modem);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Our object on the bus for one modem.
struct PushAgent {
    known: Arc<Known>,
    modem: String,
}

#[zbus::interface(name = "org.ofono.PushNotificationAgent")]
impl PushAgent {
    /// The whole WSP push; it is answered when it is kept, or will never be.
    async fn receive_notification(
        &self,
        data: Vec<u8>,
        info: HashMap<String, OwnedValue>,
        #[zbus(header)] header: Header<'_>,
    ) -> fdo::Result<()> {
        let gate = &self.known.gate;
        let number = info.get("Sender").and_then(|value| <&str>::try_from(value).ok());
        let from = Sender { number: number.unwrap_or_default().to_owned(), service_centre: None };
        if !self.known.is_of_owner(&header) {
            gate.refuse(Refusal::Source, &from, data.len(), "by another program than oFono");
            return Err(fdo::Error::AccessDenied("only oFono hands pushes over".into()));
        }
        if !gate.intake.in_rate(from.origin()) {
            return Ok(());
        }
        let Ok(_waiting) = self.known.waiting.try_acquire() else {
            gate.refuse(Refusal::QueueFull, &from, data.len(), "too many wait to be kept");
            return Ok(());
        };
        let mut backoff = backoff();
        loop {
            match gate.take(&data, &from).await {
                Taken::Kept | Taken::Refused => return Ok(()),
                Taken::NotOurs(refusal) => {
                    gate.refuse(refusal, &from, data.len(), "no push of device management");
                    return Ok(());
                }
                Taken::Later => {
                    let pause = backoff.next().min(RETRY);
                    warn!(from = %from.origin(), ?pause, "a push cannot be kept yet");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// oFono forgets us on this modem.
    async fn release(&self, #[zbus(header)] header: Header<'_>) {
        if self.known.is_of_owner(&header) {
            debug!(modem = self.modem, "released");
            self.known.remove(&self.modem);
            self.known.changed.notify_one();
        }
    }
}

/// Pushes that may wait at a time.
const WAITING: usize = 16;
/// Between two attempts to keep a push that nobody else has any more.
const RETRY: Duration = Duration::from_secs(10);

//! ModemManager: the short messages of its modems are read, and deleted once they are kept.
//!
//! It takes the user data header off and joins segments itself, so `Data` is a whole push and its
//! port is not known: what reads as a push for the device management client is one. Where `Data`
//! begins with a header all the same, it is joined here.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::time::Instant;

use tracing::{debug, info, warn};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::bus::{Bus, Lost, Signal};
use super::segments::{self, Segments, Step};
use super::{Gate, Sender, Taken, backoff};
use crate::config::Sms;
use crate::receive::tally::Refusal;

const SERVICE: &str = "org.freedesktop.ModemManager1";
const MESSAGING: &str = "org.freedesktop.ModemManager1.Modem.Messaging";
const SMS: &str = "org.freedesktop.ModemManager1.Sms";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const OBJECTS: &str = "org.freedesktop.DBus.ObjectManager";
const SIGNALS: &[Signal] = &[
    (MESSAGING, "Added", None),
    (OBJECTS, "InterfacesAdded", None),
    ("org.freedesktop.ModemManager1.Modem", "StateChanged", None),
    // The last segment of a message that ModemManager joins.
    (PROPERTIES, "PropertiesChanged", Some(SMS)),
];

/// `State` of a short message that came whole.
const RECEIVED: u32 = 3;

type Properties = HashMap<String, OwnedValue>;

/// Receives until the bus is gone.
pub(super) async fn receive(sms: &Sms, gate: &Gate) -> Lost {
    match connected(sms, gate).await {
        Err(lost) => lost,
        Ok(never) => match never {},
    }
}

async fn connected(sms: &Sms, gate: &Gate) -> Result<Infallible, Lost> {
    let mut bus = Bus::connect(sms.bus.as_deref(), SERVICE, SIGNALS).await?;
    let mut inbox = Inbox::new(sms, gate);
    let mut owner = None;
    let mut backoff = backoff();
    let mut is_first = true;
    loop {
        let now = bus.owner(SERVICE).await?;
        if is_first || now != owner {
            gate.tell("modemmanager", now.as_deref());
            // Its objects are others now, and all of them are looked at anew.
            inbox = Inbox::new(sms, gate);
            (owner, is_first) = (now, false);
        }
        let mut wait = None;
        if owner.is_some() {
            match inbox.look(&bus).await {
                Ok(true) => backoff.reset(),
                Ok(false) => wait = Some(backoff.next()),
                Err(error) => {
                    let pause = backoff.next();
                    warn!(%error, ?pause, "ModemManager does not show its short messages");
                    wait = Some(pause);
                }
            }
        }
        let expiry = inbox.segments.next_expiry();
        let pause = inbox.pause.map(|until| until.saturating_duration_since(Instant::now()));
        bus.wait(wait.into_iter().chain(expiry).chain(pause).min()).await?;
    }
}

/// A short message in a modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Place {
    modem: OwnedObjectPath,
    sms: OwnedObjectPath,
}

/// What is known of the short messages of all modems.
struct Inbox<'a> {
    gate: &'a Gate,
    /// Those that were looked at, and are of no more interest.
    seen: HashSet<Place>,
    /// Pushes whose senders come too often, in the order in which they came.
    delayed: Vec<(Vec<u8>, Sender, Vec<Place>)>,
    /// When the first of these may be taken.
    pause: Option<Instant>,
    segments: Segments<Place>,
    /// Pushes that could not be kept yet.
    waiting: Vec<(Vec<u8>, Sender, Vec<Place>)>,
}

impl<'a> Inbox<'a> {
    fn new(sms: &Sms, gate: &'a Gate) -> Self {
        let segments = Segments::new(sms.segment_timeout);
        let (delayed, waiting) = (Vec::new(), Vec::new());
        Self { gate, seen: HashSet::new(), delayed, pause: None, segments, waiting }
    }

    /// Looks at all short messages that are new; whether there was room for each.
    async fn look(&mut self, bus: &Bus) -> zbus::Result<bool> {
        for (from, places) in self.segments.expire(Instant::now()) {
            info!(from = %from.1.escape_debug(), segments = places.len(), "segments without others");
            self.delete(bus, &places).await;
        }
        self.pause = None;
        let waiting = std::mem::take(&mut self.waiting);
        for (push, from, places) in waiting.into_iter().chain(std::mem::take(&mut self.delayed)) {
            self.push(bus, push, from, places).await;
        }
        let (mut there, mut failed) = (HashSet::new(), None);
        for modem in modems(bus).await? {
            match list(bus, &modem).await {
                Ok(listed) => {
                    there.extend(listed.into_iter().map(|sms| Place { modem: modem.clone(), sms }));
                }
                // It is switched off, and says when it is on.
                Err(zbus::Error::MethodError(name, ..)) if name.ends_with(".WrongState") => {}
                Err(error) => failed = Some(error),
            }
        }
        if failed.is_none() {
            self.seen.retain(|place| there.contains(place));
        }
        // In the order in which they came, as far as their paths tell.
        let mut new: Vec<_> = there.into_iter().filter(|it| !self.seen.contains(it)).collect();
        new.sort_by_key(|place| (place.sms.len(), place.sms.to_string()));
        for place in new {
            if self.waiting.len() >= WAITING {
                return Ok(false);
            }
            match properties(bus, &place).await {
                Ok(properties) => self.message(bus, place, &properties).await,
                Err(error) => debug!(sms = %place.sms, %error, "gone before it was read"),
            }
        }
        failed.map_or(Ok(self.waiting.is_empty()), Err)
    }

    async fn message(&mut self, bus: &Bus, place: Place, properties: &Properties) {
        let state = properties.get("State").and_then(|value| u32::try_from(value).ok());
        if state != Some(RECEIVED) {
            return; // it is looked at again when that changes
        }
        self.seen.insert(place.clone());
        let data = properties.get("Data").and_then(|value| value.try_clone().ok());
        let data = data.and_then(|value| Vec::<u8>::try_from(value).ok()).unwrap_or_default();
        if data.is_empty() {
            return; // text, for people
        }
        let text = |name| {
            let text = properties.get(name).and_then(|value| <&str>::try_from(value).ok());
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let from =
            Sender { number: text("Number").unwrap_or_default(), service_centre: text("SMSC") };
        if segments::has_header(&data) && !self.gate.admits(&from) {
            // Left where it is: a segment may be of a push for another program.
            let why = "not in the lists of sources";
            return self.gate.refuse(Refusal::Source, &from, data.len(), why);
        }
        let key = (place.modem.to_string(), from.number.clone());
        let step = self.segments.take(&data, key, place, Instant::now());
        let discarded = self.segments.discarded();
        self.delete(bus, &discarded).await;
        match step {
            Step::Whole(push, places) => self.push(bus, push, from, places).await,
            Step::Duplicate(place) => self.delete(bus, &[place]).await,
            Step::Refused(refused) => {
                self.gate.refuse(Refusal::Segment, &from, data.len(), &refused.to_string());
            }
            Step::OtherPort | Step::Waiting => {}
        }
    }

    async fn push(&mut self, bus: &Bus, push: Vec<u8>, from: Sender, places: Vec<Place>) {
        match self.gate.take_in_turn(&push, &from).await {
            Ok(Taken::Kept | Taken::Refused) => self.delete(bus, &places).await,
            Ok(Taken::NotOurs(refusal)) => {
                debug!(from = %from.origin(), %refusal, "a short message of another program");
            }
            Ok(Taken::Later) => self.waiting.push((push, from, places)),
            Err(wait) => {
                match &places[..] {
                    _ if self.delayed.len() < DELAYED => self.delayed.push((push, from, places)),
                    // Left in the modem, where it is found again.
                    [one] => _ = self.seen.remove(one),
                    // Its segments would be taken for duplicates when they are found again.
                    _ => {
                        let why = "too many messages wait for `limits.rate`";
                        self.gate.refuse(Refusal::Rate, &from, push.len(), why);
                        return self.delete(bus, &places).await;
                    }
                }
                let until = Instant::now() + wait;
                self.pause = Some(self.pause.map_or(until, |pause| pause.min(until)));
            }
        }
    }

    async fn delete(&self, bus: &Bus, places: &[Place]) {
        for Place { modem, sms } in places {
            let (messaging, body) = (Some(MESSAGING), (sms,));
            let call =
                bus.connection.call_method(Some(SERVICE), modem, messaging, "Delete", &body).await;
            if let Err(error) = call {
                warn!(%sms, %error, "a short message could not be deleted");
            }
        }
    }
}

/// The modems that can have short messages.
async fn modems(bus: &Bus) -> zbus::Result<Vec<OwnedObjectPath>> {
    type Objects = HashMap<OwnedObjectPath, HashMap<String, Properties>>;
    let path = "/org/freedesktop/ModemManager1";
    let call =
        bus.connection.call_method(Some(SERVICE), path, Some(OBJECTS), "GetManagedObjects", &());
    let objects = call.await?.body().deserialize::<Objects>()?;
    let has_messages =
        |interfaces: &HashMap<String, Properties>| interfaces.contains_key(MESSAGING);
    Ok(objects.into_iter().filter(|it| has_messages(&it.1)).map(|it| it.0).collect())
}

async fn list(bus: &Bus, modem: &OwnedObjectPath) -> zbus::Result<Vec<OwnedObjectPath>> {
    let call = bus.connection.call_method(Some(SERVICE), modem, Some(MESSAGING), "List", &());
    call.await?.body().deserialize()
}

async fn properties(bus: &Bus, place: &Place) -> zbus::Result<Properties> {
    let call =
        bus.connection.call_method(Some(SERVICE), &place.sms, Some(PROPERTIES), "GetAll", &(SMS,));
    call.await?.body().deserialize()
}

/// Pushes that wait for room: what comes after them is left in the modem.
const WAITING: usize = 16;
/// Pushes that wait until their senders may come again.
const DELAYED: usize = 64;

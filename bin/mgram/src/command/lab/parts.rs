//! The parts of a lab that runs.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use dm_lab::{Bearer, Behaviour, By, Gateway, GatewayBehaviour, SmsCentre, Watcher};
use serde_json::json;

use super::options::Share;
use super::settings::{GatewaySettings, Settings, SmsCentreSettings};
use super::tally::Tally;
use crate::fault::Fault;
use crate::report::Reporter;

/// What runs, until this is dropped.
pub struct Parts {
    sms_centre: Option<SmsCentre>,
    gateway: Option<Gateway>,
    bearer: Option<Bearer>,
    /// Where the bearer listens.
    front: Option<SocketAddr>,
}

/// The device of whoever sends datagrams.
const DEVICE: &str = "device";

impl Parts {
    pub async fn start(settings: &Settings, tally: &Arc<Tally>) -> Result<Self, Fault> {
        let counting = tally.clone();
        let watcher = Watcher::new(move |event| counting.take(event));
        let mut parts = Self { sms_centre: None, gateway: None, bearer: None, front: None };
        if let Some(own) = &settings.sms_centre {
            let centre = SmsCentre::watched(sms_centre(settings, own), watcher.clone()).await;
            let centre = centre.map_err(|error| cannot("SMS centre", own.listen, &error))?;
            if let Some(at) = settings.to {
                centre.other_devices(at);
            }
            for (name, at) in &settings.devices {
                centre.device(name, *at).await;
            }
            parts.sms_centre = Some(centre);
        }
        if settings.gateway.is_none() && settings.bearer.is_none() {
            return Ok(parts);
        }
        let bearer = Bearer::watched(settings.seed, settings.faults.faults(), watcher.clone());
        let bearer = bearer.await.map_err(|error| Fault::refused(error).next("try again"))?;
        if let Some(at) = settings.to {
            bearer.other_devices(at);
        }
        for (name, at) in &settings.devices {
            bearer.device(name, *at);
        }
        if let Some(own) = &settings.gateway {
            let gateway = Gateway::watched(gateway(settings, own), &bearer, watcher).await;
            let gateway = gateway.map_err(|error| cannot("gateway", own.listen, &error))?;
            parts.gateway = Some(gateway);
        }
        if let Some(own) = &settings.bearer {
            let front = bearer.listen(own.listen, DEVICE).await;
            parts.front = Some(front.map_err(|error| cannot("bearer", own.listen, &error))?);
        }
        parts.bearer = Some(bearer);
        Ok(parts)
    }

    /// Which there are.
    pub fn names(&self) -> Vec<By> {
        self.places().into_iter().map(|(by, _)| by).collect()
    }

    /// Says where each listens.
    pub fn show(&self, reporter: Reporter) {
        for (by, at) in self.places() {
            let name = by.name();
            let value = json!({ "event": "listening", "by": name, "at": at });
            reporter.result(&value, || format!("{name}: {at}"));
        }
    }

    fn places(&self) -> Vec<(By, String)> {
        let centre = self.sms_centre.as_ref();
        let centre = centre.map(|it| (By::SmsCentre, format!("smpp://{}", it.address())));
        let gateway = self.gateway.as_ref().map(|it| (By::Gateway, it.url()));
        let bearer = self.front.map(|at| (By::Bearer, format!("udp://{at}")));
        centre.into_iter().chain(gateway).chain(bearer).collect()
    }
}

fn sms_centre(settings: &Settings, own: &SmsCentreSettings) -> Behaviour {
    let (faults, usual) = (settings.faults.faults(), Behaviour::default());
    Behaviour {
        listen: own.listen,
        system_id: own.system_id.clone(),
        password: own.password.clone(),
        seed: settings.seed,
        per_second: own.per_second,
        answer_after: own.answer_after.map_or(usual.answer_after, |time| time.0),
        delay: faults.delay,
        lose: faults.lose,
        undeliverable: faults.undeliverable,
        duplicate: faults.duplicate,
        reorder: faults.reorder,
        sleep: faults.sleep,
        asleep: faults.asleep,
        validity: faults.validity,
        duplicate_receipts: own.duplicate_receipts.map_or(0, |Share(per_mille)| per_mille),
        ..usual
    }
}

fn gateway(settings: &Settings, own: &GatewaySettings) -> GatewayBehaviour {
    let usual = GatewayBehaviour::default();
    GatewayBehaviour {
        listen: own.listen,
        login: own.user.clone().zip(own.password.clone()),
        seed: settings.seed,
        answer_first: own.answer.clone(),
        answer_to: own.answer_to.clone(),
        answer_after: own.answer_after.map_or(usual.answer_after, |time| time.0),
        notices: own.notices.faults(),
        ..usual
    }
}

fn cannot(what: &str, at: SocketAddr, error: &io::Error) -> Fault {
    let words = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
        io::ErrorKind::AddrNotAvailable => "that is no address of this machine".to_owned(),
        io::ErrorKind::PermissionDenied => "this port is not for everybody".to_owned(),
        _ => error.to_string(),
    };
    Fault::refused(format!("the {what} cannot listen: {words}"))
        .at(at)
        .next("choose another address, or port 0 for a free one")
}

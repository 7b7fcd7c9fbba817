//! One message on its ways: what is printed as it comes, and when it is enough.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dm_push::receipt::{Evidence, Status};
use dm_transport::{
    Address, Guarded, Ledger, MemoryLedger, Next, OpenRoutes, Outgoing, Plan, PushId, Routes,
    SendError, Told,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::fault::Fault;
use crate::report::Reporter;
use crate::way_options::{Way, of_routes};

/// A message that goes.
pub struct Going {
    pub id: PushId,
    pub octets: Arc<[u8]>,
    pub deadline: Duration,
    /// The rung to wait for, and how long.
    pub wait: Option<(u8, Duration)>,
    pub valid_until: Option<SystemTime>,
    pub reporter: Reporter,
}

/// One way, and what is known of it.
struct Tried<'a> {
    going: &'a Going,
    to: &'a Address,
    route: &'a Guarded,
    plan: Plan,
    evidence: Evidence,
    protection: Option<String>,
}

impl Going {
    /// Says what it takes on each way. Nothing is sent.
    pub async fn planned(&self, routes: &Routes, ways: &[Way]) -> Result<ExitCode, Fault> {
        let planned = routes.for_plans().await.map_err(|error| of_routes(&error))?;
        let mut outcome = Ok(ExitCode::SUCCESS);
        for (name, to) in ways {
            let Some(route) = planned.iter().find(|route| **route.name() == **name) else {
                continue;
            };
            match route.plan(&self.outgoing(to)) {
                Ok(plan) if self.reporter.is_json() => self.event(&self.plan_event(name, to, plan)),
                Ok(plan) => {
                    let octets = self.octets.len();
                    self.reporter.line(&format!("{octets} octets to {to}: {}", words(plan)));
                }
                Err(error) => {
                    let fault = Fault::told(Fault::refused, &error.to_string()).at(to);
                    match ways.len() {
                        1 => outcome = Err(fault),
                        _ => {
                            self.failed(name, to, &fault);
                            outcome = outcome.map(|_| ExitCode::FAILURE);
                        }
                    }
                }
            }
        }
        outcome
    }

    /// Sends it over the first way that takes it.
    pub async fn over(&self, routes: &Routes, ways: &[Way]) -> Result<ExitCode, Fault> {
        let (open, mut told) = opened(routes).await?;
        let mut outcome = Err(Fault::unreadable("no way").next("name one with --to"));
        for (index, (name, to)) in ways.iter().enumerate() {
            let Some(route) = open.routes.iter().find(|route| **route.name() == **name) else {
                continue;
            };
            let wait = self.wait.map(|(rung, within)| match routes.highest_rung(name) {
                Some(highest) if highest < rung => (rung, Duration::ZERO),
                _ => (rung, within),
            });
            let tried = self.try_way(route, to, &mut told, wait).await;
            let is_over = match &tried {
                Ok(_) => true,
                Err((_, next)) => *next == Next::Never || index + 1 == ways.len(),
            };
            outcome = tried.map_err(|(fault, _)| fault);
            match &outcome {
                Err(fault) if !is_over => self.failed(name, to, fault),
                _ => break,
            }
        }
        open.close(Instant::now() + PARTING).await;
        outcome
    }

    async fn try_way(
        &self,
        route: &Guarded,
        to: &Address,
        told: &mut mpsc::Receiver<Told>,
        wait: Option<(u8, Duration)>,
    ) -> Result<ExitCode, (Fault, Next)> {
        let failed = |error: &SendError| {
            (Fault::told(Fault::refused, &error.to_string()).at(to), error.next())
        };
        let outgoing = self.outgoing(to);
        let plan = route.plan(&outgoing).map_err(|error| failed(&error))?;
        let (evidence, protection) = (Evidence::default(), None);
        let mut tried = Tried { going: self, to, route, plan, evidence, protection };
        tried.planned();
        let sending = route.send(&outgoing);
        tokio::pin!(sending);
        let sent = loop {
            tokio::select! {
                biased;
                Some(told) = told.recv() => tried.hears(&told),
                sent = &mut sending => break sent,
            }
        };
        while let Ok(told) = told.try_recv() {
            tried.hears(&told);
        }
        sent.map_err(|error| failed(&error))?;
        let (rung, within) = wait.unwrap_or_default();
        let until = Instant::now() + within;
        while !tried.is_enough(rung) {
            match timeout_at(until, told.recv()).await {
                Ok(Some(told)) => tried.hears(&told),
                Ok(None) | Err(_) => break,
            }
        }
        tried.result(rung, within).map_err(|fault| (fault, Next::OtherRoute))
    }

    fn outgoing(&self, to: &Address) -> Outgoing {
        Outgoing {
            id: self.id.clone(),
            octets: self.octets.clone(),
            to: to.clone(),
            deadline: Instant::now() + self.deadline,
            valid_until: self.valid_until,
        }
    }

    fn plan_event(&self, route: &str, to: &Address, plan: Plan) -> Value {
        json!({
            "event": "plan", "id": self.id.as_str(), "route": route, "to": to.to_string(),
            "octets": self.octets.len(), "segments": plan.segments,
            "octets_on_the_way": plan.octets, "cost": plan.cost.map(|cost| cost.to_string()),
        })
    }

    /// A way failed, and there is another one.
    fn failed(&self, name: &str, to: &Address, fault: &Fault) {
        if self.reporter.is_json() {
            return self.event(&json!({
                "event": "failed", "id": self.id.as_str(), "route": name, "to": to.to_string(), "error": fault.what,
                "next": fault.next,
            }));
        }
        self.reporter.warning(&format!("{to}: {}; the next way is tried", fault.what));
    }

    fn event(&self, event: &Value) {
        self.reporter.result(event, String::new);
    }
}

impl Tried<'_> {
    fn planned(&self) {
        if self.going.reporter.is_json() {
            let plan = self.going.plan_event(self.route.name(), self.to, self.plan);
            self.going.event(&plan);
        } else if self.plan.segments > 1 {
            self.going.reporter.line(&words(self.plan));
        }
    }

    fn hears(&mut self, told: &Told) {
        if told.id != self.going.id || *told.route != **self.route.name() {
            told.done.confirm();
            return; // of another sending, or another way
        }
        self.evidence.add(&told.receipt);
        let receipt = &told.receipt;
        if self.going.reporter.is_json() {
            self.going.event(&json!({
                "event": "receipt", "id": self.going.id.as_str(), "route": &*told.route, "to": self.to.to_string(),
                "segment": receipt.part().map(|part| part.number),
                "segments": receipt.part().map(|part| part.total),
                "rung": receipt.rung(), "status": receipt.on_screen(), "receipt": receipt.to_string(),
                "does_not_prove": receipt.does_not_prove(), "note": receipt.note(),
                "protection": told.security,
            }));
        } else {
            let text = match receipt.part() {
                Some(_) => format!("  {receipt}"),
                None => format!("{} octets to {}: {receipt}", self.going.octets.len(), self.to),
            };
            self.going.reporter.line(&text);
            if let Some(note) = receipt.note() {
                self.going.reporter.line(&format!("  note: {note}"));
            }
        }
        self.protection = told.security.as_deref().map(str::to_owned);
        told.done.confirm();
    }

    fn is_enough(&self, rung: u8) -> bool {
        let status = self.evidence.status();
        status.is_final() || status.rung() >= Some(rung) || rung == 0
    }

    /// What is known in the end.
    fn result(&self, rung: u8, within: Duration) -> Result<ExitCode, Fault> {
        let status = self.evidence.status();
        let Going { id, octets, reporter, .. } = self.going;
        let (word, limit) = (status.on_screen(), status.does_not_prove());
        if reporter.is_json() {
            self.going.event(&json!({
                "event": "result", "id": id.as_str(), "route": &**self.route.name(),
                "to": self.to.to_string(), "octets": octets.len(), "segments": self.plan.segments,
                "rung": status.rung(), "status": word, "does_not_prove": limit,
                "protection": self.protection,
            }));
        } else {
            if self.plan.segments > 1 {
                let (octets, to) = (octets.len(), self.to);
                reporter.line(&format!(
                    "{octets} octets to {to}: {word}, which does not prove {limit}"
                ));
            }
            let protection = self.protection.as_deref().unwrap_or(UNPROTECTED);
            reporter.line(&format!("  protection: {protection}"));
        }
        match status {
            Status::Expired | Status::Refused | Status::Undeliverable | Status::Contradicted => {
                Err(Fault::refused(format!("the transport says: {word}"))
                    .at(self.to)
                    .next("look whether the device is on, then send it again, or another way"))
            }
            _ if status.rung().unwrap_or(0) < rung && within.is_zero() => Err(Fault::refused(
                format!("this way cannot tell of rung {rung}; it stands at: {word}"),
            )
            .at(self.to)
            .next("name a way that can before it, or be content with that")),
            _ if status.rung().unwrap_or(0) < rung => Err(Fault::refused(format!(
                "rung {rung} was not told of in time; it stands at: {word}"
            ))
            .at(self.to)
            .next(
                "allow more time with --within; what does not prove that it failed may still come",
            )),
            _ => Ok(ExitCode::SUCCESS),
        }
    }
}

/// The routes, and what they tell.
async fn opened(routes: &Routes) -> Result<(OpenRoutes, mpsc::Receiver<Told>), Fault> {
    let (tell, told) = mpsc::channel(1_024);
    let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new(100_000));
    let open = routes.open(&tell, &ledger).await.map_err(|error| of_routes(&error))?;
    Ok((open, told))
}

/// What it takes, in words.
fn words(plan: Plan) -> String {
    let Plan { segments, octets, cost, .. } = plan;
    let plural = if segments == 1 { "" } else { "s" };
    let cost = cost.map_or_else(String::new, |cost| format!(", {cost}"));
    format!("{segments} segment{plural}, {octets} octets in all{cost}")
}

/// What is said where nothing is named.
const UNPROTECTED: &str = "none beside the message's own signature [R16]";
/// For closing connections in order.
const PARTING: Duration = Duration::from_secs(1);

//! `outbox send`: what waits, over routes of a file.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use dm_push::pace::Health;
use dm_transport::outbox::{Counts, Dispatch, Outbox, OutboxError};
use dm_transport::{Guarded, Ledger, OpenRoutes, Routes};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinError;
use tokio::time::{Instant, timeout};

use super::door::Door;
use super::{OutboxOption, Progress, of_outbox, runtime};
use crate::fault::Fault;
use crate::report::Reporter;
use crate::way_options::of_routes;

/// Sends what waits, until nothing does; Ctrl-C or SIGTERM ends it in order, and nothing is lost.
///
/// It counts what it did itself, and says what was there before as a total. The exit status is 1 if it gave
/// something up, or if something still waits and it was not told to stay. What is on its way when it is to end has
/// five seconds.
#[derive(Args, Debug)]
pub struct Send {
    #[command(flatten)]
    outbox: OutboxOption,
    /// The file of routes, in TOML.
    #[arg(long, value_name = "FILE")]
    routes: PathBuf,
    /// Stay when nothing waits: receipts still come, devices that poll fetch what is theirs, and `mgram outbox accept`
    /// hands in by a socket beside the file, FILE.door.
    #[arg(long)]
    stay: bool,
    /// Keep what routes are and did in this file, in Prometheus' text format.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// How long one attempt may take, in seconds.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    deadline: u64,
}

impl Send {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let routes = Routes::read(&self.routes).map_err(|error| of_routes(&error))?;
        if let Some(path) = &self.metrics {
            crate::document::write(Some(path), b"")?; // before anything is sent
        }
        let outbox = Arc::new(self.outbox.open_old()?);
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let before = outbox.counts().map_err(failed)?;
        runtime()?.block_on(self.send(&routes, &outbox, *reporter))?;
        let total = outbox.counts().map_err(failed)?;
        let sent = total.sent.saturating_sub(before.sent);
        let given_up = total.given_up.saturating_sub(before.given_up);
        let waiting = total.waiting;
        let value = json!({
            "waiting": waiting, "sent": sent, "given_up": given_up,
            "total": { "sent": total.sent, "given_up": total.given_up },
        });
        reporter.result(&value, || {
            let text = format!("{sent} sent, {given_up} given up, {waiting} wait");
            match (total.sent, total.given_up) == (sent, given_up) {
                true => text,
                false => format!("{text}; {} sent, {} given up in all", total.sent, total.given_up),
            }
        });
        // One that stays has no end of its own: whatever waits then, it did what it was to do.
        let is_done = given_up == 0 && (waiting == 0 || self.stay);
        Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn send(
        &self,
        routes: &Routes,
        outbox: &Arc<Outbox>,
        reporter: Reporter,
    ) -> Result<(), Fault> {
        let end = crate::signal::end();
        let (tell, told) = mpsc::channel(1_024);
        let ledger: Arc<dyn Ledger> = outbox.clone();
        let open = routes.open(&tell, &ledger).await.map_err(|error| of_routes(&error))?;
        drop(tell);
        let door = self.stay.then(|| Door::open(&self.outbox.outbox, outbox)).transpose();
        let door = door.unwrap_or_else(|error| {
            reporter.warning(&format!("while it runs nothing can be handed in: {}", error.kind()));
            None
        });
        let (stop, stopped) = watch::channel(false);
        let dispatch = Dispatch {
            outbox: outbox.clone(),
            routes: open.routes.clone(),
            told,
            attempt: Duration::from_secs(self.deadline),
            most: AT_ONCE,
        };
        let mut running = tokio::spawn(dispatch.run(stopped));
        let progress = Progress::new(reporter);
        // Sending ends of itself only if it cannot go on: then nobody waits for what is not sent any more.
        let watched = tokio::select! {
            ran = &mut running => Err(self.broke_off(ran)),
            watched = self.watch(outbox, &open, &progress, end) => watched,
        };
        drop(door);
        let _ = stop.send(true); // it may have ended of itself
        let mut outcome = watched;
        if !running.is_finished() {
            match timeout(PARTING, &mut running).await {
                Ok(Ok(Ok(()))) => {}
                Ok(ran) => outcome = outcome.and(Err(self.broke_off(ran))),
                Err(_) => {
                    running.abort();
                    reporter.warning("what was on its way and not answered yet is sent again");
                }
            }
        }
        let parting = Instant::now() + PARTING;
        open.close(parting).await;
        drop(progress);
        let told = self.tell_metrics(outbox, &open);
        outcome.and(told)
    }

    /// Why sending ended before it was told to.
    fn broke_off(&self, ran: Result<Result<(), OutboxError>, JoinError>) -> Fault {
        match ran {
            Ok(Err(error)) => of_outbox(&error, &self.outbox.outbox),
            Ok(Ok(())) => Fault::refused("a route broke off").next(ANEW),
            Err(error) => Fault::refused(format!("it broke off: {error}")).next(ANEW),
        }
    }

    fn tell_metrics(&self, outbox: &Outbox, open: &OpenRoutes) -> Result<(), Fault> {
        let Some(path) = &self.metrics else { return Ok(()) };
        let by_route = outbox.waiting().map_err(|error| of_outbox(&error, &self.outbox.outbox))?;
        let text = dm_transport::metrics(&open.routes, &by_route);
        crate::document::write(Some(path), text.as_bytes())
    }

    /// Until nothing waits, or somebody wants it to end.
    async fn watch(
        &self,
        outbox: &Outbox,
        open: &OpenRoutes,
        progress: &Progress,
        end: impl Future<Output = ()>,
    ) -> Result<(), Fault> {
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let (mut end, mut warned) = (std::pin::pin!(end), Vec::new());
        loop {
            let Counts { waiting, sent, given_up } = outbox.counts().map_err(failed)?;
            let by_route = outbox.waiting().map_err(failed)?;
            self.tell_metrics(outbox, open)?;
            if waiting == 0 && !self.stay {
                return Ok(());
            }
            // What waits for a route that nobody knows keeps nothing else from being sent.
            let (known, absent): (Vec<_>, Vec<_>) = by_route
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .partition(|(name, _)| open.routes.iter().any(|route| **route.name() == **name));
            let absent: Vec<String> = absent.into_iter().map(|(name, _)| name).collect();
            if known.is_empty() && !absent.is_empty() && !self.stay {
                return Err(Fault::refused(of_absent(&absent))
                    .in_file(&self.routes)
                    .next("add these routes to the file; nothing is lost"));
            }
            if warned != absent && !absent.is_empty() {
                progress.0.warning(&of_absent(&absent));
            }
            warned = absent;
            let down: Vec<String> =
                open.routes.iter().filter_map(|route| of_health(route)).collect();
            let health =
                if down.is_empty() { String::new() } else { format!("; {}", down.join("; ")) };
            progress.say(&format!("{sent} sent, {given_up} given up, {waiting} wait{health}"));
            tokio::select! {
                () = &mut end => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

fn of_absent(names: &[String]) -> String {
    format!("messages wait for routes that are not there: {}", names.join(", "))
}

/// What is wrong with a route.
fn of_health(route: &Guarded) -> Option<String> {
    let name = route.name();
    match route.health() {
        Health::Up => None,
        Health::Degraded(reason) => Some(format!("{name} is degraded: {reason}")),
        Health::Down(reason) => Some(format!("{name} is down: {reason}")),
    }
}

/// Messages of one route in memory.
const AT_ONCE: usize = 4_096;
/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(500);
/// For what is on its way at the end, and then for closing connections: together well below the time that a
/// service manager gives.
const PARTING: Duration = Duration::from_secs(5);
const ANEW: &str = "send again: nothing that was accepted is lost";

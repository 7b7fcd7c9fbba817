//! `outbox send`: what waits, over routes of a file.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use dm_push::pace::Health;
use dm_transport::outbox::{Counts, Dispatch, Outbox};
use dm_transport::{Guarded, Ledger, OpenRoutes, Routes};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::{OutboxOption, Progress, of_outbox, runtime};
use crate::fault::Fault;
use crate::report::Reporter;
use crate::way_options::of_routes;

/// Sends what waits, until nothing does; Ctrl-C or SIGTERM ends it in order, and nothing is lost.
#[derive(Args, Debug)]
pub struct Send {
    #[command(flatten)]
    outbox: OutboxOption,
    /// The file of routes, in TOML.
    #[arg(long, value_name = "FILE")]
    routes: PathBuf,
    /// Stay when nothing waits: receipts still come, and devices that poll fetch what is theirs.
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
        let outbox = Arc::new(self.outbox.open_old()?);
        let counts = runtime()?.block_on(self.send(&routes, &outbox, *reporter))?;
        let Counts { waiting, sent, given_up } = counts;
        reporter.result(&json!({ "waiting": waiting, "sent": sent, "given_up": given_up }), || {
            format!("{sent} sent, {given_up} given up, {waiting} wait")
        });
        Ok(if given_up > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    async fn send(
        &self,
        routes: &Routes,
        outbox: &Arc<Outbox>,
        reporter: Reporter,
    ) -> Result<Counts, Fault> {
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let (tell, told) = mpsc::channel(1_024);
        let ledger: Arc<dyn Ledger> = outbox.clone();
        let open = routes.open(&tell, &ledger).await.map_err(|error| of_routes(&error))?;
        drop(tell);
        let (stop, stopped) = watch::channel(false);
        let dispatch = Dispatch {
            outbox: outbox.clone(),
            routes: open.routes.clone(),
            told,
            attempt: Duration::from_secs(self.deadline),
            most: AT_ONCE,
        };
        let running = tokio::spawn(dispatch.run(stopped));
        let progress = Progress::new(reporter);
        let watched = self.watch(routes, outbox, &open, &progress).await;
        let _ = stop.send(true); // it may have ended of itself
        let ran =
            running.await.map_err(|error| Fault::refused(format!("it broke off: {error}")))?;
        open.close(Instant::now() + PARTING).await;
        drop(progress);
        ran.map_err(failed)?;
        watched?;
        outbox.counts().map_err(failed)
    }

    /// Until nothing waits, or somebody wants it to end.
    async fn watch(
        &self,
        routes: &Routes,
        outbox: &Outbox,
        open: &OpenRoutes,
        progress: &Progress,
    ) -> Result<(), Fault> {
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let mut end = std::pin::pin!(crate::signal::end());
        loop {
            let Counts { waiting, sent, given_up } = outbox.counts().map_err(failed)?;
            let by_route = outbox.waiting().map_err(failed)?;
            if let Some(path) = &self.metrics {
                let text = dm_transport::metrics(&open.routes, &by_route);
                crate::document::write(Some(path), text.as_bytes())?;
            }
            if waiting == 0 && !self.stay {
                return Ok(());
            }
            let absent = by_route.into_keys();
            let absent = absent.filter(|name| routes.names().all(|known| known != name));
            let absent: Vec<String> = absent.collect();
            if !absent.is_empty() {
                return Err(Fault::refused(format!(
                    "messages wait for routes that are not there: {}",
                    absent.join(", ")
                ))
                .in_file(&self.routes)
                .next("add these routes to the file; nothing is lost"));
            }
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
/// For what is on its way at the end.
const PARTING: Duration = Duration::from_secs(5);

//! `outbox show`: how many wait, or all that is known of one sending.

use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use clap::Args;
use dm_transport::outbox::{Counts, Standing, State};
use dm_transport::{PushId, Told};
use serde_json::{Value, json};

use super::{OutboxOption, of_outbox};
use crate::fault::Fault;
use crate::report::{Reporter, plain};

/// Shows how many wait, were sent and given up; or one sending with all its receipts.
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    outbox: OutboxOption,
    /// The identity of one sending.
    id: Option<String>,
}

impl Show {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let outbox = self.outbox.open_old()?;
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let Some(text) = &self.id else {
            let Counts { waiting, sent, given_up } = outbox.counts().map_err(failed)?;
            let value = json!({ "waiting": waiting, "sent": sent, "given_up": given_up });
            reporter.result(&value, || format!("{sent} sent, {given_up} given up, {waiting} wait"));
            return Ok(ExitCode::SUCCESS);
        };
        let standing = match PushId::new(text) {
            Some(id) => outbox.standing(&id).map_err(failed)?,
            None => None,
        };
        let standing = standing.ok_or_else(|| {
            Fault::refused(format!("{text:?} was never accepted"))
                .in_file(&self.outbox.outbox)
                .next("compare it with the ids of the batch")
        })?;
        reporter.result(&value(text, &standing), || lines(text, &standing));
        Ok(ExitCode::SUCCESS)
    }
}

fn value(id: &str, standing: &Standing) -> Value {
    let receipts = standing.receipts.iter().map(|told| {
        json!({
            "route": &*told.route, "at": seconds(told), "rung": told.receipt.rung(),
            "status": told.receipt.on_screen(), "receipt": told.receipt.to_string(),
            "protection": told.security,
        })
    });
    let (state, detail) = state(&standing.state);
    json!({
        "id": id, "state": state, "detail": detail, "status": standing.status.on_screen(),
        "rung": standing.status.rung(), "does_not_prove": standing.status.does_not_prove(),
        "receipts": receipts.collect::<Vec<_>>(),
    })
}

fn lines(id: &str, standing: &Standing) -> String {
    let (word, limit) = (standing.status.on_screen(), standing.status.does_not_prove());
    let (state, detail) = state(&standing.state);
    let detail = detail.map_or_else(String::new, |detail| format!(" ({})", plain(&detail)));
    let mut text = format!("{id}: {state}{detail}; {word}, which does not prove {limit}\n");
    for told in &standing.receipts {
        let protection = told.security.as_deref().unwrap_or("unprotected [R16]");
        let (at, route, receipt) = (seconds(told), &told.route, &told.receipt);
        text += &format!("  {at} {route}, {protection}: {receipt}\n");
    }
    text
}

fn state(state: &State) -> (&'static str, Option<String>) {
    match state {
        State::Waiting { .. } => ("waits", None),
        State::Sent => ("sent", None),
        State::GivenUp { reason } => ("given up", Some(reason.clone())),
        _ => ("unknown", None),
    }
}

/// Seconds since 1970.
fn seconds(told: &Told) -> u64 {
    told.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

//! `outbox show`: how many wait, or all that is known of one sending.

use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use clap::{Args, ValueEnum};
use dm_transport::outbox::{Counts, Outbox, Standing, State};
use dm_transport::{PushId, Told};
use serde_json::{Value, json};

use super::{OutboxOption, of_outbox};
use crate::command::push::id;
use crate::fault::Fault;
use crate::report::{Reporter, hex, plain};

/// Shows how many wait, were sent and given up; which they are; or one sending with all its receipts.
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    outbox: OutboxOption,
    /// The identity of one sending.
    id: Option<String>,
    /// List the identities of this state, in their order, each that was given up with the reason.
    #[arg(long, conflicts_with = "id")]
    state: Option<Wanted>,
    /// How many are listed at most.
    #[arg(long, default_value_t = 100, requires = "state", value_name = "NUMBER")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    most: u32,
    /// List those behind this one.
    #[arg(long, requires = "state", value_name = "ID", value_parser = id)]
    after: Option<PushId>,
}

/// A state to list.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    /// To be tried.
    Waiting,
    /// Taken by a route.
    Sent,
    /// Taken by no route, or not in its time.
    GivenUp,
}

impl Show {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let outbox = self.outbox.open_old()?;
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let Some(text) = &self.id else {
            let Counts { waiting, sent, given_up } = outbox.counts().map_err(failed)?;
            let value = json!({ "waiting": waiting, "sent": sent, "given_up": given_up });
            if let Some(wanted) = self.state {
                return self.list(&outbox, wanted, value, reporter);
            }
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

    fn list(
        &self,
        outbox: &Outbox,
        wanted: Wanted,
        mut value: Value,
        reporter: &Reporter,
    ) -> Result<ExitCode, Fault> {
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        // One more tells whether there are others.
        let listed = outbox.list(|state| wanted.is(state), self.after.as_ref(), most + 1);
        let mut listed = listed.map_err(|error| of_outbox(&error, &self.outbox.outbox))?;
        let has_more = listed.len() > most;
        listed.truncate(most);
        let of = |(id, standing): &(PushId, State)| {
            let (state, detail) = state(standing);
            json!({ "id": id.as_str(), "state": state, "detail": detail })
        };
        value["ids"] = listed.iter().map(of).collect();
        value["more"] = has_more.into();
        reporter.result(&value, || {
            let mut text = String::new();
            for (id, standing) in &listed {
                let (state, detail) = state(standing);
                let detail = detail.map_or_else(String::new, |it| format!(" ({})", plain(&it)));
                text += &format!("{id}: {state}{detail}\n");
            }
            if let (true, Some((last, _))) = (has_more, listed.last()) {
                text += &format!("and more: --after {last}\n");
            }
            text
        });
        Ok(ExitCode::SUCCESS)
    }
}

impl Wanted {
    fn is(self, state: &State) -> bool {
        match self {
            Self::Waiting => matches!(state, State::Waiting { .. }),
            Self::Sent => matches!(state, State::Sent),
            Self::GivenUp => matches!(state, State::GivenUp { .. }),
        }
    }
}

fn value(id: &str, standing: &Standing) -> Value {
    let receipts = standing.receipts.iter().map(|told| {
        let part = told.receipt.part();
        json!({
            "route": &*told.route, "at": seconds(told), "rung": told.receipt.rung(),
            "segment": part.map(|part| part.number), "segments": part.map(|part| part.total),
            "status": told.receipt.on_screen(), "receipt": told.receipt.to_string(),
            "does_not_prove": told.receipt.does_not_prove(), "note": told.receipt.note(),
            "protection": told.security, "raw": hex(&told.raw),
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

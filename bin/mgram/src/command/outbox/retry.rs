//! `outbox retry`: what was given up waits again.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{OutboxOption, of_outbox, runtime};
use crate::fault::Fault;
use crate::report::Reporter;

/// Lets what was given up wait again, over all of its ways, if its time is not over.
///
/// `mgram outbox show --state given-up` says which they are, and why.
#[derive(Args, Debug)]
pub struct Retry {
    #[command(flatten)]
    outbox: OutboxOption,
}

impl Retry {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let outbox = self.outbox.open_old()?;
        let failed = |error| of_outbox(&error, &self.outbox.outbox);
        let count = runtime()?.block_on(outbox.retry_given_up()).map_err(failed)?;
        let left = outbox.counts().map_err(failed)?.given_up;
        reporter.result(&json!({ "retried": count, "given_up": left }), || match left {
            0 => format!("{count} wait again"),
            left => format!("{count} wait again; {left} stay given up, their time is over"),
        });
        Ok(ExitCode::SUCCESS)
    }
}

//! `outbox`: what was accepted for sending, on the disk until it was sent or its time is over.

mod accept;
mod door;
mod retry;
mod send;
mod show;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use dm_transport::outbox::{Outbox, OutboxError};

use crate::fault::Fault;
use crate::report::Reporter;

/// Keeps messages for many devices, and sends them over routes with fallback, retries and receipts.
///
/// What was accepted is not lost when this program or the machine ends. The same sealed octets leave with
/// every attempt.
#[derive(Args, Debug)]
pub struct OutboxCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Accept(accept::Accept),
    Retry(retry::Retry),
    Send(send::Send),
    Show(show::Show),
}

/// Which outbox.
#[derive(Args, Debug)]
struct OutboxOption {
    /// The file of the outbox. One program at a time has it open.
    #[arg(long, value_name = "FILE")]
    outbox: PathBuf,
}

impl OutboxCommand {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        match self.what {
            What::Accept(command) => command.run(reporter),
            What::Retry(command) => command.run(reporter),
            What::Send(command) => command.run(reporter),
            What::Show(command) => command.run(reporter),
        }
    }
}

impl OutboxOption {
    fn open(&self) -> Result<Outbox, Fault> {
        Outbox::open(&self.outbox).map_err(|error| of_outbox(&error, &self.outbox))
    }

    /// One that is there.
    fn open_old(&self) -> Result<Outbox, Fault> {
        if !self.outbox.exists() {
            return Err(Fault::missing("there is no outbox")
                .in_file(&self.outbox)
                .next("make it with `mgram outbox accept`, or correct the path"));
        }
        self.open()
    }
}

fn of_outbox(error: &OutboxError, path: &Path) -> Fault {
    let kind = match error {
        OutboxError::Store(_) | OutboxError::Closed => Fault::missing,
        _ => Fault::refused,
    };
    Fault::told(kind, &error.to_string()).in_file(path).or_next("open it again")
}

fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Fault::refused(format!("cannot start: {error}")))
}

/// A line that is written over, where somebody looks.
struct Progress(Reporter);

impl Progress {
    fn new(reporter: Reporter) -> Self {
        Self(reporter)
    }

    fn say(&self, text: &str) {
        if !self.0.is_json() && std::io::stderr().is_terminal() {
            let _ = std::io::stderr().write_all(format!("\r\x1b[K{text}").as_bytes());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.say("");
    }
}

//! `push`: one message, one route, one receipt. [Sessionless §5.3]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use dm_push::wsp;
use dm_transport::{Address, AddressError};
use serde_json::json;

use crate::document::read;
use crate::fault::Fault;
use crate::report::Reporter;

/// Pushes one sealed message and prints the receipt, which says what it does not prove.
#[derive(Args, Debug)]
pub struct Push {
    /// The sealed message, WBXML, or a WSP push that `mgram bootstrap` made; `-` is standard input.
    message: PathBuf,
    /// Where to: udp://HOST:2948 or http://HOST:PORT/push.
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// How long to wait for the transport, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
}

impl Push {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let address: Address = self.to.parse().map_err(|error| self.of_address(error))?;
        let octets = read(&self.message)?;
        if wsp::Push::read(&octets).is_err() && !matches!(octets.first(), Some(1..=3)) {
            return Err(Fault::unreadable("not WBXML 1.1, 1.2 or 1.3")
                .in_file(&self.message)
                .clause("R9, Sessionless §5.2")
                .next("seal the message first: `mgram seal`"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::refused(format!("cannot start: {error}")))?;
        let deadline = Duration::from_secs(self.deadline);
        let receipt = runtime
            .block_on(dm_transport::send(&octets, &address, deadline))
            .map_err(|error| Fault::told(Fault::refused, &error.to_string()).at(&address))?;
        reporter.result(
            &json!({
                "to": address.to_string(), "octets": octets.len(), "rung": receipt.rung(),
                "status": receipt.on_screen(), "receipt": receipt.to_string(),
                "does_not_prove": receipt.does_not_prove(), "note": receipt.note(),
            }),
            || {
                let mut text = format!("{} octets to {address}: {receipt}\n", octets.len());
                if let Some(note) = receipt.note() {
                    text += &format!("  note: {note}\n");
                }
                text
            },
        );
        Ok(ExitCode::SUCCESS)
    }

    /// What is wrong with the address, and what to write instead.
    fn of_address(&self, error: AddressError) -> Fault {
        let said = error.to_string();
        let at = said.find([':', ';']).unwrap_or(said.len());
        let (what, next) = said.split_at(at);
        Fault::unreadable(what)
            .at(format!("--to {:?}", self.to))
            .next(next.trim_start_matches([':', ';', ' ']))
    }
}

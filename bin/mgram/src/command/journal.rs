//! `journal`: what a device keeps of each message, instead of an answer.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_agent::persist::RedbStore;
use dm_client::JournalEntry;
use serde_json::json;

use crate::fault::Fault;
use crate::report::Reporter;
use crate::state::of_persist;

/// Prints the journal of a device: each message with its verdict, oldest first.
#[derive(Args, Debug)]
pub struct Journal {
    /// The state folder of the device.
    state_dir: PathBuf,
}

impl Journal {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let store = RedbStore::open(&self.state_dir).map_err(|error| of_persist(&error))?;
        let stored = store.numbered_journal().map_err(|error| of_persist(&error))?;
        let mut entries = Vec::new();
        for (number, octets) in stored {
            let entry = JournalEntry::decode(&octets).ok_or_else(|| {
                Fault::refused(format!("journal entry {number} is damaged"))
                    .in_file(&self.state_dir)
                    .next("put a copy of the state back, or provision the device anew")
            })?;
            entries.push((number, entry));
        }
        let value = json!({
            "entries": entries.iter().map(|(number, entry)| json!({"number": number, "entry": entry}))
                .collect::<Vec<_>>()
        });
        reporter.result(&value, || {
            if entries.is_empty() {
                return "the journal is empty".to_owned();
            }
            entries.iter().map(|(number, entry)| dm_agent::journal::text(*number, entry)).collect()
        });
        Ok(ExitCode::SUCCESS)
    }
}

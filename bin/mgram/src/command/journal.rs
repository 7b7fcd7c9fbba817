//! `journal`: what a device keeps of each message, instead of an answer.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_agent::persist::RedbStore;
use dm_client::{EffectEntry, EffectResult, Entry, JournalEntry, Verdict};
use dm_tree::Status;
use serde_json::json;

use crate::fault::Fault;
use crate::report::{Reporter, plain};
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
            entries.iter().map(|(number, entry)| line(*number, entry)).collect()
        });
        Ok(ExitCode::SUCCESS)
    }
}

fn line(number: u64, entry: &JournalEntry) -> String {
    match entry {
        JournalEntry::Effect(entry) => of_effect(number, entry),
        JournalEntry::Message(entry) => of_message(number, entry),
    }
}

fn of_effect(number: u64, entry: &EffectEntry) -> String {
    let time = at(entry.time);
    let (effect, server) = (plain(&entry.effect), plain(&entry.server_id));
    let result = match entry.result {
        EffectResult::Done => "done",
        EffectResult::Failed => "failed, will be tried again",
        EffectResult::GivenUp => "failed, given up",
    };
    let what = entry.what.as_deref().map_or(String::new(), |what| format!(": {}", plain(what)));
    let attempt = entry.attempt;
    format!(
        "{number} {time} effect {effect:?} after a message of {server}, attempt {attempt}: {result}{what}\n"
    )
}

fn at(time: Option<u64>) -> String {
    time.map_or("no clock".to_owned(), |time| format!("t={time}"))
}

fn of_message(number: u64, entry: &Entry) -> String {
    let server = plain(entry.server_id.as_deref().unwrap_or("unknown server"));
    let time = at(entry.time);
    let from = entry.from.as_deref().map_or(String::new(), |from| format!(" by {}", plain(from)));
    match entry.verdict {
        Verdict::Accepted => {
            let mut text = format!(
                "{number} {time} accepted from {server}{from}: {} changed\n",
                entry.changed.len()
            );
            for command in &entry.commands {
                let status = Status::from_code(command.status);
                let status = status.map_or(command.status.to_string(), |status| status.to_string());
                let why = command.why.clone().unwrap_or(status);
                let (cmd_id, why) = (plain(&command.cmd_id), plain(&why));
                text += &format!("    command {cmd_id} {}: {why}\n", command.name);
            }
            entry.notes.iter().for_each(|note| text += &format!("    note: {}\n", plain(note)));
            text
        }
        Verdict::Refused => format!(
            "{number} {time} refused, claimed from {server}{from}: {} at stage {} ({}): {}\n",
            entry.refusal.as_deref().unwrap_or("?"),
            entry.stage.as_deref().unwrap_or("?"),
            entry.clause.as_deref().unwrap_or("?"),
            plain(entry.reason.as_deref().unwrap_or("?")),
        ),
    }
}

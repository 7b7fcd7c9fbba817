//! `diff`: two messages compared as infosets, however they are encoded and wrapped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dm_inspect::{Change, Kind, Message, diff, peel};
use serde_json::{Value, json};

use super::inspect::inputs;
use crate::fault::Fault;
use crate::report::{Reporter, plain};

/// Compares two messages as infosets: what differs, element by element.
///
/// Encoding and wrapping do not count, nor does white space between elements; the order of elements
/// does. Exit status 0: no difference; 1: there are some.
#[derive(Args, Debug)]
pub struct Diff {
    /// The one message, in whatever form `inspect` reads; `-` is standard input.
    old: PathBuf,
    /// The other message.
    new: PathBuf,
}

impl Diff {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let changes = diff(&message(&self.old)?, &message(&self.new)?);
        let value = json!({
            "same": changes.is_empty(),
            "changes": changes.iter().map(to_json).collect::<Vec<_>>(),
        });
        reporter.result(&value, || {
            if changes.is_empty() {
                return "the infosets are the same".to_owned();
            }
            let lines = changes.iter().map(to_text);
            format!("--- {}\n+++ {}\n", self.old.display(), self.new.display())
                + &lines.collect::<String>()
        });
        Ok(if changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// The one message of a file.
fn message(path: &Path) -> Result<Message, Fault> {
    let mut peeled = peel(&inputs(&[path.to_owned()])?, None);
    peeled.messages.retain(|message| message.kind != Kind::Unknown);
    match (peeled.messages.pop(), peeled.messages.len()) {
        (Some(message), 0) if message.missing.is_empty() => Ok(message),
        (Some(_), 0) => Err(Fault::unreadable("segments of the message are missing")
            .in_file(path)
            .next("`mgram inspect` says which ones")),
        (Some(_), more) => Err(Fault::unreadable(format!("there are {} messages", more + 1))
            .in_file(path)
            .next("give a file of one message")),
        (None, _) => Err(Fault::unreadable("no message was found")
            .in_file(path)
            .next("`mgram inspect` shows what it is taken for")),
    }
}

fn to_text(change: &Change) -> String {
    match change {
        Change::Added(line) => format!("+ {}\n", plain(line)),
        Change::Removed(line) => format!("- {}\n", plain(line)),
        Change::Changed { path, old, new } => {
            format!("~ {}\n  - {}\n  + {}\n", plain(path), plain(old), plain(new))
        }
    }
}

fn to_json(change: &Change) -> Value {
    match change {
        Change::Added(line) => json!({"change": "added", "element": line}),
        Change::Removed(line) => json!({"change": "removed", "element": line}),
        Change::Changed { path, old, new } => {
            json!({"change": "changed", "element": path, "old": old, "new": new})
        }
    }
}

//! `journal`: what came of each message, from the agent that runs, or from its state when none does.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_agent::Config;
use dm_agent::journal::{Kind, Selection, text};
use dm_agent::persist::RedbStore;
use dm_agent::status::{AskError, Numbered, ask_journal};
use dm_client::JournalEntry;

use crate::{FAILED, Report};

/// What of the journal is wanted.
#[derive(Args, Debug)]
pub struct Journal {
    /// The configuration: TOML.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only messages that were accepted, or refused, or what came of effects.
    #[arg(long, value_enum, value_name = "WHICH")]
    verdict: Vec<Verdict>,
    /// Only those of this ServerID.
    #[arg(long, value_name = "ID")]
    server_id: Option<String>,
    /// Only those from this time on: seconds since 1970, or so long ago: 90s, 15min, 6h, 7d.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<u64>,
    /// Only those up to this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<u64>,
    /// Only those behind this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    /// Go on with what comes, until it is interrupted. The agent must be running.
    #[arg(long, conflicts_with = "export")]
    follow: bool,
    /// Write a line of JSON for each entry into this new file, for its owner alone.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Verdict {
    Accepted,
    Effect,
    Refused,
}

impl Journal {
    /// The configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Prints or exports it.
    pub fn run(&self, config: &Config, report: Report) -> ExitCode {
        let mut file = match self.export.as_deref().map(create).transpose() {
            Ok(file) => file,
            Err(error) => {
                let path = self.export.as_deref().unwrap_or(Path::new(""));
                return report.failed(&format!("{}: {error}", path.display()), None, FAILED);
            }
        };
        let mut written = Ok(0_usize);
        let selection = self.selection();
        let json = report.json || self.export.is_some();
        let read = self.read(config, &mut |numbered| {
            if !selection.takes(&numbered.entry) {
                return true;
            }
            let line = match json {
                true => serde_json::to_string(&numbered).unwrap_or_default() + "\n",
                false => text(numbered.number, &numbered.entry),
            };
            let result = match &mut file {
                Some(file) => file.write_all(line.as_bytes()),
                None => {
                    let mut out = io::stdout().lock();
                    out.write_all(line.as_bytes()).and_then(|()| out.flush())
                }
            };
            written = result.and_then(|()| written.as_ref().map_or(Ok(0), |count| Ok(count + 1)));
            written.is_ok()
        });
        if let Err(failed) = read {
            return failed.told(report);
        }
        let synced = file.as_ref().map_or(Ok(()), std::fs::File::sync_all);
        match written.and_then(|count| synced.map(|()| count)) {
            Ok(count) => {
                if let Some(path) = &self.export {
                    crate::say(&match report.json {
                        true => serde_json::json!({"entries": count, "file": path}).to_string(),
                        false => format!("{}: {count} entries", path.display()),
                    });
                } else if count == 0 && !report.json {
                    crate::say("no such entry in the journal");
                }
                ExitCode::SUCCESS
            }
            // Whoever reads has gone away, and needs no more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => report.failed(&format!("cannot write: {error}"), None, FAILED),
        }
    }

    /// Each entry, from the agent or from the file.
    fn read(&self, config: &Config, take: &mut dyn FnMut(Numbered) -> bool) -> Result<(), Unread> {
        match ask_journal(&config.state, self.after, self.follow, &mut *take) {
            Err(AskError::NotRunning(_)) if !self.follow => {}
            other => return other.map_err(Unread::Asked),
        }
        let store = RedbStore::open(&config.state).map_err(Unread::State)?;
        let entries = store.reader().journal_after(self.after, usize::MAX);
        for (number, octets) in entries.map_err(Unread::State)? {
            let entry = JournalEntry::decode(&octets).ok_or(Unread::Damaged(number))?;
            if !take(Numbered { number, entry }) {
                break;
            }
        }
        Ok(())
    }

    fn selection(&self) -> Selection {
        let kind = |verdict: &Verdict| match verdict {
            Verdict::Accepted => Kind::Accepted,
            Verdict::Effect => Kind::Effect,
            Verdict::Refused => Kind::Refused,
        };
        Selection {
            kinds: self.verdict.iter().map(kind).collect(),
            server_id: self.server_id.clone(),
            since: self.since,
            until: self.until,
        }
    }
}

fn create(path: &Path) -> io::Result<std::fs::File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Why the journal could not be read.
pub enum Unread {
    Asked(AskError),
    Damaged(u64),
    State(dm_agent::persist::PersistError),
}

impl Unread {
    /// Says it.
    pub fn told(self, report: Report) -> ExitCode {
        match self {
            Self::Asked(error) => report.failed(&error, Some(error.remedy()), FAILED),
            Self::Damaged(number) => {
                let what = format!("journal entry {number} is damaged");
                report.failed(&what, Some("put a copy of the state back"), FAILED)
            }
            Self::State(error) => report.of_run(&error.into()),
        }
    }
}

/// Reads a time: seconds since 1970, or a span before now.
fn time(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let units = [("min", 60), ("s", 1), ("h", 3_600), ("d", 86_400)];
    let span = units.iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)?.trim_end().parse::<u64>().ok()?.checked_mul(*seconds)
    });
    let span = span.ok_or("write seconds since 1970, or 90s, 15min, 6h, 7d for so long ago")?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(now.map_or(0, |now| now.as_secs()).saturating_sub(span))
}

//! The log: a line on standard error for each event, as the system's journal wants it where that
//! listens.
//!
//! The journal has its own time, and takes the weight of a line from `<4>` before it
//! (`sd-daemon(3)`); elsewhere a line begins with the time and the level. Whatever a message brought
//! stays on its line.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::time::{SystemTime, UNIX_EPOCH};

use dm_agent::journal::plain;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Begins to log what `MGRAM_LOG` asks for.
pub fn begin(wanted: Option<&str>) {
    let (filter, unknown) = Filter::read(wanted.unwrap_or("info"));
    // Fails only if there is a log already.
    let _ = tracing::subscriber::set_global_default(Log { filter, is_journal: is_journal() });
    for word in unknown {
        tracing::warn!(word, "MGRAM_LOG is not understood: error, warn, info, debug, trace or off");
    }
}

/// A line that is no event; an error, to the journal.
pub fn complain(line: &str) {
    let weight = if is_journal() { "<3>" } else { "" };
    let _ = writeln!(std::io::stderr().lock(), "{weight}{line}"); // nobody is left to be told
}

/// Whether the system's journal reads standard error. (`JOURNAL_STREAM`, `systemd.exec(5)`)
fn is_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    let same = || {
        let stderr = File::from(std::io::stderr().as_fd().try_clone_to_owned().ok()?);
        let metadata = stderr.metadata().ok()?;
        Some(stream == format!("{}:{}", metadata.dev(), metadata.ino()))
    };
    same().unwrap_or(false)
}

struct Log {
    filter: Filter,
    is_journal: bool,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.filter.level(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let targets = self.filter.targets.iter().map(|(_, level)| *level);
        targets.chain([self.filter.rest]).max()
    }

    fn event(&self, event: &Event<'_>) {
        let line = line(event, self.is_journal);
        let _ = std::io::stderr().lock().write_all(line.as_bytes()); // nobody is left to be told
    }

    // There are no spans in this program.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn line(event: &Event<'_>, is_journal: bool) -> String {
    let metadata = event.metadata();
    let mut words = Words::default();
    event.record(&mut words);
    let words = format!("{}: {}{}", metadata.target(), words.message, words.fields);
    let words = plain(&words);
    match is_journal {
        true => format!("<{}>{words}\n", weight(*metadata.level())),
        false => format!("{} {:>5} {words}\n", now(), metadata.level().as_str()),
    }
}

const fn weight(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        let _ = written; // into a String: cannot fail
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.fields, " {}={value}", field.name());
    }
}

/// The time in UTC, as RFC 3339 writes it.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, micros) = (since.as_secs(), since.subsec_micros());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// The date of a day that is counted from 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    // Years that begin in March have their leap day at the end; 400 of them are 146,097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year, if month < 10 { month + 3 } else { month - 9 });
    (year + u64::from(month <= 2), month, day)
}

/// What is logged: a level, and others for what is below some part of the program.
#[derive(Debug, Eq, PartialEq)]
struct Filter {
    rest: LevelFilter,
    targets: Vec<(String, LevelFilter)>,
}

impl Filter {
    /// Reads `LEVEL` and `PART=LEVEL`, with commas between them; yields what is neither, too.
    fn read(text: &str) -> (Self, Vec<String>) {
        let mut filter = Self { rest: LevelFilter::INFO, targets: Vec::new() };
        let mut unknown = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word.rsplit_once('=') {
                None if word.parse::<LevelFilter>().is_ok() => {
                    filter.rest = word.parse().unwrap_or(filter.rest);
                }
                Some((target, level)) if level.parse::<LevelFilter>().is_ok() => {
                    let level = level.parse().unwrap_or(filter.rest);
                    filter.targets.push((target.to_owned(), level));
                }
                _ => unknown.push(word.to_owned()),
            }
        }
        filter.targets.sort_by_key(|(target, _)| std::cmp::Reverse(target.len()));
        (filter, unknown)
    }

    fn level(&self, target: &str) -> LevelFilter {
        let is_below = |part: &str| {
            target.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let found = self.targets.iter().find(|(part, _)| is_below(part));
        found.map_or(self.rest, |(_, level)| *level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        assert_eq!(
            [0, 59, 10_956, 11_016, 11_017].map(date),
            [(1970, 1, 1), (1970, 3, 1), (1999, 12, 31), (2000, 2, 29), (2000, 3, 1)]
        );
        assert_eq!([20_514, 47_540].map(date), [(2026, 3, 2), (2100, 2, 28)]);
        assert_eq!(date(47_541), (2100, 3, 1), "no leap year");
    }

    #[test]
    fn the_longest_part_decides_and_what_is_no_level_is_told() {
        let (filter, unknown) = Filter::read("warn,dm_agent=info,dm_agent::receive=debug,loud,x=y");
        assert_eq!(unknown, ["loud", "x=y"]);
        let level = |target| filter.level(target);
        assert_eq!(level("dm_agent::receive::poll"), LevelFilter::DEBUG);
        assert_eq!(level("dm_agent::worker"), LevelFilter::INFO);
        assert_eq!([level("dm_agents"), level("hyper")], [LevelFilter::WARN; 2]);
        assert_eq!(Filter::read("").0.level("any"), LevelFilter::INFO);
    }
}

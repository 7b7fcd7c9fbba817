//! `outbox accept`: a batch of messages, as lines of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;
use dm_transport::PushId;
use dm_transport::outbox::{New, Outbox, Way};
use serde::Deserialize;
use serde_json::json;

use super::{OutboxOption, Progress, of_outbox, runtime};
use crate::document::{of_io, read};
use crate::fault::Fault;
use crate::report::Reporter;
use crate::sealed_options::SealedOptions;
use crate::way_options::named;

/// Accepts a batch: lines of JSON, {"id": "c7.d12", "message": "d12.wbxml", "to": ["sms=tel:+NUMBER"]}.
///
/// `to` names routes and addresses, the best one first. Accepting the same lines again changes nothing.
#[derive(Args, Debug)]
pub struct Accept {
    #[command(flatten)]
    outbox: OutboxOption,
    /// The lines; `-` is standard input.
    batch: PathBuf,
    #[command(flatten)]
    sealed: SealedOptions,
}

/// One message of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    message: PathBuf,
    to: Vec<String>,
}

impl Accept {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let outbox = self.outbox.open()?;
        let (runtime, progress) = (runtime()?, Progress::new(*reporter));
        let failed = |error| of_io(Fault::unreadable, "read", &error).in_file(&self.batch);
        let input: Box<dyn Read> = match self.batch.as_os_str() == "-" {
            true => Box::new(std::io::stdin().lock()),
            false => Box::new(File::open(&self.batch).map_err(failed)?),
        };
        let (mut input, mut text) = (BufReader::new(input), String::new());
        let (mut lines, mut accepted, mut last) = (0_u64, 0, None);
        let mut waits = Vec::new();
        let accept = |new: &mut Vec<New>| -> Result<usize, Fault> {
            let accepting = Outbox::accept(&outbox, std::mem::take(new));
            runtime.block_on(accepting).map_err(|error| of_outbox(&error, &self.outbox.outbox))
        };
        let outcome = loop {
            text.clear();
            match (&mut input).take(LONGEST).read_line(&mut text) {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(failed(error)),
            }
            lines += 1;
            if text.trim().is_empty() {
                continue;
            }
            let new = self.new_of(&text, &mut last);
            match new.map_err(|fault| fault.or_next(NEXT)) {
                Ok(new) => waits.push(new),
                Err(fault) => {
                    let place =
                        fault.place.clone().map_or_else(String::new, |it| format!(": {it}"));
                    let batch = self.batch.display();
                    break Err(fault.at(format!("{batch}, line {lines}{place}")));
                }
            }
            if waits.len() == AT_ONCE {
                accepted += accept(&mut waits)?;
                progress.say(&format!("{accepted} accepted"));
            }
        };
        // What stands before a bad line is accepted: saying it again with the rest changes nothing.
        accepted += accept(&mut waits)?;
        drop(progress);
        let waiting =
            outbox.counts().map_err(|error| of_outbox(&error, &self.outbox.outbox))?.waiting;
        if let Err(fault) = outcome {
            reporter.warning(&format!("{accepted} before it were accepted, and wait"));
            return Err(fault);
        }
        reporter
            .result(&json!({ "lines": lines, "accepted": accepted, "waiting": waiting }), || {
                format!("{accepted} of {lines} are new; {waiting} wait")
            });
        Ok(ExitCode::SUCCESS)
    }

    fn new_of(
        &self,
        text: &str,
        last: &mut Option<(PathBuf, Arc<[u8]>, SystemTime)>,
    ) -> Result<New, Fault> {
        let line: Line = serde_json::from_str(text)
            .map_err(|error| Fault::unreadable(format!("no line of a batch: {error}")))?;
        let id = PushId::new(&line.id).ok_or_else(|| {
            Fault::unreadable(format!("{:?} is no id", line.id))
                .next("write 1 to 64 letters, digits, `-`, `.` or `_`")
        })?;
        let way = |text: &String| named(text).map(|(route, to)| Way { route, to: to.to_string() });
        let ways: Vec<Way> = line.to.iter().map(way).collect::<Result<_, _>>()?;
        if ways.is_empty() {
            return Err(Fault::unreadable("`to` names no way")
                .next("write NAME=ADDRESS, for example sms=tel:+358401234567"));
        }
        // A group's message is the same for line after line.
        let (octets, until) = match last {
            Some((path, octets, until)) if *path == line.message => (octets.clone(), *until),
            _ => {
                let octets: Arc<[u8]> = read(Path::new(&line.message))?.into();
                let until = self.sealed.check(&octets, &line.message)?;
                *last = Some((line.message, octets.clone(), until));
                (octets, until)
            }
        };
        Ok(New { id, octets, ways, until })
    }
}

/// Messages of one commit.
const AT_ONCE: usize = 1_000;
/// Octets of a line, at most.
const LONGEST: u64 = 1 << 16;
const NEXT: &str =
    "write {\"id\": \"c7.d12\", \"message\": \"d12.wbxml\", \"to\": [\"sms=tel:+358401234567\"]}";

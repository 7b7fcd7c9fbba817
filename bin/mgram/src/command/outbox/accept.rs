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

use super::door::{Answer, Caller, is_of_the_store};
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

/// Where messages go: into the outbox, or to the program that has it open.
enum To {
    Here(Outbox, tokio::runtime::Runtime),
    There(Caller),
}

impl Accept {
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let failed = |error| of_io(Fault::unreadable, "read", &error).in_file(&self.batch);
        let input: Box<dyn Read> = match self.batch.as_os_str() == "-" {
            true => Box::new(std::io::stdin().lock()),
            false => Box::new(File::open(&self.batch).map_err(failed)?),
        };
        let mut to = self.to()?; // not before there is something for it
        let progress = Progress::new(*reporter);
        let (mut input, mut text) = (BufReader::new(input), String::new());
        let (mut lines, mut accepted, mut last) = (0_u64, 0, None);
        let mut waits = Vec::new();
        let mut accept = |new: &mut Vec<(u64, New)>| self.accept(&mut to, std::mem::take(new));
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
            match self.new_of(&text, &mut last) {
                Ok(new) => waits.push((lines, new)),
                Err(fault) => break Err(self.in_line(lines, fault.or_next(NEXT))),
            }
            if waits.len() == AT_ONCE {
                let (count, outcome) = accept(&mut waits);
                accepted += count;
                if outcome.is_err() {
                    break outcome;
                }
                progress.say(&format!("{accepted} accepted"));
            }
        };
        // What stands before a bad line is accepted: saying it again with the rest changes nothing.
        let (count, rest) = accept(&mut waits);
        accepted += count;
        drop(progress);
        if let Err(fault) = rest.and(outcome) {
            if accepted > 0 {
                reporter.warning(&format!("{accepted} before it were accepted, and wait"));
            }
            return Err(fault);
        }
        let (_, waiting) = self.hand_in(&mut to, &[])?.map_err(|said| self.in_line(lines, said))?;
        reporter
            .result(&json!({ "lines": lines, "accepted": accepted, "waiting": waiting }), || {
                format!("{accepted} of {lines} are new; {waiting} wait")
            });
        Ok(ExitCode::SUCCESS)
    }

    /// The outbox; or whoever has it open.
    fn to(&self) -> Result<To, Fault> {
        let path = &self.outbox.outbox;
        match Outbox::open(path) {
            Ok(outbox) => Ok(To::Here(outbox, runtime()?)),
            Err(error) => match Caller::of(path) {
                Ok(caller) if error.is_open_elsewhere() => Ok(To::There(caller)),
                _ => Err(of_outbox(&error, path)),
            },
        }
    }

    /// How many are new; and what is wrong with the first line that is not taken.
    fn accept(&self, to: &mut To, new: Vec<(u64, New)>) -> (usize, Result<(), Fault>) {
        let all: Vec<New> = new.iter().map(|(_, new)| new.clone()).collect();
        match self.hand_in(to, &all) {
            Ok(Ok((count, _))) => return (count, Ok(())),
            Ok(Err(_)) => {}
            Err(fault) => return (0, Err(fault)),
        }
        // One of them is not taken, and none was: which?
        let mut accepted = 0;
        for (line, new) in new {
            match self.hand_in(to, &[new]) {
                Ok(Ok((count, _))) => accepted += count,
                Ok(Err(said)) => return (accepted, Err(self.in_line(line, said))),
                Err(fault) => return (accepted, Err(fault)),
            }
        }
        (accepted, Ok(()))
    }

    /// How many are new and how many wait; or what is wrong with one of them.
    fn hand_in(&self, to: &mut To, new: &[New]) -> Result<Result<(usize, u64), Fault>, Fault> {
        let path = &self.outbox.outbox;
        match to {
            To::Here(outbox, runtime) => {
                let count = match runtime.block_on(outbox.accept(new.to_vec())) {
                    Err(error) if is_of_the_store(&error) => return Err(of_outbox(&error, path)),
                    Err(error) => return Ok(Err(Fault::told(Fault::refused, &error.to_string()))),
                    Ok(count) => count,
                };
                let counts = outbox.counts().map_err(|error| of_outbox(&error, path))?;
                Ok(Ok((count, counts.waiting)))
            }
            To::There(caller) => match caller.hand_in(new) {
                Ok(Answer::Accepted { new, waiting }) => Ok(Ok((new, waiting))),
                Ok(Answer::Refused(said)) => Ok(Err(Fault::told(Fault::refused, &said))),
                Ok(Answer::Failed(said)) => Err(Fault::told(Fault::missing, &said).in_file(path)),
                Err(_) => Err(Fault::missing("the program that has the outbox open ended")
                    .in_file(path)
                    .next("accept the batch again: what is accepted already stays so")),
            },
        }
    }

    fn in_line(&self, line: u64, fault: Fault) -> Fault {
        let place = fault.place.clone().map_or_else(String::new, |it| format!(": {it}"));
        fault.at(format!("{}, line {line}{place}", self.batch.display()))
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

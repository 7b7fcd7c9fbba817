//! One run of one target, and what libFuzzer said about it.

use super::{Places, Target};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The target.
    pub target: String,
    /// What libFuzzer printed.
    pub printed: Printed,
    /// Processor time of this run and of all runs so far.
    pub cpu: Duration,
    /// Processor time of all runs whose findings are kept, this one included.
    pub cpu_in_all: Duration,
    /// Inputs of all runs, this one included.
    pub executions_in_all: u64,
    /// The input that broke a rule, took too long or too much memory.
    pub artifact: Option<PathBuf>,
    /// Whether it ended as it should.
    pub ended_well: bool,
    /// Why it could not be run at all. Nothing is known of the target then.
    pub not_run: Option<String>,
    /// How to run the artifact again.
    pub program: PathBuf,
}

/// The figures of libFuzzer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Printed {
    /// Inputs tried.
    pub executions: u64,
    /// Edges seen.
    pub coverage: u64,
    /// Inputs that are worth keeping.
    pub corpus: u64,
    /// Where the input went that ended the run.
    pub artifact: Option<PathBuf>,
    /// What was said about it: the lines of the panic.
    pub said: Vec<String>,
    /// The last line of all.
    pub last: String,
}

impl Run {
    /// Whether it ran and nothing was found.
    pub fn is_good(&self) -> bool {
        self.not_run.is_none() && !self.is_crash()
    }

    /// Whether it ran and something was found.
    pub fn is_crash(&self) -> bool {
        self.not_run.is_none() && (!self.ended_well || self.artifact.is_some())
    }

    /// A run for tests.
    #[cfg(test)]
    pub fn named(target: &str) -> Self {
        Self { target: target.to_owned(), ended_well: true, ..Self::default() }
    }
}

/// Runs a target for so many seconds.
pub fn once(target: &Target, places: &Places, binaries: &Path, seconds: u32) -> Run {
    let program = binaries.join(&target.name);
    let mut run = Run { target: target.name.clone(), program, ..Run::default() };
    match watched(target, places, &run.program, seconds) {
        Ok((printed, cpu, status)) => {
            run.artifact.clone_from(&printed.artifact);
            run.ended_well = status.success();
            run.not_run = not_run(&printed, status.code());
            (run.printed, run.cpu) = (printed, cpu);
        }
        Err(why) => run.not_run = Some(why),
    }
    let sums = places.state.join("sums").join(&target.name);
    let before = Sums::read(&sums);
    run.cpu_in_all = before.cpu + run.cpu;
    run.executions_in_all = before.executions + run.printed.executions;
    let after = Sums { cpu: run.cpu_in_all, executions: run.executions_in_all };
    if let Err(error) = after.write(&sums) {
        eprintln!("{}: {error}", sums.display());
    }
    run
}

/// What it printed, its processor time and how it ended; or why it did not begin.
fn watched(
    target: &Target,
    places: &Places,
    program: &Path,
    seconds: u32,
) -> Result<(Printed, Duration, ExitStatus), String> {
    let found = places.state.join("corpus").join(&target.name);
    let artifacts = places.state.join("artifacts").join(&target.name);
    // `nice` would start whether it is there or not.
    fs::metadata(program).map_err(|error| at(program, &error))?;
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    let mut command = nice(program);
    // The first folder takes what is found; the others are only read.
    command.arg(&found).arg(places.fuzz.join("corpus").join(&target.name));
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-max_len={}", target.max_len));
    command.args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    if let Some(name) = &target.dictionary {
        let file = places.fuzz.join("dictionaries").join(format!("{name}.dict"));
        command.arg(format!("-dict={}", file.display()));
    }
    command.current_dir(&places.fuzz).stdin(Stdio::null()).stdout(Stdio::null());
    let began = Instant::now();
    let starter = PathBuf::from(command.get_program());
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|error| at(&starter, &error))?;
    let printed = child.stderr.take().map(Printed::read).unwrap_or_default();
    // It has closed its output, so it has ended or is about to: its times can still be read.
    let cpu = processor_time(child.id()).unwrap_or_else(|| began.elapsed());
    Ok((printed, cpu, child.wait().map_err(|error| at(program, &error))?))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Why nothing was tried. `nice` ends with 126 or 127 when the program cannot be executed, libFuzzer
/// with 1 when it cannot begin: a folder or a dictionary that it cannot read. A breach ends it with
/// another code, or with a signal.
fn not_run(printed: &Printed, code: Option<i32>) -> Option<String> {
    let code = code.filter(|code| matches!(code, 1 | 126 | 127) && printed.artifact.is_none())?;
    Some(match printed.last.as_str() {
        "" => format!("it ended with code {code} and did not say why"),
        last => last.to_owned(),
    })
}

/// The program, at the lowest priority where there are priorities.
fn nice(program: &Path) -> Command {
    if cfg!(unix) {
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(program);
        return command;
    }
    Command::new(program)
}

/// The processor time of a process, where the system shows it as a file.
fn processor_time(id: u32) -> Option<Duration> {
    processor_time_in(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

fn processor_time_in(stat: &str) -> Option<Duration> {
    // The name, in parentheses, may hold anything; what follows are single words.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut hundredths = || words.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((hundredths()? + hundredths()?) * 10))
}

impl Printed {
    /// Reads to the end of what libFuzzer prints.
    fn read(pipe: impl Read) -> Self {
        let mut printed = Self::default();
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { break };
            printed.line(&String::from_utf8_lossy(&line));
        }
        printed
    }

    fn line(&mut self, line: &str) {
        let number = |text: &str| text.trim().parse().unwrap_or_default();
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last);
        }
        if let Some((_, figures)) = line.split_once(" cov: ").filter(|_| line.starts_with('#')) {
            let words: Vec<&str> = figures.split_whitespace().collect();
            self.coverage = words.first().map_or(0, |word| number(word));
            let corpus = words.iter().position(|&word| word == "corp:").map(|at| at + 1);
            let corpus =
                corpus.and_then(|at| words.get(at)).and_then(|word| word.split('/').next());
            self.corpus = corpus.map_or(0, number);
        } else if let Some(units) = line.strip_prefix("stat::number_of_executed_units:") {
            self.executions = number(units);
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.artifact = Some(PathBuf::from(path.trim()));
        } else if self.is_said(line) {
            self.said.push(line.trim().to_owned());
        }
    }

    /// The line that says what happened, and the one behind it.
    fn is_said(&self, line: &str) -> bool {
        let is_first =
            line.contains("panicked at ") || (line.starts_with("==") && line.contains("ERROR"));
        is_first || (self.said.len() == 1 && line != "stack backtrace:")
    }
}

/// What all runs so far came to.
#[derive(Debug, Default, Eq, PartialEq)]
struct Sums {
    cpu: Duration,
    executions: u64,
}

impl Sums {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_default();
        let sums: Value = serde_json::from_str(&text).unwrap_or_default();
        let cpu = Duration::from_millis(sums["cpu_milliseconds"].as_u64().unwrap_or_default());
        Self { cpu, executions: sums["executions"].as_u64().unwrap_or_default() }
    }

    fn write(&self, file: &Path) -> io::Result<()> {
        let milliseconds = u64::try_from(self.cpu.as_millis()).unwrap_or(u64::MAX);
        let sums = json!({ "cpu_milliseconds": milliseconds, "executions": self.executions });
        fs::create_dir_all(file.parent().unwrap_or(file))?;
        fs::write(file, sums.to_string())
    }
}

#[cfg(test)]
mod tests;

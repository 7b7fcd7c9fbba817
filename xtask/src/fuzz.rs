//! Fuzzing: `cargo xtask fuzz` builds the targets of `fuzz/` once and runs each for a while.
//!
//! What a run finds is kept below the build folder, so that the next run goes on where this one
//! ended; the committed corpora are read and never written. How it is done: `docs/fuzzing.md`.

mod build;
mod options;
mod report;
mod run;
mod target;

use crate::outcome::Outcome;
use crate::workspace::Workspace;
use crate::{process, runner};
use options::Options;
use run::Run;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use target::Target;

/// `cargo xtask fuzz [--seconds N] [--target T] [--jobs J] [--json]`.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(wrong) => return usage(&wrong),
    };
    let places = Places::of(workspace);
    let targets = match Target::all(&places) {
        Ok(targets) => targets,
        Err(error) => return failure(&error.to_string()),
    };
    if let Some(unknown) =
        options.targets.iter().find(|name| targets.iter().all(|t| t.name != **name))
    {
        let names: Vec<_> = targets.iter().map(|target| target.name.as_str()).collect();
        return usage(&format!("there is no target `{unknown}`; there are {}", names.join(", ")));
    }
    let chosen: Vec<Target> = targets
        .into_iter()
        .filter(|target| options.targets.is_empty() || options.targets.contains(&target.name))
        .collect();
    let binaries = match build::binaries(&places, options.json) {
        Ok(folder) => folder,
        Err(why) => return failure(&why),
    };
    let runs =
        run_all(&chosen, &options, |target| run::once(target, &places, &binaries, options.seconds));
    if options.json {
        println!("{}", report::json(&runs, options.seconds));
    } else {
        println!("\n{}", report::table(&runs));
    }
    if runs.iter().all(Run::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The committed corpora through the checks of the targets, and the tests of the checks: a step
/// of the test run that needs no fuzzer.
pub fn replay(workspace: &Workspace) -> Outcome {
    let manifest = Places::of(workspace).fuzz.join("Cargo.toml");
    let mut format = process::cargo(&workspace.root);
    format.args(["fmt", "--check", "--manifest-path"]).arg(&manifest);
    if !process::succeeds(&mut format) {
        return Outcome::failed("not formatted: cargo fmt --manifest-path fuzz/Cargo.toml");
    }
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["test", "--no-fail-fast", "--tests", "--manifest-path"]).arg(manifest);
    cargo.arg("--target-dir").arg(&workspace.target);
    runner::counted(&mut cargo)
}

/// Runs the targets, so many at a time, and yields the runs in the order of the targets.
fn run_all(
    targets: &[Target],
    options: &Options,
    once: impl Fn(&Target) -> Run + Sync,
) -> Vec<Run> {
    let queue = Mutex::new(targets.iter().enumerate());
    let done = Mutex::new(Vec::new());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    thread::scope(|scope| {
        for _ in 0..options.jobs.min(targets.len()) {
            scope.spawn(|| {
                while let Some((at, target)) = next() {
                    let run = once(target);
                    eprintln!("{}", report::line(&run));
                    if let Ok(mut done) = done.lock() {
                        done.push((at, run));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, run)| run).collect()
}

/// The folders that fuzzing reads and writes.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The package of the targets, with the committed corpora and the dictionaries.
    pub(crate) fuzz: PathBuf,
    /// Where everything goes that is built or found.
    pub(crate) state: PathBuf,
}

impl Places {
    fn of(workspace: &Workspace) -> Self {
        Self { fuzz: workspace.root.join("fuzz"), state: workspace.target.join("fuzz") }
    }
}

fn usage(wrong: &str) -> ExitCode {
    eprintln!("xtask fuzz: {wrong}; [--seconds N] [--target T]... [--jobs J] [--json]");
    ExitCode::from(2)
}

fn failure(why: &str) -> ExitCode {
    eprintln!("xtask fuzz: {why}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_run_once_and_the_order_is_kept() {
        let targets: Vec<Target> =
            ["a", "b", "c", "d", "e"].iter().map(|name| Target::named(name)).collect();
        for jobs in [1, 3, 9] {
            let options = Options { jobs, ..Options::default() };
            let runs = run_all(&targets, &options, |target| Run::named(&target.name));
            let names: Vec<_> = runs.iter().map(|run| run.target.as_str()).collect();
            assert_eq!(names, ["a", "b", "c", "d", "e"], "{jobs} jobs");
        }
    }
}

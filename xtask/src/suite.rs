//! `cargo xtask test`: the one list that CI runs and a person can run.
//!
//! The last line it prints is the sum, alone: `N passed, M failed`, or with `, K skipped`.

use crate::outcome::{Outcome, Tally};
use crate::workspace::Workspace;
use crate::{
    bergshamra, budgets, demo, documents, floors, fuzz, manual, needs, package, process, proof,
    runner, small,
};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs the list. It stops at the first failure, unless told to keep going.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let (mut fast, mut keep_going) = (false, false);
    for arg in args {
        match arg.as_str() {
            "--fast" => fast = true,
            "--keep-going" => keep_going = true,
            unknown => {
                eprintln!("xtask test: `{unknown}` is not understood; [--fast] [--keep-going]");
                return ExitCode::from(2);
            }
        }
    }
    let steps = STEPS.iter().filter(|step| step.fast || !fast);
    let rows = walk(workspace, steps, keep_going);
    let sum = conclude(&rows);
    println!("{sum}");
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn walk<'s>(
    workspace: &Workspace,
    steps: impl Iterator<Item = &'s Step>,
    keep_going: bool,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.headline);
        let start = Instant::now();
        let outcome = (step.run)(workspace);
        println!("{outcome}");
        let stop = outcome.is_failure() && !keep_going;
        rows.push(Row { name: step.name, outcome, took: start.elapsed() });
        if stop {
            println!("stopped here; --keep-going runs the rest all the same");
            break;
        }
    }
    rows
}

/// Prints the table and yields the sum.
fn conclude(rows: &[Row]) -> Tally {
    let mut sum = Tally::default();
    println!();
    for Row { name, outcome, took } in rows {
        sum += outcome.tally();
        let (word, seconds, sentence) = (outcome.word(), took.as_secs_f64(), outcome.sentence());
        println!("{name:10} {word:8} {seconds:7.1} s  {sentence}");
    }
    println!();
    sum
}

fn format(workspace: &Workspace) -> Outcome {
    let good = process::succeeds(process::cargo(&workspace.root).args(["fmt", "--all", "--check"]));
    Outcome::of(good, "formatted", "not formatted: cargo fmt --all")
}

fn clippy(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    Outcome::of(process::succeeds(&mut cargo), "no warnings", "clippy has something to say")
}

fn documentation(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    cargo.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps"]);
    Outcome::of(process::succeeds(&mut cargo), "no warnings", "rustdoc has something to say")
}

fn deny(workspace: &Workspace) -> Outcome {
    let cargo = || process::cargo(&workspace.root);
    if !process::succeeds_quietly(cargo().args(["deny", "--version"])) {
        let how = "cargo-deny is not here; cargo install cargo-deny --locked brings it";
        return Outcome::Skipped(how.to_owned());
    }
    let good = process::succeeds(cargo().args(["deny", "check", "bans", "licenses", "sources"]));
    Outcome::of(good, "nothing that deny.toml forbids", "deny.toml forbids something that is here")
}

fn typos(workspace: &Workspace) -> Outcome {
    let typos = || process::program("typos", &workspace.root);
    if !process::succeeds_quietly(typos().arg("--version")) {
        let how = "typos is not here; cargo install typos-cli --locked brings it";
        return Outcome::Skipped(how.to_owned());
    }
    Outcome::of(process::succeeds(&mut typos()), "no misspelling known", "misspelled words")
}

/// One step of the list.
struct Step {
    name: &'static str,
    headline: &'static str,
    /// Whether `--fast` runs it too.
    fast: bool,
    run: fn(&Workspace) -> Outcome,
}

/// What a step came to, for the table.
struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

const fn step(name: &'static str, headline: &'static str, run: fn(&Workspace) -> Outcome) -> Step {
    Step { name, headline, fast: false, run }
}

const fn fast(name: &'static str, headline: &'static str, run: fn(&Workspace) -> Outcome) -> Step {
    Step { name, headline, fast: true, run }
}

const STEPS: &[Step] = &[
    step("needs", "programs that tests use as peers", |_| needs::check()),
    step("bergshamra", "a peer that is built from source, once", bergshamra::build),
    fast("fmt", "one way to lay out code", format),
    fast("clippy", "lints, all of them errors", clippy),
    step("minimal", "the small agent, and nothing that it does not need", small::check),
    step("doc", "documentation builds without a warning", documentation),
    fast("floors", "dependencies point down, no I/O and no std below floor 4", floors::check),
    fast("budgets", "no file is too long", budgets::check),
    step("deny", "licences, duplicates, sources", deny),
    step("typos", "spelling", typos),
    fast("documents", "links and the change log", documents::check),
    fast("tests", "all tests but those in documentation", runner::tests),
    step("doctests", "the examples in documentation", runner::examples),
    step("corpora", "the committed inputs of the fuzz targets, once each", fuzz::replay),
    step("man", "docs/man is what the binaries say", manual::check),
    step("proof", "floors 0 to 3 on one message, without std", proof::check),
    step("package", "Debian packages can be made", package::check),
    step("demo", "the whole way of a message, once", demo::once),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> Workspace {
        Workspace { root: "/".into(), target: "/".into(), packages: vec![] }
    }

    fn good(_: &Workspace) -> Outcome {
        Outcome::Passed(Tally { passed: 2, failed: 0, skipped: 1 }, String::new())
    }

    fn bad(_: &Workspace) -> Outcome {
        Outcome::failed("bad")
    }

    #[test]
    fn it_stops_at_the_first_failure_unless_told_otherwise() {
        let steps = [step("a", "", good), step("b", "", bad), step("c", "", good)];
        let names = |rows: &[Row]| rows.iter().map(|row| row.name).collect::<String>();
        assert_eq!(names(&walk(&house(), steps.iter(), false)), "ab");
        assert_eq!(names(&walk(&house(), steps.iter(), true)), "abc");
    }

    #[test]
    fn the_sum_has_the_tests_of_all_steps_and_a_step_that_failed() {
        let steps = [step("a", "", good), step("b", "", bad), step("c", "", good)];
        let sum = conclude(&walk(&house(), steps.iter(), true));
        assert_eq!(sum.to_string(), "4 passed, 1 failed, 2 skipped");
    }
}

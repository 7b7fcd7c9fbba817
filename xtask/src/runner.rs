//! Running the tests, and counting them from what the runner prints.

use crate::bergshamra;
use crate::needs;
use crate::outcome::{Outcome, Tally};
use crate::process;
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// All tests but those in documentation: with cargo-nextest, or with cargo where it is missing.
pub fn tests(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    // Empty where it could not be built: tests that want it are skipped then.
    cargo.env("MGRAM_TEST_BERGSHAMRA", bergshamra::built(workspace).unwrap_or_default());
    let list = workspace.target.join("skipped-tests");
    let _ = fs::remove_file(&list); // that of another time
    cargo.env("MGRAM_TEST_SKIPPED", &list);
    if process::succeeds_quietly(process::cargo(&workspace.root).args(["nextest", "--version"])) {
        let settings = ["--config-file", "xtask/nextest.toml"];
        cargo.args(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests", "pass"]);
        left_out(counted(cargo.args(settings)), &list)
    } else {
        println!("cargo-nextest is not here; cargo test does (slower, and a hung test hangs it)");
        let tests = ["test", "--workspace", "--tests", "--no-fail-fast"];
        left_out(counted(cargo.args(tests)), &list)
    }
}

/// Tests that passed and left something out, for want of a peer or of documents, are skipped: they
/// say so in this list (`tests/peers/left_out.rs`).
fn left_out(outcome: Outcome, list: &Path) -> Outcome {
    let lines = fs::read_to_string(list).unwrap_or_default();
    let mut reasons = BTreeMap::<&str, u32>::new();
    let mut tests = BTreeSet::new();
    for (test, why) in lines.lines().filter_map(|line| line.split_once('\t')) {
        tests.insert(test);
        *reasons.entry(why).or_default() += 1;
    }
    for (why, times) in reasons {
        println!("skipped, {times} times: {why}");
    }
    let count = u32::try_from(tests.len()).unwrap_or(u32::MAX);
    let moved = |tally: Tally| {
        let count = count.min(tally.passed);
        Tally { passed: tally.passed - count, skipped: tally.skipped + count, ..tally }
    };
    match outcome {
        Outcome::Passed(tally, _) => Outcome::Passed(moved(tally), moved(tally).to_string()),
        Outcome::Failed(tally, _) => Outcome::Failed(moved(tally), moved(tally).to_string()),
        skipped @ Outcome::Skipped(_) => skipped,
    }
}

/// The examples in documentation.
pub fn examples(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    counted(cargo.args(["test", "--workspace", "--doc", "--no-fail-fast"]))
}

/// Runs it and counts the tests that it says it ran.
pub fn counted(command: &mut Command) -> Outcome {
    // Tests that find this set may not skip: every peer is here.
    if needs::complete() {
        command.env("MGRAM_TEST_PEERS", "1");
    }
    match process::watched(command) {
        Err(error) => Outcome::failed(error.to_string()),
        Ok((good, lines)) => {
            let tally = tally(&lines);
            if good {
                Outcome::Passed(tally, tally.to_string())
            } else {
                Outcome::Failed(tally, tally.to_string())
            }
        }
    }
}

/// The sum of what nextest or cargo say about the tests that ran.
fn tally(lines: &[String]) -> Tally {
    let (mut of_cargo, mut of_nextest) = (Tally::default(), None);
    for line in lines.iter().map(|line| plain(line)) {
        let line = line.trim();
        if let Some(results) = line.strip_prefix("test result: ") {
            add(&mut of_cargo, results.split([';', '.']));
        } else if let Some(results) = summary(line) {
            add(of_nextest.get_or_insert_default(), results.split(','));
        }
    }
    // nextest shows what a failed test printed, and that has a result line of its own.
    of_nextest.unwrap_or(of_cargo)
}

/// What follows the colon in `Summary [ 1.2s] 5 tests run: ...`.
fn summary(line: &str) -> Option<&str> {
    let (run, results) = line.strip_prefix("Summary [")?.split_once(':')?;
    (run.ends_with("tests run") || run.ends_with("test run")).then_some(results)
}

/// Adds parts such as `12 passed (1 slow)`, `2 failed`, `1 ignored`.
fn add<'p>(sum: &mut Tally, parts: impl Iterator<Item = &'p str>) {
    for part in parts {
        let mut words = part.split_whitespace();
        let Some(number) = words.next().and_then(|word| word.parse::<u32>().ok()) else {
            continue;
        };
        match words.next() {
            Some("passed") => sum.passed += number,
            Some("failed" | "timed" | "exec") => sum.failed += number,
            Some("ignored" | "skipped") => sum.skipped += number,
            _ => {}
        }
    }
}

/// The line without colours and without what stands in parentheses.
fn plain(line: &str) -> String {
    let (mut in_colour, mut depth) = (false, 0_u32);
    let keep = |character: &char| {
        match character {
            '\u{1b}' => in_colour = true,
            'm' if in_colour => {
                in_colour = false;
                return false;
            }
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        !in_colour && depth == 0
    };
    line.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> (u32, u32, u32) {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let Tally { passed, failed, skipped } = tally(&lines);
        (passed, failed, skipped)
    }

    #[test]
    fn nextest_is_understood() {
        assert_eq!(of(&["     Summary [   0.003s] 0 tests run: 0 passed, 0 skipped"]), (0, 0, 0));
        assert_eq!(of(&["     Summary [   0.003s] 1 test run: 1 passed, 4 skipped"]), (1, 0, 4));
        let all = "Summary [   9.1s] 12 tests run: 8 passed (1 slow, 2 flaky), 1 failed (1 due to \
                   being leaky), 2 timed out, 1 exec failed, 3 skipped";
        assert_eq!(of(&[all]), (8, 4, 3));
        assert_eq!(
            of(&["Summary [ 1.0s] 3/10 tests run: 2 passed, 1 failed, 0 skipped"]),
            (2, 1, 0)
        );
    }

    #[test]
    fn what_a_failed_test_printed_is_not_counted_again() {
        let lines = [
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out",
            "     Summary [   0.1s] 3 tests run: 2 passed, 1 failed, 0 skipped",
        ];
        assert_eq!(of(&lines), (2, 1, 0));
    }

    #[test]
    fn cargo_test_is_understood_and_summed() {
        let first = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; \
                     finished in 0.01s";
        let second = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered \
                      out; finished in 0.01s";
        assert_eq!(of(&["running 4 tests", first, second]), (4, 2, 1));
    }

    #[test]
    fn colours_do_not_matter() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \
                    \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped";
        assert_eq!(of(&[line]), (2, 0, 0));
    }

    #[test]
    fn a_test_that_left_something_out_is_skipped_once() {
        let folder = std::env::temp_dir().join(format!("skipped-{}", std::process::id()));
        fs::write(&folder, "1 ThreadId(2)\tno a\n1 ThreadId(2)\tno b\n1 ThreadId(3)\tno a\n")
            .unwrap();
        let of = |tally| match left_out(tally, &folder) {
            Outcome::Passed(tally, said) | Outcome::Failed(tally, said) => (tally, said),
            Outcome::Skipped(_) => panic!("tests ran"),
        };
        let ran = Tally { passed: 5, failed: 0, skipped: 1 };
        let (tally, said) = of(Outcome::Passed(ran, ran.to_string()));
        fs::remove_file(&folder).unwrap();
        assert_eq!(tally, Tally { passed: 3, failed: 0, skipped: 3 });
        assert_eq!(said, "3 passed, 0 failed, 3 skipped");
        assert_eq!(of(Outcome::Failed(ran, String::new())).0, ran, "nothing was left out");
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(of(&["5 passed, 3 failed", "Summary of 3 tests run: 2 passed"]), (0, 0, 0));
    }
}

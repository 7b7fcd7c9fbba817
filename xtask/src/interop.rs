//! `cargo xtask interop`: which route was tried against which program of others, and what came of it.
//!
//! The table is one of tests: each row names the test that tried it. With `--write` it is put into
//! `docs/interop.md`, with its date.

mod rows;

use crate::needs;
use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;
use rows::{ROWS, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

/// Tries each row and prints the table.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let is_written = match args {
        [] => false,
        [arg] if arg == "--write" => true,
        _ => {
            eprintln!("xtask interop: [--write]");
            return ExitCode::from(2);
        }
    };
    println!("{}", needs::check());
    let results = match results(workspace) {
        Ok(results) => results,
        Err(outcome) => {
            println!("{outcome}");
            return ExitCode::FAILURE;
        }
    };
    let table = table(&results);
    println!("\n{table}");
    let good = |row: &Row| results.get(row.test).is_some_and(|result| result == PASSED);
    let bad = ROWS.iter().filter(|row| !good(row)).count();
    println!("{} rows, {bad} of them not passed", ROWS.len());
    if is_written && let Err(error) = write(workspace, &table) {
        eprintln!("docs/interop.md: {error}");
        return ExitCode::FAILURE;
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const PASSED: &str = "passed";

/// What came of each test.
fn results(workspace: &Workspace) -> Result<BTreeMap<&'static str, String>, Outcome> {
    let list = workspace.target.join("skipped-interop");
    let _ = fs::remove_file(&list); // that of another time
    let mut results = BTreeMap::new();
    let homes: BTreeSet<_> = ROWS.iter().map(|row| (row.package, row.binary)).collect();
    for (package, binary) in homes {
        let of_it = || ROWS.iter().filter(|row| (row.package, row.binary) == (package, binary));
        let mut cargo = process::cargo(&workspace.root);
        cargo.args(["test", "--package", package, "--test", binary, "--no-fail-fast", "--"]);
        cargo.arg("--exact").args(of_it().map(|row| row.test)).env("MGRAM_TEST_SKIPPED", &list);
        if needs::complete() {
            cargo.env("MGRAM_TEST_PEERS", "1");
        }
        let (_, lines) =
            process::watched(&mut cargo).map_err(|error| Outcome::failed(error.to_string()))?;
        for row in of_it() {
            let wanted = format!("test {} ... ", row.test);
            let said = lines.iter().find_map(|line| line.strip_prefix(&wanted));
            let result = match said {
                Some("ok") => PASSED,
                Some(_) => "FAILED",
                None => "not run",
            };
            results.insert(row.test, result.to_owned());
        }
    }
    for line in fs::read_to_string(&list).unwrap_or_default().lines() {
        let Some((test, why)) = line.split_once('\t') else { continue };
        if let Some(row) = ROWS.iter().find(|row| test.ends_with(row.test)) {
            results.insert(row.test, format!("skipped: {why}"));
        }
    }
    Ok(results)
}

fn table(results: &BTreeMap<&str, String>) -> String {
    let mut table =
        "| route | peer | what was checked | result |\n| --- | --- | --- | --- |\n".to_owned();
    for Row { route, peer, what, test, .. } in ROWS {
        let result = results.get(test).map_or("not run", String::as_str);
        let _ = writeln!(table, "| {route} | {peer} | {what} | {result} |"); // text takes all
    }
    table
}

/// Puts the table between its marks.
fn write(workspace: &Workspace, table: &str) -> Result<(), String> {
    let path = workspace.root.join("docs/interop.md");
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let (before, rest) = text.split_once(BEGIN).ok_or("no mark where the table begins")?;
    let (_, after) = rest.split_once(END).ok_or("no mark where the table ends")?;
    let date = process::program("date", &workspace.root).arg("+%F").output();
    let date =
        String::from_utf8(date.map_err(|error| error.to_string())?.stdout).unwrap_or_default();
    let date = date.trim();
    let text = format!(
        "{before}{BEGIN}\n\nOf {date}, by `cargo xtask interop --write`.\n\n{table}\n{END}{after}"
    );
    fs::write(&path, text).map_err(|error| error.to_string())
}

const BEGIN: &str = "<!-- table: routes -->";
const END: &str = "<!-- end of routes -->";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn every_row_names_a_test_that_is_there() {
        let workspace = Workspace::read().unwrap();
        for row in ROWS {
            let package =
                workspace.package(row.package).unwrap_or_else(|| panic!("{}", row.package));
            let folder = package.folder().join("tests");
            let name = row.test.rsplit("::").next().unwrap();
            let wanted = format!("fn {name}(");
            let files = files::with_extension(&folder, "rs");
            let is_there =
                files.iter().any(|path| fs::read_to_string(path).unwrap().contains(&wanted));
            assert!(is_there, "{row:?}");
        }
    }
}

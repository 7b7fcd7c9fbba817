//! `docs/faults.md` names the tests of each fault on each route, and every test of this folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../../docs/faults.md");

/// Files below a folder, `tests/` and `src/` of a package.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Its tests: the functions behind `#[test]` or `#[tokio::test]`, with their settings.
fn tests(path: &Path) -> BTreeSet<String> {
    let source = std::fs::read_to_string(path).expect("a source");
    let behind = source.split("#[tokio::test").skip(1).chain(source.split("#[test]").skip(1));
    let names = behind.filter_map(|behind| behind.split_once("fn ")?.1.split('(').next());
    names.map(str::to_owned).collect()
}

/// What the page names, as `file.rs::test`.
fn named() -> BTreeSet<(&'static str, &'static str)> {
    let code = PAGE.split('`').skip(1).step_by(2);
    code.filter_map(|code| code.split_once("::"))
        .filter(|(file, _)| file.ends_with(".rs"))
        .collect()
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for package in ["dm-transport/tests", "dm-transport/src", "dm-push/src"] {
        sources(&crates.join(package), &mut paths);
    }
    sources(&crates.join("../bin/mgram/tests"), &mut paths);
    let named = named();
    assert!(named.len() > 100, "{} tests are named", named.len());
    for (file, test) in named {
        let mut files = paths.iter().filter(|path| path.ends_with(file));
        let is_there = files.any(|path| tests(path).contains(test));
        assert!(is_there, "docs/faults.md names {file}::{test}, which is not there");
    }
}

#[test]
fn the_page_names_every_test_of_a_fault() {
    let (mut paths, named) = (Vec::new(), named());
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults"), &mut paths);
    for path in paths.iter().filter(|path| !path.ends_with("page.rs")) {
        let file = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let file = format!("faults/{file}");
        for test in tests(path) {
            assert!(named.contains(&(&*file, &*test)), "docs/faults.md lacks `{file}::{test}`");
        }
    }
}

/// Each fault says something of each route: tests, or why there is none.
#[test]
fn no_cell_of_the_page_is_empty() {
    let routes = ["SMPP", "PAP", "SIP", "HTTP", "MQTT", "long poll", "UDP", "file"];
    let faults: Vec<_> = PAGE.split("\n### ").skip(1).collect();
    assert_eq!(faults.len(), 14);
    for fault in faults {
        let title = fault.lines().next().expect("a title");
        let rows: Vec<Vec<_>> = fault
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
            .map(|line| line.splitn(2, " | ").collect())
            .skip(2) // the head of the table
            .collect();
        let seen: Vec<_> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(seen, routes, "{title}");
        for row in &rows {
            let says = row.get(1).is_some_and(|cell| cell.contains(".rs::") || cell.len() > 20);
            assert!(says, "{title}, {}: no test, and no reason", row[0]);
        }
    }
}

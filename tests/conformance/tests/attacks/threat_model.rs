//! `docs/threat-model.md` names the test of each guard, and every attack of this folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && !["target", ".git"].iter().any(|skipped| name == *skipped) {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The tests of a source: the functions behind `#[test]` or `#[tokio::test]`.
fn tests(source: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let mut names = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if matches!(*line, "#[test]" | "#[tokio::test]") {
            let behind = lines[index + 1..].iter().find(|line| line.contains("fn "));
            let name = behind.and_then(|line| line.split_once("fn ")?.1.split('(').next());
            names.extend(name);
        }
    }
    names.into_iter()
}

/// The tests that the page names: `file.rs::test`.
fn named(page: &str) -> BTreeSet<(String, String)> {
    let code = page.split('`').skip(1).step_by(2);
    let pairs = code.filter_map(|code| code.split_once(".rs::"));
    pairs.map(|(file, test)| (format!("{file}.rs"), test.to_owned())).collect()
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = std::fs::read_to_string(root().join("docs/threat-model.md")).expect("the page");
    let named = named(&page);
    assert!(named.len() > 100, "{} tests are named", named.len());
    let mut paths = Vec::new();
    sources(&root(), &mut paths);
    for (file, test) in &named {
        let mut files = paths.iter().filter(|path| path.ends_with(file));
        let found = files.any(|path| {
            let source = std::fs::read_to_string(path).expect("a source");
            tests(&source).any(|name| name == test)
        });
        assert!(found, "docs/threat-model.md names {file}::{test}, which is not there");
    }
}

#[test]
fn the_page_names_every_attack() {
    let page = std::fs::read_to_string(root().join("docs/threat-model.md")).expect("the page");
    let named = named(&page);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let mut missing = Vec::new();
    let mut paths = Vec::new();
    sources(&folder, &mut paths);
    assert!(paths.len() > 15);
    for path in paths {
        let file = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let source = std::fs::read_to_string(&path).expect("a source");
        for test in tests(&source).filter(|_| file != "threat_model.rs") {
            if !named.contains(&(format!("attacks/{file}"), test.to_owned())) {
                missing.push(format!("`attacks/{file}::{test}`"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/threat-model.md lacks:\n{}", missing.join("\n"));
}

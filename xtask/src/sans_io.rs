//! Which names may not stand in the source below floor 4: sockets, files, clocks, chance, `std`.
//!
//! A crate that decides gets the time, the octets and the random numbers handed in. Then one
//! test can drive both ends with a clock of its own, and the same input gives the same output.
//! It says `#![no_std]` too: a device need not have a system that all this could come from.

use crate::source::{self, Token};
use crate::workspace::{Package, Workspace};
use crate::{files, floors::Violation};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All places in the source of `package` that name something that does I/O.
pub fn check(workspace: &Workspace, package: &Package) -> Vec<Violation> {
    let mut paths = Vec::new();
    files::walk(&package.folder().join("src"), "rs", &mut paths);
    paths.sort();
    let texts: Vec<(PathBuf, String)> = paths
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?)))
        .collect();
    let sources: Vec<_> = texts
        .iter()
        .map(|(path, text)| (path, source::without_tests(&source::tokens(text))))
        .collect();
    let test_only: HashSet<PathBuf> = sources
        .iter()
        .flat_map(|(path, (_, modules))| modules.iter().map(|module| children(path).join(module)))
        .collect();
    let is_test_only =
        |path: &Path| path.with_extension("").ancestors().any(|folder| test_only.contains(folder));
    let mut found = Vec::new();
    for (path, (tokens, _)) in sources.iter().filter(|(path, _)| !is_test_only(path)) {
        if path.ends_with("src/lib.rs") && !is_no_std(tokens) {
            let rule = "does not say `#![no_std]`, as all below floor 4 does".to_owned();
            found.push(Violation { path: workspace.shown(path).to_owned(), line: 1, rule });
        }
        for (line, name) in names(tokens) {
            found.push(Violation {
                path: workspace.shown(path).to_owned(),
                line,
                rule: format!("names `{name}`; no I/O, clock or chance below floor 4"),
            });
        }
    }
    found
}

/// Whether a crate says that it needs no `std`: always, not under a condition.
fn is_no_std(tokens: &[Token<'_>]) -> bool {
    let attribute = ["#", "!", "[", "no_std", "]"];
    (0..tokens.len()).any(|at| source::starts_with(&tokens[at..], &attribute))
}

/// The forbidden names among the tokens, each with its line.
pub fn names(tokens: &[Token<'_>]) -> Vec<(usize, &'static str)> {
    let words = |name| source::tokens(name).into_iter().map(|word| word.text).collect();
    let forbidden: Vec<(&str, Vec<&str>)> =
        FORBIDDEN.iter().map(|name| (*name, words(name))).collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        for (name, words) in forbidden.iter().filter(|(_, words)| words[0] == token.text) {
            if source::starts_with(&tokens[at..], words) {
                found.push((token.line, *name));
            } else if let [parent, "::", child] = words[..]
                && source::starts_with(&tokens[at..], &[parent, "::", "{"])
            {
                found.extend(group(&tokens[at + 3..], child).map(|line| (line, *name)));
            }
        }
    }
    found
}

/// The line on which `child` is a direct member of the group `{...}` that has just been opened.
fn group(tokens: &[Token<'_>], child: &str) -> Option<usize> {
    let mut depth = 1;
    let mut first = true;
    for token in tokens {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            text if first && depth == 1 && text == child => return Some(token.line),
            _ => {}
        }
        if depth == 0 {
            return None;
        }
        first = token.text == ",";
    }
    None
}

/// Where the modules lie that are declared in the file `path`.
fn children(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default();
    let folder = path.parent().unwrap_or(path);
    if ["lib", "main", "mod"].iter().any(|top| stem == *top) {
        folder.to_owned()
    } else {
        folder.join(stem)
    }
}

fn is_test(path: &Path) -> bool {
    path.with_extension("").components().any(|part| part.as_os_str() == "tests")
}

const FORBIDDEN: &[&str] = &[
    "Instant::now",
    "OsRng",
    "SystemRandom",
    "SystemTime",
    "dbg!",
    "eprint!",
    "eprintln!",
    "extern crate std",
    "getrandom",
    "print!",
    "println!",
    "rand",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
];

#[cfg(test)]
mod tests;

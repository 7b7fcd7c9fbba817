//! The floors of the house: who may use whom. Drawn in `docs/ARCHITECTURE.md`.
//!
//! A package may use anything on a lower floor, and on its own floor only what [`ARROWS`]
//! lists. Below [`RUNTIME`] nothing does I/O: neither by its dependencies nor in its source
//! (`sans_io`). What only tests need may stand anywhere.

use crate::outcome::Outcome;
use crate::sans_io;
use crate::workspace::{Package, Workspace};
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// A place where a rule of the house is broken.
#[derive(Debug)]
pub struct Violation {
    /// The file, as seen from the root.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.rule)
    }
}

/// Checks dependencies and sources, and prints each violation.
pub fn check(workspace: &Workspace) -> Outcome {
    let mut found = directions(workspace);
    for package in &workspace.packages {
        if floor(workspace, package).is_some_and(|floor| floor < RUNTIME) {
            found.extend(sans_io::check(workspace, package));
        }
    }
    for violation in &found {
        println!("{violation}");
    }
    if found.is_empty() {
        Outcome::passed(format!("{} packages on their floors", workspace.packages.len()))
    } else {
        Outcome::failed(format!("{} violations of the floors", found.len()))
    }
}

/// All dependencies that point where they may not, and packages without a floor.
fn directions(workspace: &Workspace) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        let Some(from) = floor(workspace, package) else {
            let rule = format!("`{}` is new: give it a floor in xtask/src/floors.rs", package.name);
            found.push(violation(workspace, package, None, rule));
            continue;
        };
        for name in &package.dependencies {
            if let Some(rule) = broken(workspace, package, from, name) {
                found.push(violation(workspace, package, Some(name), rule));
            }
        }
    }
    found
}

fn broken(workspace: &Workspace, package: &Package, from: u8, name: &str) -> Option<String> {
    if from < RUNTIME && ABOVE_ONLY.contains(&name) {
        return Some(format!("`{name}` does I/O or chance: floor {RUNTIME} and above only"));
    }
    let to = floor(workspace, workspace.package(name)?)?;
    let arrow = |(user, used, _): &&(&str, &str, &str)| *user == package.name && *used == name;
    if to < from || (to == from && ARROWS.iter().any(|listed| arrow(&listed))) {
        return None;
    }
    let direction = if to > from { "points up" } else { "is not drawn" };
    Some(format!("{} (floor {from}) -> {name} (floor {to}) {direction}", package.name))
}

/// The floor of a package: crates by name, all that stands on top by its folder.
fn floor(workspace: &Workspace, package: &Package) -> Option<u8> {
    let named = FLOORS.iter().find(|(_, names)| names.contains(&package.name.as_str()));
    let top = || {
        let folder = workspace.shown(package.folder());
        ROOF.iter().any(|roof| folder.starts_with(roof)).then_some(TOP)
    };
    named.map(|(floor, _)| *floor).or_else(top)
}

/// A violation at the line of the manifest that names `dependency`, or at its first.
fn violation(
    workspace: &Workspace,
    package: &Package,
    dependency: Option<&str>,
    rule: String,
) -> Violation {
    let manifest = fs::read_to_string(&package.manifest).unwrap_or_default();
    let line = dependency.map_or(1, |name| line_of(&manifest, name));
    Violation { path: workspace.shown(&package.manifest).to_owned(), line, rule }
}

fn line_of(manifest: &str, dependency: &str) -> usize {
    let names = |line: &str| {
        let rest = line.trim_start().strip_prefix(dependency);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=', ']']))
    };
    manifest.lines().position(names).map_or(1, |index| index + 1)
}

/// The first floor that may do I/O.
const RUNTIME: u8 = 4;

/// The floor of what is run: binaries, benches, the lab, packages of tests, this program.
const TOP: u8 = 5;

const FLOORS: &[(u8, &[&str])] = &[
    (0, &["dm-xml", "dm-wbxml"]),
    (1, &["dm-api", "dm-syncml", "dm-tnds", "dm-prov", "dm-seal"]),
    (2, &["dm-tree", "dm-mo", "dm-lint"]),
    (3, &["dm-campaign", "dm-capture", "dm-client", "dm-push"]),
    (4, &["dm-crypto", "dm-agent", "dm-hsm", "dm-inspect", "dm-lab", "dm-store", "dm-transport"]),
];

/// Folders whose packages stand on the top floor.
const ROOF: &[&str] = &["bin", "bench", "lab", "tests", "xtask"];

/// Arrows on one floor, and why each is there.
const ARROWS: &[(&str, &str, &str)] = &[
    ("dm-wbxml", "dm-xml", "the decoder yields the infoset"),
    ("dm-syncml", "dm-tnds", "an item's data may be a MgmtTree"),
    ("dm-mo", "dm-tree", "management objects are typed views on the tree"),
    ("dm-agent", "dm-crypto", "the device picks the cryptographic provider"),
    ("dm-agent", "dm-hsm", "keys that the device decrypts with may stay in a token"),
    ("dm-transport", "dm-crypto", "codes for pushes, signatures of bundles, tokens of devices"),
    ("dm-hsm", "dm-crypto", "digests for tokens, and a check of what they sign"),
];

/// Crates that the floors below [`RUNTIME`] may not depend on.
const ABOVE_ONLY: &[&str] = &["aws-lc-rs", "getrandom", "hyper", "rand", "reqwest", "tokio"];

#[cfg(test)]
mod tests;

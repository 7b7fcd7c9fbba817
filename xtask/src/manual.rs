//! The man pages in `docs/man`: written by the binaries themselves, kept in the repository.

use crate::demo;
use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes `docs/man` anew.
pub fn write(workspace: &Workspace) -> Outcome {
    let folder = folder(workspace);
    if let Err(error) = fs::create_dir_all(&folder) {
        return Outcome::failed(format!("{}: {error}", folder.display()));
    }
    let good = demo::build_all(workspace) && generate(workspace, &folder);
    Outcome::of(good, "docs/man is written", "the man pages cannot be written")
}

/// Writes the pages elsewhere and compares: what is in the repository must be what they say now.
pub fn check(workspace: &Workspace) -> Outcome {
    let kept = folder(workspace);
    if !kept.is_dir() {
        return Outcome::Skipped("there is no docs/man; `cargo xtask man` writes it".to_owned());
    }
    let fresh = workspace.target.join("xtask-man");
    // A folder left from last time; that it is not there is as good.
    let _ = fs::remove_dir_all(&fresh);
    if let Err(error) = fs::create_dir_all(&fresh) {
        return Outcome::failed(format!("{}: {error}", fresh.display()));
    }
    if !(demo::build_all(workspace) && generate(workspace, &fresh)) {
        return Outcome::failed("the man pages cannot be written");
    }
    match differences(&kept, &fresh) {
        Err(error) => Outcome::failed(format!("the man pages cannot be read: {error}")),
        Ok(pages) if pages.is_empty() => Outcome::passed("docs/man is what the binaries say"),
        Ok(pages) => Outcome::failed(format!(
            "out of date: {}; run `cargo xtask man` and look at what changed",
            pages.join(", ")
        )),
    }
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs/man")
}

fn generate(workspace: &Workspace, folder: &Path) -> bool {
    ["mgram", "mgram-agent"]
        .into_iter()
        .all(|name| process::succeeds(demo::program(workspace, name).arg("man").arg(folder)))
}

/// The names of the pages that are not the same in both folders.
fn differences(one: &Path, other: &Path) -> io::Result<Vec<String>> {
    let (one, other) = (pages(one)?, pages(other)?);
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    Ok(names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect())
}

fn pages(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_page = path.extension().is_some_and(|section| section.len() == 1);
        if is_page && let Some(name) = path.file_name() {
            found.insert(name.display().to_string(), fs::read(&path)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_changed_are_new_or_are_gone_are_named() {
        let root = std::env::temp_dir().join(format!("xtask-man-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("one/same.1", "same");
        write("two/same.1", "same");
        write("one/changed.1", "old");
        write("two/changed.1", "new");
        write("one/gone.1", "");
        write("two/new.8", "");
        write("one/README.md", "not a page");
        let found = differences(&root.join("one"), &root.join("two"));
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found.unwrap(), ["changed.1", "gone.1", "new.8"]);
    }
}

//! Whether the other side is there.

use std::env;
use std::path::{Path, PathBuf};

pub use crate::left_out::skipped;

/// Whether all these programs are there. If not: says so, or fails where none may be missing.
pub fn all_here(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(!all_are_demanded(), "no {missing:?}");
    skipped(&format!("{missing:?} not installed"));
    false
}

/// Whether no peer may be missing.
pub fn all_are_demanded() -> bool {
    env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1")
}

/// Where a program is on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The root of the project.
pub fn project() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the project has a root")
}

/// A folder of documents that belong to others; `None`, and a word about it, where it is not.
pub fn documents(folder: &str) -> Option<PathBuf> {
    let told = env::var_os("MGRAM_TEST_SHARED").map(PathBuf::from);
    let is_told = told.is_some();
    let found = told.unwrap_or_else(|| project().join("../shared")).join(folder);
    if found.is_dir() {
        return Some(found);
    }
    assert!(!(is_told && all_are_demanded()), "no {}", found.display());
    skipped(&format!("no documents in {folder}"));
    None
}

//! Whether the other side is there.

use std::env;
use std::path::{Path, PathBuf};

/// Whether all these programs are there. If not: says so, or fails where none may be missing.
pub fn all_here(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(env::var_os("MGRAM_TEST_PEERS").is_none_or(|value| value != "1"), "no {missing:?}");
    eprintln!("skipped: {missing:?} not installed");
    false
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
    let shared = env::var_os("MGRAM_TEST_SHARED").map(PathBuf::from);
    let found = shared.unwrap_or_else(|| project().join("../shared")).join(folder);
    if found.is_dir() {
        return Some(found);
    }
    eprintln!("skipped: no {}", found.display());
    None
}

//! bergshamra: a peer that comes as source, and is built once, apart from the workspace.
//!
//! It has a lock file of its own, so what it depends on is nothing of ours: neither `Cargo.lock` nor
//! `deny.toml` knows it. Its primitives are those of RustCrypto, for ours are of another library.

use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;
use std::fs;
use std::path::PathBuf;

const VERSION: &str = "0.11.1";

/// Builds it, unless it is there already. Where it cannot be had, tests do without it.
pub fn build(workspace: &Workspace) -> Outcome {
    if built(workspace).is_some() {
        return Outcome::passed(format!("bergshamra {VERSION} is there"));
    }
    let (root, target) = (folder(workspace), folder(workspace).join("build"));
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["install", "bergshamra", "--version", VERSION, "--locked", "--debug"]);
    cargo.args(["--no-default-features", "--features", "rustcrypto"]);
    cargo.arg("--root").arg(&root).arg("--target-dir").arg(&target);
    // It runs a few dozen times: what it takes to build counts.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_NET_RETRY", "1");
    let good = process::succeeds(&mut cargo);
    let _ = fs::remove_dir_all(target); // half a gigabyte that is of no more use
    match good && built(workspace).is_some() {
        true => Outcome::passed(format!("bergshamra {VERSION} was built")),
        false => Outcome::Skipped(format!("bergshamra {VERSION} cannot be built here")),
    }
}

/// The program, where it was built.
pub fn built(workspace: &Workspace) -> Option<PathBuf> {
    Some(folder(workspace).join("bin/bergshamra")).filter(|file| file.is_file())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("peers").join(format!("bergshamra-{VERSION}"))
}

//! Measuring: `cargo xtask bench` is `mgram-bench`, built with optimisation.

mod peers;

use crate::process;
use crate::workspace::Workspace;
use std::process::ExitCode;

/// `cargo xtask bench [--json] [--filter NAME]`, and with `--peers` the conversions beside others.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    if workspace.package("mgram-bench").is_none() {
        eprintln!("there is no package mgram-bench in bench/");
        return ExitCode::FAILURE;
    }
    if args.iter().any(|arg| arg == "--peers") {
        let args: Vec<_> = args.iter().filter(|arg| *arg != "--peers").cloned().collect();
        return peers::run(workspace, &args);
    }
    // `--quiet`, and nothing announced: with `--json`, standard output is the figures alone.
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["run", "--quiet", "--release", "--package", "mgram-bench", "--"]).args(args);
    match cargo.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

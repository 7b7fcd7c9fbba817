//! The demonstration: builds the two binaries and runs `mgram demo`.
//!
//! Built without optimisation, so that `cargo xtask test` compiles everything once.

use crate::outcome::{Outcome, Tally};
use crate::process;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// `cargo xtask demo ARGS`: its exit code is that of `mgram demo`.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    if !build(workspace, &["-p", "mgram", "-p", "mgram-agent"]) {
        return ExitCode::FAILURE;
    }
    match program(workspace, "mgram").arg("demo").args(args).status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("cannot start mgram: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The demonstration as a step of the test run: once through, counted as one test.
pub fn once(workspace: &Workspace) -> Outcome {
    if !build_all(workspace) {
        return Outcome::failed("the binaries do not build");
    }
    let good = process::succeeds(program(workspace, "mgram").args(["demo", "--once"]));
    let one = Tally { passed: u32::from(good), failed: u32::from(!good), skipped: 0 };
    if good {
        Outcome::Passed(one, "the demonstration ran to its end".to_owned())
    } else {
        Outcome::Failed(one, "the demonstration failed: cargo xtask demo --once".to_owned())
    }
}

/// Builds all binaries with the features that the tests were built with, so that little is new.
pub fn build_all(workspace: &Workspace) -> bool {
    // Not this program: some systems cannot replace a program that is running.
    build(workspace, &["--workspace", "--exclude", "xtask", "--bins"])
}

/// A program as built by us, in the root folder.
pub fn program(workspace: &Workspace, name: &str) -> Command {
    process::program(binary(workspace, name), &workspace.root)
}

fn build(workspace: &Workspace, what: &[&str]) -> bool {
    process::succeeds(process::cargo(&workspace.root).arg("build").args(what))
}

fn binary(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn binaries_are_run_from_where_cargo_puts_them() {
        let workspace =
            Workspace { root: "/house".into(), target: "/elsewhere".into(), packages: vec![] };
        let command = program(&workspace, "mgram");
        assert!(Path::new(command.get_program()).starts_with("/elsewhere/debug"));
        assert_eq!(command.get_current_dir(), Some(Path::new("/house")));
    }
}

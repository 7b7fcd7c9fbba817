//! What a maker ships: Debian packages of the programs.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;

/// `cargo xtask package [--debug]`: a package of each program below `target/debian`.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let profile = match args {
        [] => "release",
        [only] if only == "--debug" => "debug",
        _ => {
            eprintln!("xtask package: only --debug is understood");
            return ExitCode::from(2);
        }
    };
    let outcome = packages(workspace, profile);
    println!("{outcome}");
    if outcome.is_failure() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn packages(workspace: &Workspace, profile: &str) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "-p", "mgram", "-p", "mgram-agent"]);
    if profile == "release" {
        cargo.arg("--release");
    }
    if !process::succeeds(&mut cargo) {
        return Outcome::failed("the programs do not build");
    }
    for name in ["mgram-agent", "mgram"] {
        let binary = workspace.target.join(profile).join(name);
        let mut deb = process::program("sh", &workspace.root);
        deb.arg("packaging/deb.sh").arg(name).arg(binary).arg(env!("CARGO_PKG_VERSION"));
        if !process::succeeds(deb.arg(folder(workspace))) {
            return Outcome::failed(format!("no package of {name}"));
        }
    }
    Outcome::passed(format!("packages are in {}", folder(workspace).display()))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debian")
}

/// Packages of the programs as they are built for tests, where there is what makes them.
pub fn check(workspace: &Workspace) -> Outcome {
    let mut dpkg_deb = process::program("dpkg-deb", &workspace.root);
    match process::succeeds_quietly(dpkg_deb.arg("--version")) {
        true => packages(workspace, "debug"),
        false => Outcome::Skipped("dpkg-deb is not here: no Debian".to_owned()),
    }
}

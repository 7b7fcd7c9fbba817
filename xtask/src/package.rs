//! What a maker ships: Debian packages, and the small agent.

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

/// `cargo xtask small`: the agent with UDP and spool folder only, and whether it stays small.
pub fn small(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    // A target of its own folder, so that flags for it are none of programs that run while building.
    cargo.args(["build", "--profile", "small", "-p", "mgram-agent", "--no-default-features"]);
    cargo.args(["--features", "minimal", "--target", TARGET]);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rust_flags(workspace)).env("CFLAGS", C_FLAGS);
    cargo.env("CARGO_TARGET_DIR", workspace.target.join("small-agent"));
    if !process::succeeds(&mut cargo) {
        return Outcome::failed("the small agent does not build");
    }
    let binary = workspace.target.join("small-agent").join(TARGET).join("small/mgram-agent");
    match std::fs::metadata(&binary) {
        Ok(metadata) => {
            let (octets, shown) = (metadata.len(), binary.display());
            let sentence = format!("{octets} octets, at most {MOST_OCTETS}: {shown}");
            Outcome::of(octets <= MOST_OCTETS, &sentence, &sentence)
        }
        Err(error) => Outcome::failed(format!("{}: {error}", binary.display())),
    }
}

/// As cargo takes flags that may have spaces in them.
fn rust_flags(workspace: &Workspace) -> String {
    let script = workspace.root.join("packaging/no-unwinding.ld");
    let script = format!("-Clink-arg=-Wl,-T,{}", script.display());
    [RUST_FLAGS, &[script.as_str()]].concat().join("\x1f")
}

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// No tables for unwinding, as a panic ends the program; relocations in their short form; one body
/// for functions that are the same, and for runs of instructions that are.
const RUST_FLAGS: &[&str] = &[
    "-Cforce-unwind-tables=no",
    "-Cllvm-args=-enable-machine-outliner=always",
    "-Clink-arg=-Wl,-z,pack-relative-relocs",
    "-Clink-arg=-Wl,--icf=all",
    "-Clink-arg=-Wl,--no-eh-frame-hdr",
];
/// Small tables of curves, no second way of doing things for AVX, and only what is called.
const C_FLAGS: &str = "-DOPENSSL_SMALL -DMY_ASSEMBLER_IS_TOO_OLD_FOR_AVX \
                       -ffunction-sections -fdata-sections \
                       -fno-asynchronous-unwind-tables -fno-unwind-tables";
/// What it has today, and a little; the aim is 2 MiB (docs/device-guide.md says why it is missed).
const MOST_OCTETS: u64 = 4_600_000;

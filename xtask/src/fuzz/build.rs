//! Building the targets, with cargo-fuzz, on the stable compiler.

use super::Places;
use crate::process;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Builds all targets and yields the folder of their programs.
///
/// No sanitizer: there is no `unsafe` in the house, and those need an unstable compiler.
///
/// # Errors
/// A sentence about what is missing or does not build.
pub fn binaries(places: &Places, quiet: bool) -> Result<PathBuf, String> {
    have_cargo_fuzz(places)?;
    let triple = host()?;
    let folder = places.state.join("build");
    let mut cargo = process::cargo(&places.fuzz);
    cargo.args(["fuzz", "build", "--fuzz-dir", ".", "--sanitizer", "none"]);
    cargo.args(["--features", "libfuzzer", "--target", &triple, "--target-dir"]).arg(&folder);
    let good = if quiet { succeeds_on_stderr(&mut cargo) } else { process::succeeds(&mut cargo) };
    if good {
        Ok(folder.join(triple).join("release"))
    } else {
        Err("the targets do not build".into())
    }
}

fn have_cargo_fuzz(places: &Places) -> Result<(), String> {
    let is_here =
        || process::succeeds_quietly(process::cargo(&places.fuzz).args(["fuzz", "--version"]));
    if is_here() {
        return Ok(());
    }
    eprintln!("cargo-fuzz is not here; it is installed now");
    succeeds_on_stderr(process::cargo(&places.fuzz).args(["install", "cargo-fuzz", "--locked"]));
    if is_here() {
        return Ok(());
    }
    Err("cargo-fuzz is not here; cargo install cargo-fuzz --locked brings it".into())
}

/// Runs to the end with standard output left alone, for what a program reads there.
fn succeeds_on_stderr(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The triple of this machine, as the compiler names it.
fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|error| error.to_string())?;
    host_in(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| "rustc -vV does not name this machine".to_owned())
}

fn host_in(version: &str) -> Option<String> {
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_what_the_compiler_says() {
        let version = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1\n";
        assert_eq!(host_in(version).as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(host_in("rustc"), None);
    }
}

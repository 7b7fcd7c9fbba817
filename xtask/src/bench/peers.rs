//! `cargo xtask bench --peers`: our conversions beside those of libwbxml, in turn, on one core.
//!
//! The peer is a small program of C that is built here. Where the documents of others are beside the
//! project, their messages are measured, and their own harness is run once as a check of ours.
//! Nothing but figures goes to standard output.

use crate::process;
use crate::workspace::Workspace;
use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The exit code when something that is needed is not there.
const UNAVAILABLE: u8 = 69;

/// Measures; `args` are those of `mgram-bench`.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let folder = workspace.target.join("peers");
    let peer = match fs::create_dir_all(&folder).and_then(|()| build(&workspace.root, &folder)) {
        Ok(peer) => peer,
        Err(error) => {
            eprintln!("xtask: no peer to measure against: {error}");
            eprintln!("xtask: `cargo xtask needs` looks for libwbxml2-dev and installs it");
            return ExitCode::from(UNAVAILABLE);
        }
    };
    let mut cargo = process::cargo(&workspace.root);
    let built = cargo.args(["build", "--quiet", "--release", "--package", "mgram-bench"]).status();
    if !built.is_ok_and(|status| status.success()) {
        return ExitCode::FAILURE;
    }
    let program = |name: &str| workspace.target.join("release").join(name);
    let mut bench = process::program(program("mgram-bench"), &workspace.root);
    bench.arg("--peer").arg(peer).arg("--memory").arg(program("mgram-bench-memory"));
    let shared = shared(&workspace.root);
    if let Some(messages) = existing(&shared, "messages") {
        bench.arg("--messages").arg(messages);
    }
    if let Some(peers) = existing(&shared, "peers") {
        match others(&peers, &folder) {
            Ok(table) => _ = bench.arg("--check").arg(table),
            Err(error) => eprintln!("xtask: {} is not run: {error}", peers.display()),
        }
    }
    match bench.args(args).status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("cannot start mgram-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the program that has libwbxml convert.
fn build(root: &Path, folder: &Path) -> io::Result<PathBuf> {
    let config = |arg: &str| asked("pkg-config", &[arg, "libwbxml2"]);
    let (version, flags, libraries) =
        (config("--modversion")?, config("--cflags")?, config("--libs")?);
    let program = folder.join("libwbxml");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = process::program(compiler, root);
    command.args(["-O2", "-Wall"]).arg(format!("-DLIBWBXML_VERSION=\"{version}\""));
    command.args(flags.split_whitespace()).arg("-o").arg(&program);
    command.arg("bench/peers/libwbxml.c").args(libraries.split_whitespace());
    successful(&mut command)?;
    Ok(program)
}

/// Runs the harness of others; yields its table of rates.
fn others(peers: &Path, folder: &Path) -> io::Result<PathBuf> {
    let folder = folder.join("others");
    let mut build = process::program("sh", peers);
    build.arg("build.sh").env("OUT", &folder).stdout(Stdio::null()).stderr(Stdio::null());
    successful(&mut build)?;
    let table = folder.join("rates.tsv");
    let mut output = File::create(&table)?;
    for section in ["libwbxml/", "chain/", "xmlsec1/parse+sign"] {
        let mut rates = process::program(folder.join("peers_bench"), peers);
        rates.arg(folder.join("keys")).args(["5", "0.15", section]);
        successful(rates.stdout(output.try_clone()?))?;
    }
    output.flush()?;
    Ok(table)
}

/// Where documents of others are.
fn shared(root: &Path) -> PathBuf {
    env::var_os("MGRAM_TEST_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from)
}

fn existing(shared: &Path, name: &str) -> Option<PathBuf> {
    shared.join("bench").join(name).canonicalize().ok()
}

/// What a program prints.
fn asked(program: &str, args: &[&str]) -> io::Result<String> {
    let output = process::program(program, Path::new("/")).args(args).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(said.lines().next().unwrap_or(program).to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn successful(command: &mut Command) -> io::Result<()> {
    let name = command.get_program().display().to_string();
    let status = command.status().map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{name} failed"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_an_error_with_its_name() {
        let error = asked("marconigram-no-such-program", &[]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = successful(&mut Command::new("marconigram-no-such-program")).unwrap_err();
        assert!(error.to_string().starts_with("marconigram-no-such-program: "));
        let error = successful(&mut Command::new("false")).unwrap_err();
        assert_eq!(error.to_string(), "false failed");
    }

    #[test]
    fn only_documents_that_exist_are_measured() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(existing(folder, "messages"), None);
        assert!(existing(&folder.join(".."), "messages").is_some());
    }
}

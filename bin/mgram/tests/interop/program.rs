//! Running programs and reading what they say.

use std::env;
use std::ffi::OsStr;
use std::process::{Command, Output};

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs it, whatever comes of it.
pub fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let Output { status, stdout, stderr } = output;
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    Said { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

/// Runs it; yields its standard output. It must succeed.
pub fn output(command: &mut Command) -> String {
    let said = run(command);
    assert_eq!(said.code, 0, "{command:?}\n{}{}", said.out, said.err);
    said.out
}

/// The program under test; nothing of our own environment is configuration for it.
pub fn mgram<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mgram"));
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("MARCONIGRAM_") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

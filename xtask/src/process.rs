//! Other programs: cargo, and whatever else is started.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// The cargo that runs us, in `folder`, without what it told us about ourselves.
pub fn cargo(folder: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(cargo, folder);
    for (name, _) in std::env::vars_os() {
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if name.to_str().is_some_and(|name| ours.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    command
}

/// A program in `folder`, with nothing to read.
pub fn program(name: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs to the end and says whether it went well. What it prints is seen.
pub fn succeeds(command: &mut Command) -> bool {
    announce(command);
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cannot start {}: {error}", command.get_program().display());
            false
        }
    }
}

/// Runs to the end without showing anything, and says whether it went well.
pub fn succeeds_quietly(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs to the end, shows what it prints and keeps it: whether it went well, and its lines.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn watched(command: &mut Command) -> io::Result<(bool, Vec<String>)> {
    announce(command);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let errors = child.stderr.take().map(|pipe| thread::spawn(|| shown(pipe, io::stderr())));
    let mut lines = child.stdout.take().map_or_else(Vec::new, |pipe| shown(pipe, io::stdout()));
    if let Some(Ok(more)) = errors.map(thread::JoinHandle::join) {
        lines.extend(more);
    }
    Ok((child.wait()?.success(), lines))
}

fn shown(pipe: impl Read, mut to: impl Write) -> Vec<String> {
    let mut kept = Vec::new();
    for line in BufReader::new(pipe).split(b'\n') {
        let Ok(mut line) = line else { break };
        line.push(b'\n');
        // A closed terminal must not stop the reading: the program would wait for us for ever.
        let _ = to.write_all(&line);
        kept.push(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
    kept
}

fn announce(command: &Command) {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut line = format!("$ {}", name.display());
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_kept_and_the_exit_code_is_seen() {
        let mut shell = Command::new("sh");
        let (good, lines) = watched(shell.args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert!(!good);
        assert_eq!(lines, ["out", "err"]);
    }

    #[test]
    fn a_program_that_is_not_there_does_not_succeed() {
        assert!(!succeeds_quietly(&mut Command::new("marconigram-no-such-program")));
    }
}

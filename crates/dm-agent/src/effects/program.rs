//! One run of a program: no shell, no environment but PATH, an end in time.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::failure::Failure;
use super::user::Ids;
use crate::config::Program;

/// Runs a program with this on its standard input, and yields what it said.
pub(super) async fn run(
    program: &Program,
    ids: Option<Ids>,
    input: &[u8],
) -> Result<String, Failure> {
    let started = command(program, ids).spawn();
    let mut child = started.map_err(|error| not_started(program, error))?;
    let group = Group::of(&child);
    let said = Mutex::new(Vec::new());
    let ended = timeout(program.timeout, attend(&mut child, input, &said)).await;
    let Ok(status) = ended else {
        let is_gone = kill(&mut child, group).await;
        return Err(Failure::TooLong { timeout: program.timeout, is_gone, said: text(said) });
    };
    group.leave();
    let said = text(said);
    match status {
        Ok(status) if status.success() => Ok(said),
        Ok(status) => Err(Failure::Ended { status, said }),
        Err(error) => Err(not_started(program, error)),
    }
}

fn not_started(program: &Program, error: io::Error) -> Failure {
    Failure::Start { program: program.argv.first().cloned().unwrap_or_default(), error }
}

fn command(program: &Program, ids: Option<Ids>) -> Command {
    let (path, arguments) = program.argv.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let mut command = Command::new(path);
    command.args(arguments).env_clear().current_dir("/").process_group(0).kill_on_drop(true);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| PATH.into()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(Ids { uid, gid }) = ids {
        command.uid(uid).gid(gid); // the other groups of the agent go with it
    }
    command
}

/// Kills a program with its group. Whether it is gone: one that took the rights of another user may
/// be beyond those of the agent, and is left to itself.
async fn kill(child: &mut Child, group: Group) -> bool {
    drop(group);
    let _ = child.start_kill(); // it may have left its group
    timeout(MOMENT, child.wait()).await.is_ok()
}

/// Feeds and hears a program until it ends. What it has started and left behind may hold its
/// outputs: they are waited for a moment only.
async fn attend(child: &mut Child, input: &[u8], said: &Mutex<Vec<u8>>) -> io::Result<ExitStatus> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(input).await; // it need not read
        }
    };
    let mut io = pin!(async { tokio::join!(feed, hear(stdout, said), hear(stderr, said)) });
    tokio::select! {
        status = child.wait() => {
            let _ = timeout(MOMENT, io).await;
            status
        }
        _ = &mut io => child.wait().await,
    }
}

/// Reads an output to its end, and keeps the first of it.
async fn hear(output: Option<impl AsyncRead + Unpin>, said: &Mutex<Vec<u8>>) {
    let Some(mut output) = output else { return };
    let mut octets = [0; 1024];
    while let Ok(count @ 1..) = output.read(&mut octets).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(said.len()).min(count);
        said.extend_from_slice(&octets[..room]);
    }
}

fn text(said: Mutex<Vec<u8>>) -> String {
    let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&said).trim_end().to_owned()
}

/// A program and what it started and left in its process group; killed when dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }

    /// Lets what is left go on.
    fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Octets of its outputs that are kept.
const KEPT: usize = 4 << 10;
const MOMENT: Duration = Duration::from_millis(500);
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[cfg(test)]
mod tests;

//! The agent's side of the socket: few at a time, a short question each, and a reader that stalls is
//! left.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::ask::{End, Question};
use super::{SOCKET, Sources, numbered};
use crate::persist::{PersistError, Reader};

/// A socket that is answered until this is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    running: JoinSet<()>,
    path: PathBuf,
}

impl Server {
    /// Answers at the socket of a state folder. That it cannot keeps no agent from working.
    pub(crate) fn start(state: &Path, sources: Sources) -> Self {
        let mut running = JoinSet::new();
        let path = state.join(SOCKET);
        match bind(state, &path) {
            Ok(listener) => {
                running.spawn(answer_all(listener, Arc::new(sources)));
            }
            Err(error) => {
                warn!(path = %path.display(), %error, "`mgram-agent status` will not find this agent");
            }
        }
        Self { running, path }
    }

    /// Ends every answer, and lets go of the state.
    pub(crate) async fn stop(mut self) {
        self.running.shutdown().await;
        let _ = std::fs::remove_file(&self.path); // one that stays is replaced at the next start
    }
}

/// A socket that nobody else could connect to, not even for a moment. What is left of an earlier agent
/// gives way: the state is ours, or we would not be here.
fn bind(state: &Path, path: &Path) -> io::Result<UnixListener> {
    let beside = state.join(format!(".{SOCKET}.{}", std::process::id()));
    let _ = std::fs::remove_file(&beside);
    let listener = UnixListener::bind(&beside)?;
    let private = std::fs::set_permissions(&beside, PermissionsExt::from_mode(0o600));
    let named = private.and_then(|()| std::fs::rename(&beside, path));
    if named.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    named.map(|()| listener)
}

async fn answer_all(listener: UnixListener, sources: Arc<Sources>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let followers = Arc::new(Semaphore::new(FOLLOWERS));
    let mut open = JoinSet::new();
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { return };
        while open.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let (sources, followers) = (sources.clone(), followers.clone());
                open.spawn(async move {
                    if let Err(error) = answer(stream, &sources, slot, &followers).await {
                        debug!(%error, "a question to the agent was not answered");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "a question to the agent could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// One question and its answer. Who follows the journal keeps nobody from asking: the slot is for what
/// ends by itself.
async fn answer(
    mut stream: UnixStream,
    sources: &Sources,
    slot: OwnedSemaphorePermit,
    followers: &Semaphore,
) -> io::Result<()> {
    let question = timeout(PATIENCE, question(&mut stream)).await??;
    match question {
        Question::Status => {
            let status = sources.status().map_err(io::Error::other)?;
            say(&mut stream, &serde_json::to_vec(&status)?).await
        }
        Question::Journal { after, follow } => {
            let _follower = match follow {
                true => Some(followers.try_acquire().map_err(io::Error::other)?),
                false => None,
            };
            let _slot = (!follow).then_some(slot);
            journal(&mut stream, sources.reader.clone(), after, follow).await
        }
    }
}

/// The first line, which has an end.
async fn question(stream: &mut UnixStream) -> io::Result<Question> {
    let (mut line, mut octets) = (Vec::new(), [0; 256]);
    while !line.contains(&b'\n') {
        let count = stream.read(&mut octets).await?;
        if count == 0 || line.len() + count > MOST_OCTETS {
            return Err(io::ErrorKind::InvalidData.into());
        }
        line.extend_from_slice(&octets[..count]);
    }
    Ok(serde_json::from_slice(&line)?)
}

async fn journal(
    stream: &mut UnixStream,
    mut reader: Reader,
    mut after: u64,
    follow: bool,
) -> io::Result<()> {
    loop {
        let entries = read(&reader, after)?;
        let Some((last, _)) = entries.last() else {
            if !follow {
                return say(stream, &serde_json::to_vec(&End { end: after })?).await;
            }
            let mut octet = [0];
            tokio::select! {
                grown = reader.grown() => if !grown { return Ok(()) },
                _ = stream.read(&mut octet) => return Ok(()), // whoever asked is gone
            }
            continue;
        };
        after = *last;
        let count = entries.len();
        let readable = numbered(entries);
        for entry in &readable {
            say(stream, &serde_json::to_vec(entry)?).await?;
        }
        if readable.len() < count {
            return Err(io::ErrorKind::InvalidData.into()); // no end: whoever asked learns it
        }
    }
}

fn read(reader: &Reader, after: u64) -> io::Result<Vec<(u64, Vec<u8>)>> {
    reader.journal_after(after, BATCH).map_err(|error: PersistError| io::Error::other(error))
}

async fn say(stream: &mut UnixStream, line: &[u8]) -> io::Result<()> {
    let line = [line, b"\n"].concat();
    timeout(PATIENCE, stream.write_all(&line)).await?
}

/// Questions that are answered at a time; others wait in the kernel.
const CONNECTIONS: usize = 4;
/// Who may follow the journal at a time; for others the answer is cut off before it begins.
const FOLLOWERS: usize = 16;
/// Octets of a question.
const MOST_OCTETS: usize = 1_024;
/// Entries that are read at a time.
const BATCH: usize = 16;
/// How long a question, or the reading of a line, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After a failure to accept.
const PAUSE: Duration = Duration::from_millis(100);

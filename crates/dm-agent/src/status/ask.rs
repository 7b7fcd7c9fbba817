//! The owner's side of the socket.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dm_client::JournalEntry;
use serde::{Deserialize, Serialize};

use super::{SOCKET, Status};

/// What is asked: one line of JSON.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "ask", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Question {
    /// A [`Status`], one line.
    Status,
    /// Entries of the journal, a line each, then an [`End`].
    Journal {
        /// Only those behind this number.
        #[serde(default)]
        after: u64,
        /// Go on with what comes, without an end.
        #[serde(default)]
        follow: bool,
    },
}

/// An entry of the journal with its number.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Numbered {
    /// The number.
    pub number: u64,
    /// The entry.
    pub entry: JournalEntry,
}

/// The last line of an answer: without it, the answer was cut off.
#[derive(Deserialize, Serialize)]
pub(super) struct End {
    pub(super) end: u64,
}

/// Nobody could be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The answer is cut off, or no answer to this.
    #[error("the agent at {0} did not answer to the end")]
    Broken(PathBuf),
    /// The socket is not ours to use, or the system failed.
    #[error("the agent cannot be asked at {path}: {error}")]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// No agent runs on this state folder.
    #[error("no agent runs on the state folder {0}")]
    NotRunning(PathBuf),
}

impl AskError {
    /// What to do next.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Broken(_) => {
                "ask again; the agent may have been stopped, or be of another version"
            }
            Self::Io { .. } => "ask as the user that the agent runs as, or as root",
            Self::NotRunning(_) => "start it with `mgram-agent run`",
        }
    }
}

/// Asks the agent of a state folder how it is.
///
/// # Errors
/// When none runs there, or it does not answer.
pub fn ask_status(state: &Path) -> Result<Status, AskError> {
    let mut lines = ask(state, &Question::Status)?;
    let mut line = String::new();
    lines.read_line(&mut line).map_err(failed(state))?;
    serde_json::from_str(&line).map_err(|_| AskError::Broken(state.join(SOCKET)))
}

/// Asks the agent of a state folder for its journal behind a number, oldest first; with `follow` it
/// does not end by itself. `take` says whether to go on.
///
/// # Errors
/// When none runs there, or it does not answer to the end.
pub fn ask_journal(
    state: &Path,
    after: u64,
    follow: bool,
    mut take: impl FnMut(Numbered) -> bool,
) -> Result<(), AskError> {
    let lines = ask(state, &Question::Journal { after, follow })?;
    if follow {
        lines.get_ref().set_read_timeout(None).map_err(failed(state))?;
    }
    for line in lines.lines() {
        let line = line.map_err(failed(state))?;
        if let Ok(numbered) = serde_json::from_str(&line) {
            if !take(numbered) {
                return Ok(());
            }
        } else if serde_json::from_str::<End>(&line).is_ok() {
            return Ok(());
        } else {
            break;
        }
    }
    Err(AskError::Broken(state.join(SOCKET)))
}

fn ask(state: &Path, question: &Question) -> Result<BufReader<UnixStream>, AskError> {
    let stream = match UnixStream::connect(state.join(SOCKET)) {
        Ok(stream) => stream,
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) =>
        {
            return Err(AskError::NotRunning(state.to_owned()));
        }
        Err(error) => return Err(failed(state)(error)),
    };
    let asked = || -> io::Result<BufReader<UnixStream>> {
        let mut stream = stream;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        Ok(BufReader::new(stream))
    };
    asked().map_err(failed(state))
}

fn failed(state: &Path) -> impl Fn(io::Error) -> AskError {
    let path = state.join(SOCKET);
    move |error| AskError::Io { path: path.clone(), error }
}

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

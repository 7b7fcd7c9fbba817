//! The door of an outbox that another program has open: a socket beside its file, by which messages are handed in.
//!
//! A request is a line of JSON, and so is its answer. Whoever may open the outbox's folder as its owner may hand in.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_transport::PushId;
use dm_transport::outbox::{New, Outbox, OutboxError, Way};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::{JoinHandle, JoinSet};

/// One message.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Handed {
    id: String,
    octets: String,
    ways: Vec<Way>,
    /// Seconds since 1970.
    until: u64,
}

/// What came of a request.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// All of it is accepted.
    Accepted { new: usize, waiting: u64 },
    /// One of them is not, and so none is.
    Refused(String),
    /// The outbox cannot be used.
    Failed(String),
}

/// The open door.
pub struct Door {
    path: PathBuf,
    serving: JoinHandle<()>,
}

impl Door {
    /// Opens that of the outbox in this file, which this program has open: nobody else has a door there.
    pub fn open(file: &Path, outbox: &Arc<Outbox>) -> Result<Self> {
        let path = beside(file);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Nobody else reaches it before it is its owner's alone.
        let hidden = tempfile::tempdir_in(folder.unwrap_or(Path::new(".")))?;
        let first = hidden.path().join("door");
        let listener = UnixListener::bind(&first)?;
        std::fs::set_permissions(&first, Permissions::from_mode(0o600))?;
        if std::fs::symlink_metadata(&path).is_ok_and(|there| !there.file_type().is_socket()) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(&first, &path)?;
        Ok(Self { path, serving: tokio::spawn(serve(listener, outbox.clone())) })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
        let _ = std::fs::remove_file(&self.path); // the next one takes its place
    }
}

async fn serve(listener: UnixListener, outbox: Arc<Outbox>) {
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            came = listener.accept() => match came {
                Ok((caller, _)) => drop(callers.spawn(hear(caller, outbox.clone()))),
                Err(_) => tokio::time::sleep(PAUSE).await, // no descriptors, as a rule
            },
            Some(_) = callers.join_next() => {}
        }
    }
}

async fn hear(mut caller: tokio::net::UnixStream, outbox: Arc<Outbox>) -> Result<()> {
    let (from, mut to) = caller.split();
    let (mut from, mut line) = (tokio::io::BufReader::new(from), Vec::new());
    loop {
        line.clear();
        if (&mut from).take(LONGEST).read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let mut answer = serde_json::to_vec(&answer(&line, &outbox).await)?;
        answer.push(b'\n');
        to.write_all(&answer).await?;
    }
}

async fn answer(line: &[u8], outbox: &Outbox) -> Answer {
    let handed = serde_json::from_slice::<Vec<Handed>>(line);
    let new = handed.ok().and_then(|all| all.into_iter().map(Handed::message).collect());
    let Some(new) = new else { return Answer::Refused("no messages; write as mgram does".into()) };
    let accepted = match outbox.accept(new).await {
        Ok(new) => outbox.counts().map(|counts| (new, counts.waiting)),
        Err(error) => Err(error),
    };
    match accepted {
        Ok((new, waiting)) => Answer::Accepted { new, waiting },
        Err(error) if is_of_the_store(&error) => Answer::Failed(error.to_string()),
        Err(error) => Answer::Refused(error.to_string()),
    }
}

impl Handed {
    fn of(New { id, octets, ways, until }: &New) -> Self {
        Self {
            id: id.to_string(),
            octets: STANDARD.encode(octets),
            ways: ways.clone(),
            until: until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        }
    }

    fn message(self) -> Option<New> {
        let until = UNIX_EPOCH.checked_add(Duration::from_secs(self.until))?;
        let octets = STANDARD.decode(&self.octets).ok()?.into();
        Some(New { id: PushId::new(&self.id)?, octets, ways: self.ways, until })
    }
}

/// Hands in to whoever has an outbox open.
pub struct Caller(BufReader<UnixStream>);

impl Caller {
    /// At the door of the outbox in this file.
    pub fn of(file: &Path) -> Result<Self> {
        UnixStream::connect(beside(file)).map(BufReader::new).map(Self)
    }

    /// Hands these in.
    pub fn hand_in(&mut self, new: &[New]) -> Result<Answer> {
        let mut request = serde_json::to_vec(&new.iter().map(Handed::of).collect::<Vec<_>>())?;
        request.push(b'\n');
        self.0.get_mut().write_all(&request)?;
        let mut line = Vec::new();
        (&mut self.0).take(LONGEST).read_until(b'\n', &mut line)?;
        match line.ends_with(b"\n") {
            true => serde_json::from_slice(&line).map_err(Error::from),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Whether it says something of the outbox, and not of a message.
pub const fn is_of_the_store(error: &OutboxError) -> bool {
    matches!(error, OutboxError::Store(_) | OutboxError::Closed)
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".door");
    name.into()
}

/// Octets of a request, at most.
const LONGEST: u64 = 256 << 20;
const PAUSE: Duration = Duration::from_millis(100);

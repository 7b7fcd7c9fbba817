//! A spool folder: each file `*.wbxml` is a message, from a memory stick, a camera, a program.
//!
//! A file is taken when its writer has closed it or given it its name; those that are there at the
//! start, when two looks find them the same. It goes when its message is kept, whatever becomes of
//! the message [Sessionless §5.5]. Files that can be none go to the folder `refused`.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::tally::Refusal;
use crate::config::Spool;
use arrivals::{Arrival, Arrivals};
use file::Look;

mod arrivals;
mod file;

/// A folder that is watched, and the way into the queue.
pub(super) struct SpoolReceiver {
    spool: Spool,
    arrivals: Arrivals,
    intake: Intake,
    backoff: Backoff,
}

/// Whether the folder may be one.
pub(super) fn check(spool: &Spool) -> io::Result<()> {
    file::check_folder(spool)
}

/// What became of a file.
enum Taken {
    /// There is nothing more to do with it.
    Over,
    /// There is no room for it now.
    Later,
}

impl SpoolReceiver {
    /// Looks at the folder, and begins to watch it.
    pub(super) fn open(spool: &Spool, intake: Intake) -> io::Result<Self> {
        file::check_folder(spool)?;
        let arrivals = Arrivals::of(&spool.folder)?;
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), chance());
        Ok(Self { spool: spool.clone(), arrivals, intake, backoff })
    }

    /// Takes files until told to stop.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.changed() => {}
            () = self.receive() => {}
        }
    }

    async fn receive(&mut self) {
        let mut waiting = self.settled().await;
        loop {
            let mut later = BTreeSet::new();
            for name in std::mem::take(&mut waiting) {
                if later.is_empty()
                    && let Taken::Over = self.take(&name).await
                {
                    self.backoff.reset();
                } else {
                    later.insert(name);
                }
            }
            waiting = later;
            let arrivals = if waiting.is_empty() {
                self.arrivals.next().await
            } else {
                let pause = self.backoff.next();
                match tokio::time::timeout(pause, self.arrivals.next()).await {
                    Ok(arrivals) => arrivals,
                    Err(_) => continue,
                }
            };
            self.note(arrivals, &mut waiting).await;
        }
    }

    /// Notes what has arrived, or finds it out by looking.
    async fn note(&mut self, arrivals: io::Result<Vec<Arrival>>, waiting: &mut BTreeSet<OsString>) {
        let arrivals = arrivals.unwrap_or_else(|error| {
            warn!(folder = %self.spool.folder.display(), %error, "the folder cannot be watched");
            vec![Arrival::Gone]
        });
        for arrival in arrivals {
            match arrival {
                Arrival::File(name) if waiting.len() < WAITING => {
                    waiting.insert(name);
                }
                Arrival::File(_) | Arrival::Unknown => waiting.extend(self.settled().await),
                Arrival::Gone => {
                    self.come_back().await;
                    waiting.extend(self.settled().await);
                }
            }
        }
    }

    /// Waits until the folder is there again, and one that may be used.
    async fn come_back(&mut self) {
        let folder = self.spool.folder.clone();
        warn!(folder = %folder.display(), "the folder has gone; nothing is taken until it is back");
        self.intake.progress.fails(&"the folder has gone");
        loop {
            tokio::time::sleep(self.backoff.next()).await;
            let watched = file::check_folder(&self.spool).and_then(|()| Arrivals::of(&folder));
            if let Ok(arrivals) = watched {
                info!(folder = %folder.display(), "the folder is back");
                self.arrivals = arrivals;
                self.intake.progress.works();
                return self.backoff.reset();
            }
        }
    }

    /// The files that do not change: two looks find the same.
    async fn settled(&self) -> BTreeSet<OsString> {
        let folder = self.spool.folder.clone();
        let look = || {
            let folder = folder.clone();
            async move {
                let looked = tokio::task::spawn_blocking(move || file::list(&folder, WAITING));
                looked.await.map_err(io::Error::from).flatten()
            }
        };
        let first = match look().await {
            Ok(files) if files.is_empty() => return BTreeSet::new(),
            Ok(files) => files,
            Err(error) => {
                warn!(folder = %folder.display(), %error, "the folder cannot be read");
                return BTreeSet::new();
            }
        };
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let second = look().await.unwrap_or_default();
        first.into_iter().filter(|file| second.contains(file)).map(|(name, _)| name).collect()
    }

    async fn take(&self, name: &OsStr) -> Taken {
        if !file::is_message_name(name) {
            return Taken::Over;
        }
        let path = self.spool.folder.join(name);
        let (security, limit, at) = (self.spool.security.clone(), self.intake.limit, path.clone());
        let looked = tokio::task::spawn_blocking(move || file::read(&at, &security, limit)).await;
        let octets = match looked.map_err(io::Error::from).flatten() {
            Ok(Look::Message(octets)) => octets,
            Ok(Look::Refused(refusal, why)) => {
                self.intake.refuse(refusal, path.display(), 0, why);
                self.put_away(path, Some(REFUSED)).await;
                return Taken::Over;
            }
            Ok(Look::Empty) => return Taken::Over,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Taken::Over,
            Err(error) => {
                warn!(file = %path.display(), %error, "a file cannot be read; it stays where it is");
                return Taken::Over;
            }
        };
        let (origin, length) = (Origin::File(path.clone()), octets.len());
        self.intake.credit(&origin).await;
        match self.intake.keep(octets, origin).await {
            Ok(()) => {
                self.put_away(path, self.spool.keep.then_some(DONE)).await;
                Taken::Over
            }
            Err(refusal @ (Refusal::QueueFull | Refusal::NotKept)) => {
                self.intake.refuse(refusal, path.display(), length, "the file waits");
                Taken::Later
            }
            Err(refusal) => {
                self.intake.refuse(refusal, path.display(), length, "from a file");
                self.put_away(path, Some(REFUSED)).await;
                Taken::Over
            }
        }
    }

    /// Moves a file to a folder beside it, or removes it.
    async fn put_away(&self, path: PathBuf, to: Option<&'static str>) {
        let shown = path.display().to_string();
        let moved = tokio::task::spawn_blocking(move || file::put_away(&path, to)).await;
        if let Err(error) = moved.map_err(io::Error::from).flatten() {
            // After the next start it is taken once more, and refused as a replay.
            warn!(file = shown, %error, "a file that is done with cannot be put away");
        }
    }
}

/// Files that are remembered; beyond that the folder is looked through.
const WAITING: usize = 1024;
/// Between two looks that are to find the same.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
const DONE: &str = "done";
const REFUSED: &str = "refused";

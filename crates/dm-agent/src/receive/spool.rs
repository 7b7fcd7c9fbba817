//! A spool folder: each file `*.wbxml` is a message, from a memory stick, a camera, a program.
//!
//! A file is taken when its writer has closed it or given it its name; those that are there at the
//! start, when two looks find them the same. It has a hidden name while it is kept, so that another
//! may have its own meanwhile, and goes when its message is kept, whatever becomes of the message
//! [Sessionless §5.5]. Files that can be none go to the folder `refused`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{debug, info, warn};

use super::Origin;
use super::backoff::{Backoff, chance};
use super::intake::Intake;
use super::tally::Refusal;
use crate::config::Spool;
use arrivals::{Arrival, Arrivals};
use file::Look;
use folder::{Held, State};

mod arrivals;
mod file;
mod folder;

/// A folder that is watched, and the way into the queue.
pub(super) struct SpoolReceiver {
    spool: Spool,
    arrivals: Arrivals,
    intake: Intake,
    backoff: Backoff,
    /// Behind which name the folder is to be looked through; none if all that comes is told.
    look: Option<OsString>,
}

/// Whether the folder may be one.
pub(super) fn check(spool: &Spool) -> io::Result<()> {
    folder::open(spool).map(drop)
}

/// What became of a file.
enum Taken {
    /// There is nothing more to do with it.
    Over,
    /// There is no room for it now; it has this name by then.
    Later(OsString),
}

impl SpoolReceiver {
    /// Looks at the folder, and begins to watch it.
    pub(super) fn open(spool: &Spool, intake: Intake) -> io::Result<Self> {
        folder::open(spool)?;
        let arrivals = Arrivals::of(&spool.folder)?;
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), chance());
        Ok(Self { spool: spool.clone(), arrivals, intake, backoff, look: Some(OsString::new()) })
    }

    /// Takes files until told to stop.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.changed() => {}
            () = self.receive() => {}
        }
    }

    async fn receive(&mut self) {
        let mut waiting = BTreeSet::new();
        loop {
            let mut later = BTreeSet::new();
            for name in std::mem::take(&mut waiting) {
                if !later.is_empty() {
                    later.insert(name);
                    continue;
                }
                match self.take(name).await {
                    Taken::Over => self.backoff.reset(),
                    Taken::Later(name) => {
                        later.insert(name);
                    }
                }
            }
            waiting = later;
            let arrivals = if !waiting.is_empty() {
                let pause = self.backoff.next();
                match tokio::time::timeout(pause, self.arrivals.next()).await {
                    Ok(arrivals) => arrivals,
                    Err(_) => continue,
                }
            } else if let Some(behind) = self.look.take() {
                (waiting, self.look) = self.settled(behind).await;
                continue;
            } else {
                self.arrivals.next().await
            };
            self.note(arrivals, &mut waiting).await;
        }
    }

    /// Notes what has arrived, or that it has to be found out by looking.
    async fn note(&mut self, arrivals: io::Result<Vec<Arrival>>, waiting: &mut BTreeSet<OsString>) {
        let arrivals = arrivals.unwrap_or_else(|error| {
            warn!(folder = %self.spool.folder.display(), %error, "the folder cannot be watched");
            vec![Arrival::Gone]
        });
        for arrival in arrivals {
            match arrival {
                // Names that we give are told, too.
                Arrival::File(name) if !folder::is_message_name(&name) => {}
                Arrival::File(name) if waiting.len() < WAITING => {
                    waiting.insert(name);
                }
                Arrival::File(_) | Arrival::Unknown => self.look = Some(OsString::new()),
                Arrival::Gone => {
                    self.come_back().await;
                    self.look = Some(OsString::new());
                }
            }
        }
    }

    /// Waits until the folder is there again, and one that may be used.
    async fn come_back(&mut self) {
        let path = self.spool.folder.clone();
        warn!(
            folder = %path.display(),
            "the folder has gone, or another is mounted there; nothing is taken until it may be used"
        );
        self.intake.progress.fails(&"the folder has gone");
        loop {
            tokio::time::sleep(self.backoff.next()).await;
            // Watched before it is looked at: it may be yet another one by then.
            let watched = Arrivals::of(&path).and_then(|it| folder::open(&self.spool).map(|_| it));
            match watched {
                Ok(arrivals) => {
                    info!(folder = %path.display(), "the folder is back");
                    self.arrivals = arrivals;
                    self.intake.progress.works();
                    return self.backoff.reset();
                }
                Err(error) => debug!(folder = %path.display(), %error, "not yet"),
            }
        }
    }

    /// The first files behind this name that do not change: two looks find the same. And behind
    /// which the next look begins, if these may not be all.
    async fn settled(&self, behind: OsString) -> (BTreeSet<OsString>, Option<OsString>) {
        let spool = self.spool.clone();
        let listed = tokio::task::spawn_blocking(move || {
            let names = folder::list(&spool, &behind, WAITING)?;
            Ok((names.last().filter(|_| names.len() == WAITING).cloned(), states(&spool, names)))
        });
        let (next, first) = match listed.await.map_err(io::Error::from).flatten() {
            Ok(listed) => listed,
            Err(error) => {
                warn!(folder = %self.spool.folder.display(), %error, "the folder cannot be read");
                return (BTreeSet::new(), None);
            }
        };
        if first.is_empty() {
            return (BTreeSet::new(), next);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let spool = self.spool.clone();
        let settled = tokio::task::spawn_blocking(move || {
            let second = states(&spool, first.keys().cloned().collect());
            let settled = first.into_iter().filter(|(name, state)| second.get(name) == Some(state));
            settled.map(|(name, _)| name).collect()
        });
        (settled.await.unwrap_or_default(), next)
    }

    /// Takes a file, and waits until its message is kept.
    async fn take(&self, name: OsString) -> Taken {
        let (spool, limit) = (self.spool.clone(), self.intake.limit);
        let at = name.clone();
        let held = tokio::task::spawn_blocking(move || hold(&spool, &at, limit)).await;
        let (held, look) = match held.map_err(io::Error::from).flatten() {
            Ok(Some(held)) => held,
            Ok(None) => return Taken::Over,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Taken::Over,
            Err(error) => {
                let file = Origin::File(self.spool.folder.join(&name));
                warn!(%file, %error, "a file cannot be read; it stays where it is");
                return Taken::Over;
            }
        };
        let origin = Origin::File(self.spool.folder.join(&held.name));
        let octets = match look {
            Look::Message(octets) => octets,
            Look::Refused(refusal, why) => {
                self.intake.refuse(refusal, &origin, 0, why);
                self.put_away(held, &origin, Some(REFUSED)).await;
                return Taken::Over;
            }
            Look::Empty => return Taken::Over,
        };
        let length = octets.len();
        self.intake.credit(&origin).await;
        match self.intake.keep(octets, origin.clone()).await {
            Ok(()) => {
                self.put_away(held, &origin, self.spool.keep.then_some(DONE)).await;
                Taken::Over
            }
            Err(refusal @ (Refusal::QueueFull | Refusal::NotKept)) => {
                self.intake.refuse(refusal, &origin, length, "the file waits");
                Taken::Later(held.at)
            }
            Err(refusal) => {
                self.intake.refuse(refusal, &origin, length, "from a file");
                self.put_away(held, &origin, Some(REFUSED)).await;
                Taken::Over
            }
        }
    }

    /// Moves a file to a folder beside it, or removes it.
    async fn put_away(&self, held: Held, origin: &Origin, to: Option<&'static str>) {
        let spool = self.spool.clone();
        let away = move || folder::put_away(&folder::open(&spool)?, &held, to);
        let moved = tokio::task::spawn_blocking(away).await;
        if let Err(error) = moved.map_err(io::Error::from).flatten() {
            // After the next start it is taken once more, and refused as a replay.
            warn!(file = %origin, %error, "a file that is done with cannot be put away");
        }
    }
}

fn states(spool: &Spool, names: BTreeSet<OsString>) -> BTreeMap<OsString, State> {
    let state = |name: OsString| folder::state(spool, &name).map(|state| (name, state));
    names.into_iter().filter_map(state).collect()
}

/// Takes a file out of the way of others, and reads it; none if there is nothing in it yet.
fn hold(spool: &Spool, name: &OsStr, limit: usize) -> io::Result<Option<(Held, Look)>> {
    let folder = folder::open(spool)?;
    if file::is_empty(&folder, name)? {
        return Ok(None);
    }
    let held = folder::hold(&folder, name)?;
    match file::read(&folder, &held.at, &spool.security, limit) {
        Ok(Look::Empty) => {}
        Ok(look) => return Ok(Some((held, look))),
        Err(error) => {
            folder::let_go(&folder, &held)?;
            return Err(error);
        }
    }
    folder::let_go(&folder, &held)?;
    Ok(None)
}

/// Files that are remembered; the others are found when the folder is looked through.
const WAITING: usize = 1024;
/// Between two looks that are to find the same.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
const DONE: &str = "done";
const REFUSED: &str = "refused";

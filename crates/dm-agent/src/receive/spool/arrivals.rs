//! What arrives in a folder, as the kernel tells it: nothing wakes the process otherwise.

use std::ffi::OsString;

/// Something came.
pub(super) enum Arrival {
    /// A file was closed after writing, or got its name.
    File(OsString),
    /// Something, and what it was is lost.
    Unknown,
    /// The folder itself went, or another file system is mounted over it.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nobody tells it there"))]
    Gone,
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::ffi::{OsStr, OsString};
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    use tracing::warn;

    use super::Arrival;

    /// A watch on a folder, and on what is mounted.
    pub(in super::super) struct Arrivals {
        folder: PathBuf,
        /// Device and number of the folder that is watched.
        identity: (u64, u64),
        /// None if the kernel does not show it.
        mounts: Option<AsyncFd<OwnedFd>>,
        watch: AsyncFd<OwnedFd>,
    }

    impl Arrivals {
        pub(in super::super) fn of(folder: &Path) -> io::Result<Self> {
            // In this order: what is mounted in between is told.
            let mounts = mounts().inspect_err(|error| {
                warn!(path = MOUNTS, %error, "what is mounted on a folder later is not noticed");
            });
            let identity = identity(folder)?;
            let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
            let what = WatchFlags::CLOSE_WRITE
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            inotify::add_watch(&watch, folder, what)?;
            // Deprecated for types whose descriptor can change; that of an OwnedFd cannot.
            #[expect(deprecated, reason = "what replaces it is unsafe to call")]
            let watch = AsyncFd::new(watch)?;
            Ok(Self { folder: folder.to_owned(), identity, mounts: mounts.ok(), watch })
        }

        pub(in super::super) async fn next(&self) -> io::Result<Vec<Arrival>> {
            loop {
                tokio::select! {
                    ready = self.watch.readable() => {
                        if let Ok(read) = ready?.try_io(|watch| read(watch.get_ref())) {
                            return read;
                        }
                    }
                    () = changed(self.mounts.as_ref()) => {
                        if identity(&self.folder).ok() != Some(self.identity) {
                            return Ok(vec![Arrival::Gone]);
                        }
                    }
                }
            }
        }
    }

    fn identity(folder: &Path) -> io::Result<(u64, u64)> {
        folder.metadata().map(|about| (about.dev(), about.ino()))
    }

    fn mounts() -> io::Result<AsyncFd<OwnedFd>> {
        let mounts = std::fs::File::open(MOUNTS)?.into();
        #[expect(deprecated, reason = "as above")]
        AsyncFd::with_interest(mounts, Interest::PRIORITY)
    }

    /// Waits until something is mounted or unmounted. [proc(5), /proc/pid/mounts]
    async fn changed(mounts: Option<&AsyncFd<OwnedFd>>) {
        let Some(mounts) = mounts else { return std::future::pending().await };
        match mounts.ready(Interest::PRIORITY).await {
            Ok(mut ready) => ready.clear_ready(),
            Err(_) => std::future::pending().await,
        }
    }

    /// The kernel says by POLLPRI that it has changed.
    const MOUNTS: &str = "/proc/self/mountinfo";

    fn read(watch: &OwnedFd) -> io::Result<Vec<Arrival>> {
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut reader = Reader::new(watch, &mut buffer);
        let mut arrivals = Vec::new();
        loop {
            let event = reader.next()?;
            let gone = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT;
            if event.events().intersects(gone | ReadFlags::IGNORED) {
                arrivals.push(Arrival::Gone);
                return Ok(arrivals); // the watch is over; what follows says the same
            }
            let name =
                event.file_name().map(|name| OsString::from(OsStr::from_bytes(name.to_bytes())));
            arrivals.push(name.map_or(Arrival::Unknown, Arrival::File));
            if reader.is_buffer_empty() {
                return Ok(arrivals);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::io;
    use std::path::Path;
    use std::time::Duration;

    use super::Arrival;

    /// Where no kernel tells it, somebody has to look.
    pub(in super::super) struct Arrivals;

    impl Arrivals {
        pub(in super::super) fn of(_: &Path) -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) async fn next(&self) -> io::Result<Vec<Arrival>> {
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok(vec![Arrival::Unknown])
        }
    }
}

pub(super) use kernel::Arrivals;

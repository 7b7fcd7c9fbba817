//! What arrives in a folder, as the kernel tells it: nothing wakes the process otherwise.

use std::ffi::OsString;

/// Something came.
pub(super) enum Arrival {
    /// A file was closed after writing, or got its name.
    File(OsString),
    /// Something, and what it was is lost.
    Unknown,
    /// The folder itself went.
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
    use std::path::Path;

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use tokio::io::unix::AsyncFd;

    use super::Arrival;

    /// A watch on a folder.
    pub(in super::super) struct Arrivals(AsyncFd<OwnedFd>);

    impl Arrivals {
        pub(in super::super) fn of(folder: &Path) -> io::Result<Self> {
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
            Ok(Self(watch))
        }

        pub(in super::super) async fn next(&self) -> io::Result<Vec<Arrival>> {
            loop {
                let mut ready = self.0.readable().await?;
                if let Ok(read) = ready.try_io(|watch| read(watch.get_ref())) {
                    return read;
                }
            }
        }
    }

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

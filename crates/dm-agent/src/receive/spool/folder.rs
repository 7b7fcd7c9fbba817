//! A spool folder: whether it may be used, what is in it, how a file leaves it.
//!
//! Names are resolved from the folder as it was opened, and never through a symbolic link: whoever
//! may put files there may put links there, too.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::Errno;

use crate::config::{Spool, SpoolSecurity};

/// Size, time of change in seconds and nanoseconds, number.
pub(super) type State = (u64, i64, i64, u64);

/// A file that has a name of ours while it is kept: no other takes its place, and goes in its stead.
pub(super) struct Held {
    /// The name that it has in the folder now.
    pub at: OsString,
    /// Its own name.
    pub name: OsString,
}

/// Opens a folder that may be used: nobody but those who are named can put files there.
pub(super) fn open(spool: &Spool) -> io::Result<OwnedFd> {
    let folder = rustix::fs::openat(CWD, &spool.folder, FOLDER, Mode::empty())?;
    let SpoolSecurity::Owner(owners) = &spool.security else { return Ok(folder) };
    let denied = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let about = rustix::fs::fstat(&folder)?;
    if about.st_mode & EVERYBODY_WRITES != 0 {
        return denied("everybody may write to it");
    }
    let own = rustix::process::geteuid().as_raw();
    match owners.iter().chain(&[0, own]).any(|owner| *owner == about.st_uid) {
        true => Ok(folder),
        false => denied("it belongs to a user who is not one of `owners`"),
    }
}

/// Whether a file of this name is for us; what begins with a dot is not, yet.
pub(super) fn is_message_name(name: &OsStr) -> bool {
    let octets = name.as_bytes();
    octets.ends_with(SUFFIX) && !octets.starts_with(b".")
}

/// The own name of a file that has a name of ours.
fn own_name(at: &OsStr) -> Option<&OsStr> {
    let octets = at.as_bytes().strip_prefix(HELD)?;
    let end = octets.iter().position(|octet| *octet == b'-')?;
    let (number, name) = (&octets[..end], OsStr::from_bytes(&octets[end + 1..]));
    let is_ours = number.iter().all(u8::is_ascii_digit) && is_message_name(name);
    is_ours.then_some(name)
}

/// The first files of a folder behind this name, at most that many. Those that were being kept are
/// among them.
pub(super) fn list(spool: &Spool, behind: &OsStr, most: usize) -> io::Result<BTreeSet<OsString>> {
    let mut names = BTreeSet::new();
    for entry in Dir::read_from(open(spool)?)? {
        let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
        if *name > *behind && (is_message_name(&name) || own_name(&name).is_some()) {
            names.insert(name);
        }
        if names.len() > most {
            names.pop_last();
        }
    }
    Ok(names)
}

/// What changes when a file does; none if it has gone.
pub(super) fn state(spool: &Spool, name: &OsStr) -> Option<State> {
    let about = spool.folder.join(name).symlink_metadata().ok()?;
    Some((about.len(), about.mtime(), about.mtime_nsec(), about.ino()))
}

/// Gives a file a name of ours. Where nothing can be renamed, nothing can be removed either: it
/// keeps its own then.
pub(super) fn hold(folder: &OwnedFd, name: &OsStr) -> io::Result<Held> {
    let held = |at| Held { at, name: name.to_owned() };
    if let Some(own) = own_name(name) {
        return Ok(Held { at: name.to_owned(), name: own.to_owned() });
    }
    let tail = name.as_bytes();
    let tail = &tail[tail.len().saturating_sub(LONGEST)..];
    for number in 0_u32.. {
        let at = [HELD, format!("{number}-").as_bytes(), tail].concat();
        let at = OsString::from_vec(at);
        match rename_to_new(folder, name, &at) {
            Ok(()) => return Ok(held(at)),
            Err(Errno::EXIST) => {}
            Err(Errno::ROFS | Errno::ACCESS | Errno::PERM) => return Ok(held(name.to_owned())),
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Gives a file its own name back, if that is free.
pub(super) fn let_go(folder: &OwnedFd, held: &Held) -> io::Result<()> {
    match rename_to_new(folder, &held.at, &held.name) {
        Err(error) if held.at != held.name => Err(error.into()),
        _ => Ok(()),
    }
}

/// Moves a file to a folder beside it, or removes it.
pub(super) fn put_away(folder: &OwnedFd, held: &Held, to: Option<&str>) -> io::Result<()> {
    let remove = || Ok(rustix::fs::unlinkat(folder, &held.at, AtFlags::empty())?);
    let Some(to) = to else { return remove() };
    match rustix::fs::mkdirat(folder, to, Mode::RWXU) {
        Err(error) if error != Errno::EXIST => return Err(error.into()),
        _ => {}
    }
    let about = rustix::fs::fstat(folder)?;
    let to = rustix::fs::openat(folder, to, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
    let owner = rustix::fs::fstat(&to)?.st_uid;
    let own = rustix::process::geteuid().as_raw();
    if ![0, own, about.st_uid].contains(&owner) {
        let why = "the folder for it belongs to another user";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    // The newest are the least worth keeping: whoever fills the folder gains nothing.
    if Dir::read_from(&to)?.count() >= PUT_AWAY + 2 {
        return remove();
    }
    Ok(rustix::fs::renameat(folder, &held.at, &to, &held.name)?)
}

/// Renames a file, if nothing has the new name.
fn rename_to_new(folder: &OwnedFd, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
    #[cfg(target_os = "linux")]
    match rustix::fs::renameat_with(folder, from, folder, to, rustix::fs::RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => {} // a file system that cannot
        done => return done,
    }
    match rustix::fs::statat(folder, to, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => rustix::fs::renameat(folder, from, folder, to),
        Ok(_) => Err(Errno::EXIST),
        Err(error) => Err(error),
    }
}

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
/// Names of ours: this, a number, `-`, the name of the file.
const HELD: &[u8] = b".taking-";
/// Octets of a name that stay in a name of ours: the file system bounds the sum.
const LONGEST: usize = 200;
const SUFFIX: &[u8] = b".wbxml";
pub(super) const EVERYBODY_WRITES: u32 = 0o002;
/// Files that stay in a folder of those that are done with.
const PUT_AWAY: usize = 256;

#[cfg(test)]
mod tests;

//! The file of a sender's counters: a number is durable before the message that has it leaves.
//! [profile §7]
//!
//! The file is replaced as a whole (written beside, synced, renamed, the folder synced), under a
//! lock on a file beside it. So whatever is killed whenever, the file is the old one or the new one,
//! and two programs at once get two numbers. A number that was taken for a message that then
//! failed is left out: that does no harm, and a number twice would.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use dm_seal::counters::{Counters, CountersError};

use crate::document::of_io;
use crate::fault::Fault;
use crate::report::Reporter;

/// The most octets of a file: a million devices fit.
const MOST: u64 = 128 << 20;

/// Takes the next number for a Target, or this one, and keeps that it was taken.
///
/// # Errors
/// When the number was used, the file is damaged, or it cannot be kept.
pub fn take(
    path: &Path,
    (server_id, target): (&str, &str),
    wanted: Option<u64>,
    reporter: &Reporter,
) -> Result<u64, Fault> {
    // The file that a link leads to is replaced, not the link.
    let target_of_link = path.is_symlink().then(|| std::fs::canonicalize(path).ok()).flatten();
    let path = target_of_link.as_deref().unwrap_or(path);
    check_kind(path)?;
    let _lock = lock(path)?;
    let octets = read(path)?;
    let counters = octets.as_deref().map_or_else(|| Ok(Counters::default()), Counters::read);
    let (mut counters, damaged) = match (counters, wanted) {
        (Ok(counters), _) => (counters, None),
        // The way out: all that any device may have seen is below the number by hand.
        (Err(CountersError::Damaged { highest, .. }), Some(wanted)) if wanted > highest => {
            (Counters::above(wanted - 1), Some(free_beside(path, "damaged")))
        }
        (Err(CountersError::Damaged { highest: last, .. }), Some(counter)) => {
            return Err(of_counters(&CountersError::NotAbove { counter, last }, path));
        }
        (Err(error), _) => return Err(of_counters(&error, path)),
    };
    let taken = match wanted {
        None => counters.take(server_id, target),
        Some(wanted) => counters.raise(server_id, target, wanted).map(|()| wanted),
    };
    let taken = taken.map_err(|error| of_counters(&error, path))?;
    let new = counters.write();
    check_size(path, new.len() as u64)?;
    if let (Some(kept), Some(octets)) = (&damaged, &octets) {
        write_durably(kept, octets).map_err(|error| of_file("write", &error, kept))?;
    }
    write_durably(path, &new).map_err(|error| of_file("write", &error, path))?;
    if let Some(kept) = damaged {
        reporter.warning(&format!(
            "the counters were damaged and begin anew, for every device above {}; the damaged file is {}",
            taken - 1,
            kept.display()
        ));
    }
    Ok(taken)
}

/// Refuses what cannot be replaced, and what never ends, before it is touched.
fn check_kind(path: &Path) -> Result<(), Fault> {
    let Ok(there) = std::fs::metadata(path) else { return Ok(()) };
    if there.is_file() {
        return Ok(());
    }
    let what = match there.is_dir() {
        true => "the counters cannot be kept there: it is a folder",
        false => "the counters cannot be kept there: it is a device, a pipe or a socket",
    };
    Err(Fault::unreadable(what).in_file(path).next("name a file; it is made, if there is none"))
}

/// Held until it is dropped, or the process ends, however it ends.
fn lock(path: &Path) -> Result<File, Fault> {
    let beside = beside(path, "lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    let is_new = !beside.exists();
    let file = options.open(&beside).map_err(|error| of_file("write", &error, &beside))?;
    // Whoever may count must get at the lock too.
    if let (true, Ok(there)) = (is_new, std::fs::metadata(path)) {
        let mode = Permissions::from_mode(there.permissions().mode() & 0o777);
        file.set_permissions(mode).map_err(|error| of_file("write", &error, &beside))?;
    }
    file.lock().map_err(|error| {
        Fault::refused(format!("the counters cannot be locked: {error}"))
            .in_file(&beside)
            .next("keep them on a file system that has locks")
    })?;
    Ok(file)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Fault> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|error| of_file("read", &error, path))?,
    };
    let mut octets = Vec::new();
    let read = file.take(MOST + 1).read_to_end(&mut octets);
    read.map_err(|error| of_file("read", &error, path))?;
    if octets.len() as u64 > MOST {
        return Err(Fault::unreadable(format!("more than {MOST} octets"))
            .in_file(path)
            .next("give a file of counters, as --counters made it"));
    }
    Ok(Some(octets))
}

/// Writes a file whole and durably, or not at all. One name beside it is enough: there is a lock.
fn write_durably(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let new = beside(path, "new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {} // what a killed process left behind
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    if let Ok(there) = std::fs::metadata(path) {
        file.set_permissions(Permissions::from_mode(there.permissions().mode() & 0o777))?;
    }
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file that could not be read again would be the last of it.
fn check_size(path: &Path, octets: u64) -> Result<(), Fault> {
    if octets <= MOST {
        return Ok(());
    }
    Err(Fault::refused(format!("the counters would have more than {MOST} octets"))
        .in_file(path)
        .next("keep those of other devices in another file"))
}

/// A name beside a file that nothing has: what was damaged before stays too.
fn free_beside(path: &Path, ending: &str) -> PathBuf {
    let first = std::iter::once(beside(path, ending));
    let further = (2_u32..).map(|number| beside(path, &format!("{ending}.{number}")));
    let mut free = first.chain(further).filter(|path| path.symlink_metadata().is_err());
    free.next().unwrap_or_else(|| beside(path, ending))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn of_file(verb: &str, error: &std::io::Error, path: &Path) -> Fault {
    of_io(Fault::unreadable, verb, error).in_file(path).or_next("name another file of counters")
}

fn of_counters(error: &CountersError, path: &Path) -> Fault {
    let fault = Fault::refused(error).in_file(path).clause("profile §7");
    match error {
        CountersError::NotAbove { last, .. } => {
            fault.next(format!("leave --counter out, or give one above {last}"))
        }
        CountersError::Exhausted => {
            fault.next("give the server another ServerID: no device takes more than 19 digits")
        }
        _ => fault.next(
            "give --counter N once, above all that were used for any device: the counters begin \
             anew above it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        assert!(check_size(Path::new("c"), MOST).is_ok());
        assert!(check_size(Path::new("c"), MOST + 1).is_err());
    }
}

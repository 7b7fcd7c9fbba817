//! One file of a spool folder: whether it may be taken, what is in it, where it goes.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rustix::fs::{Mode, OFlags};

use crate::config::{Spool, SpoolSecurity};
use crate::receive::tally::Refusal;

/// What a look into a file found.
pub(super) enum Look {
    /// The octets of a message.
    Message(Vec<u8>),
    /// It can be none, for this reason.
    Refused(Refusal, &'static str),
    /// Nothing is in it yet.
    Empty,
}

/// Size, time of change in seconds and nanoseconds, number.
type State = (u64, i64, i64, u64);

/// Whether a folder may be used: nobody but those who are named can put files there.
pub(super) fn check_folder(spool: &Spool) -> io::Result<()> {
    let folder = std::fs::metadata(&spool.folder)?;
    if !folder.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let SpoolSecurity::Owner(owners) = &spool.security else { return Ok(()) };
    let denied = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    if folder.mode() & EVERYBODY_WRITES != 0 {
        return denied("everybody may write to it");
    }
    let own = rustix::process::geteuid().as_raw();
    match owners.iter().chain(&[0, own]).any(|owner| *owner == folder.uid()) {
        true => Ok(()),
        false => denied("it belongs to a user who is not one of `owners`"),
    }
}

/// Whether a file of this name is for us; what begins with a dot is not, yet.
pub(super) fn is_message_name(name: &OsStr) -> bool {
    let octets = name.as_encoded_bytes();
    octets.ends_with(b".wbxml") && !octets.starts_with(b".")
}

/// The files of a folder, at most that many, each with what changes when it does.
pub(super) fn list(folder: &Path, most: usize) -> io::Result<Vec<(OsString, State)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !is_message_name(&name) {
            continue;
        }
        let Ok(about) = entry.metadata() else { continue }; // it has just gone
        files.push((name, (about.len(), about.mtime(), about.mtime_nsec(), about.ino())));
        if files.len() == most {
            break;
        }
    }
    Ok(files)
}

/// Reads a file: never through a symbolic link, never more than the limit.
pub(super) fn read(path: &Path, security: &SpoolSecurity, limit: usize) -> io::Result<Look> {
    // Not blocking: to open a pipe is to wait for its other end.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) => {
            return Ok(Look::Refused(Refusal::Source, "a symbolic link"));
        }
        Err(error) => return Err(error.into()),
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(Look::Refused(Refusal::Source, "no regular file"));
    }
    if let SpoolSecurity::Owner(owners) = security {
        if !owners.contains(&about.uid()) {
            return Ok(Look::Refused(
                Refusal::Source,
                "it belongs to a user who is not in `owners`",
            ));
        }
        if about.mode() & EVERYBODY_WRITES != 0 {
            return Ok(Look::Refused(Refusal::Source, "everybody may write to it"));
        }
    }
    // Text is a third longer, and has ends of lines.
    let most = (limit as u64).saturating_mul(3) / 2 + 16;
    let mut octets = Vec::new();
    file.take(most + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > most {
        return Ok(Look::Refused(Refusal::TooLarge, "larger than `limits.message`"));
    }
    Ok(match octets.first() {
        None => Look::Empty,
        // A message begins with the version of WBXML, 1 to 3: no text does.
        Some(first) if *first >= b' ' || first.is_ascii_whitespace() => match text(octets) {
            Some(octets) => Look::Message(octets),
            None => Look::Refused(Refusal::Malformed, "neither WBXML nor base64"),
        },
        Some(_) => Look::Message(octets),
    })
}

/// The octets of base64 text, as a camera reads it.
fn text(mut octets: Vec<u8>) -> Option<Vec<u8>> {
    octets.retain(|octet| !octet.is_ascii_whitespace());
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&STANDARD, config).decode(octets).ok()
}

/// Moves a file to a folder beside it, or removes it.
pub(super) fn put_away(path: &Path, to: Option<&str>) -> io::Result<()> {
    let (Some(to), Some(folder), Some(name)) = (to, path.parent(), path.file_name()) else {
        return std::fs::remove_file(path);
    };
    let to = folder.join(to);
    match DirBuilder::new().mode(0o700).create(&to) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // The newest are the least worth keeping: whoever fills the folder gains nothing.
    if std::fs::read_dir(&to)?.count() >= PUT_AWAY {
        return std::fs::remove_file(path);
    }
    std::fs::rename(path, to.join(name))
}

const EVERYBODY_WRITES: u32 = 0o002;
/// Files that stay in a folder of those that are done with.
const PUT_AWAY: usize = 256;

#[cfg(test)]
mod tests;

//! One file of a spool folder: whether it may be taken, and what is in it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use dm_push::qr;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use tracing::debug;

use super::folder::EVERYBODY_WRITES;
use crate::config::SpoolSecurity;
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

/// Whether there is nothing in a file yet.
pub(super) fn is_empty(folder: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    let about = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(about.st_mode) == FileType::RegularFile && about.st_size == 0)
}

/// Reads a file: never through a symbolic link, never more than the limit.
pub(super) fn read(
    folder: &OwnedFd,
    name: &OsStr,
    security: &SpoolSecurity,
    limit: usize,
) -> io::Result<Look> {
    // Not blocking: to open a pipe is to wait for its other end.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
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
    // Text is longer: base64 by a third, and has ends of lines; that of split codes by two thirds.
    let most = (limit as u64).saturating_mul(3) / 2 + 16;
    let of_codes = (limit as u64).saturating_mul(8) / 5 + (qr::MAX_PARTS * LINE) as u64;
    let mut octets = Vec::new();
    file.take(most.max(of_codes) + 1).read_to_end(&mut octets)?;
    let is_split = qr::is_split(&octets);
    if octets.len() as u64 > if is_split { of_codes } else { most } {
        return Ok(Look::Refused(Refusal::TooLarge, "larger than `limits.message`"));
    }
    Ok(match octets.first() {
        None => Look::Empty,
        Some(_) if is_split => match qr::join(&octets) {
            Ok(octets) => Look::Message(octets),
            Err(error) => {
                debug!(%error, "codes that are no message");
                let why = "codes of a message, and not all of them as they were";
                Look::Refused(Refusal::Malformed, why)
            }
        },
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

/// Octets of the line of one code that are none of its part, its mark of a scanner included.
const LINE: usize = 64;

#[cfg(test)]
mod tests;

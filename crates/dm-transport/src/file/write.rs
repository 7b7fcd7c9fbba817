//! A file that is there as a whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::CWD;

/// Writes a file: hidden, onto the disk, then under its name. One that is there with these octets already
/// is left as it is; with others, that is [`io::ErrorKind::AlreadyExists`], and it stays.
pub(super) fn whole(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    if is_there(path, parts)? {
        return Ok(());
    }
    let folder = folder_of(path);
    let hidden = hidden(path)?;
    let written = write(&hidden, parts).and_then(|()| rename_to_new(&hidden, path));
    if let Err(error) = written {
        let _ = fs::remove_file(&hidden); // it is of no use to anybody
        // Another may have been faster, with the same octets.
        let is_race = error.kind() == io::ErrorKind::AlreadyExists;
        return if is_race && is_there(path, parts)? { Ok(()) } else { Err(error) };
    }
    File::open(folder)?.sync_all()
}

fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Whether these octets are there under this name.
fn is_there(path: &Path, parts: &[&[u8]]) -> io::Result<bool> {
    let exists = || io::Error::from(io::ErrorKind::AlreadyExists);
    let length: usize = parts.iter().map(|part| part.len()).sum();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(about) if !about.is_file() || about.len() != length as u64 => Err(exists()),
        Ok(_) if fs::read(path)? == parts.concat() => Ok(true),
        Ok(_) => Err(exists()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name beside this one that begins with a dot, and that nobody else uses.
fn hidden(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    // The file system bounds the length of a name.
    hidden.push(name.to_string_lossy().chars().take(48).collect::<String>());
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    hidden.push(format!(".{}-{number}.part", std::process::id()));
    Ok(folder_of(path).join(hidden))
}

/// Renames a file, if nothing has the new name.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    match rustix::fs::renameat_with(CWD, from, CWD, to, rustix::fs::RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {} // a file system that cannot
        done => return Ok(done?),
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => Ok(rustix::fs::renameat(CWD, from, CWD, to)?),
    }
}

static COUNT: AtomicU64 = AtomicU64::new(0);

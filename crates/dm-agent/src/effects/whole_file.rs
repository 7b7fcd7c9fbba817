//! Files that are there whole or not at all, whenever the power goes.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// Writes a file with this mode in place of the one that is there. Whether it was another one; if
/// not, the disk is left alone.
pub(super) fn write(path: &Path, octets: &[u8], mode: u32) -> Result<bool, Failure> {
    let failed = |error| Failure::File { path: path.to_owned(), error };
    if is_there(path, octets, mode) {
        return Ok(false);
    }
    let beside = beside(path);
    let written = replace(path, &beside, octets, mode);
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written.map(|()| true).map_err(failed)
}

fn replace(path: &Path, beside: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    let _ = std::fs::remove_file(beside); // of an agent that lost its power
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(beside)?;
    file.set_permissions(std::fs::Permissions::from_mode(mode))?; // whatever the umask is
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(beside, path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}

/// Whether the file is there, with these octets and this mode.
pub(super) fn is_there(path: &Path, octets: &[u8], mode: u32) -> bool {
    let metadata = std::fs::symlink_metadata(path);
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o777 == mode)
        && std::fs::read(path).is_ok_and(|there| there == octets)
}

/// A hidden name in the same folder.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_replaced_whole_with_its_mode_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.conf");
        std::fs::write(folder.path().join(".x.conf.new"), "left by a power cut").unwrap();
        assert!(write(&path, b"1", 0o640).unwrap());
        assert!(!write(&path, b"1", 0o640).unwrap(), "it is there already");
        assert!(write(&path, b"1", 0o600).unwrap());
        assert!(write(&path, b"22", 0o600).unwrap());
        assert_eq!((std::fs::read(&path).unwrap(), mode(&path)), (b"22".to_vec(), 0o600));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("x");
        let said = write(&path, b"1", 0o600).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{}: ", path.display())), "{said}");
    }
}

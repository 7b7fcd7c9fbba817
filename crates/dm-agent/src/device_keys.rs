//! The private keys that a device decrypts with: files in its state folder. [profile §6]
//!
//! `device-keys/NAME.pem` is a private key in PKCS #8, for its owner alone (mode 0600), and NAME is
//! what `KeyName` shows. The keys are not encrypted at rest: a key file beside them would protect
//! nothing from whoever reads the folder. Where that matters the folder belongs on an encrypted
//! disk. `NAME.crt` beside it is the certificate that operators encrypt to.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use dm_crypto::{AwsLc, DeviceKey, KeyError, KeyPair};
use dm_seal::encryption::{DeviceKeys, Secret};
use thiserror::Error;

/// The folder of keys in a state folder.
pub const FOLDER: &str = "device-keys";
/// The most keys that a device has: more would be a mistake.
const MOST: usize = 64;

/// A device key cannot be read or kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviceKeyError {
    /// A key of that name is there.
    #[error("there is a device key {0} already: keys are never overwritten")]
    Exists(PathBuf),
    /// The file cannot be read or written.
    #[error("the device key {path} cannot be read or written: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The file holds no key that can be used.
    #[error("the device key {path} cannot be used: {error}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// A name that would be no plain file name.
    #[error("{0:?} cannot be the name of a device key: 1 to 64 of A-Z a-z 0-9 . _ -")]
    Name(String),
    /// Others than the owner may read the key.
    #[error("others may read the device key {0}: chmod 600")]
    NotPrivate(PathBuf),
    /// Too many files.
    #[error("there are more than {MOST} device keys in {0}")]
    TooMany(PathBuf),
}

/// All keys of a state folder; a folder without any yields none.
///
/// # Errors
/// When a key cannot be read, cannot be used, or is not its owner's alone.
pub fn load(state: &Path) -> Result<DeviceKeys, DeviceKeyError> {
    let folder = state.join(FOLDER);
    let mut keys = DeviceKeys::new(AwsLc);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        // Whether the state folder is one is for the store to say.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(keys);
        }
        Err(error) => return Err(DeviceKeyError::Io { path: folder, error }),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(of(&folder))?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            paths.push(path);
        }
        if paths.len() > MOST {
            return Err(DeviceKeyError::TooMany(folder));
        }
    }
    paths.sort();
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        check_name(name)?;
        keys.add(read(name, &path)?);
    }
    Ok(keys)
}

/// Reads one key, which must be its owner's alone.
///
/// # Errors
/// When it cannot be read or used, or others may read it.
pub fn read(name: &str, path: &Path) -> Result<DeviceKey, DeviceKeyError> {
    let metadata = std::fs::metadata(path).map_err(of(path))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(DeviceKeyError::NotPrivate(path.to_owned()));
    }
    let pem = Secret::new(std::fs::read(path).map_err(of(path))?); // of the size of the file: read at once
    DeviceKey::from_pem(name, &pem)
        .map_err(|error| DeviceKeyError::Key { path: path.to_owned(), error })
}

/// Keeps a new key and its certificate; yields the path of the certificate.
///
/// # Errors
/// When the name is no plain file name, a key of that name is there, or the disk fails.
pub fn store(state: &Path, name: &str, pair: &KeyPair) -> Result<PathBuf, DeviceKeyError> {
    check_name(name)?;
    let folder = state.join(FOLDER);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(of(&folder))?;
    let (key, certificate) =
        (folder.join(format!("{name}.pem")), folder.join(format!("{name}.crt")));
    if certificate.exists() {
        return Err(DeviceKeyError::Exists(certificate));
    }
    write_new(&key, pair.key_pem.as_bytes(), 0o600)?;
    // A key without its certificate is of no use, and would be in the way.
    write_new(&certificate, pair.cert_pem.as_bytes(), 0o644)
        .inspect_err(|_| drop(std::fs::remove_file(&key)))?;
    Ok(certificate)
}

/// Checks the name of a key before anything is made.
///
/// # Errors
/// When it is no plain file name.
pub fn check_name(name: &str) -> Result<(), DeviceKeyError> {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
    match (1..=64).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with('.') {
        true => Ok(()),
        false => Err(DeviceKeyError::Name(name.to_owned())),
    }
}

fn write_new(path: &Path, octets: &[u8], mode: u32) -> Result<(), DeviceKeyError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(octets).and_then(|()| file.sync_all()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => DeviceKeyError::Exists(path.to_owned()),
        _ => of(path)(error),
    })
}

fn of(path: &Path) -> impl Fn(std::io::Error) -> DeviceKeyError {
    move |error| DeviceKeyError::Io { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use dm_crypto::generate_device_key;

    use super::*;

    #[test]
    fn what_is_stored_is_loaded_by_its_name() {
        let state = tempfile::tempdir().unwrap();
        assert!(load(state.path()).unwrap().is_empty());
        for name in ["d2", "d1"] {
            let pair = generate_device_key("urn:imei:1", name).unwrap();
            let certificate = store(state.path(), name, &pair).unwrap();
            assert_eq!(std::fs::read_to_string(certificate).unwrap(), pair.cert_pem);
        }
        let keys = load(state.path()).unwrap();
        assert_eq!(keys.names().collect::<Vec<_>>(), ["d1", "d2"]);
    }

    #[test]
    fn a_key_is_its_owners_alone_and_never_overwritten() {
        let state = tempfile::tempdir().unwrap();
        let pair = generate_device_key("urn:imei:1", "d").unwrap();
        store(state.path(), "d", &pair).unwrap();
        let path = state.path().join(FOLDER).join("d.pem");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(store(state.path(), "d", &pair), Err(DeviceKeyError::Exists(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(state.path()), Err(DeviceKeyError::NotPrivate(_))));
    }

    #[test]
    fn a_name_never_leaves_the_folder() {
        let state = tempfile::tempdir().unwrap();
        let pair = generate_device_key("urn:imei:1", "d").unwrap();
        for name in ["", "../d", "a/b", ".d", "ü", &"d".repeat(65)] {
            assert!(matches!(store(state.path(), name, &pair), Err(DeviceKeyError::Name(_))));
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_named() {
        let state = tempfile::tempdir().unwrap();
        let pair = generate_device_key("urn:imei:1", "d").unwrap();
        store(state.path(), "d", &pair).unwrap();
        std::fs::write(state.path().join(FOLDER).join("d.pem"), "nonsense").unwrap();
        let Err(DeviceKeyError::Key { path, error }) = load(state.path()) else { panic!() };
        assert!(path.ends_with("d.pem"));
        assert_eq!(error, KeyError::NotPrivate);
    }
}

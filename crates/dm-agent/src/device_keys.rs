//! The private keys that a device decrypts with: files in its state folder, and keys in tokens.
//! [profile §6]
//!
//! `device-keys/NAME.pem` is a private key in PKCS #8, for its owner alone (mode 0600), and NAME is
//! what `KeyName` shows. It may be encrypted under a passphrase that a file gives; where that file
//! lies on the same disk it protects nothing from whoever has the disk. `NAME.crt` beside it is the
//! certificate that operators encrypt to. A key in a token is named by the configuration.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use dm_crypto::{AwsLc, DeviceKey, KeyError, KeyPair};
#[cfg(feature = "tokens")]
use dm_hsm::{HsmError, Pkcs11DeviceKey, Settings, Uri};
use dm_seal::encryption::DeviceKeys;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::config::Config;
#[cfg(feature = "tokens")]
use crate::config::TokenKey;

/// The folder of keys in a state folder.
pub const FOLDER: &str = "device-keys";
/// The most keys that a device has: more would be a mistake.
const MOST: usize = 64;
/// The most octets of a file with a key or a passphrase.
const MOST_OCTETS: u64 = 1 << 20;

/// A device key cannot be read or kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviceKeyError {
    /// A key of that name is there.
    #[error("there is a device key {0} already: keys are never overwritten")]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("the device key {path} cannot be written: {error}")]
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
    /// The file of the passphrase cannot be read, or is not its owner's alone.
    #[error("the passphrase of the device keys, {path}, cannot be used: {what}")]
    Passphrase {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file, or the folder, cannot be read.
    #[error("the device key {path} cannot be read: {error}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A key in a token cannot be used.
    #[cfg(feature = "tokens")]
    #[error("the device key {name:?}: {error}")]
    Token {
        /// The name of the key.
        name: String,
        /// What is wrong.
        error: HsmError,
    },
    /// Two keys of one name: which of them a message means could not be said.
    #[error("there are two device keys of the name {0:?}")]
    Twice(String),
    /// Too many files.
    #[error("there are more than {MOST} device keys in {0}")]
    TooMany(PathBuf),
}

/// All keys that a configuration names: those of its state folder, and those in tokens. A
/// passphrase that is given goes before that of the configuration.
///
/// # Errors
/// When a key cannot be read, found or used, is not its owner's alone, or two have one name.
pub fn load_all(config: &Config, passphrase: Option<&[u8]>) -> Result<DeviceKeys, DeviceKeyError> {
    let sources = &config.device_keys;
    let configured = match passphrase {
        Some(_) => None,
        None => sources.pass_file.as_deref().map(read_passphrase).transpose()?,
    };
    let passphrase = passphrase.or(configured.as_ref().map(|text| text.as_slice()));
    #[cfg_attr(not(feature = "tokens"), expect(unused_mut, reason = "none are added"))]
    let mut keys = load(&config.state, passphrase)?;
    #[cfg(feature = "tokens")]
    for TokenKey { name, uri } in &sources.tokens {
        if keys.names().any(|there| there == name) {
            return Err(DeviceKeyError::Twice(name.clone()));
        }
        check_name(name)?;
        keys.add(in_token(name, uri.clone())?);
    }
    Ok(keys)
}

/// The key in a token that this URI names.
///
/// # Errors
/// When it cannot be found or used.
#[cfg(feature = "tokens")]
pub fn in_token(name: &str, uri: Uri) -> Result<Pkcs11DeviceKey, DeviceKeyError> {
    let key = Pkcs11DeviceKey::open(name, uri, Settings::default());
    key.map_err(|error| DeviceKeyError::Token { name: name.to_owned(), error })
}

/// All keys of a state folder; a folder without any yields none. The passphrase is for those that
/// are encrypted.
///
/// # Errors
/// When a key cannot be read, cannot be used, or is not its owner's alone.
pub fn load(state: &Path, passphrase: Option<&[u8]>) -> Result<DeviceKeys, DeviceKeyError> {
    let folder = state.join(FOLDER);
    let mut keys = DeviceKeys::new(AwsLc);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        // Whether the state folder is one is for the store to say.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(keys);
        }
        Err(error) => return Err(DeviceKeyError::Read { path: folder, error }),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unread(&folder))?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            paths.push(path);
        }
        if paths.len() > MOST {
            return Err(DeviceKeyError::TooMany(folder));
        }
    }
    paths.sort_unstable();
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        check_name(name)?;
        keys.add(read(name, &path, passphrase)?);
    }
    Ok(keys)
}

/// Reads one key, which must be its owner's alone.
///
/// # Errors
/// When it cannot be read or used, or others may read it.
pub fn read(
    name: &str,
    path: &Path,
    passphrase: Option<&[u8]>,
) -> Result<DeviceKey, DeviceKeyError> {
    let octets = read_private(path).map_err(unread(path))?;
    let octets = octets.ok_or_else(|| DeviceKeyError::NotPrivate(path.to_owned()))?;
    DeviceKey::read(name, &octets, passphrase)
        .map_err(|error| DeviceKeyError::Key { path: path.to_owned(), error })
}

/// The first line of a file that must be its owner's alone.
fn read_passphrase(path: &Path) -> Result<Zeroizing<Vec<u8>>, DeviceKeyError> {
    let wrong = |what: String| DeviceKeyError::Passphrase { path: path.to_owned(), what };
    let text = read_private(path).map_err(|error| wrong(error.to_string()))?;
    let text = text.ok_or_else(|| wrong("others may read it: chmod 600".to_owned()))?;
    let line = text.split(|&octet| octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Zeroizing::new(line.to_vec()))
}

/// What is in a file; none when others may read it. The rights are those of the very file that is
/// read, whatever is put in its place meanwhile.
pub(crate) fn read_private(path: &Path) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = File::open(path)?;
    let there = file.metadata()?;
    if there.permissions().mode() & 0o077 != 0 {
        return Ok(None);
    }
    // There is room for the whole before it is read, so that nothing of it stays behind in freed
    // memory; of a pipe, whose length nobody knows, too.
    let room = if there.is_file() { there.len().min(MOST_OCTETS) } else { MOST_OCTETS };
    let room = usize::try_from(room).unwrap_or_default() + 64;
    let mut octets = Zeroizing::new(Vec::with_capacity(room));
    file.take(MOST_OCTETS + 1).read_to_end(&mut octets)?;
    match octets.len() as u64 > MOST_OCTETS {
        true => Err(std::io::Error::other(format!("it has more than {MOST_OCTETS} octets"))),
        false => Ok(Some(octets)),
    }
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
    let kept = |path: &Path, octets: &[u8], mode| {
        write_new(path, octets, mode).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => DeviceKeyError::Exists(path.to_owned()),
            _ => of(path)(error),
        })
    };
    kept(&key, pair.key_pem.as_bytes(), 0o600)?;
    // A key without its certificate is of no use, and would be in the way.
    kept(&certificate, pair.cert_pem.as_bytes(), 0o644)
        .inspect_err(|_| drop(std::fs::remove_file(&key)))?;
    Ok(certificate)
}

/// Takes a key back that [`store`] kept, and its certificate: what it was made for did not come
/// about.
pub fn remove(state: &Path, name: &str) {
    let folder = state.join(FOLDER);
    for kind in ["pem", "crt"] {
        let _ = std::fs::remove_file(folder.join(format!("{name}.{kind}")));
    }
    let _ = std::fs::remove_dir(folder); // if that was all
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

/// Writes a file that must not be there yet, durably and whole: what was cut off does not stay.
///
/// # Errors
/// When there is one, or the disk fails.
pub fn write_new(path: &Path, octets: &[u8], mode: u32) -> std::io::Result<()> {
    new_file(path, mode, |file| file.write_all(octets))
}

fn new_file(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = write(&mut file)
        .and_then(|()| file.sync_all())
        .and_then(|()| File::open(folder.unwrap_or(Path::new(".")))?.sync_all());
    written.inspect_err(|_| drop(std::fs::remove_file(path)))
}

fn of(path: &Path) -> impl Fn(std::io::Error) -> DeviceKeyError {
    move |error| DeviceKeyError::Io { path: path.to_owned(), error }
}

fn unread(path: &Path) -> impl Fn(std::io::Error) -> DeviceKeyError {
    move |error| DeviceKeyError::Read { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests;

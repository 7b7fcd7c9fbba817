//! Many messages in one file, signed by whoever puts it together.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use dm_crypto::{Jws, JwsError, detached_jws, sha256};
use dm_push::bundle::{Bundle, Entry, Head};
use dm_seal::{Signer, SigningFailed, VerifyingKey};

use super::{write, written};
use crate::PushId;
use crate::outbox::milliseconds;
use crate::route::Teller;

/// A message of a bundle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundled {
    /// For which device or group: its id.
    pub to: String,
    /// Its identity.
    pub id: PushId,
    /// The sealed message.
    pub octets: Arc<[u8]>,
}

/// A bundle was not written, or is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The octets are no bundle.
    #[error("no bundle: {0}; have it carried again")]
    Octets(dm_push::Error),
    /// There is nothing to be put into it, or too much.
    #[error("a bundle of these cannot be made: {0}")]
    Entries(dm_push::Error),
    /// The file could not be written.
    #[error(
        "the bundle could not be written: {0}; look at the folder, its rights and the room on it"
    )]
    File(io::Error),
    /// The signature is not of these octets by this key, or there is none.
    #[error("the bundle is not signed by this key; ask who put it together")]
    NotSigned,
    /// The signature cannot be read.
    #[error("the signature of the bundle: {0}")]
    Signature(JwsError),
    /// The key cannot sign.
    #[error("the bundle could not be signed: {0}")]
    Signing(SigningFailed),
}

/// Writes a bundle, and tells of each of its messages that it is handed over. The key is told to readers by
/// its name. It takes as long as the disk does, and as much memory as the head: call it where one may wait.
///
/// # Errors
/// [`BundleError`]: then there is no such file, and nothing is told.
pub async fn write_bundle(
    path: &Path,
    messages: &[Bundled],
    key: &dyn Signer,
    key_name: &str,
    teller: &Teller,
) -> Result<(), BundleError> {
    let entries: Vec<_> = messages.iter().map(Bundled::entry).collect();
    let made = milliseconds(SystemTime::now());
    let head = Head::new(made, &entries, sha256).map_err(BundleError::Entries)?;
    let signature = detached_jws(key, key_name, head.signed()).map_err(BundleError::Signing)?;
    let head = head.finish(&signature).map_err(BundleError::Entries)?;
    let mut parts = vec![&head[..]];
    parts.extend(entries.iter().map(|entry| entry.octets));
    write::whole(path, &parts).map_err(BundleError::File)?;
    let length = parts.iter().map(|part| part.len()).sum();
    for message in messages {
        let raw = path.as_os_str().as_encoded_bytes();
        teller.tell(&message.id, written(length), raw).await;
    }
    Ok(())
}

impl Bundled {
    fn entry(&self) -> Entry<'_> {
        Entry { to: &self.to, id: self.id.as_str(), octets: &self.octets }
    }
}

/// Reads a bundle that is signed by this key, and no other.
///
/// # Errors
/// [`BundleError`].
pub fn read_bundle<'a>(
    octets: &'a [u8],
    key: &impl VerifyingKey,
) -> Result<Bundle<'a>, BundleError> {
    let bundle = Bundle::read(octets, sha256).map_err(BundleError::Octets)?;
    let signature = bundle.signature.ok_or(BundleError::NotSigned)?;
    let signature = Jws::read(signature).map_err(BundleError::Signature)?;
    match signature.is_of(key, bundle.signed) {
        true => Ok(bundle),
        false => Err(BundleError::NotSigned),
    }
}

/// Takes the messages for these devices and groups out of a bundle, as files `ID.wbxml` of a spool folder:
/// where a bundle has been carried to. Says how many there are; one that is there already is counted, too.
///
/// # Errors
/// [`BundleError::File`]: those before are there, and it may be tried again.
pub fn spool_bundle(
    bundle: &Bundle<'_>,
    ids: &[&str],
    folder: &Path,
) -> Result<usize, BundleError> {
    let mut count = 0;
    for entry in bundle.entries.iter().filter(|entry| ids.contains(&entry.to)) {
        // An id of another kind could lead out of the folder.
        let id = PushId::new(entry.id).filter(|id| !id.as_str().starts_with('.'));
        let invalid = || BundleError::File(io::ErrorKind::InvalidFilename.into());
        let path = folder.join(format!("{}.wbxml", id.ok_or_else(invalid)?));
        write::whole(&path, &[entry.octets]).map_err(BundleError::File)?;
        count += 1;
    }
    Ok(count)
}

//! A bundle: sealed messages for many devices, or for a group, in one file that is signed as a whole.
//!
//! | Octets | What |
//! | -- | -- |
//! | 8 | `MGRB`, 0D 0A 1A 0A: what a transfer as text damages |
//! | 1 | version, 1 |
//! | 3 | 0 |
//! | 4 | octets of the manifest |
//! | | the manifest |
//! | 4 | octets of the signature, 0 of none |
//! | | the signature: a JWS of all before its length, whose payload is left out [RFC 7515 appendix F, RFC 7797] |
//! | | the messages, one behind another, to the end |
//!
//! The manifest: when it was made, 8 octets, milliseconds since 1970; the number of messages, 4; and of
//! each the octets of its recipient's id, 2, and the id, a device's or a group's; the octets of its own
//! id, 1, and the id; its octets, 4; their SHA-256, 32. Numbers are high octet first.
//!
//! The signature says who put the file together. Each message has its own, from whoever manages the
//! device, and that alone counts there.

use alloc::vec::Vec;

use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// One message of a bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry<'a> {
    /// For which device or group.
    pub to: &'a str,
    /// Its identity.
    pub id: &'a str,
    /// The sealed message.
    pub octets: &'a [u8],
}

/// SHA-256.
pub type Digest = fn(&[u8]) -> [u8; 32];

/// What comes before the messages of a bundle, not signed yet.
#[derive(Clone, Debug)]
pub struct Head(Vec<u8>);

impl Head {
    /// The head of these messages; made then, in milliseconds since 1970.
    ///
    /// ```
    /// use dm_push::bundle::{Bundle, Entry, Head};
    /// # fn sha256(_: &[u8]) -> [u8; 32] { [0; 32] }
    /// let entry = Entry { to: "urn:imei:1", id: "c7.1", octets: b"\x02..." };
    /// let head = Head::new(1_790_000_000_000, &[entry], sha256)?;
    /// let mut file = head.finish("eyJhbGciOi..signature")?;
    /// file.extend_from_slice(entry.octets);
    /// assert_eq!(Bundle::read(&file, sha256)?.entries, [entry]);
    /// # Ok::<(), dm_push::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] for what does not fit its length.
    pub fn new(made: u64, entries: &[Entry<'_>], digest: Digest) -> Result<Self, Error> {
        let mut manifest = Vec::new();
        manifest.extend(made.to_be_bytes());
        put(entries.len(), 4, &mut manifest)?;
        for Entry { to, id, octets } in entries {
            put(to.len(), 2, &mut manifest)?;
            manifest.extend_from_slice(to.as_bytes());
            put(id.len(), 1, &mut manifest)?;
            manifest.extend_from_slice(id.as_bytes());
            put(octets.len(), 4, &mut manifest)?;
            manifest.extend(digest(octets));
        }
        let mut head = MAGIC.to_vec();
        put(manifest.len(), 4, &mut head)?;
        head.append(&mut manifest);
        Ok(Self(head))
    }

    /// What is to be signed.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        &self.0
    }

    /// The head with its signature, a JWS whose payload is left out, or none. Behind it go the messages.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`].
    pub fn finish(self, signature: &str) -> Result<Vec<u8>, Error> {
        let mut head = self.0;
        put(signature.len(), 4, &mut head)?;
        head.extend_from_slice(signature.as_bytes());
        Ok(head)
    }
}

/// A bundle that was read: whole, and each message as the manifest has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundle<'a> {
    /// When it was made, in milliseconds since 1970, as whoever made it says.
    pub made: u64,
    /// What the signature is of.
    pub signed: &'a [u8],
    /// The signature, which nobody has checked yet.
    pub signature: Option<&'a str>,
    /// The messages.
    pub entries: Vec<Entry<'a>>,
}

impl<'a> Bundle<'a> {
    /// Reads a bundle.
    ///
    /// # Errors
    /// [`Error`]: what is wrong with it, and at which octet.
    pub fn read(octets: &'a [u8], digest: Digest) -> Result<Self, Error> {
        let mut cursor = Cursor::new(octets);
        let magic = cursor.take(MAGIC.len())?;
        if magic != MAGIC {
            let at = magic.iter().zip(MAGIC).position(|(one, other)| one != other).unwrap_or(0);
            return Err(Error::new(ErrorKind::NotOf { form: "bundle of version 1" }, at));
        }
        let manifest_length = number(&mut cursor, 4)?;
        let mut manifest = cursor.part(manifest_length)?;
        let signed = &octets[..cursor.at()];
        let signature_length = number(&mut cursor, 4)?;
        let signature = text(&mut cursor, signature_length)?;
        let made = u64::try_from(number(&mut manifest, 8)?).unwrap_or(u64::MAX);
        let count = number(&mut manifest, 4)?;
        let mut entries = Vec::new(); // as long as the manifest, whatever the count says
        for _ in 0..count {
            let length = number(&mut manifest, 2)?;
            let to = text(&mut manifest, length)?;
            let length = number(&mut manifest, 1)?;
            let id = text(&mut manifest, length)?;
            let (length, at) = (number(&mut manifest, 4)?, cursor.at());
            let wanted = manifest.take(32)?;
            let octets = cursor.take(length)?;
            if digest(octets) != wanted {
                return Err(Error::new(ErrorKind::Digest, at));
            }
            entries.push(Entry { to, id, octets });
        }
        let extra = manifest.rest().len() + cursor.rest().len();
        if extra > 0 {
            let at = if manifest.is_at_end() { cursor.at() } else { manifest.at() };
            return Err(Error::new(ErrorKind::TrailingOctets { extra }, at));
        }
        let signature = Some(signature).filter(|text| !text.is_empty());
        Ok(Self { made, signed, signature, entries })
    }
}

/// Writes a length, in so many octets.
fn put(length: usize, width: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    let octets = (length as u64).to_be_bytes();
    let (above, written) = octets.split_at(octets.len() - width);
    if above.iter().any(|octet| *octet != 0) {
        let kind = ErrorKind::TooLarge { octets: length, limit: (1 << (8 * width)) - 1 };
        return Err(Error::new(kind, out.len()));
    }
    out.extend_from_slice(written);
    Ok(())
}

fn number(cursor: &mut Cursor<'_>, octets: usize) -> Result<usize, Error> {
    let at = cursor.at();
    let number =
        cursor.take(octets)?.iter().fold(0_u64, |sum, octet| (sum << 8) | u64::from(*octet));
    usize::try_from(number).map_err(|_| Error::new(ErrorKind::BadCode, at))
}

fn text<'a>(cursor: &mut Cursor<'a>, length: usize) -> Result<&'a str, Error> {
    let at = cursor.at();
    let octets = cursor.take(length)?;
    core::str::from_utf8(octets).map_err(|error| {
        let bad = error.valid_up_to();
        Error::new(ErrorKind::NotText { octet: octets[bad] }, at + bad)
    })
}

const MAGIC: &[u8; 12] = b"MGRB\r\n\x1A\n\x01\0\0\0";

#[cfg(test)]
mod tests;

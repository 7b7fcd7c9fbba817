//! Hashes of digest, the login of SIP and HTTP. [RFC 7616 §3.3]
//!
//! MD5 is for that and nothing else: registrars ask for it, and no signature here knows it.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 of these octets.
///
/// ```
/// assert_eq!(dm_crypto::sha256(b"abc")[..4], [0xBA, 0x78, 0x16, 0xBF]);
/// ```
#[must_use]
pub fn sha256(octets: &[u8]) -> [u8; 32] {
    let found = digest(&SHA256, octets);
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(found.as_ref()) {
        *to = *from;
    }
    hash
}

/// MD5 of these octets.
///
/// ```
/// assert_eq!(dm_crypto::md5(b"abc")[..4], [0x90, 0x01, 0x50, 0x98]);
/// ```
#[cfg(feature = "md5")]
#[must_use]
pub fn md5(octets: &[u8]) -> [u8; 16] {
    use md5::{Digest, Md5};
    Md5::digest(octets).into()
}

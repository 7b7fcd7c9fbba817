//! HMAC-SHA1 of bootstrap documents, and comparing without telling where. [SEC 1.2 §5.1.7.2]
//!
//! For nothing else: the key is shared, and nothing keeps a document from being sent again.

use aws_lc_rs::constant_time;
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// HMAC-SHA1 of these octets under a shared key.
///
/// ```
/// // RFC 2202, case 2.
/// let mac = dm_crypto::hmac_sha1(b"Jefe", b"what do ya want for nothing?");
/// assert_eq!(mac[..4], [0xEF, 0xFC, 0xDF, 0x6A]);
/// ```
#[must_use]
pub fn hmac_sha1(key: &[u8], octets: &[u8]) -> [u8; 20] {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), octets);
    let mut mac = [0; 20];
    for (to, from) in mac.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    mac
}

/// Whether both are the same, in a time that tells their lengths only.
///
/// ```
/// assert!(dm_crypto::is_same(b"12", b"12") && !dm_crypto::is_same(b"12", b"123"));
/// ```
#[must_use]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

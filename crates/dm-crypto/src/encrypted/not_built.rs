//! Private keys under a passphrase, in a program that was built without them: they are known, and
//! refused. [RFC 5958 §3]

use x509_cert::der::Decode;
use x509_cert::der::asn1::AnyRef;
use zeroize::Zeroizing;

use crate::{KeyError, UnsupportedEncryption};

/// Refuses it.
pub(crate) fn decrypt(
    _der: &[u8],
    _passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    Err(KeyError::Encryption(UnsupportedEncryption::NotBuilt))
}

/// Whether this may be the DER of an encrypted key: where a key has its version, that has the
/// algorithm.
pub(crate) fn is_encrypted(der: &[u8]) -> bool {
    AnyRef::from_der(der)
        .is_ok_and(|any| der[0] == SEQUENCE && any.value().first() == Some(&SEQUENCE))
}

/// The tag. [X.690 §8.9]
const SEQUENCE: u8 = 0x30;

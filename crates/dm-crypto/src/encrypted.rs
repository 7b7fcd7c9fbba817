//! Private keys at rest, under a passphrase: PKCS #8 with PBES2. [RFC 5958 §3], [RFC 8018 §6.2]

use aws_lc_rs::rand;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use x509_cert::der::Decode;
use x509_cert::der::pem::LineEnding;
use zeroize::Zeroizing;

use crate::KeyError;
use crate::pem::private_der;

/// The DER of an encrypted key in the clear.
pub(crate) fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let key = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| KeyError::Encryption)?;
    if !is_affordable(&key.encryption_algorithm) {
        return Err(KeyError::Encryption);
    }
    let clear = key.decrypt(passphrase).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. }
            | pkcs8::pkcs5::Error::NoPbes1CryptSupport,
        ) => KeyError::Encryption,
        _ => KeyError::Passphrase,
    })?;
    Ok(Zeroizing::new(clear.as_bytes().to_vec()))
}

/// Whether deriving the key takes seconds and megabytes, and not hours and gigabytes: these
/// numbers come from the file.
fn is_affordable(scheme: &EncryptionScheme) -> bool {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return false };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count <= MOST_ROUNDS,
        Kdf::Scrypt(kdf) => {
            let memory = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            memory.saturating_mul(u64::from(kdf.parallelization)) <= MOST_BLOCKS
        }
        _ => false,
    }
}

/// This PEM or DER private key encrypted, as PEM: PBKDF2 with HMAC-SHA256, 600,000 rounds, and
/// AES-256-CBC. `openssl pkcs8` reads it.
///
/// # Errors
/// When it is no private key in PKCS #8 form and in the clear.
pub fn encrypted_pem(key: &[u8], passphrase: &[u8]) -> Result<Zeroizing<String>, KeyError> {
    let (der, is_encrypted) = private_der(key)?;
    if is_encrypted {
        return Err(KeyError::Encrypted);
    }
    let info = PrivateKeyInfoRef::from_der(&der).map_err(|_| KeyError::NotPrivate)?;
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    rand::fill(&mut salt).map_err(|_| KeyError::Generation)?;
    rand::fill(&mut iv).map_err(|_| KeyError::Generation)?;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv);
    let parameters = parameters.map_err(|_| KeyError::Generation)?;
    let document = info.encrypt_with_params(parameters, passphrase);
    let document = document.map_err(|_| KeyError::Generation)?;
    document.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(|_| KeyError::Generation)
}

/// What is recommended for PBKDF2 with HMAC-SHA256 (OWASP, 2023).
const ROUNDS: u32 = 600_000;
/// Some ten seconds.
const MOST_ROUNDS: u32 = 10_000_000;
/// N times r times p of scrypt, each 128 octets: 256 MiB.
const MOST_BLOCKS: u64 = 1 << 21;

#[cfg(test)]
mod tests {
    use super::*;

    /// HMAC-SHA1 is read, and not supported: no passphrase would help.
    #[test]
    fn a_derivation_that_is_not_supported_is_not_called_a_wrong_passphrase() {
        let pair = crate::generate_device_key("urn:imei:1", "d").unwrap();
        let pem = encrypted_pem(pair.key_pem.as_bytes(), b"right").unwrap();
        let (mut der, is_encrypted) = private_der(pem.as_bytes()).unwrap();
        assert!(is_encrypted);
        assert!(decrypt(&der, b"right").is_ok());
        assert_eq!(decrypt(&der, b"wrong").unwrap_err(), KeyError::Passphrase);
        let sha256 = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
        let at = der.windows(8).position(|window| window == sha256).unwrap();
        der[at + 7] = 7;
        assert_eq!(decrypt(&der, b"right").unwrap_err(), KeyError::Encryption);
    }
}

//! Private keys at rest, under a passphrase: PKCS #8 with PBES2. [RFC 5958 §3], [RFC 8018 §6.2]

use aws_lc_rs::rand;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters, Pbkdf2Prf};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, Error, ErrorKind, Tag};
use zeroize::Zeroizing;

use crate::pem::private_der;
use crate::{KeyError, UnsupportedEncryption};

/// The DER of an encrypted key in the clear.
pub(crate) fn decrypt(
    der: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let passphrase = passphrase.ok_or(KeyError::Encrypted)?;
    let key = EncryptedPrivateKeyInfoRef::from_der(der)
        .map_err(|error| KeyError::Encryption(unknown(&error)))?;
    check(&key.encryption_algorithm).map_err(KeyError::Encryption)?;
    let clear = key.decrypt(passphrase).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. }
            | pkcs8::pkcs5::Error::NoPbes1CryptSupport,
        ) => KeyError::Encryption(UnsupportedEncryption::Parameters),
        _ => KeyError::Passphrase,
    })?;
    Ok(Zeroizing::new(clear.as_bytes().to_vec()))
}

/// Whether this is the DER of an encrypted key.
pub(crate) fn is_encrypted(der: &[u8]) -> bool {
    EncryptedPrivateKeyInfoRef::from_der(der).is_ok()
}

/// Refuses what the library reads and cannot do, and a key whose derivation takes hours and
/// gigabytes instead of seconds and megabytes: these numbers come from the file.
fn check(scheme: &EncryptionScheme) -> Result<(), UnsupportedEncryption> {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(UnsupportedEncryption::Scheme);
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.prf == Pbkdf2Prf::HmacWithSha1 => Err(UnsupportedEncryption::Prf),
        Kdf::Pbkdf2(kdf) if kdf.iteration_count > MOST_ROUNDS => {
            let (rounds, most) = (kdf.iteration_count, MOST_ROUNDS);
            Err(UnsupportedEncryption::Rounds { rounds, most })
        }
        Kdf::Pbkdf2(_) => Ok(()),
        Kdf::Scrypt(kdf) => {
            let memory = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            match memory.saturating_mul(u64::from(kdf.parallelization)) <= MOST_BLOCKS {
                true => Ok(()),
                false => Err(UnsupportedEncryption::Memory((MOST_BLOCKS * 128) >> 20)),
            }
        }
        _ => Err(UnsupportedEncryption::Derivation),
    }
}

/// What the library stopped at: a scheme that it does not know is a bad value to it, and any other
/// algorithm is told by its arc.
fn unknown(error: &Error) -> UnsupportedEncryption {
    let oid = match error.kind() {
        ErrorKind::OidUnknown { oid } => oid,
        ErrorKind::Value { tag: Tag::ObjectIdentifier } => return UnsupportedEncryption::Scheme,
        _ => return UnsupportedEncryption::Parameters,
    };
    let is_of = |arc| ObjectIdentifier::new_unwrap(arc).arcs().zip(oid.arcs()).all(|(a, b)| a == b);
    if is_of("1.2.840.113549.2") {
        UnsupportedEncryption::Prf
    } else if is_of("1.2.840.113549.1.5") {
        UnsupportedEncryption::Derivation
    } else {
        UnsupportedEncryption::Cipher
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
mod not_built;
#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::{Salt, ScryptParams};

    use super::*;

    /// What is not supported is told by its name: no passphrase would help.
    #[test]
    fn encryption_that_is_not_supported_is_named_and_not_called_a_wrong_passphrase() {
        let pair = crate::generate_device_key("urn:imei:1", "d").unwrap();
        let pem = encrypted_pem(pair.key_pem.as_bytes(), b"right").unwrap();
        let (der, is_encrypted) = private_der(pem.as_bytes()).unwrap();
        assert!(is_encrypted);
        assert!(decrypt(&der, Some(b"right")).is_ok());
        assert_eq!(decrypt(&der, Some(b"wrong")).unwrap_err(), KeyError::Passphrase);
        for (old, new, what) in [
            // HMAC with SHA-256; SHA-1, and MD5
            (PRF, [&PRF[..7], b"\x07"].concat(), UnsupportedEncryption::Prf),
            (PRF, [&PRF[..7], b"\x06"].concat(), UnsupportedEncryption::Prf),
            // AES-256-CBC; AES-256-CFB
            (CIPHER, [&CIPHER[..8], b"\x2c"].concat(), UnsupportedEncryption::Cipher),
            // PBES2; PBMAC1
            (SCHEME, [&SCHEME[..8], b"\x0e"].concat(), UnsupportedEncryption::Scheme),
            // PBKDF2; PBMAC1
            (KDF, [&KDF[..8], b"\x0e"].concat(), UnsupportedEncryption::Derivation),
            // 600,000 rounds, as an INTEGER; as a BOOLEAN
            (
                b"\x02\x03\x09\x27\xc0",
                b"\x01\x03\x09\x27\xc0".to_vec(),
                UnsupportedEncryption::Parameters,
            ),
        ] {
            let at = der.windows(old.len()).position(|window| window == old).unwrap();
            let mut der = der.to_vec();
            der[at..at + old.len()].copy_from_slice(&new);
            assert_eq!(decrypt(&der, Some(b"right")).unwrap_err(), KeyError::Encryption(what));
        }
    }

    #[test]
    fn a_program_without_encrypted_keys_knows_one_and_says_so() {
        for algorithm in [crate::Algorithm::Es256, crate::Algorithm::Ed25519] {
            let pair = crate::generate(algorithm, "srv.example", "k").unwrap();
            let locked = encrypted_pem(pair.key_pem.as_bytes(), b"right").unwrap();
            for (pem, is_locked) in [(&pair.key_pem, false), (&locked, true)] {
                let (der, _) = private_der(pem.as_bytes()).unwrap();
                assert_eq!([is_encrypted(&der), not_built::is_encrypted(&der)], [is_locked; 2]);
            }
        }
        let refused = KeyError::Encryption(UnsupportedEncryption::NotBuilt);
        for passphrase in [None, Some(&b"right"[..])] {
            assert_eq!(not_built::decrypt(&[], passphrase).unwrap_err(), refused);
        }
        assert!(!not_built::is_encrypted(&[]) && !not_built::is_encrypted(b"0\x00"));
    }

    #[test]
    fn a_derivation_at_a_cost_that_nobody_pays_is_named() {
        let of_rounds = |rounds| {
            let made = Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, b"salt", [0; 16]);
            check(&EncryptionScheme::Pbes2(made.unwrap()))
        };
        assert_eq!(of_rounds(MOST_ROUNDS), Ok(()));
        let (rounds, most) = (MOST_ROUNDS + 1, MOST_ROUNDS);
        let refused = UnsupportedEncryption::Rounds { rounds, most };
        assert_eq!(of_rounds(rounds), Err(refused));
        let said = KeyError::Encryption(refused).to_string();
        assert!(said.contains("10000001 rounds, and at most 10000000 are taken"), "{said}");
        assert_eq!(of_scrypt(14), Ok(()));
        assert_eq!(of_scrypt(20), Err(UnsupportedEncryption::Memory(256)));
    }

    /// A key of scrypt with r of 8 and p of 1, at this N.
    fn of_scrypt(log_n: u8) -> Result<(), UnsupportedEncryption> {
        let kdf = ScryptParams {
            salt: Salt::new(b"salt").unwrap(),
            cost_parameter: 1 << log_n,
            block_size: 8,
            parallelization: 1,
            key_length: None,
        };
        let encryption = pkcs8::pkcs5::pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] };
        check(&EncryptionScheme::Pbes2(Parameters { kdf: Kdf::Scrypt(kdf), encryption }))
    }

    const PRF: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
    const CIPHER: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
    const KDF: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
    const SCHEME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
}

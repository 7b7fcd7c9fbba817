//! Private keys of devices, which decrypt: ECDH P-256 and RSA, from PKCS #8. [profile §6]

use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use dm_seal::encryption::{CipherFailed, OaepMethod, Recipient, Secret, TransportKind};
use rcgen::{KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType};
use zeroize::Zeroizing;

use crate::encrypted::decrypt;
use crate::keygen::{parameters, private_pem};
use crate::pem::{is_der_of_a_key, private_der};
use crate::{KeyError, KeyPair};

/// A private key of a device, in memory.
pub struct DeviceKey {
    name: String,
    inner: Inner,
}

enum Inner {
    P256(agreement::PrivateKey),
    Rsa(OaepPrivateDecryptingKey),
}

impl DeviceKey {
    /// Reads a private key: PEM or DER, PKCS #8, encrypted or not; it is selected by this name.
    ///
    /// # Errors
    /// When it is none, is encrypted and the passphrase is not there or wrong, or is neither P-256
    /// nor RSA of 2048 bits or more.
    pub fn read(
        name: impl Into<String>,
        octets: &[u8],
        passphrase: Option<&[u8]>,
    ) -> Result<Self, KeyError> {
        let (mut der, is_encrypted) = private_der(octets)?;
        if is_encrypted {
            der = decrypt(&der, passphrase)?;
        }
        let der: &[u8] = &der;
        let rsa = || {
            let key = PrivateDecryptingKey::from_pkcs8(der).ok()?;
            OaepPrivateDecryptingKey::new(key).ok().filter(|key| key.key_size_bits() >= 2048)
        };
        let inner = agreement::PrivateKey::from_private_key_der(&ECDH_P256, der)
            .ok()
            .map(Inner::P256)
            .or_else(|| rsa().map(Inner::Rsa))
            .ok_or_else(|| match is_der_of_a_key(der) {
                true => KeyError::NotToEncryptTo,
                false => KeyError::NotPrivate,
            })?;
        Ok(Self { name: name.into(), inner })
    }

    /// As [`read`](Self::read), of a key that is not encrypted.
    ///
    /// # Errors
    /// As those of [`read`](Self::read).
    pub fn from_pem(name: impl Into<String>, pem: &[u8]) -> Result<Self, KeyError> {
        Self::read(name, pem, None)
    }
}

impl Recipient for DeviceKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> TransportKind {
        match self.inner {
            Inner::P256(_) => TransportKind::Agreement,
            Inner::Rsa(_) => TransportKind::Oaep,
        }
    }

    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed> {
        let Inner::P256(key) = &self.inner else { return Err(CipherFailed::Failed) };
        agree(key, originator)
    }

    fn unwrap_oaep(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        let Inner::Rsa(key) = &self.inner else { return Err(CipherFailed::Failed) };
        let algorithm = match method {
            OaepMethod::Sha1 => &OAEP_SHA1_MGF1SHA1,
            OaepMethod::Sha256 => &OAEP_SHA256_MGF1SHA256,
            // The library has no OAEP with two digests.
            OaepMethod::Sha256Mgf1Sha1 => return Err(CipherFailed::Failed),
        };
        if wrapped.len() != key.key_size_bytes() {
            return Err(CipherFailed::Failed);
        }
        let mut octets = Secret::new(vec![0; key.min_output_size()]);
        let length = key
            .decrypt(algorithm, wrapped, &mut octets, Some(label))
            .map_err(|_| CipherFailed::Failed)?
            .len();
        octets.truncate(length);
        Ok(octets)
    }
}

impl core::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DeviceKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The shared secret of a P-256 key and a point, which must be on the curve.
pub(crate) fn agree(key: &agreement::PrivateKey, point: &[u8]) -> Result<Secret, CipherFailed> {
    let point = UnparsedPublicKey::new(&ECDH_P256, point);
    agreement::agree(key, point, CipherFailed::Failed, |secret| Ok(Secret::new(secret.to_vec())))
}

/// Whether these octets are an uncompressed point on P-256: for those who agree elsewhere.
#[must_use]
pub fn is_p256_point(octets: &[u8]) -> bool {
    let is_uncompressed = octets.len() == 65 && octets[0] == 4;
    is_uncompressed && ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, octets).is_ok()
}

/// Makes a P-256 key for a device, and a self-signed certificate that operators encrypt to: its
/// subject is the name of the key, its SubjectAltName the device id.
///
/// # Errors
/// When the device id cannot be a name in a certificate, or the library fails.
pub fn generate_device_key(device_id: &str, name: &str) -> Result<KeyPair, KeyError> {
    let key = rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
    let key = Zeroizing::new(key.map_err(|_| KeyError::Generation)?);
    let device_id = device_id.try_into().map_err(|_| KeyError::NotAscii)?;
    let parameters = parameters(SanType::URI(device_id), name, KeyUsagePurpose::KeyAgreement);
    let certificate = parameters.self_signed(&*key).map_err(|_| KeyError::Generation)?;
    Ok(KeyPair { key_pem: private_pem(&key)?, cert_pem: certificate.pem() })
}

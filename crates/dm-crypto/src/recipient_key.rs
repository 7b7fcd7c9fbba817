//! Public keys of devices, to encrypt to: P-256 and RSA. [profile §6]

use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use dm_seal::Material;
use dm_seal::encryption::{Agreed, CipherFailed, RecipientKey, TransportKind};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::device_key::agree;
use crate::{KeyError, RecipientCertificate, public_material};

/// The public key of a device, from its certificate or bare.
pub struct DevicePublicKey {
    inner: Inner,
    name: Option<String>,
    certificate: Option<RecipientCertificate>,
}

enum Inner {
    /// An uncompressed point.
    P256(Vec<u8>),
    Rsa(OaepPublicEncryptingKey),
}

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

impl DevicePublicKey {
    /// Reads the PEM of a certificate or of a public key.
    ///
    /// # Errors
    /// When it is neither, the key is neither P-256 nor RSA of 2048 bits or more, or the certificate
    /// says that its key is for something else: a signing certificate is the server's own.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der = public_material(pem)?;
        let spki = Material::from_der(&der).map_err(|_| KeyError::NotPublic)?.spki;
        let inner = point(&spki).map(Inner::P256).or_else(|| rsa(&spki).map(Inner::Rsa));
        let inner = inner.ok_or(KeyError::NotToEncryptTo)?;
        let certificate = Certificate::from_der(&der).ok();
        let read = |certificate| RecipientCertificate::read(certificate, kind(&inner));
        let name = certificate.as_ref().and_then(name_of);
        let certificate = certificate.as_ref().map(read).transpose()?;
        Ok(Self { inner, name, certificate })
    }

    /// The common name of the certificate's subject: by custom the name of the key.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What the certificate says of the device; none for a bare key.
    #[must_use]
    pub fn certificate(&self) -> Option<&RecipientCertificate> {
        self.certificate.as_ref()
    }
}

fn kind(inner: &Inner) -> TransportKind {
    match inner {
        Inner::P256(_) => TransportKind::Agreement,
        Inner::Rsa(_) => TransportKind::Oaep,
    }
}

impl RecipientKey for DevicePublicKey {
    fn kind(&self) -> TransportKind {
        kind(&self.inner)
    }

    fn agree(&self, ephemeral: &[u8; 32]) -> Result<Agreed, CipherFailed> {
        let Inner::P256(point) = &self.inner else { return Err(CipherFailed::Failed) };
        let key = agreement::PrivateKey::from_private_key(&ECDH_P256, ephemeral)
            .map_err(|_| CipherFailed::Failed)?;
        let public = key.compute_public_key().map_err(|_| CipherFailed::Failed)?.as_ref().to_vec();
        Ok(Agreed { public, secret: agree(&key, point)? })
    }

    fn wrap_oaep(&self, label: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed> {
        let Inner::Rsa(public) = &self.inner else { return Err(CipherFailed::Failed) };
        let mut wrapped = vec![0; public.ciphertext_size()];
        let length = public
            .encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut wrapped, Some(label))
            .map_err(|_| CipherFailed::Failed)?
            .len();
        wrapped.truncate(length);
        Ok(wrapped)
    }
}

impl core::fmt::Debug for DevicePublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DevicePublicKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The point of a P-256 key, uncompressed.
fn point(spki: &[u8]) -> Option<Vec<u8>> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    if spki.algorithm.oid != EC || spki.algorithm.parameters_oid().ok()? != P256 {
        return None;
    }
    let octets = spki.subject_public_key.as_bytes()?;
    // One agreement tells whether it is on the curve.
    let trial = agreement::PrivateKey::generate(&ECDH_P256).ok()?;
    let on_curve = UnparsedPublicKey::new(&ECDH_P256, octets);
    agreement::agree(&trial, on_curve, (), |_| Ok(())).ok()?;
    (octets.len() == 65).then(|| octets.to_vec())
}

fn rsa(spki: &[u8]) -> Option<OaepPublicEncryptingKey> {
    let key = PublicEncryptingKey::from_der(spki).ok()?;
    OaepPublicEncryptingKey::new(key).ok().filter(|key| key.key_size_bits() >= 2048)
}

/// The common name of a certificate in DER.
#[must_use]
pub fn common_name(der: &[u8]) -> Option<String> {
    name_of(&Certificate::from_der(der).ok()?)
}

fn name_of(certificate: &Certificate) -> Option<String> {
    let names = certificate.tbs_certificate().subject().iter();
    let found = names.filter(|name| name.oid == COMMON_NAME).last()?;
    // The octets of UTF8String, PrintableString and IA5String alike.
    core::str::from_utf8(found.value.value()).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::DevicePublicKey;
    use crate::generate_device_key;

    #[test]
    fn the_name_is_the_common_name_of_whatever_length() {
        for name in ["own".to_owned(), "grün".to_owned(), "n".repeat(300)] {
            let pair = generate_device_key("urn:imei:1", &name).unwrap();
            let key = DevicePublicKey::from_pem(pair.cert_pem.as_bytes()).unwrap();
            assert_eq!(key.name(), Some(name.as_str()));
        }
    }
}

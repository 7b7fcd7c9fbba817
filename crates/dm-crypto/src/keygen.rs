//! Making a key and a certificate that names the ServerID. [profile §4]

use rcgen::{
    CertificateParams, DnType, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    RsaKeySize, SanType,
};

use crate::KeyError;

/// What kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA P-256 with SHA-256: small and the default.
    Es256,
    /// RSA of 2048 bits with SHA-256.
    Rs256,
}

/// A new key with its self-signed certificate.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The private key: PEM, PKCS #8. A secret.
    pub key_pem: String,
    /// The certificate: PEM. Its one SubjectAltName is the ServerID.
    pub cert_pem: String,
}

/// Makes a key and a self-signed certificate for a server.
///
/// The certificate has no end (99991231235959Z, [RFC 5280 §4.1.2.5]): pins are rotated, they do
/// not run out on devices without a clock.
///
/// # Errors
/// When the ServerID cannot be a name in a certificate, or the library fails.
pub fn generate(algorithm: Algorithm, server_id: &str, name: &str) -> Result<KeyPair, KeyError> {
    let key = match algorithm {
        Algorithm::Es256 => rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        Algorithm::Rs256 => rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
    }
    .map_err(|_| KeyError::Generation)?;
    let mut parameters = CertificateParams::default();
    parameters.subject_alt_names = vec![subject_alt_name(server_id)?];
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(9999, 12, 31);
    let certificate = parameters.self_signed(&key).map_err(|_| KeyError::Generation)?;
    Ok(KeyPair { key_pem: key.serialize_pem(), cert_pem: certificate.pem() })
}

/// A ServerID that looks like a host name becomes a DNS name, any other a URI.
fn subject_alt_name(server_id: &str) -> Result<SanType, KeyError> {
    let is_host = !server_id.is_empty()
        && server_id.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        });
    let text = server_id.try_into().map_err(|_| KeyError::NotAscii)?;
    Ok(if is_host { SanType::DnsName(text) } else { SanType::URI(text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AwsLc, SigningKey, public_material};
    use dm_seal::{Pin, SignatureMethod, Signer, VerifyingKey};

    #[test]
    fn a_new_key_signs_what_its_certificate_verifies() {
        for (algorithm, server_id) in
            [(Algorithm::Es256, "srv.example"), (Algorithm::Rs256, "https://srv.example:1/dm")]
        {
            let pair = generate(algorithm, server_id, "key 1").unwrap();
            let der = public_material(pair.cert_pem.as_bytes()).unwrap();
            let pin = Pin::new("key 1", &der, &AwsLc).unwrap();
            assert!(pin.material().may_serve(server_id));
            assert!(!pin.material().may_serve("other.example"));
            let key = SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
            let signature = key.sign(b"text").unwrap();
            assert!(pin.key().verifies(key.method(), b"text", &signature));
            assert!(!pin.key().verifies(key.method(), b"texT", &signature));
            for other in SignatureMethod::ALL.into_iter().filter(|&other| other != key.method()) {
                assert!(!pin.key().verifies(other, b"text", &signature), "{other:?}");
            }
        }
    }

    #[test]
    fn small_rsa_keys_are_refused() {
        // RSA of 1024 bits, exponent 65537: a SubjectPublicKeyInfo with an arbitrary modulus.
        let mut spki = vec![
            0x30, 0x81, 0x9F, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01,
            0x01, 0x01, 0x05, 0x00, 0x03, 0x81, 0x8D, 0x00, 0x30, 0x81, 0x89, 0x02, 0x81, 0x81,
            0x00,
        ];
        spki.extend([0xC1; 128]);
        spki.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        assert!(dm_seal::Material::from_der(&spki).is_ok(), "the test key is well formed");
        assert_eq!(Pin::new("small", &spki, &AwsLc).unwrap_err(), dm_seal::PinError::WeakKey);
    }

    #[test]
    fn wrong_files_are_told_apart() {
        assert_eq!(SigningKey::from_pem(b"x").unwrap_err(), KeyError::NotPkcs8);
        assert_eq!(public_material(b"x").unwrap_err(), KeyError::NotPublic);
        let pair = generate(Algorithm::Es256, "a", "k").unwrap();
        assert_eq!(public_material(pair.key_pem.as_bytes()).unwrap_err(), KeyError::NotPublic);
        assert_eq!(generate(Algorithm::Es256, "ä", "k").unwrap_err(), KeyError::NotAscii);
    }
}

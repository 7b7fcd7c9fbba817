//! Making a key and a certificate that names the ServerID. [profile §4]

use aws_lc_rs::signature::Ed25519KeyPair;
use rcgen::{
    CertificateParams, DnType, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize, SanType,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use x509_cert::der::SecretDocument;
use x509_cert::der::pem::LineEnding;
use zeroize::Zeroizing;

use crate::KeyError;

/// What kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// ECDSA P-256 with SHA-256: small and the default.
    Es256,
    /// ECDSA P-384 with SHA-384.
    Es384,
    /// RSA of 2048 bits; its certificate is signed with SHA-256.
    Rs256,
    /// RSA of 3072 bits.
    Rs256Of3072,
    /// RSA of 4096 bits.
    Rs256Of4096,
}

/// A new key with its self-signed certificate.
#[derive(Clone)]
pub struct KeyPair {
    /// The private key: PEM, PKCS #8. A secret.
    pub key_pem: Zeroizing<String>,
    /// The certificate: PEM. Its one SubjectAltName is the ServerID.
    pub cert_pem: String,
}

/// A new key with the request that an authority makes its certificate from.
#[derive(Clone)]
pub struct KeyRequest {
    /// The private key: PEM, PKCS #8. A secret.
    pub key_pem: Zeroizing<String>,
    /// The request: PEM, PKCS #10. It asks for the ServerID as the one SubjectAltName, and for
    /// the key usage digitalSignature.
    pub csr_pem: String,
}

/// Makes a key and a self-signed certificate for a server.
///
/// The certificate has no end (99991231235959Z, [RFC 5280 §4.1.2.5]): pins are rotated, they do
/// not run out on devices without a clock.
///
/// # Errors
/// When the ServerID cannot be a name in a certificate, or the library fails.
pub fn generate(algorithm: Algorithm, server_id: &str, name: &str) -> Result<KeyPair, KeyError> {
    let parameters = of_server(server_id, name)?;
    let key = new_key(algorithm)?;
    let certificate = parameters.self_signed(&*key).map_err(|_| KeyError::Generation)?;
    Ok(KeyPair { key_pem: private_pem(&key)?, cert_pem: certificate.pem() })
}

/// Makes a key and a request for a certificate, for accounts of policy `chain`. [RFC 2986]
///
/// # Errors
/// As those of [`generate`].
pub fn request(algorithm: Algorithm, server_id: &str, name: &str) -> Result<KeyRequest, KeyError> {
    let parameters = of_server(server_id, name)?;
    let key = new_key(algorithm)?;
    let request = parameters.serialize_request(&*key).map_err(|_| KeyError::Generation)?;
    let csr_pem = request.pem().map_err(|_| KeyError::Generation)?;
    Ok(KeyRequest { key_pem: private_pem(&key)?, csr_pem })
}

/// The private key as PEM. The library's own PEM would leave copies behind.
pub(crate) fn private_pem(key: &rcgen::KeyPair) -> Result<Zeroizing<String>, KeyError> {
    let document = SecretDocument::try_from(key.serialized_der());
    let pem = document.and_then(|document| document.to_pem("PRIVATE KEY", LineEnding::LF));
    pem.map_err(|_| KeyError::Generation)
}

fn new_key(algorithm: Algorithm) -> Result<Zeroizing<rcgen::KeyPair>, KeyError> {
    let rsa = |size| rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size);
    let key = match algorithm {
        Algorithm::Ed25519 => {
            return new_ed25519_key().map(Zeroizing::new).ok_or(KeyError::Generation);
        }
        Algorithm::Es256 => rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        Algorithm::Es384 => rcgen::KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        Algorithm::Rs256 => rsa(RsaKeySize::_2048),
        Algorithm::Rs256Of3072 => rsa(RsaKeySize::_3072),
        Algorithm::Rs256Of4096 => rsa(RsaKeySize::_4096),
    };
    key.map(Zeroizing::new).map_err(|_| KeyError::Generation)
}

/// In version 1 of PKCS #8: many tools, openssl among them, do not read version 2.
fn new_ed25519_key() -> Option<rcgen::KeyPair> {
    let document = Ed25519KeyPair::generate().ok()?.to_pkcs8v1().ok()?;
    let der = PrivatePkcs8KeyDer::from(document.as_ref());
    rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519).ok()
}

/// What a certificate of a server's key says.
fn of_server(server_id: &str, name: &str) -> Result<CertificateParams, KeyError> {
    Ok(parameters(subject_alt_name(server_id)?, name, KeyUsagePurpose::DigitalSignature))
}

/// What a certificate says: whose key it is, the name of the key, its one use. It has no end.
pub(crate) fn parameters(holder: SanType, name: &str, usage: KeyUsagePurpose) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.subject_alt_names = vec![holder];
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.key_usages = vec![usage];
    parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(9999, 12, 31);
    parameters
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
mod tests;

//! Certificates and public keys from PEM. [RFC 7468]

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use crate::KeyError;

/// The DER certificate or DER SubjectPublicKeyInfo in this PEM text: what an account pins.
///
/// # Errors
/// When there is neither.
pub fn public_material(pem: &[u8]) -> Result<Vec<u8>, KeyError> {
    if let Ok(certificate) = CertificateDer::from_pem_slice(pem) {
        return Ok(certificate.as_ref().to_vec());
    }
    let key = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| KeyError::NotPublic)?;
    Ok(key.as_ref().to_vec())
}

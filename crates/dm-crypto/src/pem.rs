//! Certificates and keys from PEM [RFC 7468] or DER.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::{
    Certificate,
    der::{Decode, asn1::AnyRef},
};
use zeroize::Zeroizing;

use crate::{KeyError, UnsupportedEncryption, encrypted};

/// The DER certificate or DER SubjectPublicKeyInfo in this PEM text or DER: what an account pins.
///
/// # Errors
/// When there is neither.
pub fn public_material(octets: &[u8]) -> Result<Vec<u8>, KeyError> {
    if !is_pem(octets) {
        let is_public = Certificate::from_der(octets).is_ok()
            || SubjectPublicKeyInfoRef::from_der(octets).is_ok();
        return if is_public { Ok(octets.to_vec()) } else { Err(KeyError::NotPublic) };
    }
    if let Ok(certificate) = CertificateDer::from_pem_slice(octets) {
        return Ok(certificate.as_ref().to_vec());
    }
    let key = rustls_pki_types::SubjectPublicKeyInfoDer::from_pem_slice(octets);
    Ok(key.map_err(|_| KeyError::NotPublic)?.as_ref().to_vec())
}

/// The one DER certificate in this PEM text or DER.
///
/// # Errors
/// When there is none: a bare public key is not enough.
pub fn certificate(octets: &[u8]) -> Result<Vec<u8>, KeyError> {
    let der = public_material(octets).map_err(|_| KeyError::NotCertificate)?;
    Certificate::from_der(&der).map_err(|_| KeyError::NotCertificate)?;
    Ok(der)
}

/// The one DER private key in this PEM text or DER, and whether it is encrypted.
pub(crate) fn private_der(octets: &[u8]) -> Result<(Zeroizing<Vec<u8>>, bool), KeyError> {
    if !is_pem(octets) {
        let is_encrypted = encrypted::is_encrypted(octets);
        return match public_material(octets) {
            Ok(_) => Err(KeyError::Public),
            Err(_) => Ok((octets.to_vec().into(), is_encrypted)),
        };
    }
    let mut found = Err(KeyError::NotPrivate);
    let mut rest = octets;
    while let Some(start) = find(rest, BEGIN) {
        rest = &rest[start..];
        let label_end =
            find(&rest[BEGIN.len()..], b"-----").map_or(rest.len(), |n| n + BEGIN.len());
        let label = String::from_utf8_lossy(&rest[BEGIN.len()..label_end]).into_owned();
        let end = format!("-----END {label}-----");
        let is_private = matches!(
            label.as_str(),
            "ENCRYPTED PRIVATE KEY" | "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY"
        );
        if is_private && found.is_ok() {
            return Err(KeyError::Several);
        }
        let Some(at) = find(rest, end.as_bytes()) else { return found };
        let (section, behind) = rest.split_at(at + end.len());
        rest = behind;
        match label.as_str() {
            _ if is_private => {
                if find(section, b"Proc-Type: 4,ENCRYPTED").is_some() {
                    return Err(KeyError::Encryption(UnsupportedEncryption::Legacy));
                }
                let base64 = section.get(BEGIN.len() + label.len() + 5..section.len() - end.len());
                let der = base64.and_then(decoded).ok_or(KeyError::NotPrivate)?;
                found = Ok((der, label == "ENCRYPTED PRIVATE KEY"));
            }
            "PUBLIC KEY" | "CERTIFICATE" if found.is_err() => found = Err(KeyError::Public),
            _ => {}
        }
    }
    found
}

/// Whether this is a private key of any kind: a sequence that begins with its version.
pub(crate) fn is_der_of_a_key(der: &[u8]) -> bool {
    let content = AnyRef::from_der(der).ok().filter(|any| any.value().starts_with(&[2, 1]));
    content.is_some() && der.first() == Some(&0x30)
}

/// The octets of base64 in lines of whatever length.
fn decoded(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Of its full size from the start: a vector that grows leaves its beginning behind.
    let mut text = Zeroizing::new(Vec::with_capacity(base64.len()));
    text.extend(base64.iter().copied().filter(|octet| !octet.is_ascii_whitespace()));
    STANDARD.decode(&*text).ok().map(Zeroizing::new)
}

fn is_pem(octets: &[u8]) -> bool {
    find(octets, BEGIN).is_some()
}

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}

const BEGIN: &[u8] = b"-----BEGIN ";

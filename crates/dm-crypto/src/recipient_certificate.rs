//! What the certificate of a device says to those who encrypt to its key. [RFC 5280 §4.1.2.5,
//! §4.2.1.3, §4.2.1.6]

use dm_seal::Material;
use dm_seal::encryption::TransportKind;
use x509_cert::Certificate;
use x509_cert::der::Encode;
use x509_cert::ext::pkix::KeyUsage;

use crate::KeyError;

/// Whose key it is, and until when. Who issued it is not checked: whoever encrypts knows the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientCertificate {
    names: Vec<String>,
    until: u64,
}

impl RecipientCertificate {
    /// Reads it, for a key of this kind; and refuses one whose key is for something else.
    pub(crate) fn read(certificate: &Certificate, kind: TransportKind) -> Result<Self, KeyError> {
        let body = certificate.tbs_certificate();
        let usage = body.get_extension::<KeyUsage>().map_err(|_| KeyError::NotPublic)?;
        if let Some((_, usage)) = usage {
            match kind {
                TransportKind::Agreement if !usage.key_agreement() => {
                    return Err(KeyError::Usage("keyAgreement"));
                }
                TransportKind::Oaep if !usage.key_encipherment() && !usage.data_encipherment() => {
                    return Err(KeyError::Usage("keyEncipherment"));
                }
                _ => {}
            }
        }
        let der = certificate.to_der().map_err(|_| KeyError::NotPublic)?;
        let material = Material::from_der(&der).map_err(|_| KeyError::NotPublic)?;
        let names = material.names.iter().flatten().map(|name| name.as_str().to_owned());
        let until = body.validity().not_after.to_unix_duration().as_secs();
        Ok(Self { names: names.collect(), until })
    }

    /// The names of its SubjectAltName: of the device, by custom its id.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The last second of its validity, since 1970.
    #[must_use]
    pub fn until(&self) -> u64 {
        self.until
    }
}

//! The signature of a report: a JWS with the payload apart, unencoded. [RFC 7515, RFC 7797]

use std::path::Path;

use dm_crypto::{SigningKey, detached_jws};
use dm_seal::{Signer, SigningFailed};

use super::ReportError;
use crate::device_keys::read_private;

/// A key that signs reports.
pub(super) struct Key(Box<dyn Signer + Send + Sync>);

impl Key {
    /// The key that a configuration names.
    pub(super) fn open(name: &str, state: &Path) -> Result<Self, ReportError> {
        if name.starts_with("pkcs11:") {
            return Self::in_token(name);
        }
        let path = state.join(name);
        let octets = match read_private(&path) {
            Ok(Some(octets)) => octets,
            Ok(None) => return Err(ReportError::NotPrivate(path)),
            Err(error) => return Err(ReportError::Read { path, error }),
        };
        let key = SigningKey::read(&octets, None);
        key.map(|key| Self(Box::new(key))).map_err(|error| ReportError::Key { path, error })
    }

    #[cfg(feature = "tokens")]
    fn in_token(uri: &str) -> Result<Self, ReportError> {
        let said = |error: &dm_hsm::HsmError| {
            ReportError::Token(format!("{error}; {}", error.remedy()).into())
        };
        let uri: dm_hsm::Uri =
            uri.parse().map_err(|error: dm_hsm::UriError| said(&error.into()))?;
        let signer = dm_hsm::Pkcs11Signer::open(uri, dm_hsm::Settings::default());
        Ok(Self(Box::new(signer.map_err(|error| said(&error))?)))
    }

    #[cfg(not(feature = "tokens"))]
    fn in_token(_: &str) -> Result<Self, ReportError> {
        Err(ReportError::Token("this program was built without tokens; name a file".into()))
    }

    /// `header..signature`: in between goes the payload, as it is.
    pub(super) fn detached(&self, key_name: &str, payload: &[u8]) -> Result<String, SigningFailed> {
        detached_jws(&*self.0, key_name, payload)
    }
}

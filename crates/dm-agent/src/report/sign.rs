//! The signature of a report: a JWS with the payload apart, unencoded. [RFC 7515, RFC 7797]

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dm_crypto::SigningKey;
use dm_seal::{DigestMethod, SignatureMethod, Signer, SigningFailed};
use serde_json::json;

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
        let algorithm = algorithm(self.0.method()).ok_or_else(SigningFailed::default)?;
        let header = json!({"alg": algorithm, "b64": false, "crit": ["b64"], "kid": key_name});
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signature = self.0.sign(&[header.as_bytes(), b".", payload].concat())?;
        Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The name of a method in JOSE, whose ECDSA values are r and s as ours. [RFC 7518 §3, RFC 8037]
const fn algorithm(method: SignatureMethod) -> Option<&'static str> {
    use DigestMethod::{Sha256, Sha384, Sha512};
    Some(match method {
        SignatureMethod::Ecdsa(Sha256) => "ES256",
        SignatureMethod::Ecdsa(Sha384) => "ES384",
        SignatureMethod::Ed25519 => "EdDSA",
        SignatureMethod::Rsa(Sha256) => "RS256",
        SignatureMethod::Rsa(Sha384) => "RS384",
        SignatureMethod::Rsa(Sha512) => "RS512",
        SignatureMethod::RsaPss(Sha256) => "PS256",
        SignatureMethod::RsaPss(Sha384) => "PS384",
        SignatureMethod::RsaPss(Sha512) => "PS512",
        _ => return None,
    })
}

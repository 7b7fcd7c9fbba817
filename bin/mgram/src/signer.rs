//! Whoever signs for a command: a key in a file, or one in a token. [profile §3]

use std::path::Path;

use dm_crypto::{KeyError, SigningKey};
use dm_hsm::{HsmError, Pkcs11Signer, Settings, Uri, UriError};
use dm_seal::{Material, SealError, SignatureMethod, Signer};

use crate::fault::Fault;

/// A key that is ready to sign.
pub enum Key {
    /// It was in a file.
    File(Box<SigningKey>),
    /// It stays in its token.
    Token(Box<Pkcs11Signer>),
}

impl Key {
    /// The key in a token that this URI names; by this method, where one is wanted.
    pub fn in_token(uri: &str, method: Option<SignatureMethod>) -> Result<Self, Fault> {
        let uri: Uri = uri.parse().map_err(|error: UriError| of_token(&error.into()))?;
        let settings = Settings { method, ..Settings::default() };
        let signer = Pkcs11Signer::open(uri, settings).map_err(|error| of_token(&error))?;
        Ok(Self::Token(Box::new(signer)))
    }

    /// Whoever signs with it.
    pub fn signer(&self) -> &(dyn Signer + Send + Sync) {
        match self {
            Self::File(key) => &**key,
            Self::Token(signer) => &**signer,
        }
    }

    /// Refuses a DER certificate that is of another key, or that this key cannot be held against.
    pub fn check_certificate(&self, der: &[u8], path: &Path) -> Result<(), Fault> {
        let fault = |what: String| Fault::unreadable(what).in_file(path);
        let is_own = match self {
            Self::File(key) => key.is_of_certificate(der),
            Self::Token(signer) => {
                let own = signer.public_key().ok_or_else(|| {
                    fault("the token has no public key to hold the certificate against".to_owned())
                        .next("put the certificate beside the private key in the token")
                })?;
                Material::from_der(der).is_ok_and(|shown| shown.spki == own)
            }
        };
        if is_own {
            return Ok(());
        }
        Err(fault(KeyError::NotOfKey.to_string()).next("give the certificate of this very key"))
    }
}

/// The URI, if `--key` names a key in a token.
pub fn token_uri(key: &Path) -> Option<&str> {
    key.to_str().filter(|key| key.starts_with("pkcs11:"))
}

/// Why nothing was signed.
pub fn of_seal(error: &SealError, key: &Path) -> Fault {
    let fault = match error {
        SealError::Signer(failed) => Fault::told(Fault::refused, &failed.to_string()),
        error => Fault::refused(error),
    };
    match token_uri(key) {
        // What is behind `?` is how to get at the key, not its name.
        Some(uri) => fault.at(uri.split('?').next().unwrap_or(uri)),
        None => fault.in_file(key),
    }
}

/// Why a token, or the key in it, cannot be used.
pub fn of_token(error: &HsmError) -> Fault {
    let kind = match error {
        HsmError::Uri(_)
        | HsmError::Decrypting { .. }
        | HsmError::DeviceKeyKind { .. }
        | HsmError::KeyKind { .. }
        | HsmError::Method { .. } => Fault::unreadable,
        error if error.is_missing() => Fault::missing,
        _ => Fault::refused,
    };
    let fault = kind(error.to_string()).next(error.remedy());
    match error {
        HsmError::KeyKind { .. } | HsmError::Method { .. } => fault.clause("profile §3"),
        HsmError::Decrypting { .. } | HsmError::DeviceKeyKind { .. } => fault.clause("profile §6"),
        HsmError::Uri(_) => fault.at("--key").clause("RFC 7512"),
        _ => fault,
    }
}

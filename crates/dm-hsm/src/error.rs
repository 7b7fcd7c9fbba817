//! Why a token could not be used, and what to do next.

use std::fmt;

use cryptoki::error::{Error, RvError};
use dm_seal::SignatureMethod;
use thiserror::Error;

use crate::UriError;

/// A token, or the key in it, could not be used. Each says which one, and what PKCS#11 said.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HsmError {
    /// All sessions stayed in use.
    #[error("{uri}: all {sessions} sessions were in use for {seconds} s")]
    Busy {
        /// The key.
        uri: Box<str>,
        /// How many sessions there are.
        sessions: usize,
        /// How long it was waited.
        seconds: u64,
    },
    /// What was to be decrypted is not what the key decrypts. The token works. [profile §6]
    #[error("{uri}: this is not encrypted to the key: {said}")]
    Ciphertext {
        /// The key.
        uri: Box<str>,
        /// What PKCS#11 said, or what is wrong.
        said: Said,
    },
    /// The key does not decrypt, or the token not in the way that is needed. [profile §6]
    #[error("{uri}: the key cannot decrypt messages: {said}")]
    Decrypting {
        /// The key.
        uri: Box<str>,
        /// What PKCS#11 said, or what is not there.
        said: Said,
    },
    /// The key is of a kind that no message is encrypted to. [profile §6]
    #[error(
        "{uri}: the key is {kind}, and nothing is encrypted to such a key: P-256 or RSA is wanted"
    )]
    DeviceKeyKind {
        /// The key.
        uri: Box<str>,
        /// What it is.
        kind: Box<str>,
    },
    /// A call failed, and where the session was lost, a second one too.
    #[error("{uri}: {said}")]
    Failed {
        /// The key.
        uri: Box<str>,
        /// What PKCS#11 said.
        said: Said,
    },
    /// The key is of a kind or size that no message is signed with. [profile §3]
    #[error(
        "{uri}: the key is {kind}, and ECDSA P-256 or P-384, Ed25519 or RSA of 2048 bits or more are wanted"
    )]
    KeyKind {
        /// The key.
        uri: Box<str>,
        /// What it is.
        kind: Box<str>,
    },
    /// Several private keys fit.
    #[error("{uri}: {count} private keys in the token {token:?} fit")]
    KeyAmbiguous {
        /// The key.
        uri: Box<str>,
        /// The label of the token.
        token: Box<str>,
        /// How many.
        count: usize,
    },
    /// No private key fits.
    #[error("{uri}: no private key in the token {token:?} fits")]
    KeyMissing {
        /// The key.
        uri: Box<str>,
        /// The label of the token.
        token: Box<str>,
    },
    /// The token did not accept the login. It is not tried again: wrong PINs lock tokens.
    #[error("{uri}: the login to the token {token:?} was refused: {said}")]
    Login {
        /// The key.
        uri: Box<str>,
        /// The label of the token.
        token: Box<str>,
        /// What PKCS#11 said.
        said: Said,
    },
    /// The key, or the token, does not sign by this method.
    #[error("{uri}: {who} does not sign by {}", method.name())]
    Method {
        /// The key.
        uri: Box<str>,
        /// `a key of this kind`, or `the token`.
        who: &'static str,
        /// The method.
        method: SignatureMethod,
    },
    /// The library cannot be loaded or begun with.
    #[error("the PKCS#11 library {path}: {said}")]
    Module {
        /// Its path.
        path: Box<str>,
        /// What the loader, or PKCS#11, said.
        said: Said,
    },
    /// Nobody said which library.
    #[error("{uri}: no PKCS#11 library is named")]
    ModuleUnnamed {
        /// The key.
        uri: Box<str>,
    },
    /// The PIN is not where it should be.
    #[error("the PIN of {uri} cannot be read from {source_name}: {said}")]
    Pin {
        /// The key.
        uri: Box<str>,
        /// The file or variable.
        source_name: Box<str>,
        /// Why.
        said: Box<str>,
    },
    /// The public key that is beside the private one is not its public key.
    #[error("{uri}: what the key signs, the public key beside it does not verify")]
    PublicKey {
        /// The key.
        uri: Box<str>,
    },
    /// A signature is not as long as those of the key are.
    #[error("{uri}: the token's signature has {octets} octets, and {expected} are wanted")]
    SignatureLength {
        /// The key.
        uri: Box<str>,
        /// How many it has.
        octets: usize,
        /// How many it should have.
        expected: usize,
    },
    /// Several tokens fit.
    #[error("{uri}: {count} tokens fit")]
    TokenAmbiguous {
        /// The key.
        uri: Box<str>,
        /// How many.
        count: usize,
    },
    /// No token fits.
    #[error("{uri}: no token fits; there are {there}")]
    TokenMissing {
        /// The key.
        uri: Box<str>,
        /// The labels of those that are there.
        there: Box<str>,
    },
    /// The URI cannot be used.
    #[error(transparent)]
    Uri(#[from] UriError),
}

impl HsmError {
    /// What to do next.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "sign with fewer threads, or raise the number of sessions",
            Self::Ciphertext { .. } => "encrypt it anew, to the public key of this key",
            Self::Decrypting { .. } => {
                "the key needs CKA_DERIVE (P-256) or CKA_DECRYPT (RSA); the token CKM_ECDH1_DERIVE with a \
                 result that may be read, or CKM_RSA_PKCS_OAEP with SHA-256 and a label"
            }
            Self::DeviceKeyKind { .. } => "make a key of P-256 or RSA in the token",
            Self::Failed { .. } => {
                "look into the log of the token; see that it is plugged in and reachable"
            }
            Self::KeyAmbiguous { .. } => "name the one with id=, or delete the others",
            Self::KeyKind { .. } => "make a key of such a kind in the token",
            Self::KeyMissing { .. } => {
                "correct object= and id=; `pkcs11-tool --list-objects --login` shows them"
            }
            Self::Login { said, .. } if said.is(RvError::PinLocked) => {
                "the token is locked: unlock it with its security officer's PIN"
            }
            Self::Login { .. } => {
                "correct the PIN that pin-source or MGRAM_PKCS11_PIN gives; it was tried once"
            }
            Self::Method { .. } => "leave the method out, or name one that key and token know",
            Self::Module { .. } => "correct module-path, or MGRAM_PKCS11_MODULE",
            Self::ModuleUnnamed { .. } => {
                "add ?module-path=/path/of/the/library.so, or set MGRAM_PKCS11_MODULE"
            }
            Self::Pin { .. } => {
                "name the PIN's file: ?pin-source=file:/path, or set MGRAM_PKCS11_PIN"
            }
            Self::PublicKey { .. } => {
                "delete the public key or certificate that does not belong to the key"
            }
            Self::SignatureLength { .. } => {
                "name another method, or ask the maker of the token: it signs in another form"
            }
            Self::TokenAmbiguous { .. } => "name the one with serial= or slot-id=",
            Self::TokenMissing { .. } => {
                "plug it in, or correct token=; `pkcs11-tool --list-token-slots` shows them"
            }
            Self::Uri(error) => error.remedy(),
        }
    }

    /// Whether something has to be there that is not: a library, a token, a key, a PIN.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::KeyMissing { .. }
                | Self::Module { .. }
                | Self::ModuleUnnamed { .. }
                | Self::Pin { .. }
                | Self::TokenMissing { .. }
        )
    }
}

/// What PKCS#11 said: the function that failed and its return value, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    text: Box<str>,
    value: Option<RvError>,
}

impl Said {
    /// Whether it is this return value.
    #[must_use]
    pub(crate) fn is(&self, value: RvError) -> bool {
        self.value == Some(value)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self { text: text.into(), value: None }
    }
}

impl From<&Error> for Said {
    fn from(error: &Error) -> Self {
        let Error::Pkcs11(value, function) = error else {
            return Self { text: error.to_string().into(), value: None };
        };
        Self { text: format!("C_{function:?} says {}", name(*value)).into(), value: Some(*value) }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The name that the standard has for a return value: `CKR_PIN_INCORRECT`.
fn name(value: RvError) -> String {
    let (kind, code) = match value {
        RvError::VendorDefined(code) => ("CKR_VENDOR_DEFINED", code),
        RvError::UnknownErrorCode(code) => ("an unknown value", code),
        _ => {
            let mut name = "CKR".to_owned();
            for letter in format!("{value:?}").chars() {
                if letter.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
            }
            return name;
        }
    };
    format!("{kind} (0x{code:08x})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_values_have_the_names_of_the_standard() {
        assert_eq!(name(RvError::SessionHandleInvalid), "CKR_SESSION_HANDLE_INVALID");
        assert_eq!(name(RvError::PinIncorrect), "CKR_PIN_INCORRECT");
        assert_eq!(name(RvError::VendorDefined(0x8000_0012)), "CKR_VENDOR_DEFINED (0x80000012)");
    }
}

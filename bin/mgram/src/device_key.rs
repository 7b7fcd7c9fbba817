//! Keys that devices decrypt with, as the commands make and read them. [profile §6]

use std::path::Path;

use dm_agent::device_keys;
use dm_crypto::{DeviceKey, KeyError, KeyPair};
use dm_hsm::{Pkcs11DeviceKey, Uri, UriError};
use dm_seal::encryption::{DeviceKeys, Recipient};
use serde_json::json;

use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::Reporter;
use crate::signer::{of_token, token_uri};
use crate::state::of_device_key;

/// A key that a command was given to decrypt with.
pub enum OwnKey {
    /// It was in a file.
    File(Box<DeviceKey>),
    /// It stays in its token.
    Token(Box<Pkcs11DeviceKey>),
}

impl OwnKey {
    /// The name that messages give it.
    pub fn name(&self) -> &str {
        match self {
            Self::File(key) => key.name(),
            Self::Token(key) => key.name(),
        }
    }

    /// Puts it to the others.
    pub fn add_to(self, keys: &mut DeviceKeys) {
        match self {
            Self::File(key) => keys.add(*key),
            Self::Token(key) => keys.add(*key),
        }
    }
}

/// Reads `NAME=PEM`, or `PEM` whose name is that of the file without its ending; or finds
/// `NAME=pkcs11:...` in its token.
pub fn read(text: &str, passphrase: Option<&[u8]>) -> Result<OwnKey, Fault> {
    if text.starts_with("pkcs11:") {
        return Err(Fault::unreadable("a key in a token needs the name that messages give it")
            .at("--device-key")
            .next("write NAME=pkcs11:..."));
    }
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Path::new(path)),
        None => {
            let path = Path::new(text);
            (path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default(), path)
        }
    };
    check_not_empty("--device-key", name)?;
    let key = match token_uri(path) {
        Some(uri) => {
            let uri: Uri = uri
                .parse()
                .map_err(|error: UriError| of_token(&error.into()).at("--device-key"))?;
            device_keys::in_token(name, uri).map(|key| OwnKey::Token(Box::new(key)))
        }
        None => device_keys::read(name, path, passphrase).map(|key| OwnKey::File(Box::new(key))),
    };
    key.map_err(|error| of_device_key(&error))
}

/// Makes a key and its certificate.
pub fn generate(device_id: &str, name: &str) -> Result<KeyPair, Fault> {
    check_not_empty("the device id", device_id)?;
    dm_crypto::generate_device_key(device_id, name).map_err(|error| match error {
        KeyError::NotAscii => Fault::unreadable("the device id cannot be a name in a certificate")
            .at(device_id)
            .next("use a device id of ASCII characters"),
        _ => Fault::refused(error),
    })
}

/// Says where a new key is, and what to do with it.
pub fn report(reporter: &Reporter, [key, cert]: [&Path; 2], device_id: &str, name: &str) {
    let [key, cert] = [key.display(), cert.display()];
    let value = json!({
        "key": key.to_string(), "cert": cert.to_string(), "device_id": device_id, "key_name": name,
    });
    reporter.result(&value, || {
        format!(
            "{key} (secret, for the device)\n{cert}\nnext: mgram seal MESSAGE --encrypt-to {cert}, \
             and mgram open MESSAGE STATE_DIR --device-key {name}={key}"
        )
    });
}

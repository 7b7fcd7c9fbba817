//! `[device_keys]`: what the device decrypts with, beside the files of its state folder.

use std::path::PathBuf;

use serde::Deserialize;
#[cfg(feature = "tokens")]
use serde::{Deserializer, de};

use super::file::take;

/// Where keys to decrypt with are, and what opens them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeviceKeySources {
    /// The file whose first line is the passphrase of key files that are encrypted. Default: none
    /// is.
    pub pass_file: Option<PathBuf>,
    /// Keys in tokens. Default: none.
    #[cfg(feature = "tokens")]
    pub tokens: Vec<TokenKey>,
}

/// A key in a token.
#[cfg(feature = "tokens")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenKey {
    /// What `KeyName` shows.
    pub name: String,
    /// Which key. [RFC 7512]
    pub uri: dm_hsm::Uri,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeviceKeysTable {
    pass_file: Option<PathBuf>,
    #[cfg(feature = "tokens")]
    tokens: Option<Vec<TokenTable>>,
}

#[cfg(feature = "tokens")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenTable {
    name: String,
    #[serde(deserialize_with = "uri")]
    uri: dm_hsm::Uri,
}

impl DeviceKeysTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.pass_file, over.pass_file);
        #[cfg(feature = "tokens")]
        take(&mut self.tokens, over.tokens);
    }

    pub(super) fn finish(self) -> DeviceKeySources {
        DeviceKeySources {
            pass_file: self.pass_file,
            #[cfg(feature = "tokens")]
            tokens: {
                let tokens = self.tokens.unwrap_or_default().into_iter();
                tokens.map(|TokenTable { name, uri }| TokenKey { name, uri }).collect()
            },
        }
    }
}

#[cfg(feature = "tokens")]
fn uri<'de, D: Deserializer<'de>>(from: D) -> Result<dm_hsm::Uri, D::Error> {
    let uri = String::deserialize(from)?.parse();
    uri.map_err(|error: dm_hsm::UriError| {
        de::Error::custom(format_args!("{error}; {}", error.remedy()))
    })
}

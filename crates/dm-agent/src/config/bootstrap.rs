//! `[bootstrap]`: how the device may get its first account. [BOOT 1.2]

use std::path::PathBuf;

use serde::Deserialize;

use super::file::take;
use super::unit;

/// How the device may be bootstrapped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BootstrapPolicy {
    /// Whether a device that has an account takes another document. Default: no.
    pub again: bool,
    /// The file of the network's secret (NETWPIN), for documents that come by push.
    pub netwpin: Option<PathBuf>,
    /// Whether receivers hand over documents that come by push, with SEC and MAC. Default: no.
    pub push: bool,
    /// Wrong MACs with a user's PIN until no further document by push is taken. Default: 3.
    pub tries: usize,
    /// The file of the user's PIN (USERPIN), for documents that come by push.
    pub userpin: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BootstrapTable {
    again: Option<bool>,
    netwpin: Option<SecretTable>,
    push: Option<bool>,
    #[serde(deserialize_with = "unit::count")]
    tries: Option<usize>,
    userpin: Option<SecretTable>,
}

/// A secret by reference: never in the configuration itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretTable {
    pub(super) file: PathBuf,
}

impl BootstrapTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.again, over.again);
        take(&mut self.netwpin, over.netwpin);
        take(&mut self.push, over.push);
        take(&mut self.tries, over.tries);
        take(&mut self.userpin, over.userpin);
    }

    /// As it stands, or the key that is missing: a push proves nothing without a secret.
    pub(super) fn finish(self) -> Result<BootstrapPolicy, &'static str> {
        let push = self.push.unwrap_or(false);
        if push && self.netwpin.is_none() && self.userpin.is_none() {
            return Err("bootstrap.netwpin");
        }
        Ok(BootstrapPolicy {
            again: self.again.unwrap_or(false),
            netwpin: self.netwpin.map(|secret| secret.file),
            push,
            tries: self.tries.unwrap_or(3),
            userpin: self.userpin.map(|secret| secret.file),
        })
    }
}

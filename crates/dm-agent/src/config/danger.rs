//! `[danger]`: what no device should do, for the few that must.

use serde::Deserialize;

use super::file::take;

/// What is dangerous, in the words of the file: all of it off, unless somebody writes it down.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Danger {
    /// Whether signatures by RSA with SHA-1, and digests by SHA-1, are accepted. Default: no.
    pub sha1: bool,
    /// Whether ciphertext is accepted that is bound to no server or no device. Default: no.
    pub unbound_ciphertext: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DangerTable {
    sha1: Option<bool>,
    unbound_ciphertext: Option<bool>,
}

impl DangerTable {
    pub(super) fn overlay(&mut self, over: &Self) {
        take(&mut self.sha1, over.sha1);
        take(&mut self.unbound_ciphertext, over.unbound_ciphertext);
    }

    pub(super) fn finish(self) -> Danger {
        Danger {
            sha1: self.sha1.unwrap_or(false),
            unbound_ciphertext: self.unbound_ciphertext.unwrap_or(false),
        }
    }
}

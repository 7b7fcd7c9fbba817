//! Proof, as a type, that a signature was verified.

use crate::Digest;
use crate::verify::Finding;

/// A value whose signature holds, with what the check found out.
///
/// Only [`verify`](crate::verify()) makes one, so whoever demands a `Verified<Message>` cannot be
/// given anything else.
///
/// ```compile_fail
/// // There is no constructor to call and no field to fill:
/// let forged = dm_seal::Verified { inner: 1 };
/// ```
#[derive(Clone, Debug)]
pub struct Verified<M> {
    inner: M,
    finding: Finding,
}

impl<M> Verified<M> {
    pub(crate) fn new(inner: M, finding: Finding) -> Self {
        Self { inner, finding }
    }

    /// What was verified.
    #[must_use]
    pub fn get(&self) -> &M {
        &self.inner
    }

    /// The name of the pinned key that verified it.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.finding.key_name
    }

    /// Whether its digest or signature is of SHA-1, which the owner of the device must have allowed.
    #[must_use]
    pub fn uses_sha1(&self) -> bool {
        self.finding.uses_sha1
    }

    /// SHA-256 of the canonical message without its signature. [profile §7]
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.finding.digest
    }
}

//! Digests and public keys by aws-lc-rs.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use dm_seal::danger::Sha1;
use dm_seal::{Digest, DigestMethod, Hasher, Provider, UnusableKey};
use dm_xml::canonical::Output;

use crate::PublicKey;

/// The provider of server, command line and Linux devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl Provider for AwsLc {
    type Hasher = AwsLcHasher;
    type Key = PublicKey;

    fn hasher(&self, method: DigestMethod) -> AwsLcHasher {
        AwsLcHasher(Context::new(match method {
            DigestMethod::Sha256 => &SHA256,
            DigestMethod::Sha384 => &SHA384,
            DigestMethod::Sha512 => &SHA512,
        }))
    }

    fn sha1_hasher(&self, _permission: Sha1) -> Option<AwsLcHasher> {
        Some(AwsLcHasher(Context::new(&SHA1_FOR_LEGACY_USE_ONLY)))
    }

    fn key(&self, spki: &[u8]) -> Result<PublicKey, UnusableKey> {
        PublicKey::from_spki(spki).ok_or(UnusableKey)
    }
}

/// A digest in progress.
pub struct AwsLcHasher(Context);

impl Output for AwsLcHasher {
    fn write(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }
}

impl Hasher for AwsLcHasher {
    fn finish(self) -> Digest {
        Digest::new(self.0.finish().as_ref())
    }
}

//! The digest of a `SignedInfo`, whose beginning is the same in all messages signed by a method.
//! [XMLDSIG §3.1.2, §3.2.2]

use aws_lc_rs::digest::{Algorithm, Context, Digest};
use dm_seal::{SignatureMethod, SignedInfo};
use dm_xml::canonical::Output;

/// A digest that has taken what every canonical form of `SignedInfo` for a method begins with.
#[derive(Clone)]
pub(crate) struct Begun(Context);

impl Begun {
    /// Digests the beginning.
    pub(crate) fn new(digest: &'static Algorithm, method: SignatureMethod) -> Self {
        let mut begun = Self(Context::new(digest));
        SignedInfo::beginning(method, &mut begun);
        begun
    }

    /// The digest of this `SignedInfo`, which must be for the method that was begun with.
    pub(crate) fn finish(&self, signed_info: &SignedInfo) -> Digest {
        let mut digest = self.clone();
        signed_info.rest(&mut digest);
        digest.0.finish()
    }
}

impl Output for Begun {
    fn write(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }
}

impl core::fmt::Debug for Begun {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Begun")
    }
}

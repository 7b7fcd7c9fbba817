//! The concatenation key derivation with SHA-256. [XMLENC 1.1 §5.4.1], [SP 800-56A §5.8.1]

use dm_xml::canonical::Output;

use super::{KeyWrapMethod, Secret};
use crate::{DigestMethod, Hasher, Provider};

/// The wrapping key from a shared secret, bound to the key wrap, the server and the device. One
/// block of 32 octets is all that a wrapping key ever needs.
///
/// The inputs are joined without lengths, as the standard has it: whoever derives from what a
/// message says must have checked `AlgorithmID` exactly.
pub(super) fn derive(
    provider: &impl Provider,
    secret: &[u8],
    method: KeyWrapMethod,
    party_u: &[u8],
    party_v: &[u8],
) -> Secret {
    let mut hasher = provider.hasher(DigestMethod::Sha256);
    for input in [&[0, 0, 0, 1], secret, method.uri().as_bytes(), party_u, party_v] {
        hasher.write(input);
    }
    let mut digest = hasher.finish();
    let key = Secret::new(digest.as_octets()[..method.key_octets()].to_vec());
    digest.zeroize();
    key
}

//! What only the owner of a device can allow: SHA-1, and ciphertext that names nobody. [profile §3,
//! §6], [SEC 1.2.1 appendix]
//!
//! Nothing that names SHA-1 can be made without a [`Sha1`], and nobody has one unless the
//! configuration of a device says so; [`Unbound`] alike. Only readers take them: no writer makes
//! such a message.

use crate::{DigestMethod, SignatureMethod};

/// The permission to read SHA-1: collisions can be bought, so a signature of this kind proves
/// less than it says.
///
/// ```compile_fail
/// // It cannot be come by in passing:
/// let permission = dm_seal::danger::Sha1(());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sha1(());

impl Sha1 {
    /// The permission, from whoever answers for the device.
    #[must_use]
    pub const fn allowed_by_the_owner() -> Self {
        Self(())
    }
}

/// The permission to take ciphertext that is bound to no server or no device, as peers write it that
/// do not know of the binding: any server that has an account may then take it out of another one's
/// message and send it as its own. [profile §6]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unbound(());

impl Unbound {
    /// The permission, from whoever answers for the device.
    #[must_use]
    pub const fn allowed_by_the_owner() -> Self {
        Self(())
    }
}

/// What a reader accepts beside the closed list: nothing, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepts {
    sha1: Option<Sha1>,
    unbound: Option<Unbound>,
}

impl Accepts {
    /// The closed list and no more.
    pub const LISTED: Self = Self { sha1: None, unbound: None };

    /// RSA with SHA-1 and SHA-1 digests too.
    #[must_use]
    pub const fn with_sha1(self, permission: Sha1) -> Self {
        Self { sha1: Some(permission), ..self }
    }

    /// Ciphertext that is bound to nobody too.
    #[must_use]
    pub const fn with_unbound(self, permission: Unbound) -> Self {
        Self { unbound: Some(permission), ..self }
    }

    /// Whether ciphertext that is bound to nobody is accepted.
    #[must_use]
    pub const fn unbound(self) -> bool {
        self.unbound.is_some()
    }

    /// Whether SHA-1 is accepted.
    #[must_use]
    pub const fn sha1(self) -> bool {
        self.sha1.is_some()
    }

    /// The signature method of this identifier.
    pub(crate) fn signature_method(self, uri: &str) -> Option<OrSha1<SignatureMethod>> {
        let listed = SignatureMethod::from_uri(uri).map(OrSha1::Listed);
        listed.or_else(|| self.sha1.filter(|_| uri == RSA_SHA1).map(OrSha1::Sha1))
    }

    /// The digest method of this identifier.
    pub(crate) fn digest_method(self, uri: &str) -> Option<OrSha1<DigestMethod>> {
        let listed = DigestMethod::from_uri(uri).map(OrSha1::Listed);
        listed.or_else(|| self.sha1.filter(|_| uri == SHA1).map(OrSha1::Sha1))
    }
}

/// A method of the closed list, or the one with SHA-1 in its place, with the permission for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrSha1<T> {
    /// A method of the closed list.
    Listed(T),
    /// SHA-1; RSASSA-PKCS1-v1_5 with it, where a signature is meant.
    Sha1(Sha1),
}

/// RSASSA-PKCS1-v1_5 with SHA-1.
pub const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
/// SHA-1.
pub const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_list_has_no_sha1() {
        for uri in SignatureMethod::ALL.map(SignatureMethod::uri) {
            assert!(!uri.ends_with("sha1"), "{uri}");
        }
        assert_eq!(Accepts::LISTED.signature_method(RSA_SHA1), None);
        assert_eq!(Accepts::LISTED.digest_method(SHA1), None);
        assert_eq!(Accepts::default(), Accepts::LISTED);
    }

    #[test]
    fn the_permission_adds_these_two_and_nothing_else() {
        let accepts = Accepts::LISTED.with_sha1(Sha1::allowed_by_the_owner());
        assert!(matches!(accepts.signature_method(RSA_SHA1), Some(OrSha1::Sha1(_))));
        assert!(matches!(accepts.digest_method(SHA1), Some(OrSha1::Sha1(_))));
        for never in [
            SHA1,
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
        ] {
            assert_eq!(accepts.signature_method(never), None, "{never}");
        }
        for never in [RSA_SHA1, "http://www.w3.org/2001/04/xmldsig-more#md5"] {
            assert_eq!(accepts.digest_method(never), None, "{never}");
        }
        let listed = accepts.digest_method(DigestMethod::Sha256.uri());
        assert_eq!(listed, Some(OrSha1::Listed(DigestMethod::Sha256)));
    }
}

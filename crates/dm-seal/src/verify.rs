//! Opening: digest, key selection, signature. [profile §3, §4], stage `signature`

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Document, brief, canonical};

use crate::chain::issued;
use crate::{
    Accepts, ChainError, Digest, DigestMethod, Hasher, KeyInfo, OrSha1, Pin, Provider, Structure,
    Verified, VerifyError, VerifyingKey,
};

/// The most pinned keys that are tried when `KeyInfo` selects none.
pub const MOST_TRIED: usize = 8;

/// Whatever carries the document that is signed.
pub trait Signed {
    /// The whole document, signature included.
    fn document(&self) -> &Document<'_>;
}

impl Signed for Document<'_> {
    fn document(&self) -> &Document<'_> {
        self
    }
}

/// Which server must have signed, and the keys it may have signed with.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'p, K> {
    /// The ServerID of the account.
    pub server_id: &'p str,
    /// The keys pinned to the account.
    pub pins: &'p [Pin<K>],
    /// What is demanded of them.
    pub policy: TrustPolicy,
    /// The time in seconds since 1970, if there is a clock: certificates of policy `chain` end.
    pub now: Option<u64>,
    /// What is accepted beside the closed list of algorithms.
    pub accepts: Accepts,
}

/// What is demanded of the keys of an account. [profile §4.3]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrustPolicy {
    /// The certificate in `KeyInfo` must be issued by a pinned authority, for this server.
    Chain,
    /// One of them must verify.
    #[default]
    Pinned,
}

impl<'p, K> Trust<'p, K> {
    /// Policy `pinned`, the closed list of algorithms, no clock.
    #[must_use]
    pub fn pinned(server_id: &'p str, pins: &'p [Pin<K>]) -> Self {
        let (policy, accepts) = (TrustPolicy::Pinned, Accepts::LISTED);
        Self { server_id, pins, policy, now: None, accepts }
    }
}

/// The outcome of a check, still apart from the message it is about.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) key_name: String,
    pub(crate) digest: Digest,
    pub(crate) uses_sha1: bool,
}

/// Verifies a message under the keys of one account.
///
/// The shape is read again from the very document that is handed out: what was checked is what
/// is used.
///
/// # Errors
/// Structure first, then digest, key and signature; see [`OpenError`].
pub fn verify<M: Signed, P: Provider>(
    message: M,
    trust: &Trust<'_, P::Key>,
    provider: &P,
) -> Result<Verified<M>, OpenError> {
    let structure = Structure::read_accepting(message.document(), trust.accepts)?;
    let finding = check(message.document(), &structure, trust, provider)?;
    Ok(Verified::new(message, finding))
}

/// A message was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its signature does not have the one accepted shape.
    #[error(transparent)]
    Structure(#[from] crate::StructureError),
    /// Its signature does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Structure<'_> {
    /// Whether the digest is that of the document, which must be the one that this was read from.
    ///
    /// If not, the message was changed. If so, nothing is known of who signed, nor whether digest and
    /// content were changed together: for that there is [`verify()`].
    #[must_use]
    pub fn digest_holds(&self, document: &Document<'_>, provider: &impl Provider) -> bool {
        let digest = self.reference_digest(document, provider);
        digest.is_some_and(|digest| digest.as_octets() == self.digest_value)
    }

    /// The digest by the method of the reference; none when the provider lacks it.
    fn reference_digest<P: Provider>(
        &self,
        document: &Document<'_>,
        provider: &P,
    ) -> Option<Digest> {
        let hasher = match self.digest_method {
            OrSha1::Listed(method) => provider.hasher(method),
            OrSha1::Sha1(permission) => provider.sha1_hasher(permission)?,
        };
        Some(self.digest_by(hasher, document))
    }

    fn digest_by(&self, mut hasher: impl Hasher, document: &Document<'_>) -> Digest {
        canonical::write(document.events_without(self.signature), &mut hasher);
        hasher.finish()
    }
}

impl Structure<'_> {
    /// What the signature is over: the canonical form of `SignedInfo`.
    fn signed_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(1024);
        canonical::write(self.signed_info.events(), &mut octets);
        octets
    }

    fn was_signed_with(&self, key: &impl VerifyingKey, octets: &[u8]) -> bool {
        match self.method {
            OrSha1::Listed(method) => key.verifies(method, octets, &self.signature_value),
            OrSha1::Sha1(permission) => {
                key.verifies_rsa_sha1(permission, octets, &self.signature_value)
            }
        }
    }
}

fn check<P: Provider>(
    document: &Document<'_>,
    structure: &Structure<'_>,
    trust: &Trust<'_, P::Key>,
    provider: &P,
) -> Result<Finding, VerifyError> {
    let reference_digest = structure
        .reference_digest(document, provider)
        .filter(|digest| digest.as_octets() == structure.digest_value)
        .ok_or(VerifyError::DigestMismatch)?;
    if trust.pins.is_empty() {
        return Err(VerifyError::NoPinnedKey);
    }
    let pin = match trust.policy {
        TrustPolicy::Chain => chained_pin(structure, trust, provider)?,
        TrustPolicy::Pinned => verifying_pin(structure, trust)?,
    };
    // The replay cache knows messages by SHA-256, whatever the reference says. [profile §7]
    let digest = match structure.digest_method {
        OrSha1::Listed(DigestMethod::Sha256) => reference_digest,
        _ => structure.digest_by(provider.hasher(DigestMethod::Sha256), document),
    };
    let uses_sha1 = structure.uses_sha1();
    Ok(Finding { key_name: pin.name().to_owned(), digest, uses_sha1 })
}

/// The pinned authority that issued the certificate whose key the signature was made with.
fn chained_pin<'p, P: Provider>(
    structure: &Structure<'_>,
    trust: &Trust<'p, P::Key>,
    provider: &P,
) -> Result<&'p Pin<P::Key>, VerifyError> {
    let KeyInfo::Certificate(shown) = &structure.key_info else {
        return Err(ChainError::NoCertificate.into());
    };
    let (key, authority) = issued(shown, trust, provider)?;
    if !authority.material().may_serve(trust.server_id) {
        return Err(VerifyError::CertificateNamesOther(authority.name().into()));
    }
    if structure.was_signed_with(&key, &structure.signed_octets()) {
        return Ok(authority);
    }
    Err(VerifyError::SignatureInvalid)
}

/// The pinned key that the signature was made with.
fn verifying_pin<'p, K: VerifyingKey>(
    structure: &Structure<'_>,
    trust: &Trust<'p, K>,
) -> Result<&'p Pin<K>, VerifyError> {
    let candidates: Vec<&Pin<K>> = match &structure.key_info {
        KeyInfo::Nothing => Ok(trust.pins.iter().take(MOST_TRIED).collect()),
        KeyInfo::KeyName(name) => {
            selected(trust, |pin| pin.name() == name).ok_or_else(|| brief(name))
        }
        KeyInfo::Certificate(shown) => selected(trust, |pin| pin.material().spki == shown.spki)
            .ok_or_else(|| "a certificate".into()),
    }
    .map_err(VerifyError::KeyNotPinned)?;
    let octets = structure.signed_octets();
    for pin in candidates.into_iter().take(MOST_TRIED) {
        if !pin.material().may_serve(trust.server_id) {
            return Err(VerifyError::CertificateNamesOther(pin.name().into()));
        }
        if structure.was_signed_with(pin.key(), &octets) {
            return Ok(pin);
        }
    }
    Err(VerifyError::SignatureInvalid)
}

/// The pinned keys that `KeyInfo` selects, if there are any.
fn selected<'p, K>(
    trust: &Trust<'p, K>,
    is_shown: impl Fn(&Pin<K>) -> bool,
) -> Option<Vec<&'p Pin<K>>> {
    let pins: Vec<&Pin<K>> = trust.pins.iter().filter(|pin| is_shown(pin)).collect();
    (!pins.is_empty()).then_some(pins)
}

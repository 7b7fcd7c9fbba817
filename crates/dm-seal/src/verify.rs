//! Opening: digest, key selection, signature. [profile §3, §4], stage `signature`

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Document, ToInfoset, brief, canonical};

use crate::chain::issued;
use crate::{
    Accepts, ChainError, Digest, DigestMethod, Hasher, KeyInfo, OrSha1, Pin, Provider, SignedInfo,
    Structure, Verified, VerifyError, VerifyingKey,
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
    // Asked once: whoever carries it must not hand out another the second time.
    let structure = Structure::read_accepting(message.document(), trust.accepts)?;
    let finding = check(&structure, trust, provider)?;
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
    /// Whether the digest is that of the document that this was read from.
    ///
    /// If not, the message was changed. If so, nothing is known of who signed, nor whether digest and
    /// content were changed together: for that there is [`verify()`].
    #[must_use]
    pub fn digest_holds(&self, provider: &impl Provider) -> bool {
        let digest = self.reference_digest(provider);
        digest.is_some_and(|digest| digest.as_octets() == self.digest_value)
    }

    /// The digest by the method of the reference; none when the provider lacks it.
    fn reference_digest<P: Provider>(&self, provider: &P) -> Option<Digest> {
        let hasher = match self.digest_method {
            OrSha1::Listed(method) => provider.hasher(method),
            OrSha1::Sha1(permission) => provider.sha1_hasher(permission)?,
        };
        Some(self.digest_by(hasher))
    }

    fn digest_by(&self, mut hasher: impl Hasher) -> Digest {
        let mut writer = canonical::Writer::new(&mut hasher);
        let Ok(()) = self.signature.document().write_without(self.signature, &mut writer);
        writer.finish();
        hasher.finish()
    }
}

/// What the signature is over: the canonical form of `SignedInfo`.
enum SignedPart {
    /// As whoever seals here writes it: of method and digest nothing but the text is known.
    AsWritten(SignedInfo),
    /// Any other that is allowed: with white space, or with another digest.
    Octets(Vec<u8>),
}

impl Structure<'_> {
    /// What the signature is over, once it is known that the digest is the one in it.
    fn signed_part(&self, digest: Digest) -> SignedPart {
        if let OrSha1::Listed(method) = self.method
            && self.is_as_written
        {
            return SignedPart::AsWritten(SignedInfo::new(method, digest));
        }
        let mut octets = Vec::with_capacity(1024);
        let mut writer = canonical::Writer::new(&mut octets);
        let Ok(()) = self.signed_info.write(&mut writer);
        writer.finish();
        SignedPart::Octets(octets)
    }

    fn was_signed_with(&self, key: &impl VerifyingKey, signed: &SignedPart) -> bool {
        let value = &self.signature_value;
        match (signed, self.method) {
            (SignedPart::AsWritten(signed_info), _) => key.verifies_info(signed_info, value),
            (SignedPart::Octets(octets), OrSha1::Listed(method)) => {
                key.verifies(method, octets, value)
            }
            (SignedPart::Octets(octets), OrSha1::Sha1(permission)) => {
                key.verifies_rsa_sha1(permission, octets, value)
            }
        }
    }
}

fn check<P: Provider>(
    structure: &Structure<'_>,
    trust: &Trust<'_, P::Key>,
    provider: &P,
) -> Result<Finding, VerifyError> {
    let reference_digest = structure
        .reference_digest(provider)
        .filter(|digest| digest.as_octets() == structure.digest_value)
        .ok_or(VerifyError::DigestMismatch)?;
    if trust.pins.is_empty() {
        return Err(VerifyError::NoPinnedKey);
    }
    let signed = structure.signed_part(reference_digest);
    let pin = match trust.policy {
        TrustPolicy::Chain => chained_pin(structure, &signed, trust, provider)?,
        TrustPolicy::Pinned => verifying_pin(structure, &signed, trust)?,
    };
    // The replay cache knows messages by SHA-256, whatever the reference says. [profile §7]
    let digest = match structure.digest_method {
        OrSha1::Listed(DigestMethod::Sha256) => reference_digest,
        _ => structure.digest_by(provider.hasher(DigestMethod::Sha256)),
    };
    let uses_sha1 = structure.uses_sha1();
    Ok(Finding { key_name: pin.name().to_owned(), digest, uses_sha1 })
}

/// The pinned authority that issued the certificate whose key the signature was made with.
fn chained_pin<'p, P: Provider>(
    structure: &Structure<'_>,
    signed: &SignedPart,
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
    if structure.was_signed_with(&key, signed) {
        return Ok(authority);
    }
    Err(VerifyError::SignatureInvalid)
}

/// The pinned key that the signature was made with.
fn verifying_pin<'p, K: VerifyingKey>(
    structure: &Structure<'_>,
    signed: &SignedPart,
    trust: &Trust<'p, K>,
) -> Result<&'p Pin<K>, VerifyError> {
    let is_candidate = |pin: &&Pin<K>| match &structure.key_info {
        KeyInfo::Nothing => true,
        KeyInfo::KeyName(name) => pin.name() == name,
        KeyInfo::Certificate(shown) => pin.material().spki == shown.spki,
    };
    let mut candidates = trust.pins.iter().filter(is_candidate).take(MOST_TRIED).peekable();
    if candidates.peek().is_none() {
        return Err(not_pinned(&structure.key_info));
    }
    for pin in candidates {
        if !pin.material().may_serve(trust.server_id) {
            return Err(VerifyError::CertificateNamesOther(pin.name().into()));
        }
        if structure.was_signed_with(pin.key(), signed) {
            return Ok(pin);
        }
    }
    Err(VerifyError::SignatureInvalid)
}

/// Of the pinned keys, of which there are some, none is the one that `KeyInfo` shows.
fn not_pinned(shown: &KeyInfo) -> VerifyError {
    VerifyError::KeyNotPinned(match shown {
        KeyInfo::KeyName(name) => brief(name),
        KeyInfo::Certificate(_) | KeyInfo::Nothing => "a certificate".into(), // the latter selects all
    })
}

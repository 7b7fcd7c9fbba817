//! Opening: digest, key selection, signature. [profile §3, §4], stage `signature`

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Document, brief, canonical};

use crate::{
    Digest, DigestMethod, Hasher, KeyInfo, Pin, Provider, Structure, Verified, VerifyError,
    VerifyingKey,
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
}

/// The outcome of a check, still apart from the message it is about.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) key_name: String,
    pub(crate) digest: Digest,
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
    let structure = Structure::read(message.document())?;
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
        let digest = self.digest_by(self.digest_method, document, provider);
        digest.as_octets() == self.digest_value
    }

    fn digest_by<P: Provider>(
        &self,
        method: DigestMethod,
        document: &Document<'_>,
        provider: &P,
    ) -> Digest {
        let mut hasher = provider.hasher(method);
        canonical::write(document.events_without(self.signature), &mut hasher);
        hasher.finish()
    }
}

fn check<P: Provider>(
    document: &Document<'_>,
    structure: &Structure<'_>,
    trust: &Trust<'_, P::Key>,
    provider: &P,
) -> Result<Finding, VerifyError> {
    let digest_by = |method| structure.digest_by(method, document, provider);
    let reference_digest = digest_by(structure.digest_method);
    if reference_digest.as_octets() != structure.digest_value {
        return Err(VerifyError::DigestMismatch);
    }
    let pin = verifying_pin(structure, trust)?;
    // The replay cache knows messages by SHA-256, whatever the reference says. [profile §7]
    let digest = match structure.digest_method {
        DigestMethod::Sha256 => reference_digest,
        _ => digest_by(DigestMethod::Sha256),
    };
    Ok(Finding { key_name: pin.name().to_owned(), digest })
}

/// The pinned key that the signature was made with.
fn verifying_pin<'p, K: VerifyingKey>(
    structure: &Structure<'_>,
    trust: &Trust<'p, K>,
) -> Result<&'p Pin<K>, VerifyError> {
    let candidates: Vec<&Pin<K>> = match &structure.key_info {
        KeyInfo::Nothing => trust.pins.iter().take(MOST_TRIED).collect(),
        KeyInfo::KeyName(name) => trust.pins.iter().filter(|pin| pin.name() == name).collect(),
        KeyInfo::Certificate(shown) => {
            trust.pins.iter().filter(|pin| pin.material().spki == shown.spki).collect()
        }
    };
    if candidates.is_empty() {
        return Err(match &structure.key_info {
            KeyInfo::Nothing => VerifyError::NoPinnedKey,
            KeyInfo::KeyName(name) => VerifyError::KeyNotPinned(brief(name)),
            KeyInfo::Certificate(_) => VerifyError::KeyNotPinned("a certificate".into()),
        });
    }
    let mut octets = Vec::with_capacity(1024);
    canonical::write(structure.signed_info.events(), &mut octets);
    for pin in candidates.into_iter().take(MOST_TRIED) {
        if !pin.material().may_serve(trust.server_id) {
            return Err(VerifyError::CertificateNamesOther(pin.name().into()));
        }
        if pin.key().verifies(structure.method, &octets, &structure.signature_value) {
            return Ok(pin);
        }
    }
    Err(VerifyError::SignatureInvalid)
}

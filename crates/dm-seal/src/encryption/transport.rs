//! How the content key travels: wrapped by an agreed key, or by RSA-OAEP. [profile §6]

use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Builder, Element, LimitExceeded};

use super::agreement::Agreement;
use super::algorithm::XENC11;
use super::shape::{algorithm, children, octets, refused, text, wrong};
use super::{EncryptionError, KeyWrapMethod, OaepMethod};
use crate::algorithm::{DS, XENC};

/// The way of a content key, with what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// ECDH-ES with P-256, ConcatKDF with SHA-256, AES key wrap.
    Agreement(Agreement),
    /// RSA-OAEP.
    Oaep {
        /// Digest and mask generation.
        method: OaepMethod,
        /// `OAEPparams`: the ServerID.
        label: Vec<u8>,
    },
}

impl Transport {
    /// Reads the `EncryptionMethod` and `KeyInfo` of an `EncryptedKey`: the way of the key, and
    /// the name of the recipient.
    pub(super) fn read(
        method: Element<'_>,
        key_info: Element<'_>,
    ) -> Result<(Self, String), EncryptionError> {
        let uri = algorithm(method)?;
        if OaepMethod::is_uri(uri) {
            let transport = read_oaep(uri, method)?;
            let [name] = children(key_info, [(DS, "KeyName")])?;
            return Ok((transport, text(name)?.into_owned()));
        }
        let wrap = KeyWrapMethod::from_uri(uri).ok_or_else(|| refused(method, uri))?;
        let [] = children(method, [])?;
        let (agreement, name) = Agreement::read(wrap, key_info)?;
        Ok((Self::Agreement(agreement), name))
    }

    /// The ServerID that it is bound to, as it is written.
    #[must_use]
    pub fn server_id(&self) -> &[u8] {
        match self {
            Self::Agreement(agreement) => &agreement.party_u,
            Self::Oaep { label, .. } => label,
        }
    }

    /// The device or group that it is bound to, as it is written; RSA-OAEP has no place for it.
    #[must_use]
    pub fn device_id(&self) -> Option<&[u8]> {
        match self {
            Self::Agreement(agreement) => Some(&agreement.party_v),
            Self::Oaep { .. } => None,
        }
    }
}

impl Transport {
    /// Whether it names no server, or no device where it could name one.
    #[must_use]
    pub fn is_unbound(&self) -> bool {
        self.server_id().is_empty() || self.device_id().is_some_and(<[u8]>::is_empty)
    }
}

/// `OAEPparams` first, which a bound ciphertext has; then the digest, then the mask generation.
fn read_oaep(uri: &str, method: Element<'_>) -> Result<Transport, EncryptionError> {
    let mut parameters = method.elements();
    let mut next = parameters.next();
    let label = next.filter(|next| next.is(XENC, "OAEPparams"));
    if label.is_some() {
        next = parameters.next();
    }
    let digest = next.filter(|next| next.is(DS, "DigestMethod"));
    if digest.is_some() {
        next = parameters.next();
    }
    let mask = next.filter(|next| next.is(XENC11, "MGF"));
    if mask.is_some() {
        next = parameters.next();
    }
    if next.is_some() || method.has_text() {
        return Err(wrong(method));
    }
    let bare = |element: Element<'_>| children(element, []).map(|[]| ());
    digest.map_or(Ok(()), bare)?;
    mask.map_or(Ok(()), bare)?;
    let (digest, mask) = (digest.map(algorithm).transpose()?, mask.map(algorithm).transpose()?);
    let method = OaepMethod::from_uris(uri, digest, mask).map_err(|uri| refused(method, uri))?;
    // Without one the ciphertext is bound to nobody, which is another question than its shape.
    Ok(Transport::Oaep { method, label: label.map(octets).transpose()?.unwrap_or_default() })
}

/// Writes the `EncryptionMethod` and `KeyInfo` of RSA-OAEP.
pub(super) fn write_oaep(
    builder: &mut Builder<'_>,
    label: &[u8],
    key_name: &str,
) -> Result<(), LimitExceeded> {
    let (uri, digest, mask) = OaepMethod::Sha256.uris();
    builder.start(XENC, "EncryptionMethod")?;
    builder.attribute("Algorithm", uri)?;
    builder.start(XENC, "OAEPparams")?;
    builder.octets(label.to_vec())?;
    builder.end();
    write_algorithm(builder, DS, "DigestMethod", digest)?;
    if let Some(mask) = mask {
        write_algorithm(builder, XENC11, "MGF", mask)?;
    }
    builder.end();
    builder.start(DS, "KeyInfo")?;
    builder.leaf(DS, "KeyName", String::from(key_name))?;
    builder.end();
    Ok(())
}

/// Writes an element that names an algorithm.
pub(super) fn write_algorithm(
    builder: &mut Builder<'_>,
    namespace: &'static str,
    local: &'static str,
    uri: &'static str,
) -> Result<(), LimitExceeded> {
    builder.start(namespace, local)?;
    builder.attribute("Algorithm", uri)?;
    builder.end();
    Ok(())
}

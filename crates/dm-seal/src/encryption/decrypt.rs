//! Reading and opening `EncryptedData`. [profile §6]

use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Element, brief};

use super::algorithm::{CONTENT, ELEMENT, MESSAGE};
use super::shape::{attributes, children, octets, plain_algorithm, wrong};
use super::{
    CipherFailed, ContentMethod, DeviceKeys, EncryptionError, Recipient, Secret, Transport,
    TransportKind, concat_kdf,
};
use crate::algorithm::{DS, XENC};
use crate::{Accepts, Provider};

/// What an `EncryptedData` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The content of a `Data`.
    Content,
    /// `SyncBody`.
    Element,
    /// A whole message: a WBXML document.
    Message,
}

impl Kind {
    /// The attributes `Type` and `MimeType`.
    pub(super) fn attributes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Content => (CONTENT, None),
            Self::Element => (ELEMENT, None),
            Self::Message => (ELEMENT, Some(MESSAGE)),
        }
    }

    fn read(element: Element<'_>) -> Result<Self, EncryptionError> {
        let kinds = [Self::Content, Self::Element, Self::Message];
        let found = if element.attribute("MimeType").is_some() {
            let [kind, media_type] = attributes(element, ["Type", "MimeType"])?;
            (kind, Some(media_type))
        } else {
            let [kind] = attributes(element, ["Type"])?;
            (kind, None)
        };
        kinds.into_iter().find(|kind| kind.attributes() == found).ok_or_else(|| wrong(element))
    }
}

/// An `EncryptedData` whose shape and algorithms have been checked. Nothing is decrypted yet, and
/// nothing of it is trusted.
#[derive(Clone, Debug)]
pub struct EncryptedData {
    kind: Kind,
    method: ContentMethod,
    transport: Transport,
    recipient: String,
    wrapped_key: Vec<u8>,
    /// IV, ciphertext, tag.
    text: Vec<u8>,
}

const IV: usize = 12;
const TAG: usize = 16;

impl EncryptedData {
    /// Checks the shape: one `EncryptedKey` for one recipient, no element and no attribute
    /// beyond those of the profile.
    ///
    /// # Errors
    /// When any detail differs.
    pub fn read(element: Element<'_>) -> Result<Self, EncryptionError> {
        if !element.is(XENC, "EncryptedData") {
            return Err(wrong(element));
        }
        let kind = Kind::read(element)?;
        let parts = [(XENC, "EncryptionMethod"), (DS, "KeyInfo"), (XENC, "CipherData")];
        let [method, key_info, data] = children(element, parts)?;
        let method = plain_algorithm(method, ContentMethod::from_uri)?;
        let [] = attributes(key_info, [])?;
        let [key] = children(key_info, [(XENC, "EncryptedKey")])?;
        let [] = attributes(key, [])?;
        let [wrapping, recipient, wrapped_key] = children(key, parts)?;
        let [] = attributes(recipient, [])?;
        let (transport, recipient) = Transport::read(wrapping, recipient)?;
        let (wrapped_key, text) = (cipher_value(wrapped_key)?, cipher_value(data)?);
        Ok(Self { kind, method, transport, recipient, wrapped_key, text })
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How the content is encrypted.
    #[must_use]
    pub fn method(&self) -> ContentMethod {
        self.method
    }

    /// How the content key travels, and what it is bound to.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The name of the recipient's key.
    #[must_use]
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Octets of the plaintext.
    #[must_use]
    pub fn plaintext_octets(&self) -> usize {
        self.text.len().saturating_sub(IV + TAG)
    }

    /// Whether it is bound to a server and a device at all, or need not be.
    ///
    /// # Errors
    /// When it is not, and the owner of the device has not allowed that.
    pub fn check_bound(&self, accepts: Accepts) -> Result<(), EncryptionError> {
        match self.transport.is_unbound() && !accepts.unbound() {
            true => Err(EncryptionError::Unbound),
            false => Ok(()),
        }
    }

    /// Whether it is bound to this server, or to none where the owner has allowed that.
    ///
    /// # Errors
    /// When it is not: it was encrypted on behalf of another.
    pub fn check_server(&self, server_id: &str, accepts: Accepts) -> Result<(), EncryptionError> {
        self.check_bound(accepts)?;
        let named = self.transport.server_id();
        match named.is_empty() || named == server_id.as_bytes() {
            true => Ok(()),
            false => Err(EncryptionError::OtherServer),
        }
    }

    /// Whether it is bound to a device or group that is meant, or to none where the owner has allowed
    /// that.
    ///
    /// # Errors
    /// When it is bound to another.
    pub fn check_device(
        &self,
        is_meant: impl Fn(&str) -> bool,
        accepts: Accepts,
    ) -> Result<(), EncryptionError> {
        self.check_bound(accepts)?;
        let named = self.transport.device_id().filter(|named| !named.is_empty());
        let Some(device_id) = named else { return Ok(()) };
        match core::str::from_utf8(device_id).is_ok_and(is_meant) {
            true => Ok(()),
            false => Err(EncryptionError::OtherDevice),
        }
    }

    /// Decrypts. The key that is derived depends on the binding, but only
    /// [`check_server`](Self::check_server) and [`check_device`](Self::check_device) compare it.
    ///
    /// # Errors
    /// When the recipient is not this device, when its key cannot be used now, or, uniformly, when
    /// anything fails that depends on a key.
    pub fn decrypt(
        &self,
        keys: &DeviceKeys,
        provider: &impl Provider,
    ) -> Result<Secret, EncryptionError> {
        let unknown = || EncryptionError::Recipient(brief(&self.recipient));
        let recipient = keys.find(&self.recipient).ok_or_else(unknown)?;
        let needed = match self.transport {
            Transport::Agreement(_) => TransportKind::Agreement,
            Transport::Oaep { .. } => TransportKind::Oaep,
        };
        if recipient.kind() != needed {
            return Err(EncryptionError::Transport(brief(&self.recipient)));
        }
        let key = self.content_key(recipient, keys, provider)?;
        Ok(self.open(&key, keys)?)
    }

    fn content_key(
        &self,
        recipient: &dyn Recipient,
        keys: &DeviceKeys,
        provider: &impl Provider,
    ) -> Result<Secret, CipherFailed> {
        match &self.transport {
            Transport::Agreement(agreement) => {
                let secret = recipient.agree(&agreement.originator)?;
                let (party_u, party_v) = (&agreement.party_u, &agreement.party_v);
                let kek = concat_kdf::derive(provider, &secret, agreement.wrap, party_u, party_v);
                keys.cipher().unwrap(agreement.wrap, &kek, &self.wrapped_key)
            }
            Transport::Oaep { method, label } => {
                recipient.unwrap_oaep(*method, label, &self.wrapped_key)
            }
        }
    }

    fn open(&self, key: &[u8], keys: &DeviceKeys) -> Result<Secret, CipherFailed> {
        let (iv, text) = self.text.split_first_chunk::<IV>().ok_or(CipherFailed::Failed)?;
        if key.len() != self.method.key_octets() || text.len() < TAG {
            return Err(CipherFailed::Failed);
        }
        keys.cipher().decrypt(self.method, key, *iv, text)
    }
}

/// The octets of `CipherData`, which must be there: nothing is fetched from elsewhere.
fn cipher_value(data: Element<'_>) -> Result<Vec<u8>, EncryptionError> {
    let [] = attributes(data, [])?;
    let [value] = children(data, [(XENC, "CipherValue")])?;
    octets(value)
}

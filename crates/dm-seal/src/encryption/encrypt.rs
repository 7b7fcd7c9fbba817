//! Making `EncryptedData`: a fresh content key, wrapped for one device. [profile §6]

use alloc::vec::Vec;

use dm_xml::{Builder, LimitExceeded};
use thiserror::Error;
use zeroize::Zeroizing;

use super::transport::{write_algorithm, write_oaep};
use super::{
    Chance, CipherFailed, ContentCipher, ContentMethod, Kind, NoChance, RecipientKey, Secret,
    TransportKind, agreement, concat_kdf,
};
use crate::Provider;
use crate::algorithm::{DS, XENC};

/// Whom a ciphertext is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'b> {
    /// The ServerID of the sender.
    pub server_id: &'b str,
    /// The device, or the group that Target names.
    pub device_id: &'b str,
}

/// To whom, on whose behalf and how to encrypt.
#[derive(Clone, Copy)]
pub struct Envelope<'e, P> {
    /// The public key of the device.
    pub recipient: &'e dyn RecipientKey,
    /// The name under which the device has its key.
    pub key_name: &'e str,
    /// Whom the ciphertext is bound to.
    pub binding: Binding<'e>,
    /// How the content is encrypted.
    pub method: ContentMethod,
    /// AES.
    pub cipher: &'e dyn ContentCipher,
    /// The digest of the key derivation.
    pub provider: &'e P,
}

/// Something could not be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// There is encrypted content already.
    #[error("there is encrypted content already")]
    AlreadyEncrypted,
    /// There is no chance to be had.
    #[error(transparent)]
    Chance(#[from] NoChance),
    /// The cipher or the recipient's key failed.
    #[error("the recipient's key cannot be used")]
    Cipher(#[from] CipherFailed),
    /// A limit was passed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// There is no body to encrypt.
    #[error("the message has no SyncBody behind its header")]
    NoBody,
    /// It is signed: parts are encrypted first.
    #[error("the message is signed: encrypt its parts, then sign")]
    Signed,
}

/// How often chance may yield octets that are no private key; once is unheard of.
const TRIES: usize = 8;

impl<P: Provider> Envelope<'_, P> {
    /// Writes the `EncryptedData` of this plaintext.
    ///
    /// # Errors
    /// When chance, the key or the cipher fails.
    pub fn write(
        &self,
        builder: &mut Builder<'_>,
        plaintext: &[u8],
        kind: Kind,
        chance: &mut dyn Chance,
    ) -> Result<(), EncryptError> {
        let mut key: Secret = Zeroizing::new(alloc::vec![0; self.method.key_octets()]);
        chance.fill(&mut key)?;
        let mut iv = [0; 12];
        chance.fill(&mut iv)?;
        let mut text: Secret = Zeroizing::new(Vec::with_capacity(plaintext.len() + 16));
        text.extend_from_slice(plaintext);
        self.cipher.encrypt(self.method, &key, iv, &mut text)?;
        let mut text = core::mem::take(&mut *text); // ciphertext now
        text.splice(..0, iv);

        builder.start(XENC, "EncryptedData")?;
        let (r#type, media_type) = kind.attributes();
        builder.attribute("Type", r#type)?;
        if let Some(media_type) = media_type {
            builder.attribute("MimeType", media_type)?;
        }
        write_algorithm(builder, XENC, "EncryptionMethod", self.method.uri())?;
        builder.start(DS, "KeyInfo")?;
        builder.start(XENC, "EncryptedKey")?;
        let wrapped = match self.recipient.kind() {
            TransportKind::Agreement => self.agree(builder, &key, chance)?,
            TransportKind::Oaep => {
                let label = self.binding.server_id.as_bytes();
                write_oaep(builder, label, self.key_name)?;
                self.recipient.wrap_oaep(label, &key)?
            }
        };
        cipher_data(builder, wrapped)?;
        builder.end();
        builder.end();
        cipher_data(builder, text)?;
        builder.end();
        Ok(())
    }

    /// Writes the agreement; yields the wrapped key.
    fn agree(
        &self,
        builder: &mut Builder<'_>,
        key: &[u8],
        chance: &mut dyn Chance,
    ) -> Result<Vec<u8>, EncryptError> {
        let mut ephemeral = Zeroizing::new([0; 32]);
        let mut agreed = Err(CipherFailed::Failed);
        for _ in 0..TRIES {
            chance.fill(&mut *ephemeral)?;
            agreed = self.recipient.agree(&ephemeral);
            if agreed.is_ok() {
                break;
            }
        }
        let agreed = agreed?;
        let wrap = self.method.key_wrap();
        let Binding { server_id, device_id } = self.binding;
        let (party_u, party_v) = (server_id.as_bytes(), device_id.as_bytes());
        let kek = concat_kdf::derive(self.provider, &agreed.secret, wrap, party_u, party_v);
        agreement::write(builder, wrap, &self.binding, agreed.public, self.key_name)?;
        Ok(self.cipher.wrap(wrap, &kek, key)?)
    }
}

fn cipher_data(builder: &mut Builder<'_>, octets: Vec<u8>) -> Result<(), LimitExceeded> {
    builder.start(XENC, "CipherData")?;
    builder.start(XENC, "CipherValue")?;
    builder.octets(octets)?;
    builder.end();
    builder.end();
    Ok(())
}

//! Encryption that anyone can do: the shapes are real, the secrets are digests of what is sent.

use dm_seal::encryption::{
    Agreed, Chance, CipherFailed, ContentCipher, ContentMethod, KeyWrapMethod, NoChance,
    OaepMethod, Recipient, RecipientKey, Secret, TransportKind,
};
use sha2::{Digest, Sha256};

/// The cipher, and both sides of the device's key.
#[derive(Clone, Copy, Debug)]
pub struct StandIn;

/// What `KeyName` shows.
pub const NAME: &str = "own";

fn digest(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Sha256::new(), Digest::chain_update).finalize().to_vec()
}

fn masked(key: &[u8], iv: &[u8], text: &mut [u8]) {
    let mask = digest(&[b"mask", key, iv]);
    text.iter_mut().zip(mask.iter().cycle()).for_each(|(octet, mask)| *octet ^= mask);
}

impl ContentCipher for StandIn {
    fn encrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &mut Vec<u8>,
    ) -> Result<(), CipherFailed> {
        assert_eq!(key.len(), method.key_octets());
        masked(key, &iv, text);
        let tag = digest(&[b"tag", key, &iv, text]);
        text.extend_from_slice(&tag[..16]);
        Ok(())
    }

    fn decrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &[u8],
    ) -> Result<Secret, CipherFailed> {
        assert_eq!(key.len(), method.key_octets());
        let (text, tag) = text.split_last_chunk::<16>().ok_or(CipherFailed::Failed)?;
        if digest(&[b"tag", key, &iv, text])[..16] != tag[..] {
            return Err(CipherFailed::Failed);
        }
        let mut text = Secret::new(text.to_vec());
        masked(key, &iv, &mut text);
        Ok(text)
    }

    fn wrap(&self, _: KeyWrapMethod, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed> {
        let mut wrapped = key.to_vec();
        masked(kek, b"wrap", &mut wrapped);
        wrapped.extend_from_slice(&digest(&[b"wrap", kek, key])[..8]);
        Ok(wrapped)
    }

    fn unwrap(&self, _: KeyWrapMethod, kek: &[u8], wrapped: &[u8]) -> Result<Secret, CipherFailed> {
        let (key, check) = wrapped.split_last_chunk::<8>().ok_or(CipherFailed::Failed)?;
        let mut key = Secret::new(key.to_vec());
        masked(kek, b"wrap", &mut key);
        match digest(&[b"wrap", kek, &key])[..8] == check[..] {
            true => Ok(key),
            false => Err(CipherFailed::Failed),
        }
    }
}

impl Recipient for StandIn {
    fn name(&self) -> &str {
        NAME
    }

    fn kind(&self) -> TransportKind {
        TransportKind::Agreement
    }

    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed> {
        Ok(Secret::new(digest(&[b"agree", originator])))
    }

    fn unwrap_oaep(&self, _: OaepMethod, _: &[u8], _: &[u8]) -> Result<Secret, CipherFailed> {
        Err(CipherFailed::Failed)
    }
}

impl RecipientKey for StandIn {
    fn kind(&self) -> TransportKind {
        TransportKind::Agreement
    }

    fn agree(&self, ephemeral: &[u8; 32]) -> Result<Agreed, CipherFailed> {
        let public = [&[4][..], ephemeral, ephemeral].concat();
        let secret = Recipient::agree(self, &public)?;
        Ok(Agreed { public, secret })
    }

    fn wrap_oaep(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, CipherFailed> {
        Err(CipherFailed::Failed)
    }
}

impl Chance for StandIn {
    fn fill(&mut self, octets: &mut [u8]) -> Result<(), NoChance> {
        octets.fill(0x5A);
        Ok(())
    }
}

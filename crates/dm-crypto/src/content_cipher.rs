//! AES-GCM, AES key wrap and chance by aws-lc-rs. [profile §6]

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap};
use aws_lc_rs::rand;
use dm_seal::encryption::{
    Chance, CipherFailed, ContentCipher, ContentMethod, KeyWrapMethod, NoChance, Secret,
};

use crate::AwsLc;

/// The longest key that is wrapped, and eight octets.
const WRAPPED: usize = 40;

impl ContentCipher for AwsLc {
    fn encrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &mut Vec<u8>,
    ) -> Result<(), CipherFailed> {
        // The key is new for every text: an IV is never used twice with it.
        gcm(method, key)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), text)
            .map_err(|_| CipherFailed::Failed)
    }

    fn decrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &[u8],
    ) -> Result<Secret, CipherFailed> {
        let mut text = Secret::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(iv);
        let plain = gcm(method, key)?
            .open_in_place(nonce, Aad::empty(), &mut text)
            .map_err(|_| CipherFailed::Failed)?
            .len();
        text.truncate(plain);
        Ok(text)
    }

    fn wrap(&self, method: KeyWrapMethod, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed> {
        let mut wrapped = [0; WRAPPED];
        let wrapped =
            kek_of(method, kek)?.wrap(key, &mut wrapped).map_err(|_| CipherFailed::Failed)?;
        Ok(wrapped.to_vec())
    }

    fn unwrap(
        &self,
        method: KeyWrapMethod,
        kek: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        if wrapped.len() > WRAPPED {
            return Err(CipherFailed::Failed);
        }
        let mut key = Secret::new(vec![0; WRAPPED]);
        let length =
            kek_of(method, kek)?.unwrap(wrapped, &mut key).map_err(|_| CipherFailed::Failed)?.len();
        key.truncate(length);
        Ok(key)
    }
}

fn gcm(method: ContentMethod, key: &[u8]) -> Result<LessSafeKey, CipherFailed> {
    let algorithm = match method {
        ContentMethod::Aes128Gcm => &AES_128_GCM,
        ContentMethod::Aes256Gcm => &AES_256_GCM,
    };
    UnboundKey::new(algorithm, key).map(LessSafeKey::new).map_err(|_| CipherFailed::Failed)
}

fn kek_of(method: KeyWrapMethod, kek: &[u8]) -> Result<AesKek, CipherFailed> {
    let cipher = match method {
        KeyWrapMethod::Aes128 => &AES_128,
        KeyWrapMethod::Aes256 => &AES_256,
    };
    AesKek::new(cipher, kek).map_err(|_| CipherFailed::Failed)
}

/// The random source of the operating system, by aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&mut self, octets: &mut [u8]) -> Result<(), NoChance> {
        rand::fill(octets).map_err(|_| NoChance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [RFC 3394 §4.1] and [RFC 3394 §4.6]
    #[test]
    fn key_wrap_is_that_of_the_standard() {
        let octets = |text: &str| -> Vec<u8> {
            let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(pair).collect()
        };
        let kek: Vec<u8> = (0..32).collect();
        let key = octets("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F");
        let vectors = [
            (
                KeyWrapMethod::Aes128,
                &kek[..16],
                &key[..16],
                "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
            ),
            (
                KeyWrapMethod::Aes256,
                &kek[..],
                &key[..],
                "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
            ),
        ];
        for (method, kek, key, wrapped) in vectors {
            let wrapped = octets(wrapped);
            assert_eq!(AwsLc.wrap(method, kek, key).unwrap(), wrapped);
            assert_eq!(*AwsLc.unwrap(method, kek, &wrapped).unwrap(), key);
            for at in 0..wrapped.len() {
                let mut changed = wrapped.clone();
                changed[at] ^= 1;
                assert_eq!(
                    AwsLc.unwrap(method, kek, &changed),
                    Err(CipherFailed::Failed),
                    "octet {at}"
                );
            }
            assert!(AwsLc.unwrap(method, kek, &wrapped[..wrapped.len() - 1]).is_err());
            assert!(AwsLc.unwrap(method, kek, &[wrapped.clone(), vec![0; 8]].concat()).is_err());
        }
    }
}

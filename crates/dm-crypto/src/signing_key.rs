//! Private keys: ECDSA P-256 and RSA, from PKCS #8. [profile §3]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use dm_seal::{DigestMethod, SignatureMethod, Signer, SigningFailed};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use crate::KeyError;

/// A private key in memory.
pub struct SigningKey {
    inner: Inner,
    random: SystemRandom,
}

enum Inner {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Reads a PEM private key in PKCS #8 form.
    ///
    /// # Errors
    /// When it is none, or of a kind or size that is not supported.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPkcs8)?;
        let der = der.secret_pkcs8_der();
        let inner = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map(Inner::Ecdsa)
            .or_else(|_| RsaKeyPair::from_pkcs8(der).map(Inner::Rsa))
            .map_err(|_| KeyError::Unsupported)?;
        match &inner {
            Inner::Rsa(key) if key.public_modulus_len() < 256 => Err(KeyError::Unsupported),
            _ => Ok(Self { inner, random: SystemRandom::new() }),
        }
    }

    /// The public key, as the primitive has it: an EC point or an RSAPublicKey.
    #[must_use]
    pub fn public_octets(&self) -> &[u8] {
        match &self.inner {
            Inner::Ecdsa(key) => key.public_key().as_ref(),
            Inner::Rsa(key) => key.public_key().as_ref(),
        }
    }
}

impl Signer for SigningKey {
    fn method(&self) -> SignatureMethod {
        match &self.inner {
            Inner::Ecdsa(_) => SignatureMethod::Ecdsa(DigestMethod::Sha256),
            Inner::Rsa(_) => SignatureMethod::Rsa(DigestMethod::Sha256),
        }
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        match &self.inner {
            Inner::Ecdsa(key) => {
                let signature =
                    key.sign(&self.random, octets).map_err(|_| SigningFailed::default())?;
                Ok(signature.as_ref().to_vec())
            }
            Inner::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &self.random, octets, &mut signature)
                    .map_err(|_| SigningFailed::default())?;
                Ok(signature)
            }
        }
    }
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SigningKey").field("method", &self.method()).finish_non_exhaustive()
    }
}

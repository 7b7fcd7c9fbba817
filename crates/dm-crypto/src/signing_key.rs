//! Private keys: ECDSA P-256 and P-384, Ed25519, RSA. [profile §3]

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use dm_seal::DigestMethod::{Sha256, Sha384, Sha512};
use dm_seal::{Material, SignatureMethod, SignedInfo, Signer, SigningFailed};

use crate::KeyError;
use crate::begun::Begun;
use crate::encrypted::decrypt;
use crate::pem::{is_der_of_a_key, private_der};

/// A private key in memory, and the method that it signs by.
pub struct SigningKey {
    inner: Inner,
    method: SignatureMethod,
    random: SystemRandom,
    begun: Option<Begun>,
}

enum Inner {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Reads a private key: PEM or DER; PKCS #8, encrypted or not, SEC 1 or PKCS #1. It signs by
    /// the first of its [`methods`](Self::methods).
    ///
    /// ```
    /// use dm_crypto::{Algorithm, KeyError, SigningKey, encrypted_pem, generate};
    /// let pair = generate(Algorithm::Ed25519, "srv.example", "key 1")?;
    /// let at_rest = encrypted_pem(pair.key_pem.as_bytes(), b"a passphrase")?;
    /// assert!(SigningKey::read(at_rest.as_bytes(), Some(b"a passphrase")).is_ok());
    /// assert_eq!(SigningKey::read(at_rest.as_bytes(), None).unwrap_err(), KeyError::Encrypted);
    /// # Ok::<(), KeyError>(())
    /// ```
    ///
    /// # Errors
    /// When it is none, is encrypted and the passphrase is not there or wrong, or is of a kind or
    /// size that is not supported.
    pub fn read(octets: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyError> {
        let (der, is_encrypted) = private_der(octets)?;
        if !is_encrypted {
            return Self::from_der(&der);
        }
        Self::from_der(&decrypt(&der, passphrase)?)
    }

    /// As [`read`](Self::read), of a key that is not encrypted.
    ///
    /// # Errors
    /// As those of [`read`](Self::read).
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        Self::read(pem, None)
    }

    fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let curves = [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED_SIGNING];
        let ecdsa = || {
            let mut keys = curves
                .into_iter()
                .filter_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok());
            keys.next().map(Inner::Ecdsa)
        };
        let ed25519 = || Ed25519KeyPair::from_pkcs8(der).ok().map(Inner::Ed25519);
        let rsa = || {
            let key = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok();
            key.filter(|key| (256..=512).contains(&key.public_modulus_len())).map(Inner::Rsa)
        };
        let found = ecdsa().or_else(ed25519).or_else(rsa);
        let inner = found.ok_or_else(|| match is_der_of_a_key(der) {
            true => KeyError::Unsupported,
            false => KeyError::NotPrivate,
        })?;
        let method = inner.methods()[0];
        let begun = inner.digest(method).map(|digest| Begun::new(digest, method));
        Ok(Self { inner, method, random: SystemRandom::new(), begun })
    }

    /// The methods that this key may sign by; the first is its default.
    #[must_use]
    pub fn methods(&self) -> &'static [SignatureMethod] {
        self.inner.methods()
    }

    /// The same key, to sign by this method.
    ///
    /// # Errors
    /// When the method is for keys of another kind.
    pub fn with_method(self, method: SignatureMethod) -> Result<Self, KeyError> {
        if self.methods().contains(&method) {
            return Ok(Self { method, ..self });
        }
        Err(KeyError::Method)
    }

    /// The public key, as the primitive has it: an EC point, an Ed25519 key, an RSAPublicKey.
    #[must_use]
    pub fn public_octets(&self) -> &[u8] {
        match &self.inner {
            Inner::Ecdsa(key) => key.public_key().as_ref(),
            Inner::Ed25519(key) => key.public_key().as_ref(),
            Inner::Rsa(key) => key.public_key().as_ref(),
        }
    }

    /// Whether this is the key of a DER certificate.
    #[must_use]
    pub fn is_of_certificate(&self, der: &[u8]) -> bool {
        let own = match &self.inner {
            Inner::Ecdsa(key) => key.public_key().as_der(),
            Inner::Ed25519(key) => key.public_key().as_der(),
            Inner::Rsa(key) => key.public_key().as_der(),
        };
        let shown = Material::from_der(der);
        shown.is_ok_and(|shown| own.is_ok_and(|own| own.as_ref() == shown.spki))
    }
}

impl Inner {
    /// The digest that is signed, where the library lets it be computed apart.
    fn digest(&self, method: SignatureMethod) -> Option<&'static digest::Algorithm> {
        match (self, method) {
            (Self::Ecdsa(_), SignatureMethod::Ecdsa(Sha256)) => Some(&digest::SHA256),
            (Self::Ecdsa(_), SignatureMethod::Ecdsa(Sha384)) => Some(&digest::SHA384),
            _ => None,
        }
    }

    fn methods(&self) -> &'static [SignatureMethod] {
        match self {
            Self::Ecdsa(key) if *key.algorithm() == ECDSA_P256_SHA256_FIXED_SIGNING => {
                &[SignatureMethod::Ecdsa(Sha256)]
            }
            Self::Ecdsa(_) => &[SignatureMethod::Ecdsa(Sha384)],
            Self::Ed25519(_) => &[SignatureMethod::Ed25519],
            Self::Rsa(_) => &SignatureMethod::OF_RSA,
        }
    }
}

impl Signer for SigningKey {
    fn method(&self) -> SignatureMethod {
        self.method
    }

    fn sign_info(&self, signed_info: &SignedInfo) -> Result<Vec<u8>, SigningFailed> {
        if let (Inner::Ecdsa(key), Some(begun)) = (&self.inner, &self.begun)
            && signed_info.method() == self.method
        {
            let digest = begun.finish(signed_info);
            let signature = key.sign_digest(&digest).map_err(|_| SigningFailed::default())?;
            return Ok(signature.as_ref().to_vec());
        }
        self.sign(&signed_info.to_canonical())
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        match &self.inner {
            Inner::Ecdsa(key) => {
                let signature =
                    key.sign(&self.random, octets).map_err(|_| SigningFailed::default())?;
                Ok(signature.as_ref().to_vec())
            }
            Inner::Ed25519(key) => Ok(key.sign(octets).as_ref().to_vec()),
            Inner::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding(self.method)?, &self.random, octets, &mut signature)
                    .map_err(|_| SigningFailed::default())?;
                Ok(signature)
            }
        }
    }
}

fn encoding(method: SignatureMethod) -> Result<&'static dyn RsaEncoding, SigningFailed> {
    Ok(match method {
        SignatureMethod::Rsa(Sha256) => &RSA_PKCS1_SHA256,
        SignatureMethod::Rsa(Sha384) => &RSA_PKCS1_SHA384,
        SignatureMethod::Rsa(Sha512) => &RSA_PKCS1_SHA512,
        SignatureMethod::RsaPss(Sha256) => &RSA_PSS_SHA256,
        SignatureMethod::RsaPss(Sha384) => &RSA_PSS_SHA384,
        SignatureMethod::RsaPss(Sha512) => &RSA_PSS_SHA512,
        _ => return Err(SigningFailed::default()), // a key is never given a method of another kind
    })
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SigningKey").field("method", &self.method()).finish_non_exhaustive()
    }
}

//! Servers and their keys, made once in a process: RSA keys take their time.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use dm_crypto::{Algorithm, SigningKey, generate, public_material};
use dm_mo::PinnedKey;
use dm_seal::{DigestMethod, Material, SignatureMethod, Signer, SigningFailed};

/// A server: its ServerID, its key, and what accounts pin of it.
pub struct Server {
    /// The ServerID.
    pub id: &'static str,
    /// The name of its key.
    pub key_name: &'static str,
    /// The key.
    pub key: Box<dyn Signer + Send + Sync>,
    /// What an account pins: a DER certificate or a DER SubjectPublicKeyInfo.
    pub material: Vec<u8>,
}

impl Server {
    /// A server with a self-signed certificate that names it.
    #[must_use]
    pub fn new(algorithm: Algorithm, id: &'static str, key_name: &'static str) -> Self {
        let pair = generate(algorithm, id, key_name).expect("a key can be made");
        let key = SigningKey::from_pem(pair.key_pem.as_bytes()).expect("its PEM reads back");
        let material = public_material(pair.cert_pem.as_bytes()).expect("a certificate");
        Self { id, key_name, key: Box::new(key), material }
    }

    /// What an account pins of it.
    #[must_use]
    pub fn pin(&self) -> PinnedKey {
        PinnedKey { name: self.key_name.to_owned(), der: self.material.clone() }
    }

    /// The bare public key, whatever is pinned.
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        Material::from_der(&self.material).expect("made by us").spki
    }
}

/// ES256, pinned as a certificate that names it.
#[must_use]
pub fn alpha() -> &'static Server {
    static ALPHA: LazyLock<Server> =
        LazyLock::new(|| Server::new(Algorithm::Es256, "dm.alpha.example", "alpha 1"));
    &ALPHA
}

/// RS256, pinned as a certificate; its ServerID is a URL. Not on every device.
#[must_use]
pub fn beta() -> &'static Server {
    static BETA: LazyLock<Server> = LazyLock::new(|| {
        Server::new(Algorithm::Rs256, "https://dm.beta.example:8443/dm", "beta 1")
    });
    &BETA
}

/// ES256, pinned as a bare public key.
#[must_use]
pub fn gamma() -> &'static Server {
    static GAMMA: LazyLock<Server> = LazyLock::new(|| {
        let mut server = Server::new(Algorithm::Es256, "gamma", "gamma 1");
        server.material = server.spki();
        server
    });
    &GAMMA
}

/// A server with a good key and no account.
#[must_use]
pub fn stranger() -> &'static Server {
    static STRANGER: LazyLock<Server> =
        LazyLock::new(|| Server::new(Algorithm::Es256, "dm.stranger.example", "stranger 1"));
    &STRANGER
}

/// A key of a kind that our writer does not use, but readers accept. [profile §3]
pub enum OtherKey {
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
    /// ECDSA P-384.
    P384(EcdsaKeyPair),
    /// RSA, by whichever method.
    Rsa(RsaKeyPair, SignatureMethod),
}

impl OtherKey {
    /// A new Ed25519 key.
    #[must_use]
    pub fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().expect("a key can be made"))
    }

    /// A new P-384 key.
    #[must_use]
    pub fn p384() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING);
        Self::P384(key.expect("a key can be made"))
    }

    /// A new RSA key of 2048 bits.
    #[must_use]
    pub fn rsa(method: SignatureMethod) -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"), method)
    }

    /// A server that signs with this key, pinned bare.
    #[must_use]
    pub fn server(self, id: &'static str, key_name: &'static str) -> Server {
        let material = self.spki();
        Server { id, key_name, key: Box::new(self), material }
    }

    fn spki(&self) -> Vec<u8> {
        let der = match self {
            Self::Ed25519(key) => key.public_key().as_der(),
            Self::P384(key) => key.public_key().as_der(),
            Self::Rsa(key, _) => key.public_key().as_der(),
        };
        der.expect("a public key has a DER form").as_ref().to_vec()
    }
}

impl Signer for OtherKey {
    fn method(&self) -> SignatureMethod {
        match self {
            Self::Ed25519(_) => SignatureMethod::Ed25519,
            Self::P384(_) => SignatureMethod::Ecdsa(DigestMethod::Sha384),
            Self::Rsa(_, method) => *method,
        }
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let random = SystemRandom::new();
        match self {
            Self::Ed25519(key) => Ok(key.sign(octets).as_ref().to_vec()),
            Self::P384(key) => key
                .sign(&random, octets)
                .map(|s| s.as_ref().to_vec())
                .map_err(|_| SigningFailed::default()),
            Self::Rsa(key, method) => {
                use DigestMethod::{Sha256, Sha384, Sha512};
                let padding: &dyn signature::RsaEncoding = match method {
                    SignatureMethod::Rsa(Sha256) => &signature::RSA_PKCS1_SHA256,
                    SignatureMethod::Rsa(Sha384) => &signature::RSA_PKCS1_SHA384,
                    SignatureMethod::Rsa(Sha512) => &signature::RSA_PKCS1_SHA512,
                    SignatureMethod::RsaPss(Sha256) => &signature::RSA_PSS_SHA256,
                    SignatureMethod::RsaPss(Sha384) => &signature::RSA_PSS_SHA384,
                    SignatureMethod::RsaPss(Sha512) => &signature::RSA_PSS_SHA512,
                    _ => return Err(SigningFailed::default()),
                };
                let mut value = vec![0; key.public_modulus_len()];
                key.sign(padding, &random, octets, &mut value)
                    .map_err(|_| SigningFailed::default())?;
                Ok(value)
            }
        }
    }
}

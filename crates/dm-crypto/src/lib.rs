//! Keys, certificates and the cryptographic provider: aws-lc-rs behind the traits of `dm-seal`.
//!
//! The room stands above the sans-io floors because a signature needs chance and a key needs a
//! file. A device uses [`AwsLc`] only; whoever signs also loads or makes a [`SigningKey`].
//!
//! ```
//! use dm_crypto::{Algorithm, AwsLc, SigningKey, generate};
//! use dm_seal::{Pin, Signer};
//! let pair = generate(Algorithm::Es256, "srv.example", "srv.example key 1").unwrap();
//! let key = SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
//! let signature = key.sign(b"octets").unwrap();
//! assert_eq!(signature.len(), 64);
//! ```

mod batch;
mod begun;
mod content_cipher;
mod device_key;
#[cfg(feature = "passphrase")]
mod encrypted;
#[cfg(not(feature = "passphrase"))]
#[path = "encrypted/not_built.rs"]
mod encrypted;
mod error;
mod keygen;
mod login;
mod mac;
mod pem;
mod provider;
mod public_key;
mod recipient_certificate;
mod recipient_key;
mod signing_key;

pub use batch::seal_all;
pub use content_cipher::SystemChance;
pub use device_key::{DeviceKey, generate_device_key, is_p256_point};
#[cfg(feature = "passphrase")]
pub use encrypted::encrypted_pem;
pub use error::{KeyError, UnsupportedEncryption};
pub use keygen::{Algorithm, KeyPair, KeyRequest, generate, request};
#[cfg(feature = "md5")]
pub use login::md5;
pub use login::sha256;
pub use mac::{hmac_sha1, is_same};
pub use pem::{certificate, public_material};
pub use provider::AwsLc;
pub use public_key::PublicKey;
pub use recipient_certificate::RecipientCertificate;
pub use recipient_key::DevicePublicKey;
pub use signing_key::SigningKey;

//! Why a key or certificate could not be used or made.

use thiserror::Error;

/// A key or certificate was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is encrypted, and there is no passphrase.
    #[error("the key is encrypted, and there is no passphrase for it")]
    Encrypted,
    /// It is encrypted by means that are not supported, or at a cost that nobody pays.
    #[error("the key is encrypted in a way that is not supported: {0}")]
    Encryption(UnsupportedEncryption),
    /// The library could not make the key or certificate.
    #[error("the key or certificate could not be made")]
    Generation,
    /// A method that is not for this kind of key.
    #[error("the key cannot sign by this method: it is of another kind")]
    Method,
    /// The ServerID, or the device id, cannot be a name in a certificate.
    #[error("the ServerID or device id cannot be a SubjectAltName: only ASCII characters can")]
    NotAscii,
    /// A bare public key, where a certificate is needed.
    #[error("not a certificate (BEGIN CERTIFICATE), in PEM or DER")]
    NotCertificate,
    /// A kind or size of key that nothing is encrypted to.
    #[error("nothing is encrypted to such a key: it is neither P-256 nor RSA of 2048 bits or more")]
    NotToEncryptTo,
    /// The certificate is of another key.
    #[error("the certificate is not that of the key")]
    NotOfKey,
    /// No private key.
    #[error(
        "not a private key (BEGIN PRIVATE KEY, BEGIN ENCRYPTED PRIVATE KEY, BEGIN EC PRIVATE KEY, \
         BEGIN RSA PRIVATE KEY), in PEM or DER"
    )]
    NotPrivate,
    /// No certificate and no public key.
    #[error("not a certificate or public key (BEGIN CERTIFICATE, BEGIN PUBLIC KEY), in PEM or DER")]
    NotPublic,
    /// The passphrase is another one, or the key is damaged.
    #[error("the passphrase is wrong, or the key is damaged")]
    Passphrase,
    /// Where a private key is needed, there is a public one.
    #[error("the key is public: it verifies, and cannot sign")]
    Public,
    /// More than one private key in a file.
    #[error("there are several private keys in it, and which one is meant cannot be known")]
    Several,
    /// A kind or size of key that is not supported for signing.
    #[error("the key is none of ECDSA P-256, ECDSA P-384, Ed25519 and RSA of 2048 to 4096 bits")]
    Unsupported,
    /// The certificate says that its key is not for encryption: what its KeyUsage lacks.
    #[error("the certificate does not let anybody encrypt to its key: its KeyUsage lacks {0}")]
    Usage(&'static str),
}

/// What of a key's encryption is not supported. [RFC 8018]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsupportedEncryption {
    /// The cipher.
    #[error("its cipher is none of AES-128, AES-192 and AES-256 with CBC, or AES with GCM")]
    Cipher,
    /// The function that makes a key of the passphrase.
    #[error("its key derivation is neither PBKDF2 nor scrypt")]
    Derivation,
    /// None is supported, in a program without the feature `passphrase`.
    #[error("this program takes no keys under a passphrase; `openssl pkcs8` takes it off")]
    NotBuilt,
    /// The PEM form before PKCS #8.
    #[error("it is in the old form of openssl (Proc-Type), and not in PKCS #8")]
    Legacy,
    /// scrypt at this cost takes more memory than that of any sensible key.
    #[error("its scrypt takes more than {0} MiB")]
    Memory(u64),
    /// What says how it is encrypted cannot be read.
    #[error("its parameters cannot be read, or do not fit together")]
    Parameters,
    /// The pseudorandom function of PBKDF2.
    #[error("its PBKDF2 has another function than HMAC with SHA-224, SHA-256, SHA-384 or SHA-512")]
    Prf,
    /// PBKDF2 with this many rounds takes longer than that of any sensible key.
    #[error("its PBKDF2 has {rounds} rounds, and at most {most} are taken")]
    Rounds {
        /// How many it has.
        rounds: u32,
        /// How many are taken.
        most: u32,
    },
    /// Not PBES2.
    #[error("only PBES2 is, and this is another scheme")]
    Scheme,
}

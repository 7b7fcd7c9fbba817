//! The closed list of algorithms of encryption. [profile §6], [XMLENC 1.1 §5]

/// The namespace of XML encryption 1.1.
pub(super) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// The namespace of XML signature 1.1: elliptic curve keys.
pub(super) const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";
/// ECDH with an ephemeral key of the sender.
pub(super) const ECDH_ES: &str = "http://www.w3.org/2009/xmlenc11#ECDH-ES";
/// The concatenation key derivation.
pub(super) const CONCAT_KDF: &str = "http://www.w3.org/2009/xmlenc11#ConcatKDF";
/// SHA-256, the digest of the key derivation.
pub(super) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// P-256.
pub(super) const P256: &str = "urn:oid:1.2.840.10045.3.1.7";
/// `Type` of an encrypted element.
pub(super) const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
/// `Type` of the encrypted content of an element.
pub(super) const CONTENT: &str = "http://www.w3.org/2001/04/xmlenc#Content";
/// `MimeType` of an encrypted message.
pub(super) const MESSAGE: &str = "application/vnd.syncml.dm+wbxml";

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const MGF1_SHA1: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

/// How content is encrypted. There is no CBC and no 3DES: no variant to accept them with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ContentMethod {
    /// AES-128-GCM: the default.
    #[default]
    Aes128Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
}

impl ContentMethod {
    /// All methods.
    pub const ALL: [Self; 2] = [Self::Aes128Gcm, Self::Aes256Gcm];

    /// The identifier in `EncryptionMethod/@Algorithm`.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        }
    }

    /// The method of this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }

    /// Octets of a key.
    #[must_use]
    pub fn key_octets(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }

    /// The key wrap of the same strength.
    pub(super) fn key_wrap(self) -> KeyWrapMethod {
        match self {
            Self::Aes128Gcm => KeyWrapMethod::Aes128,
            Self::Aes256Gcm => KeyWrapMethod::Aes256,
        }
    }
}

/// How an agreed key wraps the content key. [RFC 3394]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyWrapMethod {
    /// AES-128 key wrap.
    Aes128,
    /// AES-256 key wrap.
    Aes256,
}

impl KeyWrapMethod {
    /// The identifier in `EncryptionMethod/@Algorithm`, and in `AlgorithmID`.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Aes128 => "http://www.w3.org/2001/04/xmlenc#kw-aes128",
            Self::Aes256 => "http://www.w3.org/2001/04/xmlenc#kw-aes256",
        }
    }

    /// The method of this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        [Self::Aes128, Self::Aes256].into_iter().find(|method| method.uri() == uri)
    }

    /// Octets of the wrapping key.
    #[must_use]
    pub fn key_octets(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }
}

/// RSA-OAEP, by its digest and its mask generation. There is no RSA-1_5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepMethod {
    /// SHA-1 and MGF1 with SHA-1: read, never written.
    Sha1,
    /// SHA-256 and MGF1 with SHA-256.
    Sha256,
    /// SHA-256 and MGF1 with SHA-1: known by name, not decrypted (the libraries have no OAEP of two
    /// digests).
    Sha256Mgf1Sha1,
}

impl OaepMethod {
    /// Identifiers of the algorithm, of `DigestMethod` and of `MGF`, as writers emit them.
    pub(super) fn uris(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Self::Sha1 => (RSA_OAEP_MGF1P, SHA1, None),
            Self::Sha256 => (RSA_OAEP, SHA256, Some(MGF1_SHA256)),
            Self::Sha256Mgf1Sha1 => (RSA_OAEP_MGF1P, SHA256, None),
        }
    }

    /// Whether this identifier is one of RSA-OAEP.
    pub(super) fn is_uri(uri: &str) -> bool {
        uri == RSA_OAEP || uri == RSA_OAEP_MGF1P
    }

    /// The method of an algorithm with its parameters; SHA-1 stands for both when they are not
    /// there [XMLENC 1.1 §5.5.2]. The error is the identifier that is not accepted.
    pub(super) fn from_uris<'u>(
        uri: &'u str,
        digest: Option<&'u str>,
        mask: Option<&'u str>,
    ) -> Result<Self, &'u str> {
        match (uri, digest.unwrap_or(SHA1), mask.unwrap_or(MGF1_SHA1)) {
            (RSA_OAEP_MGF1P, _, _) if mask.is_some() => Err(mask.unwrap_or(uri)),
            (_, SHA1, MGF1_SHA1) => Ok(Self::Sha1),
            (_, SHA256, MGF1_SHA1) => Ok(Self::Sha256Mgf1Sha1),
            (RSA_OAEP, SHA256, MGF1_SHA256) => Ok(Self::Sha256),
            (_, SHA1 | SHA256, mask) => Err(mask),
            (_, digest, _) => Err(digest),
        }
    }
}

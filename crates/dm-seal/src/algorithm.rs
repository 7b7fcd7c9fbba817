//! The closed list of algorithms. [profile §3], [XMLDSIG §6], [RFC 9231]

/// The namespace of XML signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of XML encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// Exclusive canonical XML without comments: the one canonicalization.
pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The transform that leaves the signature out.
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// How a message is digested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DigestMethod {
    /// SHA-256: what writers emit.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestMethod {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The identifier in `DigestMethod/@Algorithm`.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    /// The method of this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }
}

/// How a message is signed. No SHA-1, no HMAC, no DSA: there is no variant to accept them with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureMethod {
    /// ECDSA; r and s, each as wide as the curve of the key.
    Ecdsa(DigestMethod),
    /// Ed25519.
    Ed25519,
    /// RSASSA-PKCS1-v1_5.
    Rsa(DigestMethod),
    /// RSASSA-PSS; MGF1 with the same digest, salt as long as the digest.
    RsaPss(DigestMethod),
}

impl SignatureMethod {
    /// All methods.
    pub const ALL: [Self; 10] = [
        Self::Ecdsa(DigestMethod::Sha256),
        Self::Ecdsa(DigestMethod::Sha384),
        Self::Ecdsa(DigestMethod::Sha512),
        Self::Ed25519,
        Self::Rsa(DigestMethod::Sha256),
        Self::Rsa(DigestMethod::Sha384),
        Self::Rsa(DigestMethod::Sha512),
        Self::RsaPss(DigestMethod::Sha256),
        Self::RsaPss(DigestMethod::Sha384),
        Self::RsaPss(DigestMethod::Sha512),
    ];

    /// All methods of RSA keys; the first is what they sign by unless told otherwise.
    pub const OF_RSA: [Self; 6] = [
        Self::Rsa(DigestMethod::Sha256),
        Self::Rsa(DigestMethod::Sha384),
        Self::Rsa(DigestMethod::Sha512),
        Self::RsaPss(DigestMethod::Sha256),
        Self::RsaPss(DigestMethod::Sha384),
        Self::RsaPss(DigestMethod::Sha512),
    ];

    /// The identifier in `SignatureMethod/@Algorithm`.
    #[must_use]
    pub fn uri(self) -> &'static str {
        use DigestMethod::{Sha256, Sha384, Sha512};
        match self {
            Self::Ecdsa(Sha256) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::Ecdsa(Sha384) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            Self::Ecdsa(Sha512) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
            Self::Ed25519 => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
            Self::Rsa(Sha256) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::Rsa(Sha384) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::Rsa(Sha512) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::RsaPss(Sha256) => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
            Self::RsaPss(Sha384) => "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
            Self::RsaPss(Sha512) => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        }
    }

    /// The method of this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }

    /// The name that JOSE has for it [RFC 7518 §3.1], in small letters; its curve is the key's.
    #[must_use]
    pub fn name(self) -> &'static str {
        use DigestMethod::{Sha256, Sha384, Sha512};
        match self {
            Self::Ecdsa(Sha256) => "es256",
            Self::Ecdsa(Sha384) => "es384",
            Self::Ecdsa(Sha512) => "es512",
            Self::Ed25519 => "ed25519",
            Self::Rsa(Sha256) => "rs256",
            Self::Rsa(Sha384) => "rs384",
            Self::Rsa(Sha512) => "rs512",
            Self::RsaPss(Sha256) => "ps256",
            Self::RsaPss(Sha384) => "ps384",
            Self::RsaPss(Sha512) => "ps512",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_found_by_its_identifier_and_by_its_name() {
        for method in SignatureMethod::ALL {
            assert_eq!(SignatureMethod::from_uri(method.uri()), Some(method));
            assert_eq!(SignatureMethod::from_name(method.name()), Some(method));
        }
        assert_eq!(SignatureMethod::from_name("hs256"), None);
        assert_eq!(SignatureMethod::from_name("ES256"), None);
    }
}

//! The algorithms, and who knows them.

/// A signature method with a kind of key.
pub struct Row {
    /// As the table shows it.
    pub name: &'static str,
    /// The kind of key.
    pub key: &'static str,
    /// `--alg` of `mgram keygen`.
    pub keygen: &'static str,
    /// `--alg` of `mgram seal`; none where we read and never write.
    pub ours: Option<&'static str>,
    /// `SignatureMethod/@Algorithm`.
    pub uri: &'static str,
    /// `DigestMethod/@Algorithm` of what others sign.
    pub digest_uri: &'static str,
    /// The digest, as openssl names it.
    pub digest: &'static str,
    /// The digest within the signature, as openssl names it.
    pub hash: &'static str,
    /// How openssl signs.
    pub scheme: Scheme,
    /// `--algorithm` of the oracle; none where it cannot sign by it.
    pub oracle: Option<&'static str>,
    /// Whether xmlsec1 (1.2.37) knows it.
    pub xmlsec1: bool,
    /// Whether a device takes it only with `danger.sha1`.
    pub is_danger: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA; r and s have this many octets each.
    Ecdsa(usize),
    Ed25519,
    Pkcs1,
    Pss,
}

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

const P256: Row = Row {
    name: "ecdsa-sha256",
    key: "P-256",
    keygen: "es256",
    ours: Some("es256"),
    uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    digest_uri: SHA256,
    digest: "sha256",
    hash: "sha256",
    scheme: Scheme::Ecdsa(32),
    oracle: Some("ecdsa-sha256"),
    xmlsec1: true,
    is_danger: false,
};

const P384: Row = Row {
    name: "ecdsa-sha384",
    key: "P-384",
    keygen: "es384",
    ours: Some("es384"),
    uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    hash: "sha384",
    scheme: Scheme::Ecdsa(48),
    oracle: Some("ecdsa-sha384"),
    ..P256
};

const RSA: Row = Row {
    name: "rsa-sha256",
    key: "RSA",
    keygen: "rs256",
    ours: Some("rs256"),
    uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    scheme: Scheme::Pkcs1,
    oracle: Some("rsa-sha256"),
    ..P256
};

const PSS: Row = Row {
    name: "sha256-rsa-MGF1",
    ours: Some("ps256"),
    uri: "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    scheme: Scheme::Pss,
    oracle: Some("rsa-pss"),
    xmlsec1: false,
    ..RSA
};

/// All of them.
pub const ROWS: [Row; 14] = [
    P256,
    Row {
        name: "ecdsa-sha384",
        ours: None,
        uri: P384.uri,
        hash: "sha384",
        oracle: Some("ecdsa-sha384"),
        ..P256
    },
    Row {
        name: "ecdsa-sha512",
        ours: None,
        uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        hash: "sha512",
        oracle: Some("ecdsa-sha512"),
        ..P256
    },
    Row {
        name: "ecdsa-sha256",
        ours: None,
        uri: P256.uri,
        hash: "sha256",
        oracle: Some("ecdsa-sha256"),
        ..P384
    },
    P384,
    Row {
        name: "ecdsa-sha512",
        ours: None,
        uri: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        hash: "sha512",
        oracle: Some("ecdsa-sha512"),
        ..P384
    },
    Row {
        name: "eddsa-ed25519",
        key: "Ed25519",
        keygen: "ed25519",
        ours: Some("ed25519"),
        uri: "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
        scheme: Scheme::Ed25519,
        oracle: Some("ed25519"),
        xmlsec1: false,
        ..P256
    },
    RSA,
    Row {
        name: "rsa-sha384",
        ours: Some("rs384"),
        uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        digest_uri: "http://www.w3.org/2001/04/xmldsig-more#sha384",
        digest: "sha384",
        hash: "sha384",
        oracle: Some("rsa-sha384"),
        ..RSA
    },
    Row {
        name: "rsa-sha512",
        ours: Some("rs512"),
        uri: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        digest_uri: "http://www.w3.org/2001/04/xmlenc#sha512",
        digest: "sha512",
        hash: "sha512",
        oracle: Some("rsa-sha512"),
        ..RSA
    },
    PSS,
    Row {
        name: "sha384-rsa-MGF1",
        ours: Some("ps384"),
        uri: "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        hash: "sha384",
        oracle: None,
        ..PSS
    },
    Row {
        name: "sha512-rsa-MGF1",
        ours: Some("ps512"),
        uri: "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        hash: "sha512",
        oracle: None,
        ..PSS
    },
    Row {
        name: "rsa-sha1 and sha1, with `danger.sha1`",
        ours: None,
        uri: "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        digest_uri: "http://www.w3.org/2000/09/xmldsig#sha1",
        digest: "sha1",
        hash: "sha1",
        oracle: None,
        is_danger: true,
        ..RSA
    },
];

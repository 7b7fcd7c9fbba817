//! Digest: who we are, without the password. [RFC 7616, RFC 8760, RFC 3261 §22]
//!
//! The hash functions are handed in: MD5 is needed for most registrars, and no room below the
//! runtime has any cryptography.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use super::message::BLANK;
use super::value::Split;

/// A hash function of digest. [RFC 7616 §3.3]
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// MD5, what everybody knows.
    Md5,
    /// SHA-256.
    Sha256,
}

/// What has to be answered: a `WWW-Authenticate` or `Proxy-Authenticate`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// The hash function.
    pub algorithm: Algorithm,
    /// Whether the nonce was known, and is too old: the password was right then.
    pub stale: bool,
    /// What is hashed with the password; quoted as it came, like realm and opaque.
    pub nonce: String,
    realm: String,
    opaque: Option<String>,
    has_qop: bool,
}

/// The request that is to be let through.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its URI.
    pub uri: &'a str,
    /// The user, without quotes and backslashes.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
    /// How often this nonce was used, this time included.
    pub count: u32,
    /// Chance of our own.
    pub cnonce: &'a str,
}

/// Hashes octets and writes the digest in lower-case hexadecimal.
pub type Hash = fn(Algorithm, &[u8]) -> String;

impl Challenge {
    /// The strongest of these field values that we can answer: digest by MD5 or SHA-256, with `qop`
    /// "auth" or without.
    pub fn strongest<'v>(values: impl Iterator<Item = &'v str>) -> Option<Self> {
        values.filter_map(Self::read).max_by_key(|challenge| challenge.algorithm)
    }

    fn read(value: &str) -> Option<Self> {
        let (scheme, parameters) = value.split_once(BLANK)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let parameter = |name: &str| {
            let mut parts = Split { rest: Some(parameters), separator: b',' };
            parts.find_map(|part| {
                let (found, value) = part.split_once('=')?;
                let is_it = found.trim_matches(BLANK).eq_ignore_ascii_case(name);
                is_it.then(|| unquoted(value.trim_matches(BLANK)))?
            })
        };
        let algorithm = match parameter("algorithm").unwrap_or("MD5") {
            md5 if md5.eq_ignore_ascii_case("MD5") => Algorithm::Md5,
            sha256 if sha256.eq_ignore_ascii_case("SHA-256") => Algorithm::Sha256,
            _ => return None,
        };
        let qop = parameter("qop");
        let has_auth =
            |qop: &str| qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
        if qop.is_some_and(|qop| !has_auth(qop)) {
            return None;
        }
        Some(Self {
            algorithm,
            stale: parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            nonce: parameter("nonce")?.to_owned(),
            realm: parameter("realm")?.to_owned(),
            opaque: parameter("opaque").map(str::to_owned),
            has_qop: qop.is_some(),
        })
    }

    /// The value of `Authorization` or `Proxy-Authorization`. [RFC 7616 §3.4]
    #[must_use]
    pub fn authorization(&self, credentials: Credentials<'_>, hash: Hash) -> String {
        let Credentials { method, uri, user, password, count, cnonce } = credentials;
        let Self { algorithm, nonce, realm, .. } = self;
        let hash = |text: String| hash(*algorithm, text.as_bytes());
        let secret = hash(format!("{user}:{realm}:{password}"));
        let asked = hash(format!("{method}:{uri}"));
        let response = match self.has_qop {
            true => hash(format!("{secret}:{nonce}:{count:08x}:{cnonce}:auth:{asked}")),
            false => hash(format!("{secret}:{nonce}:{asked}")),
        };
        let algorithm = match algorithm {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        };
        let mut value = format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={algorithm}"
        );
        if self.has_qop {
            value += &format!(", qop=auth, nc={count:08x}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &self.opaque {
            value += &format!(", opaque=\"{opaque}\"");
        }
        value
    }
}

/// What is in quotes, as it stands there; a quote that is not closed has nothing in it.
fn unquoted(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => Some(value),
    }
}

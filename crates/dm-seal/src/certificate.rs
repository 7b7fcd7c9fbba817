//! Certificates and public keys as accounts hold them. [profile §4], [RFC 5280]

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::{PinError, directory_name};

/// A DER certificate or a bare DER SubjectPublicKeyInfo, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// The DER certificate; none for a bare key.
    pub der: Option<Vec<u8>>,
    /// The DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The names of a certificate's SubjectAltName; none for a bare key.
    pub names: Option<Vec<AltName>>,
}

/// A name of a SubjectAltName. [RFC 5280 §4.2.1.6]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AltName {
    /// A `dNSName`.
    Dns(String),
    /// A `uniformResourceIdentifier`.
    Uri(String),
    /// A name of another kind, for people: it names no server, and stands in the way of one.
    Other(String),
}

impl AltName {
    /// Its text, whatever its kind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Dns(text) | Self::Uri(text) | Self::Other(text) => text,
        }
    }

    fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::DnsName(text) => Self::Dns(text.to_string()),
            GeneralName::UniformResourceIdentifier(text) => Self::Uri(text.to_string()),
            GeneralName::Rfc822Name(text) => Self::Other(text.to_string()),
            GeneralName::DirectoryName(name) => Self::Other(directory_name::text(name)),
            GeneralName::IpAddress(_) => Self::Other("an IP address".into()),
            _ => Self::Other("a name of an unusual kind".into()),
        }
    }
}

impl Material {
    /// Reads a DER certificate, or else a DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// When the octets are neither, or more than that.
    pub fn from_der(der: &[u8]) -> Result<Self, PinError> {
        if SubjectPublicKeyInfoRef::from_der(der).is_ok() {
            return Ok(Self { der: None, spki: der.to_vec(), names: None });
        }
        let certificate = Certificate::from_der(der).map_err(|_| PinError::NotDer)?;
        let body = certificate.tbs_certificate();
        let spki = body.subject_public_key_info().to_der().map_err(|_| PinError::NotDer)?;
        let extension = body.get_extension::<SubjectAltName>().map_err(|_| PinError::NotDer)?;
        let names = extension.into_iter().flat_map(|(_, SubjectAltName(names))| names);
        let names = names.map(|name| AltName::of(&name));
        Ok(Self { der: Some(der.to_vec()), spki, names: Some(names.collect()) })
    }

    /// Whether a SubjectAltName is this server: the ServerID whole, or, as a DNS name, the host of
    /// a ServerID that is a URL; exactly, without wildcards. [profile §4.3]
    #[must_use]
    pub fn names_server(&self, server_id: &str) -> bool {
        let mut names = self.names.iter().flatten();
        names.any(|name| match name {
            AltName::Dns(text) => text == server_id || Some(text.as_str()) == host(server_id),
            // One that looks like a host is none: no constraint on DNS names was held against it.
            AltName::Uri(text) => text == server_id,
            AltName::Other(_) => false,
        })
    }

    /// Whether the certificate, pinned, is for this server: it [names](Self::names_server) it, or
    /// names nobody, which is everybody. So does a bare key. [profile §4.4]
    #[must_use]
    pub fn may_serve(&self, server_id: &str) -> bool {
        let names_nobody = self.names.as_ref().is_none_or(Vec::is_empty);
        names_nobody || self.names_server(server_id)
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Whether a key is none of RSA, or has 2048 bits and an odd exponent of 3 or more. [profile §3]
pub(crate) fn is_strong(spki: &[u8]) -> bool {
    let Ok(info) = SubjectPublicKeyInfoRef::from_der(spki) else { return false };
    if info.algorithm.oid != RSA {
        return true;
    }
    let numbers = info.subject_public_key.as_bytes().and_then(|key| {
        let mut reader = SliceReader::new(key).ok()?;
        type Numbers<'a> = (UintRef<'a>, UintRef<'a>);
        let both = |inner: &mut SliceReader<'_>| {
            let (modulus, exponent): Numbers<'_> =
                (UintRef::decode(inner)?, UintRef::decode(inner)?);
            let (modulus, exponent) = (modulus.as_bytes(), exponent.as_bytes());
            let of_2048_bits =
                modulus.len() > 256 || modulus.len() == 256 && modulus[0] & 0x80 != 0;
            let is_odd = exponent.last().is_some_and(|last| last & 1 == 1);
            Ok::<bool, x509_cert::der::Error>(of_2048_bits && is_odd && exponent != [1])
        };
        reader.sequence(both).ok()
    });
    numbers.unwrap_or(false)
}

/// The host that a URI without a scheme's `//` would be taken for: `dm.example`, `dm.example:443`,
/// `dm.example/dm`, but not `urn:x`.
pub(crate) fn bare_host(text: &str) -> Option<&str> {
    if text.contains("://") {
        return None;
    }
    let text = &text[..text.find(['/', '?', '#']).unwrap_or(text.len())];
    let (host, port) = text.split_once(':').unwrap_or((text, ""));
    port.bytes().all(|octet| octet.is_ascii_digit()).then_some(host)
}

/// The host of a URL, without port and path. A URL with a user has no host here: it names nobody.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let mut octets = scheme.bytes();
    let is_scheme = octets.next().is_some_and(|first| first.is_ascii_alphabetic())
        && octets.all(|octet| octet.is_ascii_alphanumeric() || b"+.-".contains(&octet));
    let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
    (is_scheme && end > 0 && !rest.contains('@')).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;
    use alloc::vec;

    use super::*;

    #[test]
    fn the_host_of_a_url_is_what_a_certificate_may_name() {
        assert_eq!(host("https://dm.example:8443/dm"), Some("dm.example"));
        assert_eq!(host("https://dm.example"), Some("dm.example"));
        assert_eq!(host("dm.example"), None);
        assert_eq!(host("https://"), None);
        assert_eq!(host("https://u@dm.example"), None);
        assert_eq!(host("1x://a"), None);
    }

    #[test]
    fn names_are_compared_whole() {
        let material = |names: &[&str]| Material {
            der: None,
            spki: vec![],
            names: Some(names.iter().map(|&name| AltName::Dns(name.to_owned())).collect()),
        };
        assert!(material(&["a.example"]).may_serve("a.example"));
        assert!(!material(&["*.example"]).may_serve("a.example"));
        assert!(!material(&["A.example"]).may_serve("a.example"));
        assert!(material(&["x", "a.example"]).may_serve("https://a.example/dm"));
        assert!(material(&[]).may_serve("a.example"));
        assert!(!material(&[]).names_server("a.example"));
    }

    #[test]
    fn a_uri_names_a_server_whole_and_never_its_host() {
        let uri = |text: &str| Material {
            der: None,
            spki: vec![],
            names: Some(vec![AltName::Uri(text.to_owned())]),
        };
        assert!(uri("https://a.example/dm").names_server("https://a.example/dm"));
        assert!(uri("urn:server:1").names_server("urn:server:1"));
        assert!(!uri("a.example").names_server("https://a.example/dm"));
    }

    #[test]
    fn a_name_of_another_kind_names_no_server_and_is_a_name() {
        let name = AltName::Other("a.example".to_owned());
        let material = Material { der: None, spki: vec![], names: Some(vec![name]) };
        assert!(!material.may_serve("a.example") && !material.names_server("a.example"));
    }

    #[test]
    fn what_would_be_taken_for_a_host_is_told_from_other_names() {
        for text in ["a.example", "a.example:443", "a.example/dm", "a.example:443/dm?x"] {
            assert_eq!(bare_host(text), Some("a.example"), "{text}");
        }
        assert_eq!(bare_host("urn:a.example"), None);
        assert_eq!(bare_host("https://a.example"), None);
    }

    #[test]
    fn octets_that_are_no_der_are_refused() {
        assert_eq!(Material::from_der(b""), Err(PinError::NotDer));
        assert_eq!(Material::from_der(&[0x30, 0x80, 0, 0]), Err(PinError::NotDer));
    }
}

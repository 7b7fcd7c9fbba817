//! Policy `chain`: a certificate that a pinned authority issued. [profile §4.3], [RFC 5280 §6]
//!
//! The path is one step long: the certificate in `KeyInfo`, and the pinned authority that issued
//! it. Nothing is fetched, nothing is revoked, and the message brings no link of its own.

use alloc::string::ToString;
use alloc::vec::Vec;

use dm_xml::brief;
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, NameConstraints, SubjectAltName};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::{Certificate, Version};

use crate::certificate::{Material, is_strong};
use crate::directory_name;
use crate::name_constraints::permits;
use crate::{ChainError, DigestMethod, Pin, Provider, SignatureMethod, Trust, VerifyingKey};

/// The key of the certificate in `KeyInfo`, and the pinned authority that issued it.
pub(crate) fn issued<'p, P: Provider>(
    shown: &Material,
    trust: &Trust<'p, P::Key>,
    provider: &P,
) -> Result<(P::Key, &'p Pin<P::Key>), ChainError> {
    let der = shown.der.as_deref().ok_or(ChainError::NoCertificate)?;
    let link = Link::read(der)?;
    link.may_sign(trust.now)?;
    if !shown.names_server(trust.server_id) {
        return Err(ChainError::NamesOther);
    }
    let authority = authority(&link, der, trust)?;
    if !is_strong(&shown.spki) {
        return Err(ChainError::WeakKey);
    }
    let key = provider.key(&shown.spki).map_err(|_| ChainError::WeakKey)?;
    Ok((key, authority))
}

impl Material {
    /// Whether a device whose policy is chain could take messages that show this certificate: all
    /// that it holds against one but issuer and validity, which only it can know. [profile §4.3]
    ///
    /// # Errors
    /// What every such device refuses it for.
    pub fn check_shown(&self, server_id: &str) -> Result<(), ChainError> {
        let der = self.der.as_deref().ok_or(ChainError::NoCertificate)?;
        Link::read(der)?.may_sign(None)?;
        if !self.names_server(server_id) {
            return Err(ChainError::NamesOther);
        }
        if is_strong(&self.spki) { Ok(()) } else { Err(ChainError::WeakKey) }
    }
}

/// The pinned authority that issued a certificate, whose octets these are.
fn authority<'p, K: VerifyingKey>(
    shown: &Link,
    der: &[u8],
    trust: &Trust<'p, K>,
) -> Result<&'p Pin<K>, ChainError> {
    let issuer = shown.certificate.tbs_certificate().issuer();
    let mut refused = None;
    for pin in trust.pins {
        let Some(pinned) = pin.link() else { continue };
        if pinned.certificate.tbs_certificate().subject() != issuer {
            continue;
        }
        match pinned.may_issue(shown).and_then(|()| shown.was_signed_with(pin, der)) {
            Ok(()) => return Ok(pin),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| ChainError::NotIssued(brief(&directory_name::text(issuer)))))
}

/// A certificate of the path, of which every critical extension is understood.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    certificate: Certificate,
    usage: Option<KeyUsage>,
    constraints: Option<BasicConstraints>,
    subtrees: Option<NameConstraints>,
}

impl Link {
    pub(crate) fn read(der: &[u8]) -> Result<Self, ChainError> {
        let malformed = |_| ChainError::Malformed;
        let certificate = Certificate::from_der(der).map_err(malformed)?;
        let body = certificate.tbs_certificate();
        if body.version() != Version::V3 || body.signature() != certificate.signature_algorithm() {
            return Err(ChainError::Malformed);
        }
        let extensions = body.extensions().map(Vec::as_slice).unwrap_or_default();
        if extensions.len() > MOST_EXTENSIONS {
            return Err(ChainError::Malformed);
        }
        for (n, extension) in extensions.iter().enumerate() {
            if extensions[..n].iter().any(|other| other.extn_id == extension.extn_id) {
                return Err(ChainError::Malformed);
            }
            if extension.critical && !UNDERSTOOD.contains(&extension.extn_id) {
                return Err(ChainError::CriticalExtension(extension.extn_id.to_string().into()));
            }
        }
        let usage = body.get_extension::<KeyUsage>().map_err(malformed)?;
        let constraints = body.get_extension::<BasicConstraints>().map_err(malformed)?;
        let subtrees = body.get_extension::<NameConstraints>().map_err(malformed)?;
        let (usage, constraints, subtrees) = (
            usage.map(|(_, value)| value),
            constraints.map(|(_, value)| value),
            subtrees.map(|(_, value)| value),
        );
        Ok(Self { certificate, usage, constraints, subtrees })
    }

    fn is_authority(&self) -> bool {
        self.constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    /// Whether it may sign messages now: the rules that need no issuer.
    fn may_sign(&self, now: Option<u64>) -> Result<(), ChainError> {
        // Name constraints have no meaning in a certificate that issues nothing. [RFC 5280 §4.2.1.10]
        if self.is_authority() || self.subtrees.is_some() {
            return Err(ChainError::IsAuthority);
        }
        if !self.usage.as_ref().is_some_and(KeyUsage::digital_signature) {
            return Err(ChainError::NoDigitalSignature);
        }
        let validity = self.certificate.tbs_certificate().validity();
        let from = validity.not_before.to_unix_duration().as_secs();
        let until = validity.not_after.to_unix_duration().as_secs();
        match now {
            Some(now) if now < from => Err(ChainError::NotYetValid { from, now }),
            Some(now) if now > until => Err(ChainError::Expired { until, now }),
            _ => Ok(()),
        }
    }

    /// Whether it may have issued the other one. A path of one step is never too long for a path
    /// length constraint, which counts what stands between the two. [RFC 5280 §4.2.1.9]
    fn may_issue(&self, other: &Self) -> Result<(), ChainError> {
        let may_sign_certificates = self.usage.as_ref().is_none_or(KeyUsage::key_cert_sign);
        if !self.is_authority() || !may_sign_certificates {
            return Err(ChainError::IssuerIsNoAuthority);
        }
        let body = other.certificate.tbs_certificate();
        let names = body.get_extension::<SubjectAltName>().map_err(|_| ChainError::Malformed)?;
        let names = names.map(|(_, names)| names.0).unwrap_or_default();
        match &self.subtrees {
            Some(subtrees) => permits(subtrees, body.subject(), &names),
            None => Ok(()),
        }
    }

    /// Whether the key of the issuer signed it; these are its octets.
    fn was_signed_with<K: VerifyingKey>(
        &self,
        issuer: &Pin<K>,
        der: &[u8],
    ) -> Result<(), ChainError> {
        let (octets, value) = signed_part(der).ok_or(ChainError::Malformed)?;
        let identifier = self.certificate.signature_algorithm().oid;
        let unknown = || ChainError::Algorithm(identifier.to_string().into());
        let parameters = &self.certificate.signature_algorithm().parameters;
        let method = method(&identifier).ok_or_else(unknown)?;
        if parameters.as_ref().is_some_and(|parameters| !parameters.is_null()) {
            return Err(unknown());
        }
        let holds = match method {
            SignatureMethod::Ecdsa(_) => {
                let spki = &issuer.material().spki;
                let value = curve_width(spki).and_then(|width| fixed_width(value, width));
                value.is_some_and(|value| issuer.key().verifies(method, octets, &value))
            }
            _ => issuer.key().verifies(method, octets, value),
        };
        if holds { Ok(()) } else { Err(ChainError::IssuerSignature) }
    }
}

/// The octets of a certificate that are signed, as they stand, and the signature.
fn signed_part(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let octets = inner.tlv_bytes()?;
            AlgorithmIdentifierRef::decode(inner)?;
            let value = BitStringRef::decode(inner)?;
            Ok::<_, x509_cert::der::Error>((octets, value.as_bytes()))
        })
        .ok()
        .and_then(|(octets, value)| Some((octets, value?)))
}

/// How certificates are signed: by the methods of the closed list that need no parameters. SHA-1
/// has no place here, whatever a device accepts in messages.
fn method(identifier: &ObjectIdentifier) -> Option<SignatureMethod> {
    use DigestMethod::{Sha256, Sha384, Sha512};
    let oid = ObjectIdentifier::new_unwrap;
    let methods = [
        (oid("1.2.840.10045.4.3.2"), SignatureMethod::Ecdsa(Sha256)),
        (oid("1.2.840.10045.4.3.3"), SignatureMethod::Ecdsa(Sha384)),
        (oid("1.2.840.10045.4.3.4"), SignatureMethod::Ecdsa(Sha512)),
        (oid("1.2.840.113549.1.1.11"), SignatureMethod::Rsa(Sha256)),
        (oid("1.2.840.113549.1.1.12"), SignatureMethod::Rsa(Sha384)),
        (oid("1.2.840.113549.1.1.13"), SignatureMethod::Rsa(Sha512)),
        (oid("1.3.101.112"), SignatureMethod::Ed25519),
    ];
    methods.into_iter().find(|(known, _)| known == identifier).map(|(_, method)| method)
}

/// Octets of r, and of s, for a key on one of the two curves.
fn curve_width(spki: &[u8]) -> Option<usize> {
    let info = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    match info.algorithm.parameters_oid().ok()? {
        P256 => Some(32),
        P384 => Some(48),
        _ => None,
    }
}

/// r and s side by side, as messages have them, from the sequence that certificates have.
fn fixed_width(sequence: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(sequence).ok()?;
    let (r, s) = reader
        .sequence(|inner: &mut SliceReader<'_>| {
            Ok::<_, x509_cert::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?))
        })
        .ok()?;
    let mut value = Vec::with_capacity(2 * width);
    for number in [r.as_bytes(), s.as_bytes()] {
        value.resize(value.len() + width.checked_sub(number.len())?, 0);
        value.extend_from_slice(number);
    }
    Some(value)
}

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// KeyUsage, SubjectAltName, BasicConstraints, NameConstraints: the extensions with a meaning
/// here. One that is critical and not among them is refused.
const UNDERSTOOD: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.19"),
    ObjectIdentifier::new_unwrap("2.5.29.30"),
];
/// More than any certificate has, and few enough to compare each with each.
const MOST_EXTENSIONS: usize = 64;

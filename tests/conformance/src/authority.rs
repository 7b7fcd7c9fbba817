//! Authorities, and the servers that they issue certificates to. [profile §4.3]

use dm_crypto::SigningKey;
use dm_mo::PinnedKey;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType, SignatureAlgorithm, date_time_ymd,
};

use crate::Server;

/// An authority: whoever pins its certificate trusts what it issues.
pub struct Authority {
    parameters: CertificateParams,
    key: KeyPair,
    /// Its certificate.
    pub der: Vec<u8>,
}

impl Authority {
    /// A self-signed authority as it should be, but for this change.
    #[must_use]
    pub fn new(
        algorithm: &'static SignatureAlgorithm,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let mut parameters = named(name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        change(&mut parameters);
        let key = KeyPair::generate_for(algorithm).expect("a key can be made");
        let der = parameters.self_signed(&key).expect("a certificate").der().to_vec();
        Self { parameters, key, der }
    }

    /// An authority below this one.
    #[must_use]
    pub fn below(&self, algorithm: &'static SignatureAlgorithm, name: &str) -> Self {
        let mut lower = Self::new(algorithm, name, |_| {});
        lower.der = self.signed(&lower.parameters, &lower.key);
        lower
    }

    /// What an account pins of it.
    #[must_use]
    pub fn pin(&self) -> PinnedKey {
        PinnedKey { name: "authority".to_owned(), der: self.der.clone() }
    }

    /// A server with a certificate as it should be, but for this change. Its material is the
    /// certificate, which nobody pins.
    #[must_use]
    pub fn issue(
        &self,
        id: &'static str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> &'static Server {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        let material = self.certify(id, &key, change);
        let key = SigningKey::from_pem(key.serialize_pem().as_bytes()).expect("it reads back");
        Box::leak(Box::new(Server { id, key_name: "issued", key: Box::new(key), material }))
    }

    /// A certificate for this key, as it should be, but for this change.
    #[must_use]
    pub fn certify(
        &self,
        id: &str,
        key: &impl PublicKeyData,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        let mut parameters = named(id);
        let text = id.try_into().expect("ASCII");
        parameters.subject_alt_names =
            vec![if id.contains(':') { SanType::URI(text) } else { SanType::DnsName(text) }];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut parameters);
        self.signed(&parameters, key)
    }

    fn signed(&self, parameters: &CertificateParams, key: &impl PublicKeyData) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.parameters, &self.key);
        parameters.signed_by(key, &issuer).expect("a certificate").der().to_vec()
    }
}

/// Valid around the clock of a device, which stands at the beginning of 2027.
fn named(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = date_time_ymd(2026, 1, 1);
    parameters.not_after = date_time_ymd(2028, 1, 1);
    parameters
}

/// A public key of RSA with 1024 bits, which nobody has the other half of.
pub struct WeakKey(pub Vec<u8>);

impl PublicKeyData for WeakKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

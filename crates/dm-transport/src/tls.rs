//! TLS 1.2 and 1.3 towards servers, and at our own listeners: rustls on aws-lc-rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde::Deserialize;

use crate::setup::{SetupError, pem_failed};

/// Files of TLS of one who begins connections.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// Certificates in PEM of who may vouch for servers; without it, those that this system trusts.
    pub ca: Option<PathBuf>,
    /// Our own certificate in PEM, with those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// Its key in PEM, not encrypted.
    pub key: Option<PathBuf>,
}

/// Files of TLS of a listener.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// Its certificate in PEM, with those between it and its authority.
    pub certificate: PathBuf,
    /// Its key in PEM, not encrypted.
    pub key: PathBuf,
    /// Certificates in PEM of who may vouch for clients, which then must show one.
    pub clients: Option<PathBuf>,
}

impl ClientTls {
    /// What protects a way by it.
    pub(crate) const fn mechanism(&self) -> &'static str {
        if self.certificate.is_some() { "mutual TLS" } else { "TLS" }
    }

    pub(crate) fn config(&self) -> Result<ClientConfig, SetupError> {
        let roots = match &self.ca {
            Some(path) => authorities(path)?,
            None => of_this_system(),
        };
        let builder = builder(roots);
        match (&self.certificate, &self.key) {
            (None, None) => Ok(builder.with_no_client_auth()),
            (Some(certificate), Some(own)) => builder
                .with_client_auth_cert(certificates(certificate)?, key(own)?)
                .map_err(|source| SetupError::Unfit { path: certificate.clone(), source }),
            _ => Err(SetupError::Key("`certificate` and `key` go together: give both, or none")),
        }
    }
}

impl ServerTls {
    pub(crate) fn config(&self) -> Result<ServerConfig, SetupError> {
        let unfit = |path: &Path, source| SetupError::Unfit { path: path.to_owned(), source };
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|source| unfit(&self.certificate, source))?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(authorities(path)?);
                let verifier =
                    rustls::server::WebPkiClientVerifier::builder_with_provider(roots, provider());
                let verifier = verifier
                    .build()
                    .map_err(|error| unfit(path, rustls::Error::General(error.to_string())))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        builder
            .with_single_cert(certificates(&self.certificate)?, key(&self.key)?)
            .map_err(|source| unfit(&self.certificate, source))
    }
}

fn builder(
    roots: RootCertStore,
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs has TLS 1.2 and 1.3")
        .with_root_certificates(roots)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Where systems keep the certificates that they trust.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What cannot be read is not trusted.
fn of_this_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = BUNDLES.iter().find_map(|path| CertificateDer::pem_file_iter(path).ok());
    for certificate in found.into_iter().flatten().flatten() {
        let _ = roots.add(certificate); // one that rustls does not know is left out
    }
    roots
}

fn authorities(path: &Path) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let unfit = |source| SetupError::Unfit { path: path.to_owned(), source };
        roots.add(certificate).map_err(unfit)?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let failed = pem_failed(path, "certificates");
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(failed)?.collect();
    match certificates.map_err(failed)? {
        none if none.is_empty() => Err(failed(pem::Error::NoItemsFound)),
        certificates => Ok(certificates),
    }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, SetupError> {
    PrivateKeyDer::from_pem_file(path).map_err(pem_failed(path, "one private key, not encrypted"))
}

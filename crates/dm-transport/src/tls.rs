//! TLS 1.2 and 1.3 at our own listeners: rustls on aws-lc-rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use serde::Deserialize;

use crate::setup::{SetupError, pem_failed};

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

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
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

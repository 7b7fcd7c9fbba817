//! TLS 1.2 and 1.3 towards servers, and at our own listeners: rustls on aws-lc-rs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

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
    /// What protects a way by it, if the server asks for the certificate.
    pub(crate) const fn mechanism(&self) -> &'static str {
        if self.certificate.is_some() { "mutual TLS" } else { "TLS" }
    }

    pub(crate) fn open(&self) -> Result<Tls, SetupError> {
        let mut config = self.config()?;
        if self.certificate.is_some() {
            // A session that goes on asks for no certificate: whether one was asked for is seen each time.
            config.resumption = Resumption::disabled();
        }
        Ok(Tls { config: Arc::new(config), has_shown: Arc::default() })
    }

    fn config(&self) -> Result<ClientConfig, SetupError> {
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

/// TLS to servers, of one route.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    /// Whether the latest connection showed our certificate.
    has_shown: Arc<AtomicBool>,
}

/// Sees whether a server asked for our certificate and is shown it.
#[derive(Debug)]
struct Witness {
    of: Arc<dyn ResolvesClientCert>,
    has_shown: AtomicBool,
}

impl Tls {
    /// The same, with these protocols. [RFC 7301]
    pub(crate) fn speaking(&self, protocols: &[&[u8]]) -> Self {
        let mut config = (*self.config).clone();
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        Self { config: Arc::new(config), has_shown: self.has_shown.clone() }
    }

    /// Whether the latest connection is one of mutual TLS.
    pub(crate) fn has_shown(&self) -> Arc<AtomicBool> {
        self.has_shown.clone()
    }

    /// Begins TLS, and says whether the server was shown our certificate.
    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, rustls::Error::UnsupportedNameType)
        })?;
        let of = self.config.client_auth_cert_resolver.clone();
        let witness = Arc::new(Witness { of, has_shown: AtomicBool::new(false) });
        let config = match witness.has_certs() {
            false => self.config.clone(),
            true => {
                let mut config = (*self.config).clone();
                config.client_auth_cert_resolver = witness.clone();
                Arc::new(config)
            }
        };
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        let has_shown = witness.has_shown.load(Ordering::Relaxed);
        self.has_shown.store(has_shown, Ordering::Relaxed);
        Ok((stream, has_shown))
    }
}

impl ResolvesClientCert for Witness {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let found = self.of.resolve(hints, schemes);
        self.has_shown.store(found.is_some(), Ordering::Relaxed);
        found
    }

    fn has_certs(&self) -> bool {
        self.of.has_certs()
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

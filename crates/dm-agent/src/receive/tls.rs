//! TLS 1.2 and 1.3, at listeners and towards servers: rustls on aws-lc-rs, as all cryptography here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::Origin;
use super::rate::Source;
use crate::config::{ClientTls, ServerTls};

/// Files of TLS cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is no PEM of this kind.
    #[error("{}: {source}; name a PEM file with {wanted}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it is to have.
        wanted: &'static str,
        /// What is wrong.
        source: pem::Error,
    },
    /// They can be read, and do not fit.
    #[error("{}: {reason}; correct the file, or name another", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What a listener does before it hears anything.
#[derive(Clone)]
pub(super) struct Handshake {
    pub(super) acceptor: TlsAcceptor,
    /// Handshakes that have not ended.
    open: Arc<Mutex<HashMap<Source, usize>>>,
    names: Arc<[ServerName<'static>]>,
}

impl Handshake {
    pub(super) fn load(tls: &ServerTls) -> Result<Self, TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&tls.certificate, error))?;
        let builder = match &tls.clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let roots = Arc::new(authorities(&clients.authorities)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                let verifier =
                    verifier.build().map_err(|error| unfit(&clients.authorities, error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(certificates(&tls.certificate)?, key(&tls.key)?)
            .map_err(|error| unfit(&tls.certificate, error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let names = tls.clients.iter().flat_map(|clients| &clients.names);
        let names = names.filter_map(|name| ServerName::try_from(name.clone()).ok()).collect();
        Ok(Self { acceptor: Arc::new(config).into(), names, open: Arc::default() })
    }

    /// Room for one more handshake of a source, until this is dropped; none if it has as many open:
    /// nobody has proved anything before its end, and must not keep all others out.
    pub(super) fn room(&self, from: &Origin, most: usize) -> Option<Room> {
        let source = Source::from(from);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&source).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        open.insert(source.clone(), count + 1);
        Some(Room { open: self.open.clone(), source })
    }

    /// Whether a client's certificate has one of the names, if there are any.
    pub(super) fn admits(&self, connection: &ServerConnection) -> bool {
        if self.names.is_empty() {
            return true;
        }
        let certificate = connection.peer_certificates().and_then(<[_]>::first);
        let Some(Ok(certificate)) = certificate.map(ParsedCertificate::try_from) else {
            return false;
        };
        self.names.iter().any(|name| verify_server_name(&certificate, name).is_ok())
    }
}

/// A handshake that has not ended.
pub(super) struct Room {
    open: Arc<Mutex<HashMap<Source, usize>>>,
    source: Source,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.source);
            }
        }
    }
}

/// What begins TLS towards a server.
#[cfg_attr(
    not(any(feature = "mqtt", feature = "poll", feature = "report", feature = "sip")),
    expect(dead_code, reason = "for these")
)]
pub(super) fn connector(tls: &ClientTls) -> Result<TlsConnector, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(&tls.authorities, error))?
        .with_root_certificates(authorities(&tls.authorities)?);
    let config = match &tls.own {
        None => builder.with_no_client_auth(),
        Some((certificate, own_key)) => builder
            .with_client_auth_cert(certificates(certificate)?, key(own_key)?)
            .map_err(|error| unfit(certificate, error))?,
    };
    Ok(Arc::new(config).into())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| unfit(path, error))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wanted = "certificates";
    let failed = |source| TlsError::File { path: path.to_owned(), wanted, source };
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(failed)?.collect();
    match certificates.map_err(failed)? {
        none if none.is_empty() => Err(failed(pem::Error::NoItemsFound)),
        certificates => Ok(certificates),
    }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let wanted = "one private key, not encrypted";
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        wanted,
        source,
    })
}

fn unfit(path: &Path, reason: impl std::fmt::Display) -> TlsError {
    TlsError::Unfit { path: path.to_owned(), reason: reason.to_string() }
}

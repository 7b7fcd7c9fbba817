//! Mutual TLS is named only where a server asked for our certificate.

use std::path::Path;
use std::sync::Arc;

use dm_transport::{
    ClientTls, HttpConfig, HttpRoute, MemoryLedger, PapConfig, PapRoute, Route, Teller, attempt,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::{next, outgoing};

/// A server that asks for a certificate or not, and answers each request, as a gateway would; each connection is for
/// one.
async fn server(authority: &Authority, asks: bool) -> std::net::SocketAddr {
    let (certificate, key) = authority.issue("127.0.0.1");
    let certificates = |path: &Path| -> Vec<CertificateDer<'static>> {
        let found = CertificateDer::pem_file_iter(path).expect("a file");
        found.map(|it| it.expect("a certificate")).collect()
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let builder = match asks {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add_parsable_certificates(certificates(&authority.path()));
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let key = PrivateKeyDer::from_pem_file(&key).expect("a key");
    let config = builder.with_single_cert(certificates(&certificate), key).expect("it fits");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let mut stream = acceptor.accept(stream).await.expect("a handshake");
            let (mut octets, mut is_whole) = (Vec::new(), false);
            while !is_whole {
                let read = stream.read_buf(&mut octets).await.expect("read");
                is_whole = read == 0 || octets.ends_with(b"\x02m") || octets.ends_with(b"--\r\n");
            }
            let body = "<pap><push-response push-id=\"\"><response-result code=\"1001\"/>\
                        </push-response></pap>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.expect("written");
            let _ = stream.shutdown().await; // it may be gone
        }
    });
    at
}

#[tokio::test]
async fn r16_mutual_tls_is_named_only_where_the_server_asked_for_our_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("mgram.example");
    let tls =
        ClientTls { ca: Some(authority.path()), certificate: Some(certificate), key: Some(key) };
    for (asks, named) in [(true, "mutual TLS"), (false, "TLS")] {
        let at = server(&authority, asks).await;
        let (tell, mut told) = mpsc::channel(9);
        let config = HttpConfig { tls: tls.clone(), ..HttpConfig::default() };
        let http = HttpRoute::new(&config, Teller::new("http", tell.clone())).expect("a route");
        let gateway =
            PapConfig { tls: tls.clone(), ..PapConfig::new(&format!("https://{at}/pap")) };
        let teller = Teller::new("pap", tell).protected_by("mutual TLS");
        let ledger = Arc::new(MemoryLedger::new(9));
        let pap = PapRoute::new(&gateway, teller, ledger).expect("a route");
        let device = "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example";
        let to = format!("https://{at}/push");
        for (route, to) in [(&http as &dyn Route, &*to), (&http, &*to), (&pap, device)] {
            attempt(route, &outgoing("one", b"\x02m", to)).await.expect("taken");
            assert_eq!(next(&mut told).await.security.as_deref(), Some(named), "{to}");
        }
    }
}

//! Messages by `POST`, to a server that reads each and answers 204.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dm_transport::{ClientTls, HttpConfig, HttpRoute, HttpVersion, Teller};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Pair;

pub fn h2() -> io::Result<Pair> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).map_err(io::Error::other)?;
    let folder = tempfile::tempdir()?;
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, cert.pem())?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(io::Error::other)?;
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .map_err(io::Error::other)?;
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let tls_of_route = ClientTls { ca: Some(ca), ..ClientTls::default() };
    start(Some(Arc::new(tls).into()), HttpVersion::Any, tls_of_route)
}

pub fn h2_without_tls() -> io::Result<Pair> {
    start(None, HttpVersion::Http2, ClientTls::default())
}

pub fn http1() -> io::Result<Pair> {
    start(None, HttpVersion::Http1, ClientTls::default())
}

fn start(acceptor: Option<TlsAcceptor>, version: HttpVersion, tls: ClientTls) -> io::Result<Pair> {
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let count = Arc::new(AtomicU64::new(0));
    let at = sink(acceptor, version, count.clone())?;
    let (tell, told) = mpsc::channel(1_024);
    let config = HttpConfig { version, tls, ..HttpConfig::default() };
    let route = HttpRoute::new(&config, Teller::new("bench", tell)).map_err(io::Error::other)?;
    let taken = Box::new(move || count.load(Ordering::Relaxed));
    Ok(Pair { route: Arc::new(route), told, to: format!("{scheme}://{at}/push"), taken })
}

/// A server on a thread of its own.
fn sink(
    acceptor: Option<TlsAcceptor>,
    version: HttpVersion,
    count: Arc<AtomicU64>,
) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let at = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true); // it is slower without
                let (acceptor, count) = (acceptor.clone(), count.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(stream, version, count).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, version, count).await;
                            }
                        }
                    }
                });
            }
        });
    });
    Ok(at)
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    version: HttpVersion,
    count: Arc<AtomicU64>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let count = count.clone();
        async move {
            if request.into_body().collect().await.is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
            let mut response = Response::new(Empty::<Bytes>::new());
            *response.status_mut() = StatusCode::NO_CONTENT;
            Ok::<_, Infallible>(response)
        }
    });
    // How a connection ends is nothing that is measured.
    let _ = match version {
        HttpVersion::Http1 => {
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
        }
        _ => {
            let builder = http2::Builder::new(TokioExecutor::new());
            builder.serve_connection(TokioIo::new(stream), service).await
        }
    };
}

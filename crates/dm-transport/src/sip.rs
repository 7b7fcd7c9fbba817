//! SIP: the message as the body of a `MESSAGE` request. [RFC 3428, OMA SIP Push 1.0 §5]
//!
//! Over UDP where the request has 1,300 octets at most, else over TCP [RFC 3261 §18.1.1], or over
//! TLS. A challenge is answered by digest once, and once more if its nonce was too old.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dm_push::sip::digest::{Challenge, Credentials, Hash};
use dm_push::sip::{Framed, Framer, Message, Start};
use dm_push::{Receipt, media_type};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;

use crate::address::{Host, SipAddress, SipTransport};
use crate::{Address, SendError};

/// What a push by SIP needs beside its address.
#[derive(Clone, Copy, Default)]
pub struct SipWay<'a> {
    /// Who sends, if the proxy asks.
    pub login: Option<SipLogin<'a>>,
    /// Certificates in PEM of who may vouch for the proxy, for TLS.
    pub authorities: &'a [u8],
    /// The proxy that the request goes to; without one, the host of the address.
    pub proxy: Option<&'a Host>,
}

/// A user of the proxy.
#[derive(Clone, Copy)]
pub struct SipLogin<'a> {
    /// The name.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
    /// The hash functions of digest.
    pub hash: Hash,
}

/// Octets of a request over UDP, at most. [RFC 3261 §18.1.1]
const MOST_OVER_UDP: usize = 1_300;
/// Octets of a response's body, at most.
const BODY: usize = 64 << 10;

pub(crate) async fn send(
    octets: &[u8],
    to: &SipAddress,
    way: SipWay<'_>,
    resolved: &[SocketAddr],
) -> Result<Receipt, SendError> {
    let at = Address::Sip(to.clone());
    let host = way.proxy.unwrap_or(&to.host);
    let network = |source| SendError::Network { to: at.clone(), source };
    let mut request = Request::new(octets, to, way.login.map(|login| login.user));
    // What is asked for next is longer by the answer to a challenge.
    let is_short = request.written("", "192.0.2.255:65535", 2, "").len() + ANSWER <= MOST_OVER_UDP;
    let transport = match to.transport {
        SipTransport::Udp if !is_short => SipTransport::Tcp,
        other => other,
    };
    let mut line = Line::open(transport, host, way.authorities, resolved).await.map_err(network)?;
    let mut answer = String::new();
    for round in 1..=3 {
        let sequence = request.next();
        let (status, challenge) = line.ask(&request, sequence, &answer).await.map_err(network)?;
        match (status, challenge, way.login) {
            (200..=299, ..) => return Ok(Receipt::sip(status)),
            (401 | 407, Some(challenge), Some(login)) if round == 1 || challenge.stale => {
                answer = authorization(status, &challenge, login, &to.uri);
            }
            _ => return Err(SendError::Sip { to: at, status }),
        }
    }
    Err(SendError::Sip { to: at, status: 407 })
}

/// Octets of the answer to a challenge, about.
const ANSWER: usize = 350;

fn authorization(status: u16, challenge: &Challenge, login: SipLogin<'_>, uri: &str) -> String {
    let SipLogin { user, password, hash } = login;
    let cnonce = chance();
    let credentials =
        Credentials { method: "MESSAGE", uri, user, password, count: 1, cnonce: &cnonce };
    let field = if status == 401 { "Authorization" } else { "Proxy-Authorization" };
    format!("{field}: {}\r\n", challenge.authorization(credentials, hash))
}

/// A word that nobody had before: the keys of the hash are of the system's chance.
fn chance() -> String {
    format!("{:016x}", RandomState::new().hash_one(0))
}

/// One push; each time that it is asked for it has another number.
struct Request<'a> {
    octets: &'a [u8],
    to: &'a SipAddress,
    from: String,
    call_id: String,
    sequence: u32,
}

impl<'a> Request<'a> {
    fn new(octets: &'a [u8], to: &'a SipAddress, user: Option<&str>) -> Self {
        let from = match user {
            Some(user) => format!("<sip:{user}@{}>;tag={}", to.domain(), chance()),
            None => format!("<sip:anonymous@anonymous.invalid>;tag={}", chance()),
        };
        Self { octets, to, from, call_id: chance() + &chance(), sequence: 0 }
    }

    fn next(&mut self) -> u32 {
        self.sequence += 1;
        self.sequence
    }

    fn written(&self, transport: &str, local: &str, sequence: u32, answer: &str) -> Vec<u8> {
        let Self { octets, to, from, call_id, .. } = self;
        let head = format!(
            "MESSAGE {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;\
             branch=z9hG4bK{call_id}{sequence}\r\nMax-Forwards: 70\r\nFrom: {from}\r\n\
             To: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: {sequence} MESSAGE\r\n{answer}\
             Content-Type: {}\r\nContent-Length: {}\r\n\r\n",
            media_type::DM_WBXML,
            octets.len(),
            uri = to.uri,
        );
        [head.as_bytes(), octets].concat()
    }

    /// The status of a final response to this, and the challenge in it.
    fn answered(&self, octets: &[u8], sequence: u32) -> Option<(u16, Option<Challenge>)> {
        let message = Message::read(octets).ok()?;
        let Start::Response { status: status @ 200.., .. } = message.start else { return None };
        let is_ours = message.field("Call-ID") == Some(&self.call_id)
            && message.field("CSeq")?.split_whitespace().next()? == sequence.to_string();
        let name = if status == 401 { "WWW-Authenticate" } else { "Proxy-Authenticate" };
        is_ours.then(|| (status, Challenge::strongest(message.fields(name))))
    }
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// The way to the proxy.
enum Line {
    Udp(UdpSocket),
    Stream { name: &'static str, local: SocketAddr, stream: Box<dyn Octets>, framer: Framer },
}

impl Line {
    async fn open(
        transport: SipTransport,
        host: &Host,
        authorities: &[u8],
        resolved: &[SocketAddr],
    ) -> io::Result<Self> {
        if transport == SipTransport::Udp {
            let to = resolved.first().ok_or(io::ErrorKind::AddrNotAvailable)?;
            let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(any).await?;
            socket.connect(to).await?;
            return Ok(Self::Udp(socket));
        }
        let stream = TcpStream::connect(resolved).await?;
        let local = stream.local_addr()?;
        let framer = Framer::new(BODY);
        if transport == SipTransport::Tcp {
            return Ok(Self::Stream { name: "TCP", local, stream: Box::new(stream), framer });
        }
        let name = ServerName::try_from(host.name().to_owned()).map_err(invalid)?;
        let stream = Box::new(connector(authorities)?.connect(name, stream).await?);
        Ok(Self::Stream { name: "TLS", local, stream, framer })
    }

    async fn ask(
        &mut self,
        request: &Request<'_>,
        sequence: u32,
        answer: &str,
    ) -> io::Result<(u16, Option<Challenge>)> {
        match self {
            Self::Udp(socket) => {
                let local = socket.local_addr()?.to_string();
                ask_datagram(
                    socket,
                    request,
                    sequence,
                    &request.written("UDP", &local, sequence, answer),
                )
                .await
            }
            Self::Stream { name, local, stream, framer } => {
                let written = request.written(name, &local.to_string(), sequence, answer);
                stream.write_all(&written).await?;
                stream.flush().await?;
                let mut buffer = [0; 4_096];
                loop {
                    while let Some(framed) = framer.next().map_err(invalid)? {
                        let (Framed::Whole(octets) | Framed::TooLarge(octets)) = framed;
                        if let Some(answered) = request.answered(&octets, sequence) {
                            return Ok(answered);
                        }
                    }
                    let length = stream.read(&mut buffer).await?;
                    if length == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    framer.extend(&buffer[..length]);
                }
            }
        }
    }
}

/// The same octets again until there is a response: 0.5 s, doubled up to 4 s. [RFC 3261 §17.1.2.2]
async fn ask_datagram(
    socket: &UdpSocket,
    request: &Request<'_>,
    sequence: u32,
    written: &[u8],
) -> io::Result<(u16, Option<Challenge>)> {
    let mut pause = Duration::from_millis(500);
    let mut buffer = vec![0; 1 << 16];
    loop {
        socket.send(written).await?;
        let heard = async {
            loop {
                let length = socket.recv(&mut buffer).await?;
                if let Some(answered) = request.answered(&buffer[..length], sequence) {
                    return Ok(answered);
                }
            }
        };
        if let Ok(outcome) = tokio::time::timeout(pause, heard).await {
            return outcome;
        }
        pause = (pause * 2).min(Duration::from_secs(4));
    }
}

fn connector(authorities: &[u8]) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        roots.add(certificate.map_err(invalid)?).map_err(invalid)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(invalid)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    /// What comes by datagrams, or else by a stream, of a push with a body of so many octets.
    fn heard(octets: usize) -> String {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(at).unwrap();
        let hears = std::thread::spawn(move || {
            let mut request = vec![0; 4_096];
            tcp.set_nonblocking(true).unwrap();
            udp.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            loop {
                if let Ok(length) = udp.recv(&mut request) {
                    return String::from_utf8_lossy(&request[..length]).into_owned();
                }
                if let Ok((mut stream, _)) = tcp.accept() {
                    stream.set_nonblocking(false).unwrap();
                    let length = stream.read(&mut request).unwrap();
                    return String::from_utf8_lossy(&request[..length]).into_owned();
                }
            }
        });
        let to = format!("sip:d@{at}").parse().unwrap();
        let message = vec![b'm'; octets];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sending = crate::send(&message, &to, Duration::from_secs(3));
        assert!(runtime.block_on(sending).is_err(), "nobody answers");
        hears.join().unwrap()
    }

    #[test]
    fn what_is_too_long_for_a_datagram_goes_over_tcp() {
        assert!(heard(200).contains("\r\nVia: SIP/2.0/UDP 127.0.0.1:"), "short");
        assert!(heard(1_000).contains("\r\nVia: SIP/2.0/TCP 127.0.0.1:"), "long");
    }
}

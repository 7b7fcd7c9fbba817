//! Where to send: `udp://HOST[:PORT]`, `http://HOST[:PORT][/PATH]` or `https:`, `mqtt:TOPIC`,
//! `sip:USER@HOST[:PORT]`, `tel:+NUMBER`, `WAPPUSH=DEVICE/TYPE=PLMN@GATEWAY`, `poll:DEVICE`, `file:PATH`,
//! `qr:PATH`.

mod error;
mod show;

use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use dm_push::{http_push, mqtt, pap, wsp};
use hyper::Uri;
use serde::Deserialize;

pub use error::AddressError;

/// The address of one device on one transport.
///
/// ```
/// use dm_transport::Address;
/// let udp: Address = "udp://192.0.2.7".parse()?;
/// assert_eq!(udp.to_string(), "udp://192.0.2.7:2948");
/// let http: Address = "http://[2001:db8::7]:8080".parse()?;
/// assert_eq!(http.to_string(), "http://[2001:db8::7]:8080/push");
/// # Ok::<(), dm_transport::AddressError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Address {
    /// A file, or a folder where files are taken.
    File(FileAddress),
    /// A plain HTTP push to the device itself, or to a gateway that knows it by this address.
    Http(HttpAddress),
    /// A topic of a broker that the route knows.
    Mqtt(MqttAddress),
    /// A device that a push gateway knows.
    Pap(pap::Address),
    /// The mailbox of a device that asks for its messages.
    Poll(PollAddress),
    /// Pictures of QR codes, or a terminal that shows them.
    Qr(QrAddress),
    /// A user whom a SIP proxy knows.
    Sip(SipAddress),
    /// The number of a device, for an SMS centre.
    Tel(TelAddress),
    /// A connectionless WSP push in one datagram.
    Udp(UdpAddress),
}

/// A path on this machine: `file:PATH`. A folder is one that is there, or ends with `/`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileAddress {
    path: PathBuf,
}

/// A device that asks: `poll:DEVICE`, its id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PollAddress {
    device: Arc<str>,
}

/// Where codes go: `qr:PATH.png`, or `qr:-`, the standard output.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QrAddress {
    path: Option<PathBuf>,
}

/// A path on a device that is an HTTP server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpAddress {
    host: Host,
    is_tls: bool,
    path: String,
}

/// The topic of one device: `mqtt:TOPIC`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MqttAddress {
    topic: String,
}

/// A user of SIP: `sip:USER@HOST[:PORT][;transport=udp|tcp|tls]`; `sips:` is TLS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SipAddress {
    pub(crate) host: Host,
    pub(crate) transport: SipTransport,
    /// What is asked for: without a transport, which is that of the first hop.
    pub(crate) uri: String,
}

/// What carries a request to the proxy.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "lowercase")]
pub enum SipTransport {
    /// Datagrams, and TCP for what is too long for one.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// A number with its country code: `tel:+358401234567`. [RFC 3966 §5.1.4, E.164]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TelAddress {
    digits: String,
}

/// A UDP port of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UdpAddress {
    host: Host,
}

/// A name or IP address, and a port.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Host {
    name: String,
    port: u16,
}

impl Address {
    /// Whether the address itself asks for TLS.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        match self {
            Self::Http(address) => address.is_tls(),
            Self::Sip(address) => matches!(address.transport, SipTransport::Tls),
            _ => false,
        }
    }

    /// The host and port; none, where a gateway alone knows the device.
    #[must_use]
    pub const fn host(&self) -> Option<&Host> {
        match self {
            Self::Http(address) => Some(&address.host),
            Self::File(_)
            | Self::Mqtt(_)
            | Self::Pap(_)
            | Self::Poll(_)
            | Self::Qr(_)
            | Self::Tel(_) => None,
            Self::Sip(address) => Some(&address.host),
            Self::Udp(address) => Some(&address.host),
        }
    }
}

impl MqttAddress {
    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl UdpAddress {
    pub(crate) const fn host(&self) -> &Host {
        &self.host
    }
}

impl FileAddress {
    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is written as a folder: with `/` at its end.
    pub(crate) fn is_folder(&self) -> bool {
        self.path.as_os_str().as_encoded_bytes().ends_with(b"/")
    }

    /// `PATH` or `//PATH`, as in a URL without a host.
    fn parse(rest: &str) -> Result<Self, AddressError> {
        let path = match rest.strip_prefix("//") {
            Some(path) if !path.starts_with('/') => return Err(AddressError::File),
            Some(path) => path,
            None => rest,
        };
        match path.is_empty() || path.contains('\0') {
            true => Err(AddressError::File),
            false => Ok(Self { path: path.into() }),
        }
    }
}

impl PollAddress {
    /// The id of the device.
    #[must_use]
    pub const fn device(&self) -> &Arc<str> {
        &self.device
    }
}

impl QrAddress {
    /// The path of the picture; none for the standard output.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl Host {
    /// The name or IP address, an IPv6 address without its brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Reads `HOST[:PORT]`.
    ///
    /// # Errors
    /// [`AddressError`]: no host, or no port.
    pub fn parse(authority: &str, default_port: u16) -> Result<Self, AddressError> {
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        let (name, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (name, port) = rest.split_once(']').ok_or(AddressError::Host)?;
                name.parse::<Ipv6Addr>().map_err(|_| AddressError::Host)?;
                (name, port)
            }
            None => {
                let (name, port) =
                    authority.split_at(authority.find(':').unwrap_or(authority.len()));
                let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
                if name.is_empty() || !name.bytes().all(is_name) {
                    return Err(AddressError::Host);
                }
                (name, port)
            }
        };
        Ok(Self { name: name.to_owned(), port: parse_port(port, default_port)? })
    }
}

impl HttpAddress {
    /// Whether it is reached by TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.is_tls
    }

    fn parse(place: &str, is_tls: bool) -> Result<Self, AddressError> {
        let (authority, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        let path = if path.is_empty() { http_push::DEFAULT_PATH } else { path };
        if !path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'#') {
            return Err(AddressError::Path);
        }
        let host = Host::parse(authority, if is_tls { HTTPS_PORT } else { HTTP_PORT })?;
        let address = Self { host, is_tls, path: path.to_owned() };
        Uri::try_from(address.to_string()).map_err(|_| AddressError::Path)?;
        Ok(address)
    }
}

impl SipAddress {
    /// The host of the user, as it stands in the address.
    pub(crate) fn domain(&self) -> &str {
        self.uri.split_once('@').map_or(&self.uri, |(_, place)| place)
    }

    fn parse(rest: &str, is_sips: bool) -> Result<Self, AddressError> {
        let (uri, parameter) = rest.split_once(';').unwrap_or((rest, ""));
        let transport = match (parameter.to_ascii_lowercase().as_str(), is_sips) {
            ("" | "transport=udp", false) => SipTransport::Udp,
            ("transport=tcp", false) => SipTransport::Tcp,
            ("" | "transport=tcp", true) | ("transport=tls", _) => SipTransport::Tls,
            _ => return Err(AddressError::Sip),
        };
        if rest.ends_with(';') {
            return Err(AddressError::Sip);
        }
        let (user, place) = uri.split_once('@').ok_or(AddressError::Sip)?;
        let is_user =
            |octet: u8| octet.is_ascii_alphanumeric() || b"-_.!~*'()%&=+$,".contains(&octet);
        if user.is_empty() || !user.bytes().all(is_user) {
            return Err(AddressError::Sip);
        }
        let port = if transport == SipTransport::Tls { 5061 } else { 5060 };
        Ok(Self { host: Host::parse(place, port)?, transport, uri: format!("sip:{uri}") })
    }
}

impl TelAddress {
    /// The digits, without the plus sign.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Digits alone: no country code begins with 0, and visual separators are refused, for a number that was
    /// typed by hand is better looked at again.
    fn parse(rest: &str) -> Result<Self, AddressError> {
        let digits = rest.strip_prefix('+').ok_or(AddressError::Tel)?;
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|octet| octet.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self { digits: digits.to_owned() }) } else { Err(AddressError::Tel) }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let is_pap = |start: &str| start.eq_ignore_ascii_case("wappush=");
        if text.split_at_checked(8).is_some_and(|(start, _)| is_pap(start)) {
            return text.parse().map(Self::Pap).map_err(AddressError::Pap);
        }
        let (scheme, rest) = text.split_once(':').ok_or(AddressError::Scheme)?;
        match (&*scheme.to_ascii_lowercase(), rest.strip_prefix("//")) {
            ("file", _) => FileAddress::parse(rest).map(Self::File),
            ("mqtt", None) => match mqtt::is_topic(rest) {
                true => Ok(Self::Mqtt(MqttAddress { topic: rest.to_owned() })),
                false => Err(AddressError::Mqtt),
            },
            ("poll", _) => {
                let is_device = !rest.is_empty() && !rest.contains(char::is_control);
                let device = is_device.then(|| rest.into()).ok_or(AddressError::Device)?;
                Ok(Self::Poll(PollAddress { device }))
            }
            ("qr", _) if rest == "-" => Ok(Self::Qr(QrAddress { path: None })),
            ("qr", _) => {
                let path = Some(FileAddress::parse(rest)?).filter(|it| !it.is_folder());
                let path = Some(path.ok_or(AddressError::File)?.path);
                Ok(Self::Qr(QrAddress { path }))
            }
            ("sip", None) => SipAddress::parse(rest, false).map(Self::Sip),
            ("sips", None) => SipAddress::parse(rest, true).map(Self::Sip),
            ("tel", _) => TelAddress::parse(rest).map(Self::Tel),
            ("http", Some(place)) => HttpAddress::parse(place, false).map(Self::Http),
            ("https", Some(place)) => HttpAddress::parse(place, true).map(Self::Http),
            ("udp", Some(place)) => {
                let host = place.strip_suffix('/').unwrap_or(place);
                match host.contains('/') {
                    true => Err(AddressError::PathOnUdp),
                    false => Ok(Self::Udp(UdpAddress { host: Host::parse(host, wsp::PORT_PUSH)? })),
                }
            }
            _ => Err(AddressError::Scheme),
        }
    }
}

fn parse_port(text: &str, default: u16) -> Result<u16, AddressError> {
    if text.is_empty() {
        return Ok(default);
    }
    let digits = text.strip_prefix(':').ok_or(AddressError::Host)?;
    match digits.parse() {
        Ok(port) if port != 0 && !digits.starts_with('+') => Ok(port),
        _ => Err(AddressError::Port),
    }
}

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests;

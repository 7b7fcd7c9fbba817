//! Where to send: `udp://HOST[:PORT]`, `http://HOST[:PORT][/PATH]` or `https:`, `mqtt:TOPIC`,
//! `sip:USER@HOST[:PORT]`, `tel:+NUMBER`, `WAPPUSH=DEVICE/TYPE=PLMN@GATEWAY`, `poll:DEVICE`, `file:PATH`,
//! `qr:PATH`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use dm_push::{http_push, mqtt, pap, wsp};
use hyper::Uri;
use serde::Deserialize;

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

/// An address cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// A user name or password stands before the host.
    #[error("a user name in the address: credentials do not belong there; remove it")]
    Credentials,
    /// The host is missing, or neither a name nor an IP address.
    #[error("no valid host: write a name, an IPv4 address, or an IPv6 address in brackets")]
    Host,
    /// No name of one topic.
    #[error(
        "no topic of one device: write mqtt:TOPIC without white space, '+', '#' or a '$' at its front"
    )]
    Mqtt,
    /// No address that a push gateway knows.
    #[error("{0}")]
    Pap(dm_push::Error),
    /// The path has a fragment, white space or octets that are not ASCII.
    #[error("no valid path: write ASCII that a URL may have, without '#', /push for instance")]
    Path,
    /// No device whose mailbox it could be.
    #[error("no device: write poll:DEVICE, with its id, without control characters")]
    Device,
    /// No file.
    #[error("no file: write file:PATH, or qr:PATH.png, or qr:- for the terminal")]
    File,
    /// A path on a transport that has none.
    #[error("udp has no path; write udp://HOST:PORT")]
    PathOnUdp,
    /// The port is not a number from 1 to 65535.
    #[error("no valid port: write a number from 1 to 65535")]
    Port,
    /// The scheme is missing or unknown.
    #[error(
        "unknown transport: write udp://HOST:PORT, http://HOST:PORT/push, https:, sip:USER@HOST, \
         mqtt:TOPIC, tel:+NUMBER, WAPPUSH=DEVICE/TYPE=PLMN@GATEWAY, poll:DEVICE, file:PATH or qr:PATH.png"
    )]
    Scheme,
    /// No user of SIP, or another parameter.
    #[error(
        "no SIP address: write sip:USER@HOST[:PORT], with ;transport=udp, tcp or tls behind it, or \
         sips:USER@HOST[:PORT] for TLS"
    )]
    Sip,
    /// No number with its country code.
    #[error("no number: write tel:+ and 7 to 15 digits, the country code first")]
    Tel,
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

    fn parse(authority: &str, path: &str, is_tls: bool) -> Result<Self, AddressError> {
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
        for (scheme, is_sips) in [("sip:", false), ("sips:", true)] {
            if let Some(rest) = text.strip_prefix(scheme).filter(|rest| !rest.starts_with("//")) {
                return Ok(Self::Sip(SipAddress::parse(rest, is_sips)?));
            }
        }
        if let Some(topic) = text.strip_prefix("mqtt:").filter(|rest| !rest.starts_with("//")) {
            return match mqtt::is_topic(topic) {
                true => Ok(Self::Mqtt(MqttAddress { topic: topic.to_owned() })),
                false => Err(AddressError::Mqtt),
            };
        }
        if let Some(rest) = text.strip_prefix("tel:") {
            return Ok(Self::Tel(TelAddress::parse(rest)?));
        }
        let is_pap = |start: &str| start.eq_ignore_ascii_case("wappush=");
        if text.split_at_checked(8).is_some_and(|(start, _)| is_pap(start)) {
            return text.parse().map(Self::Pap).map_err(AddressError::Pap);
        }
        match text.split_once(':') {
            Some(("file", path)) => return FileAddress::parse(path).map(Self::File),
            Some(("poll", device)) => {
                let is_device = !device.is_empty() && !device.contains(char::is_control);
                let device = is_device.then(|| device.into()).ok_or(AddressError::Device)?;
                return Ok(Self::Poll(PollAddress { device }));
            }
            Some(("qr", "-")) => return Ok(Self::Qr(QrAddress { path: None })),
            Some(("qr", path)) => {
                let path = Some(FileAddress::parse(path)?).filter(|it| !it.is_folder());
                let path = Some(path.ok_or(AddressError::File)?.path);
                return Ok(Self::Qr(QrAddress { path }));
            }
            _ => {}
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        match scheme.to_ascii_lowercase().as_str() {
            "http" => HttpAddress::parse(authority, path, false).map(Self::Http),
            "https" => HttpAddress::parse(authority, path, true).map(Self::Http),
            "udp" if matches!(path, "" | "/") => {
                Ok(Self::Udp(UdpAddress { host: Host::parse(authority, wsp::PORT_PUSH)? }))
            }
            "udp" => Err(AddressError::PathOnUdp),
            _ => Err(AddressError::Scheme),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(address) => write!(f, "file:{}", address.path.display()),
            Self::Http(address) => address.fmt(f),
            Self::Mqtt(MqttAddress { topic }) => write!(f, "mqtt:{topic}"),
            Self::Pap(address) => address.fmt(f),
            Self::Poll(address) => write!(f, "poll:{}", address.device),
            Self::Qr(QrAddress { path: Some(path) }) => write!(f, "qr:{}", path.display()),
            Self::Qr(QrAddress { path: None }) => f.write_str("qr:-"),
            Self::Sip(SipAddress { uri, transport, .. }) => {
                let transport = match transport {
                    SipTransport::Udp => "udp",
                    SipTransport::Tcp => "tcp",
                    SipTransport::Tls => "tls",
                };
                write!(f, "{uri};transport={transport}")
            }
            Self::Tel(address) => write!(f, "tel:+{}", address.digits),
            Self::Udp(address) => write!(f, "udp://{}", address.host),
        }
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host, self.path)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.parse() {
            Ok(IpAddr::V6(_)) => write!(f, "[{}]:{}", self.name, self.port),
            _ => write!(f, "{}:{}", self.name, self.port),
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
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, AddressError> {
        text.parse::<Address>().map(|address| address.to_string())
    }

    #[test]
    fn what_is_shown_can_be_parsed_again() {
        for text in [
            "https://[2001:db8::1]:4036/push",
            "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
            "udp://[::1]:9",
            "http://dev-1.example:8080/a/b?c=d",
            "udp://10.0.0.1:2948",
            "mqtt:/a",
            "tel:+3584012345",
            "file:/var/spool/dm/",
            "file:a.wbxml",
            "poll:urn:imei:1",
            "qr:-",
            "qr:a b.png",
        ] {
            assert_eq!(shown(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn defaults_are_filled_in() {
        assert_eq!(shown("UDP://dev/").as_deref(), Ok("udp://dev:2948"));
        assert_eq!(shown("file:///a/b").as_deref(), Ok("file:/a/b"));
        assert_eq!(shown("sip:a@dev").as_deref(), Ok("sip:a@dev;transport=udp"));
        assert_eq!(shown("sip:a@dev;transport=TLS").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("sips:a@dev").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("sips:a@dev;transport=tcp").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("http://dev").as_deref(), Ok("http://dev:80/push"));
        assert_eq!(shown("https://dev").as_deref(), Ok("https://dev:443/push"));
        assert_eq!(shown("http://dev/").as_deref(), Ok("http://dev:80/"));
    }

    #[test]
    fn every_fault_has_an_address() {
        for (text, error) in [
            ("http://user:secret@dev/push", AddressError::Credentials),
            ("udp://:2948", AddressError::Host),
            ("udp://::1", AddressError::Host),
            ("udp://[1.2.3.4]", AddressError::Host),
            ("udp://[::1]2948", AddressError::Host),
            ("http://a b/push", AddressError::Host),
            ("https://user@dev/push", AddressError::Credentials),
            ("http://dev/<push>", AddressError::Path),
            ("http://dev/push#part", AddressError::Path),
            ("http://dev/pu sh", AddressError::Path),
            ("udp://dev/push", AddressError::PathOnUdp),
            ("udp://dev:0", AddressError::Port),
            ("udp://dev:65536", AddressError::Port),
            ("udp://dev:+1", AddressError::Port),
            ("udp://dev:", AddressError::Port),
            ("file:", AddressError::File),
            ("file://host/path", AddressError::File),
            ("poll:", AddressError::Device),
            ("poll:a\nb", AddressError::Device),
            ("qr:codes/", AddressError::File),
            ("dev:2948", AddressError::Scheme),
            ("sip://dev", AddressError::Scheme),
            ("sip:dev.example", AddressError::Sip),
            ("sip:@dev.example", AddressError::Sip),
            ("sip:a b@dev.example", AddressError::Sip),
            ("sip:a@dev.example;transport=sctp", AddressError::Sip),
            ("sip:a@dev.example;transport=tls;lr", AddressError::Sip),
            ("tel:358401234567", AddressError::Tel),
            ("tel:+0401234567", AddressError::Tel),
            ("tel:+358 40 1234567", AddressError::Tel),
            ("tel:+358-40-1234567", AddressError::Tel),
            ("tel:+123456", AddressError::Tel),
            ("tel:+1234567890123456", AddressError::Tel),
            ("tel:+358401234567;ext=1", AddressError::Tel),
            ("sip:a@dev.example;", AddressError::Sip),
            ("sips:a@dev.example;transport=udp", AddressError::Sip),
            ("sips://dev", AddressError::Scheme),
            ("mqtt:", AddressError::Mqtt),
            ("mqtt:dm/+/push", AddressError::Mqtt),
            ("mqtt:dm/#", AddressError::Mqtt),
            ("mqtt:$SYS/broker", AddressError::Mqtt),
            ("mqtt:a b", AddressError::Mqtt),
            ("mqtt://broker/dm", AddressError::Scheme),
            ("sip:a@dev.example:0", AddressError::Port),
            ("sip:a:secret@b@dev.example", AddressError::Sip),
        ] {
            assert_eq!(shown(text), Err(error), "{text}");
        }
        let error = shown("wappush=127.0.0.256/TYPE=IPv4@ppg.example").unwrap_err();
        assert!(matches!(error, AddressError::Pap(_)), "{error}");
    }
}

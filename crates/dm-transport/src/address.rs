//! Where to send: `udp://HOST[:PORT]`, `http://HOST[:PORT][/PATH]`, `sip:USER@HOST[:PORT]`, `mqtt:TOPIC`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use dm_push::{http_push, mqtt, wsp};
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
    /// A plain HTTP push to the device itself.
    Http(HttpAddress),
    /// A topic of a broker that the route knows.
    Mqtt(MqttAddress),
    /// A user whom a SIP proxy knows.
    Sip(SipAddress),
    /// A connectionless WSP push in one datagram.
    Udp(UdpAddress),
}

/// A path on a device that is an HTTP server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpAddress {
    host: Host,
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
    /// `https` is asked for.
    #[error("https is not supported yet; write http://, or reach the device through a tunnel")]
    HttpsUnsupported,
    /// No name of one topic.
    #[error(
        "no topic of one device: write mqtt:TOPIC without white space, '+', '#' or a '$' at its front"
    )]
    Mqtt,
    /// The path has a fragment, white space or octets that are not ASCII.
    #[error("no valid path: write visible ASCII without '#', /push for instance")]
    Path,
    /// A path on a transport that has none.
    #[error("udp has no path; write udp://HOST:PORT")]
    PathOnUdp,
    /// The port is not a number from 1 to 65535.
    #[error("no valid port: write a number from 1 to 65535")]
    Port,
    /// The scheme is missing or unknown.
    #[error(
        "unknown transport: write udp://HOST:PORT, http://HOST:PORT/push, sip:USER@HOST or mqtt:TOPIC"
    )]
    Scheme,
    /// No user of SIP, or another parameter.
    #[error(
        "no SIP address: write sip:USER@HOST[:PORT], with ;transport=udp, tcp or tls behind it, or \
         sips:USER@HOST[:PORT] for TLS"
    )]
    Sip,
}

impl Address {
    /// The host and port; none, where a gateway alone knows the device.
    #[must_use]
    pub const fn host(&self) -> Option<&Host> {
        match self {
            Self::Http(address) => Some(&address.host),
            Self::Mqtt(_) => None,
            Self::Sip(address) => Some(&address.host),
            Self::Udp(address) => Some(&address.host),
        }
    }
}

impl HttpAddress {
    pub(crate) const fn host(&self) -> &Host {
        &self.host
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
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        match scheme.to_ascii_lowercase().as_str() {
            "http" => {
                let path = if path.is_empty() { http_push::DEFAULT_PATH } else { path };
                if !path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'#') {
                    return Err(AddressError::Path);
                }
                let host = Host::parse(authority, HTTP_PORT)?;
                Ok(Self::Http(HttpAddress { host, path: path.to_owned() }))
            }
            "https" => Err(AddressError::HttpsUnsupported),
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
            Self::Http(address) => address.fmt(f),
            Self::Mqtt(MqttAddress { topic }) => write!(f, "mqtt:{topic}"),
            Self::Sip(SipAddress { uri, transport, .. }) => {
                let transport = match transport {
                    SipTransport::Udp => "udp",
                    SipTransport::Tcp => "tcp",
                    SipTransport::Tls => "tls",
                };
                write!(f, "{uri};transport={transport}")
            }
            Self::Udp(address) => write!(f, "udp://{}", address.host),
        }
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.host, self.path)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, AddressError> {
        text.parse::<Address>().map(|address| address.to_string())
    }

    #[test]
    fn what_is_shown_can_be_parsed_again() {
        for text in
            ["udp://[::1]:9", "http://dev-1.example:8080/a/b?c=d", "udp://10.0.0.1:2948", "mqtt:/a"]
        {
            assert_eq!(shown(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn defaults_are_filled_in() {
        assert_eq!(shown("UDP://dev/").as_deref(), Ok("udp://dev:2948"));
        assert_eq!(shown("sip:a@dev").as_deref(), Ok("sip:a@dev;transport=udp"));
        assert_eq!(shown("sip:a@dev;transport=TLS").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("sips:a@dev").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("sips:a@dev;transport=tcp").as_deref(), Ok("sip:a@dev;transport=tls"));
        assert_eq!(shown("http://dev").as_deref(), Ok("http://dev:80/push"));
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
            ("https://dev/push", AddressError::HttpsUnsupported),
            ("http://dev/push#part", AddressError::Path),
            ("http://dev/pu sh", AddressError::Path),
            ("udp://dev/push", AddressError::PathOnUdp),
            ("udp://dev:0", AddressError::Port),
            ("udp://dev:65536", AddressError::Port),
            ("udp://dev:+1", AddressError::Port),
            ("udp://dev:", AddressError::Port),
            ("dev:2948", AddressError::Scheme),
            ("sip://dev", AddressError::Scheme),
            ("sip:dev.example", AddressError::Sip),
            ("sip:@dev.example", AddressError::Sip),
            ("sip:a b@dev.example", AddressError::Sip),
            ("sip:a@dev.example;transport=sctp", AddressError::Sip),
            ("sip:a@dev.example;transport=tls;lr", AddressError::Sip),
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
    }
}

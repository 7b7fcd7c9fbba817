//! Addresses as they are written.

use std::fmt;
use std::net::IpAddr;

use super::{Address, Host, HttpAddress, MqttAddress, QrAddress, SipAddress, SipTransport};

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

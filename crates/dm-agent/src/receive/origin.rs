//! Where a message came from, as its transport says.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The sender of a message, or what carried it. Nothing is decided by it once the message is in the
/// queue: the signature decides.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// Address and port. Over UDP anyone can forge them.
    Address(SocketAddr),
    /// A file.
    File(PathBuf),
    /// A name: a telephone number, the URI of a SIP user, the topic and address of a broker.
    Name(Box<str>),
}

impl Origin {
    /// The IP address, where there is one.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address.ip()),
            Self::File(_) | Self::Name(_) => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::File(path) => path.display().fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<SocketAddr> for Origin {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

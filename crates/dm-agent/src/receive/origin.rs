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
            // Whoever names a file may put ends of lines and controls into the name.
            Self::File(path) => path.to_string_lossy().escape_debug().fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<SocketAddr> for Origin {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_makes_no_line_of_a_log() {
        let origin = Origin::File("/spool/a\n2026 WARN forged \x1B[2J\u{202E}.wbxml".into());
        assert_eq!(origin.to_string(), "/spool/a\\n2026 WARN forged \\u{1b}[2J\\u{202e}.wbxml");
    }
}

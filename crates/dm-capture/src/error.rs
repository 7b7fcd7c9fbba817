//! What can be wrong with a capture, and at which octet.

/// A capture, or a packet in it, could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at octet {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Octets before the fault, counted from the start of the file.
    pub offset: usize,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// The kinds of fault in a capture.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The length of a pcapng block is no multiple of four, too small, or differs at its end.
    #[error("a block length of {length} that does not fit the block")]
    BlockLength {
        /// The length found.
        length: u32,
    },
    /// An IP fragment; fragments are not put together.
    #[error("an IP fragment; capture the datagram unfragmented, fragments are not put together")]
    Fragment,
    /// A packet of an interface that no block described.
    #[error("interface {interface} was not described before")]
    InterfaceUnknown {
        /// Its number.
        interface: u32,
    },
    /// A link type that is not read.
    #[error(
        "link type {link_type} is not supported; Ethernet (1), raw IP (101), Linux cooked (113, \
         276) and loopback (0, 108) are"
    )]
    LinkType {
        /// The number that tcpdump.org assigns.
        link_type: u16,
    },
    /// A header that breaks a rule of its protocol.
    #[error("a malformed {layer}")]
    Malformed {
        /// Which header.
        layer: &'static str,
    },
    /// Neither pcap nor pcapng.
    #[error("neither a pcap nor a pcapng file begins with {magic:#010x}")]
    NotACapture {
        /// The first four octets.
        magic: u32,
    },
    /// The packet block of early pcapng, which nobody writes any more.
    #[error("an obsolete packet block (2); convert the file with editcap")]
    ObsoleteBlock,
    /// The octets end too early.
    #[error("{missing} octets are missing")]
    Truncated {
        /// How many more were announced.
        missing: usize,
    },
    /// A version of the file format that is not read.
    #[error("version {major} of the file format is not supported")]
    Version {
        /// The version.
        major: u16,
    },
}

//! Information elements: application ports, concatenation, and any other. [TS 23.040 §9.2.3.24]

use alloc::vec::Vec;
use core::fmt;

use super::length_octet;
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

const CONCATENATION_8: u8 = 0x00;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CONCATENATION_16: u8 = 0x08;

/// One information element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Element<'a> {
    /// 0x00 or 0x08: a segment of a longer message, by the width of its reference.
    Concatenation(Concatenation),
    /// 0x04: application ports of eight bits.
    Ports8 {
        /// The receiver's.
        destination: u8,
        /// The sender's.
        source: u8,
    },
    /// 0x05: application ports of sixteen bits.
    Ports16(Ports),
    /// Any other: skipped, but kept.
    Other(Other<'a>),
}

/// An information element that this crate gives no meaning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Other<'a> {
    id: u8,
    data: &'a [u8],
}

/// Application ports.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ports {
    /// The receiver's.
    pub destination: u16,
    /// The sender's.
    pub source: u16,
}

/// The number that all segments of one message share.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reference {
    /// Of eight bits.
    Eight(u8),
    /// Of sixteen bits.
    Sixteen(u16),
}

/// Which segment of which message.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Concatenation {
    /// The message.
    pub reference: Reference,
    /// How many segments it has.
    pub total: u8,
    /// Which one this is, from 1.
    pub sequence: u8,
}

impl Concatenation {
    /// Whether the segment has a number from 1 to `total`. [TS 23.040 §9.2.3.24.1]
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        1 <= self.sequence && self.sequence <= self.total
    }
}

impl<'a> Element<'a> {
    /// An element by its identifier and data.
    ///
    /// # Errors
    /// [`ErrorKind::ElementLength`] if the standard prescribes another length, at offset 0.
    pub fn new(id: u8, data: &'a [u8]) -> Result<Self, Error> {
        let wanted = match id {
            PORTS_8 => 2,
            CONCATENATION_8 => 3,
            PORTS_16 | CONCATENATION_16 => 4,
            _ => return Ok(Self::Other(Other { id, data })),
        };
        let word = |high, low| u16::from_be_bytes([high, low]);
        Ok(match (id, data) {
            (PORTS_8, [destination, source]) => {
                Self::Ports8 { destination: *destination, source: *source }
            }
            (PORTS_16, [a, b, c, d]) => {
                Self::Ports16(Ports { destination: word(*a, *b), source: word(*c, *d) })
            }
            (_, [reference, total, sequence]) if id == CONCATENATION_8 => {
                Self::concatenated(Reference::Eight(*reference), *total, *sequence)
            }
            (_, [high, low, total, sequence]) if id == CONCATENATION_16 => {
                Self::concatenated(Reference::Sixteen(word(*high, *low)), *total, *sequence)
            }
            _ => {
                let length = data.len();
                return Err(Error::new(ErrorKind::ElementLength { id, length, wanted }, 0));
            }
        })
    }

    const fn concatenated(reference: Reference, total: u8, sequence: u8) -> Self {
        Self::Concatenation(Concatenation { reference, total, sequence })
    }

    /// IEI: what the element is.
    #[must_use]
    pub const fn id(&self) -> u8 {
        match self {
            Self::Concatenation(Concatenation { reference: Reference::Eight(_), .. }) => {
                CONCATENATION_8
            }
            Self::Concatenation(_) => CONCATENATION_16,
            Self::Ports8 { .. } => PORTS_8,
            Self::Ports16(_) => PORTS_16,
            Self::Other(other) => other.id,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Concatenation(_) => "IE concatenation",
            Self::Ports8 { .. } | Self::Ports16(_) => "IE application ports",
            Self::Other(_) => "IE other",
        }
    }

    /// The ports, if it names ports.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        match *self {
            Self::Ports8 { destination, source } => {
                Some(Ports { destination: destination.into(), source: source.into() })
            }
            Self::Ports16(ports) => Some(ports),
            Self::Concatenation(_) | Self::Other(_) => None,
        }
    }

    /// The segment, valid or not, if it numbers one.
    #[must_use]
    pub const fn concatenation(&self) -> Option<Concatenation> {
        match *self {
            Self::Concatenation(concatenation) => Some(concatenation),
            Self::Ports8 { .. } | Self::Ports16(_) | Self::Other(_) => None,
        }
    }

    /// Its octets: identifier, length and data.
    #[must_use]
    pub const fn octets(&self) -> usize {
        2 + match self {
            Self::Concatenation(Concatenation { reference: Reference::Eight(_), .. }) => 3,
            Self::Concatenation(_) | Self::Ports16(_) => 4,
            Self::Ports8 { .. } => 2,
            Self::Other(other) => other.data.len(),
        }
    }

    pub(super) fn read(block: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = block.at();
        let overrun = |error: Error| match error.kind {
            ErrorKind::Truncated { missing } => {
                Error::new(ErrorKind::ElementOverrun { missing }, at)
            }
            _ => error,
        };
        let id = block.octet()?;
        let length = block.octet().map_err(overrun)?;
        let data = block.take(length.into()).map_err(overrun)?;
        Self::new(id, data).map_err(|error| Error::new(error.kind, at))
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend([self.id(), length_octet(self.octets() - 2, out.len() + 1)?]);
        match self {
            Self::Concatenation(Concatenation { reference, total, sequence }) => {
                match reference {
                    Reference::Eight(reference) => out.push(*reference),
                    Reference::Sixteen(reference) => out.extend(reference.to_be_bytes()),
                }
                out.extend([*total, *sequence]);
            }
            Self::Ports8 { destination, source } => out.extend([*destination, *source]),
            Self::Ports16(ports) => {
                out.extend(ports.destination.to_be_bytes());
                out.extend(ports.source.to_be_bytes());
            }
            Self::Other(other) => out.extend_from_slice(other.data),
        }
        Ok(())
    }
}

impl<'a> Other<'a> {
    /// IEI.
    #[must_use]
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// IED.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eight(reference) => write!(f, "{reference:#04x}"),
            Self::Sixteen(reference) => write!(f, "{reference:#06x}"),
        }
    }
}

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concatenation(concatenation) => {
                let Concatenation { reference, total, sequence } = concatenation;
                write!(f, "segment {sequence} of {total}, reference {reference}")?;
                if concatenation.is_valid() { Ok(()) } else { f.write_str(" (ignored)") }
            }
            Self::Ports8 { destination, source } => {
                write!(f, "to port {destination} from {source}, 8 bits")
            }
            Self::Ports16(Ports { destination, source }) => {
                write!(f, "to port {destination} from {source}")
            }
            Self::Other(other) => {
                write!(f, "element {:#04x} of {} octets, skipped", other.id, other.data.len())
            }
        }
    }
}

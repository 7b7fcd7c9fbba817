//! The user data header: information elements in front of the data. [TS 23.040 §9.2.3.24]
//!
//! | Field | Octets | Value |
//! | -- | -- | -- |
//! | UDHL | 1 | octets of all elements |
//! | IEI | 1 | what the element is |
//! | IEDL | 1 | octets of its data |
//! | IED | IEDL | data |

mod element;
#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

pub use element::{Concatenation, Element, Ports, Reference};

use super::field::{Field, Layout};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A user data header: its elements in the order of the wire, unknown and repeated ones too.
///
/// ```
/// use dm_push::sms::{Element, Ports, UserDataHeader};
/// let ports = Ports { destination: 2948, source: 9200 };
/// let header = UserDataHeader { elements: vec![Element::Ports16(ports)] };
/// let octets = header.write()?;
/// assert_eq!(octets, [0x06, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0]);
/// assert_eq!(UserDataHeader::read(&octets)?, (header, &[][..]));
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserDataHeader<'a> {
    /// The elements, as they stand.
    pub elements: Vec<Element<'a>>,
}

impl<'a> UserDataHeader<'a> {
    /// Reads the header that `user_data` begins with; gives it and the data after it.
    ///
    /// # Errors
    /// [`ErrorKind::HeaderOverrun`] and [`ErrorKind::ElementOverrun`] for lengths that lead too
    /// far, [`ErrorKind::ElementLength`] for a port or concatenation element of another length.
    pub fn read(user_data: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        let mut cursor = Cursor::new(user_data);
        let header = Self::read_from(&mut cursor)?;
        Ok((header, cursor.rest()))
    }

    pub(super) fn read_from(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        let length = usize::from(cursor.octet()?);
        let mut block = cursor.part(length).map_err(|error| match error.kind {
            ErrorKind::Truncated { missing } => {
                Error::new(ErrorKind::HeaderOverrun { missing }, at)
            }
            _ => error,
        })?;
        let mut elements = Vec::new();
        while !block.is_at_end() {
            elements.push(Element::read(&mut block)?);
        }
        Ok(Self { elements })
    }

    /// The ports: of several elements the last counts, whatever its width.
    /// [TS 23.040 §9.2.3.24]
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        self.elements.iter().rev().find_map(Element::ports)
    }

    /// The place of this segment in its message: of several elements the last counts. Elements
    /// that number no segment are passed over. [TS 23.040 §9.2.3.24.1]
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        let all = self.elements.iter().rev().filter_map(Element::concatenation);
        all.into_iter().find(Concatenation::is_valid)
    }

    /// Octets of the header, UDHL included.
    #[must_use]
    pub fn octets(&self) -> usize {
        1 + self.elements.iter().map(Element::octets).sum::<usize>()
    }

    /// The octets of the header, UDHL first.
    ///
    /// # Errors
    /// [`ErrorKind::UserDataTooLong`] if an element or all of them have more than 255 octets; the
    /// offset is that of the length octet that cannot hold it.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::from([0]);
        for element in &self.elements {
            element.write(&mut out)?;
        }
        out[0] = length_octet(out.len() - 1, 0)?;
        Ok(out)
    }

    /// What each octet of the header is.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut layout = Layout::new();
        self.lay(&mut layout);
        layout.finish()
    }

    pub(super) fn lay(&self, layout: &mut Layout) {
        layout.put("UDHL", 1, format!("{} octets of elements", self.octets() - 1));
        for element in &self.elements {
            layout.put(element.name(), element.octets(), element.to_string());
        }
    }
}

/// A length in one octet, which stands at `at`.
fn length_octet(octets: usize, at: usize) -> Result<u8, Error> {
    u8::try_from(octets)
        .map_err(|_| Error::new(ErrorKind::UserDataTooLong { octets, limit: 255 }, at))
}

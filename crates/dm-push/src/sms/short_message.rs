//! What SMPP carries in short_message or message_payload: user data without a TPDU around it.
//! [SMPP 3.4 §5.2.12, §5.2.22]

use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

use super::field::{Field, Layout};
use super::udh::UserDataHeader;
use crate::Error;
use crate::cursor::Cursor;

/// In esm_class: the message begins with a user data header. [SMPP 3.4 §5.2.12]
const ESM_CLASS_UDHI: u8 = 0x40;

/// Whether a message begins with a user data header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Udhi {
    /// It does.
    Present,
    /// It does not.
    Absent,
    /// Nobody said: its content decides, see [`ShortMessage::read`].
    Unknown,
}

impl Udhi {
    /// What the esm_class of an SMPP message says.
    ///
    /// ```
    /// use dm_push::sms::Udhi;
    /// assert_eq!(Udhi::of_esm_class(0x43), Udhi::Present);
    /// assert_eq!(Udhi::of_esm_class(0x03), Udhi::Absent);
    /// ```
    #[must_use]
    pub const fn of_esm_class(esm_class: u8) -> Self {
        if esm_class & ESM_CLASS_UDHI == 0 { Self::Absent } else { Self::Present }
    }
}

/// User data as SMPP carries it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ShortMessage<'a> {
    /// The header, if there is one.
    pub header: Option<UserDataHeader<'a>>,
    /// All that follows it.
    pub data: &'a [u8],
}

impl<'a> ShortMessage<'a> {
    /// Reads a message.
    ///
    /// If nobody said whether there is a header, then there is one exactly if the first octet is
    /// the length of elements that fit in it without rest, and one of them names ports or a valid
    /// segment. A WSP push is not mistaken for that unless it is made to imitate it: its second
    /// octet, 0x06, would be an element of another kind.
    ///
    /// # Errors
    /// Of [`UserDataHeader::read`] if the header is said to be present; no others.
    pub fn read(octets: &'a [u8], udhi: Udhi) -> Result<Self, Error> {
        let without = Self { header: None, data: octets };
        match udhi {
            Udhi::Absent => Ok(without),
            Udhi::Present => Self::headed(octets),
            Udhi::Unknown => {
                Ok(Self::headed(octets).ok().filter(Self::is_telling).unwrap_or(without))
            }
        }
    }

    fn headed(octets: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(octets);
        let header = Some(UserDataHeader::read_from(&mut cursor)?);
        Ok(Self { header, data: cursor.rest() })
    }

    fn is_telling(&self) -> bool {
        let header = self.header.as_ref();
        header.is_some_and(|header| header.ports().is_some() || header.concatenation().is_some())
    }

    /// The octets; esm_class must say whether they have a header.
    ///
    /// # Errors
    /// Of [`UserDataHeader::write`].
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let mut out = match &self.header {
            Some(header) => header.write()?,
            None => Vec::new(),
        };
        out.extend_from_slice(self.data);
        Ok(out)
    }

    /// Where the data lies in the octets of the message.
    #[must_use]
    pub fn data_range(&self) -> Range<usize> {
        let start = self.header.as_ref().map_or(0, UserDataHeader::octets);
        start..start + self.data.len()
    }

    /// What each octet of the message is.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut layout = Layout::new();
        if let Some(header) = &self.header {
            header.lay(&mut layout);
        }
        layout.put("data", self.data.len(), format!("{} octets", self.data.len()));
        layout.finish()
    }
}

#[cfg(test)]
mod tests;

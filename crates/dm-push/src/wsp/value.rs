//! Values of headers and parameters: the first octet says the form. [WSP §8.4.1.2]

use alloc::vec::Vec;

use super::uintvar;
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A value, in the form it has on the wire.
///
/// | First octet | Form |
/// | -- | -- |
/// | 0 to 30 | that many octets of data |
/// | 31 | a uintvar, then that many octets of data |
/// | 32 to 127 | text up to a NUL; 127 quotes a first octet that is not plain |
/// | 128 to 255 | a number of seven bits |
///
/// ```
/// use dm_push::wsp::Value;
/// assert_eq!(Value::Short(7).integer(), Some(7));
/// assert_eq!(Value::Data(&[0x03, 0x02]).integer(), Some(0x0302));
/// assert_eq!(Value::Data(&[]).integer(), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Value<'a> {
    /// Octets after their length: a long number, a date, a structure, or nothing at all.
    Data(&'a [u8]),
    /// A number of seven bits; the eighth is ignored.
    Short(u8),
    /// Text.
    Text(Text<'a>),
}

impl<'a> Value<'a> {
    /// The value as a number: seven bits, or up to eight octets of data, high first.
    #[must_use]
    pub fn integer(&self) -> Option<u64> {
        match self {
            Self::Short(number) => Some(u64::from(number & 0x7F)),
            Self::Data(data) if (1..=8).contains(&data.len()) => {
                Some(data.iter().fold(0, |number, octet| (number << 8) | u64::from(*octet)))
            }
            Self::Data(_) | Self::Text(_) => None,
        }
    }

    /// The value as text.
    #[must_use]
    pub const fn text(&self) -> Option<Text<'a>> {
        match self {
            Self::Text(text) => Some(*text),
            Self::Data(_) | Self::Short(_) => None,
        }
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        match cursor.peek()? {
            0x00..=LENGTH_QUOTE => {
                let length = read_length(cursor)?;
                cursor.take(length).map(Self::Data)
            }
            TEXT_QUOTE => {
                cursor.octet()?;
                cursor.text().map(|text| Self::Text(Text(text)))
            }
            0x20..=0x7E => cursor.text().map(|text| Self::Text(Text(text))),
            0x80..=0xFF => Ok(Self::Short(cursor.octet()? & 0x7F)),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Data(data) => {
                write_length(data.len(), out);
                out.extend_from_slice(data);
            }
            Self::Short(number) => out.push(number | 0x80),
            Self::Text(Text(text)) => {
                if !matches!(text.first(), Some(0x20..=0x7E)) {
                    out.push(TEXT_QUOTE);
                }
                out.extend_from_slice(text);
                out.push(0);
            }
        }
    }
}

/// Text without a NUL; the standard says nothing of its charset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Text of these octets.
    ///
    /// # Errors
    /// [`ErrorKind::NotText`] if one of them is NUL.
    pub fn new(octets: &'a [u8]) -> Result<Self, Error> {
        match octets.iter().position(|octet| *octet == 0) {
            Some(offset) => Err(Error::new(ErrorKind::NotText { octet: 0 }, offset)),
            None => Ok(Self(octets)),
        }
    }

    /// Text of a name that was checked to be printable.
    pub(super) const fn of_name(name: &'a str) -> Self {
        Self(name.as_bytes())
    }

    /// The octets, without quote and closing NUL.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.0
    }

    /// The text, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.0).ok()
    }
}

/// A header or parameter name in text: at least one character, all visible ASCII.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// A name of this text.
    ///
    /// # Errors
    /// [`ErrorKind::BadName`] at the first character that is not visible ASCII.
    pub fn new(text: &'a str) -> Result<Self, Error> {
        Self::from_octets(text.as_bytes(), 0)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        Self::from_octets(cursor.text()?, at)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
        out.push(0);
    }

    fn from_octets(octets: &'a [u8], at: usize) -> Result<Self, Error> {
        let bad = octets.iter().position(|octet| !octet.is_ascii_graphic());
        match (bad, core::str::from_utf8(octets)) {
            (None, Ok(name)) if !name.is_empty() => Ok(Self(name)),
            (bad, _) => {
                let offset = bad.unwrap_or(0);
                let octet = octets.get(offset).copied().unwrap_or(0);
                Err(Error::new(ErrorKind::BadName { octet }, at + offset))
            }
        }
    }
}

/// Reads the length of data: 0 to 30, or a quoted uintvar.
pub(super) fn read_length(cursor: &mut Cursor<'_>) -> Result<usize, Error> {
    match cursor.octet()? {
        LENGTH_QUOTE => Ok(uintvar::read(cursor)? as usize),
        length => Ok(usize::from(length)),
    }
}

/// Writes the length of data in its shortest form.
pub(super) fn write_length(length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if short < LENGTH_QUOTE => out.push(short),
        _ => {
            out.push(LENGTH_QUOTE);
            uintvar::write(length, out);
        }
    }
}

/// Before a length that does not fit 0 to 30.
pub(super) const LENGTH_QUOTE: u8 = 0x1F;
/// Before text whose first octet could be taken for something else.
const TEXT_QUOTE: u8 = 0x7F;

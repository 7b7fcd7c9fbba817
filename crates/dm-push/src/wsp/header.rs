//! Headers beside the content type: kept as they came. [WSP §8.4.1]

use alloc::vec::Vec;

use super::tables;
use super::value::{Name, Value};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A header, its value in the form it has on the wire.
///
/// ```
/// use dm_push::wsp::{Header, HeaderName, Value, tables};
/// let flag = Header::new(HeaderName::from_code(tables::PUSH_FLAG), Value::Short(4))?;
/// assert_eq!(flag.name().as_str(), Some("Push-Flag"));
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header<'a> {
    name: HeaderName<'a>,
    value: Value<'a>,
}

impl<'a> Header<'a> {
    /// A header of this name and value.
    ///
    /// # Errors
    /// [`ErrorKind::ApplicationIdAsHeader`]: a push has a field of its own for that.
    pub fn new(name: HeaderName<'a>, value: Value<'a>) -> Result<Self, Error> {
        if name.is_application_id() {
            return Err(Error::new(ErrorKind::ApplicationIdAsHeader, 0));
        }
        Ok(Self { name, value })
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> HeaderName<'a> {
        self.name
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> Value<'a> {
        self.value
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.name.write(out);
        self.value.write(out);
    }
}

/// The name of a header: a code of page 1, or text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HeaderName<'a>(Inner<'a>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Inner<'a> {
    Code(u8),
    Name(Name<'a>),
}

impl<'a> HeaderName<'a> {
    pub(super) const X_WAP_APPLICATION_ID: HeaderName<'static> =
        HeaderName(Inner::Code(tables::X_WAP_APPLICATION_ID));

    /// The name with this code; the eighth bit, set on the wire, does not matter.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        Self(Inner::Code(code & 0x7F))
    }

    /// The name in text.
    #[must_use]
    pub const fn from_name(name: Name<'a>) -> Self {
        Self(Inner::Name(name))
    }

    /// The code, if the name came as one.
    #[must_use]
    pub const fn code(&self) -> Option<u8> {
        match self.0 {
            Inner::Code(code) => Some(code),
            Inner::Name(_) => None,
        }
    }

    /// The name in text, unless it is a code that [`tables::HEADERS`] does not know.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        match self.0 {
            Inner::Code(code) => {
                tables::HEADERS.iter().find(|entry| entry.0 == code).map(|entry| entry.1)
            }
            Inner::Name(name) => Some(name.as_str()),
        }
    }

    pub(super) fn is_application_id(&self) -> bool {
        self.as_str().is_some_and(|name| name.eq_ignore_ascii_case("X-Wap-Application-Id"))
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        match cursor.peek()? {
            SHIFT_DELIMITER => {
                cursor.octet()?;
                let page = cursor.octet()?;
                Err(Error::new(ErrorKind::CodePageShift { page }, at))
            }
            page @ 0x01..=0x1F => Err(Error::new(ErrorKind::CodePageShift { page }, at)),
            0x00 => Err(Error::new(ErrorKind::BadName { octet: 0 }, at)),
            0x20..=0x7E => Name::read(cursor).map(Self::from_name),
            0x80..=0xFF => cursor.octet().map(Self::from_code),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Inner::Code(code) => out.push(code | 0x80),
            Inner::Name(name) => name.write(out),
        }
    }
}

/// Before the number of a header code page; 1 to 31 alone are its short form.
const SHIFT_DELIMITER: u8 = 0x7F;

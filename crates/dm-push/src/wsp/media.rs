//! Names that WSP abbreviates to numbers: media types and application ids. [WSP §8.4.2]

use alloc::vec::Vec;

use super::value::{Text, Value};
use super::{Form, tables};
use crate::{APPLICATION_ID, Error, ErrorKind, media_type};

/// A media type: a name, or a code whose name is not in [`tables::MEDIA_TYPES`].
///
/// The token `0xC2` and the text `application/vnd.syncml.dm+wbxml` are the same value.
///
/// ```
/// use dm_push::wsp::MediaType;
/// assert_eq!(MediaType::from_code(0x42), MediaType::DM_WBXML);
/// assert_eq!(MediaType::new("text/plain")?.name(), Some("text/plain"));
/// assert_eq!(MediaType::from_code(0x7F).name(), None);
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MediaType<'a>(Assigned<'a>);

impl<'a> MediaType<'a> {
    /// An OMA DM message in WBXML. [Sessionless §5.2]
    pub const DM_WBXML: MediaType<'static> = MediaType(Assigned::Name(media_type::DM_WBXML));

    /// The media type of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotText`] if it is empty or holds anything but printable ASCII.
    pub fn new(name: &'a str) -> Result<Self, Error> {
        Assigned::named(name.as_bytes(), 0).map(Self)
    }

    /// The media type of this code.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        Self(Assigned::coded(code, &tables::MEDIA_TYPES))
    }

    /// The name, parameters in its text included, unless the code is unknown.
    #[must_use]
    pub const fn name(&self) -> Option<&'a str> {
        self.0.name()
    }

    /// The code that WSP assigns, if it does.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.0.code(&tables::MEDIA_TYPES)
    }

    /// Whether it is the media type `name`, without regard to case and parameters.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name().is_some_and(|own| media_type::is(own, name))
    }

    pub(super) fn from_value(value: Value<'a>, at: usize) -> Result<Self, Error> {
        Assigned::from_value(value, &tables::MEDIA_TYPES, at).map(Self)
    }

    pub(super) fn write(&self, form: Form, out: &mut Vec<u8>) {
        self.0.write(form, &tables::MEDIA_TYPES, out);
    }
}

/// An application on the device: a URI, or a code that is not in [`tables::APPLICATION_IDS`].
///
/// ```
/// use dm_push::wsp::ApplicationId;
/// assert_eq!(ApplicationId::from_code(7), ApplicationId::SYNCML_DM);
/// assert_eq!(ApplicationId::SYNCML_DM.name(), Some("x-wap-application:syncml.dm"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ApplicationId<'a>(Assigned<'a>);

impl<'a> ApplicationId<'a> {
    /// The client of OMA DM.
    pub const SYNCML_DM: ApplicationId<'static> = ApplicationId(Assigned::Name(APPLICATION_ID));

    /// The application of this URI.
    ///
    /// # Errors
    /// [`ErrorKind::NotText`] if it is empty or holds anything but printable ASCII.
    pub fn new(uri: &'a str) -> Result<Self, Error> {
        Assigned::named(uri.as_bytes(), 0).map(Self)
    }

    /// The application of this code.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        Self(Assigned::coded(code, &tables::APPLICATION_IDS))
    }

    /// The URI, unless the code is unknown.
    #[must_use]
    pub const fn name(&self) -> Option<&'a str> {
        self.0.name()
    }

    /// The assigned code, if there is one.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.0.code(&tables::APPLICATION_IDS)
    }

    pub(super) fn from_value(value: Value<'a>, at: usize) -> Result<Self, Error> {
        Assigned::from_value(value, &tables::APPLICATION_IDS, at).map(Self)
    }

    pub(super) fn write(&self, form: Form, out: &mut Vec<u8>) {
        self.0.write(form, &tables::APPLICATION_IDS, out);
    }
}

/// Writes a number as seven bits, or as a long integer. [WSP §8.4.2.1]
pub(super) fn write_integer(number: u32, out: &mut Vec<u8>) {
    match u8::try_from(number) {
        Ok(short) if short < 0x80 => Value::Short(short).write(out),
        _ => {
            let octets = number.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            Value::Data(&octets[zeros..]).write(out);
        }
    }
}

/// Reads a number of 32 bits out of a value.
pub(super) fn integer(value: &Value<'_>) -> Option<u32> {
    value.integer().and_then(|number| u32::try_from(number).ok())
}

type Table = [(u32, &'static str)];

/// A name, or a code that the table does not know: never a code that it knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Assigned<'a> {
    Code(u32),
    Name(&'a str),
}

impl<'a> Assigned<'a> {
    fn named(octets: &'a [u8], at: usize) -> Result<Self, Error> {
        let bad = octets.iter().position(|octet| !matches!(octet, 0x20..=0x7E));
        match (bad, core::str::from_utf8(octets)) {
            (None, Ok(name)) if !name.is_empty() => Ok(Self::Name(name)),
            (bad, _) => {
                let offset = bad.unwrap_or(0);
                let octet = octets.get(offset).copied().unwrap_or(0);
                Err(Error::new(ErrorKind::NotText { octet }, at + offset))
            }
        }
    }

    fn coded(code: u32, table: &Table) -> Self {
        match table.iter().find(|entry| entry.0 == code) {
            Some((_, name)) => Self::Name(name),
            None => Self::Code(code),
        }
    }

    fn from_value(value: Value<'a>, table: &Table, at: usize) -> Result<Self, Error> {
        match value {
            Value::Text(text) => Self::named(text.octets(), at),
            Value::Data(_) | Value::Short(_) => match integer(&value) {
                Some(code) => Ok(Self::coded(code, table)),
                None => Err(Error::new(ErrorKind::BadCode, at)),
            },
        }
    }

    const fn name(&self) -> Option<&'a str> {
        match self {
            Self::Code(_) => None,
            Self::Name(name) => Some(name),
        }
    }

    fn code(&self, table: &Table) -> Option<u32> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Name(name) => table.iter().find(|entry| entry.1 == *name).map(|entry| entry.0),
        }
    }

    fn write(&self, form: Form, table: &Table, out: &mut Vec<u8>) {
        match self {
            Self::Code(code) => write_integer(*code, out),
            Self::Name(name) => match self.code(table).filter(|_| form == Form::Token) {
                Some(code) => write_integer(code, out),
                None => Value::Text(Text::of_name(name)).write(out),
            },
        }
    }
}

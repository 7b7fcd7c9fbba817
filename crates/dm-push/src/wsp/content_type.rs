//! The content type of a push: a token, text, or either with parameters. [WSP §8.4.2.24]

use alloc::vec::Vec;

use super::media::{self, MediaType};
use super::value::{self, Name, Text, Value};
use super::{Form, MAX_HEADERS, tables};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A media type and its parameters.
///
/// ```
/// use dm_push::wsp::{ContentType, MediaType, Parameter, ParameterName, Value, tables};
/// let sec = Parameter { name: ParameterName::Code(tables::SEC), value: Value::Short(1) };
/// let content_type = ContentType { parameters: vec![sec], ..MediaType::DM_WBXML.into() };
/// assert_eq!(content_type.sec(), Some(1));
/// assert_eq!(content_type.mac(), None);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContentType<'a> {
    /// The media type.
    pub media_type: MediaType<'a>,
    /// Its parameters, in the order of the wire; at most [`MAX_HEADERS`] can be read.
    pub parameters: Vec<Parameter<'a>>,
}

/// A parameter of a content type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameter<'a> {
    /// Its name.
    pub name: ParameterName<'a>,
    /// Its value, in the form it has on the wire.
    pub value: Value<'a>,
}

/// The name of a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ParameterName<'a> {
    /// A number assigned by WSP, [`tables::SEC`] for instance.
    Code(u32),
    /// A name in text.
    Name(Name<'a>),
}

impl<'a> ContentType<'a> {
    /// The value of the parameter with this code or, without regard to case, this name.
    #[must_use]
    pub fn parameter(&self, code: u32, name: &str) -> Option<Value<'a>> {
        let wanted = |parameter: &&Parameter<'a>| match parameter.name {
            ParameterName::Code(own) => own == code,
            ParameterName::Name(own) => own.as_str().eq_ignore_ascii_case(name),
        };
        self.parameters.iter().find(wanted).map(|parameter| parameter.value)
    }

    /// The charset, by its IANA number. WBXML needs none: it carries its own.
    #[must_use]
    pub fn charset(&self) -> Option<u64> {
        self.parameter(tables::CHARSET, "charset")?.integer()
    }

    /// How [`Self::mac`] was made: 0 network PIN, 1 user PIN, 2 both, 3 user PIN MAC.
    #[must_use]
    pub fn sec(&self) -> Option<u64> {
        self.parameter(tables::SEC, "sec")?.integer()
    }

    /// The message authentication code, in hexadecimal text.
    #[must_use]
    pub fn mac(&self) -> Option<Text<'a>> {
        self.parameter(tables::MAC, "mac")?.text()
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        if cursor.is_at_end() {
            return Err(Error::new(ErrorKind::ContentTypeMissing, at));
        }
        if cursor.peek()? > value::LENGTH_QUOTE {
            return Ok(MediaType::from_value(Value::read(cursor)?, at)?.into());
        }
        let length = value::read_length(cursor)?;
        let mut general = cursor.part(length)?;
        match general.peek() {
            Err(_) => Err(Error::new(ErrorKind::ContentTypeMissing, at)),
            // A long integer without the general form around it: senders write that too, and
            // the general form cannot begin so, as its media type would not fit.
            Ok(first @ 1..=30) if length <= 4 && usize::from(first) >= length => {
                let bare = Value::Data(general.take(length)?);
                Ok(MediaType::from_value(bare, at)?.into())
            }
            Ok(_) => Self::read_general(&mut general),
        }
    }

    pub(super) fn write(&self, form: Form, out: &mut Vec<u8>) {
        let mut general = Vec::new();
        self.media_type.write(form, &mut general);
        let is_bare = general.first().is_some_and(|first| *first > value::LENGTH_QUOTE);
        if !self.parameters.is_empty() || !is_bare {
            for parameter in &self.parameters {
                parameter.write(&mut general);
            }
            value::write_length(general.len(), out);
        }
        out.append(&mut general);
    }

    fn read_general(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        let media_type = MediaType::from_value(Value::read(cursor)?, at)?;
        let mut parameters = Vec::new();
        while !cursor.is_at_end() {
            if parameters.len() == MAX_HEADERS {
                let kind = ErrorKind::TooMany { limit: MAX_HEADERS };
                return Err(Error::new(kind, cursor.at()));
            }
            parameters.push(Parameter::read(cursor)?);
        }
        Ok(Self { media_type, parameters })
    }
}

impl<'a> From<MediaType<'a>> for ContentType<'a> {
    fn from(media_type: MediaType<'a>) -> Self {
        Self { media_type, parameters: Vec::new() }
    }
}

impl<'a> Parameter<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let at = cursor.at();
        let name = match cursor.peek()? {
            0x20..=0x7F => ParameterName::Name(Name::read(cursor)?),
            _ => match media::integer(&Value::read(cursor)?) {
                Some(code) => ParameterName::Code(code),
                None => return Err(Error::new(ErrorKind::BadCode, at)),
            },
        };
        if let ParameterName::Code(code @ tables::Q) = name {
            return Err(Error::new(ErrorKind::UnsupportedParameter { code }, at));
        }
        Ok(Self { name, value: Value::read(cursor)? })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match &self.name {
            ParameterName::Code(code) => media::write_integer(*code, out),
            ParameterName::Name(name) => name.write(out),
        }
        self.value.write(out);
    }
}

//! The push PDU as a whole. [WSP §8.2.4.1]

use alloc::vec::Vec;

use super::content_type::ContentType;
use super::header::{Header, HeaderName};
use super::media::{ApplicationId, MediaType};
use super::value::Value;
use super::{MAX_HEADERS, PDU_TYPE_CONFIRMED_PUSH, PDU_TYPE_PUSH, uintvar};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A connectionless push: one datagram.
///
/// ```
/// use dm_push::wsp::{Form, Push};
/// let push = Push::dm(1, b"body");
/// assert_eq!(push.write(), b"\x01\x06\x03\xC2\xAF\x87body");
///
/// let text = push.write_as(Form::Text);
/// assert!(text.starts_with(b"\x01\x06\x3Dapplication/vnd.syncml.dm+wbxml\0\xAF"));
/// assert_eq!(Push::read(&text)?, push);
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Push<'a> {
    /// TID: names the datagram, means nothing else.
    pub transaction_id: u8,
    /// What the body is.
    pub content_type: ContentType<'a>,
    /// For which application on the device.
    pub application_id: Option<ApplicationId<'a>>,
    /// All other headers, in the order of the wire; at most [`MAX_HEADERS`] can be read.
    pub headers: Vec<Header<'a>>,
    /// The message.
    pub body: &'a [u8],
}

/// How names that have a code are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Form {
    /// As numbers: the shortest form.
    #[default]
    Token,
    /// Content type and application id in text, for a device that does not know the numbers.
    Text,
}

impl<'a> Push<'a> {
    /// A push of a sessionless message: DM in WBXML for the DM client. [Sessionless §5.2]
    #[must_use]
    pub fn dm(transaction_id: u8, body: &'a [u8]) -> Self {
        Self {
            transaction_id,
            content_type: MediaType::DM_WBXML.into(),
            application_id: Some(ApplicationId::SYNCML_DM),
            headers: Vec::new(),
            body,
        }
    }

    /// Reads a datagram; the parts of the push borrow from it.
    ///
    /// # Errors
    /// Whatever is wrong with it and at which octet.
    pub fn read(datagram: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(datagram);
        let transaction_id = cursor.octet()?;
        read_type(&mut cursor)?;
        let length = uintvar::read(&mut cursor)? as usize;
        let mut block = cursor.part(length)?;

        let content_type = ContentType::read(&mut block)?;
        let (application_id, headers) = read_headers(&mut block)?;
        Ok(Self { transaction_id, content_type, application_id, headers, body: cursor.rest() })
    }

    /// The datagram, in its shortest form.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        self.write_as(Form::Token)
    }

    /// The datagram, with names as numbers or in text.
    #[must_use]
    pub fn write_as(&self, form: Form) -> Vec<u8> {
        let mut block = Vec::new();
        self.content_type.write(form, &mut block);
        if let Some(id) = &self.application_id {
            HeaderName::X_WAP_APPLICATION_ID.write(&mut block);
            id.write(form, &mut block);
        }
        for header in &self.headers {
            header.write(&mut block);
        }

        let mut datagram = Vec::with_capacity(7 + block.len() + self.body.len());
        datagram.extend([self.transaction_id, PDU_TYPE_PUSH]);
        uintvar::write(block.len(), &mut datagram);
        datagram.append(&mut block);
        datagram.extend_from_slice(self.body);
        datagram
    }
}

fn read_type(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let at = cursor.at();
    match cursor.octet()? {
        PDU_TYPE_PUSH => Ok(()),
        PDU_TYPE_CONFIRMED_PUSH => Err(Error::new(ErrorKind::ConfirmedPush, at)),
        pdu_type => Err(Error::new(ErrorKind::NotAPush { pdu_type }, at)),
    }
}

type Headers<'a> = (Option<ApplicationId<'a>>, Vec<Header<'a>>);

fn read_headers<'a>(block: &mut Cursor<'a>) -> Result<Headers<'a>, Error> {
    let (mut application_id, mut headers) = (None, Vec::new());
    while !block.is_at_end() {
        let at = block.at();
        let name = HeaderName::read(block)?;
        let value_at = block.at();
        let value = Value::read(block)?;
        if !name.is_application_id() {
            if headers.len() == MAX_HEADERS {
                return Err(Error::new(ErrorKind::TooMany { limit: MAX_HEADERS }, at));
            }
            headers.push(Header::new(name, value)?);
        } else if application_id.is_none() {
            application_id = Some(ApplicationId::from_value(value, value_at)?);
        } else {
            return Err(Error::new(ErrorKind::ApplicationIdRepeated, at));
        }
    }
    Ok((application_id, headers))
}

//! Control document and message as the parts of one entity: multipart/related. [PAP §8, RFC 2387]

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str;

use super::{Document, MEDIA_TYPE, PapFault, PushMessage};
use crate::wsp::{
    ApplicationId, ContentType, MediaType, Name, Parameter, ParameterName, Push, Text, Value,
    tables,
};
use crate::{APPLICATION_ID, Error, ErrorKind, http_push, media_type};

/// What is posted to a gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entity {
    /// The value of Content-Type.
    pub content_type: String,
    /// The octets.
    pub body: Vec<u8>,
}

/// The parts of an entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parts<'a> {
    /// The control document.
    pub control: &'a [u8],
    /// The message's Content-Type.
    pub content_type: &'a str,
    /// Its X-Wap-Application-Id.
    pub application_id: Option<&'a str>,
    /// The message.
    pub content: &'a [u8],
}

impl PushMessage {
    /// The control document and a message, to be posted. Of a WSP push its content, with the parameters of
    /// its content type: a MAC travels with what it is of.
    ///
    /// Only Content-Type and X-Wap-Application-Id stand before the message: there is a gateway that takes
    /// other fields for the beginning of the message.
    ///
    /// # Errors
    /// [`PapFault::Attribute`]: a value that XML cannot carry. [`PapFault::HeaderNotCarried`]: the push has
    /// a header of its own.
    pub fn entity(&self, octets: &[u8]) -> Result<Entity, Error> {
        let control = Document::PushMessage(self.clone()).write()?;
        let push = Push::read(octets).ok();
        let (fields, content) = match &push {
            Some(push) => (fields(push)?, push.body),
            None => {
                (field(CONTENT_TYPE, media_type::DM_WBXML) + &application(APPLICATION_ID), octets)
            }
        };
        let boundary = boundary(&[control.as_bytes(), fields.as_bytes(), content]);
        let first = format!("--{boundary}\r\n{}\r\n{control}", field(CONTENT_TYPE, MEDIA_TYPE));
        let second = format!("\r\n--{boundary}\r\n{fields}\r\n");
        let last = format!("\r\n--{boundary}--\r\n");
        Ok(Entity {
            content_type: format!(
                "multipart/related; type=\"{MEDIA_TYPE}\"; boundary=\"{boundary}\""
            ),
            body: [first.as_bytes(), second.as_bytes(), content, last.as_bytes()].concat(),
        })
    }
}

impl<'a> Parts<'a> {
    /// The push that brings the message to its device, as a gateway makes it: with the parameters of the content
    /// type, SEC and MAC among them.
    ///
    /// # Errors
    /// [`PapFault::HeaderNotCarried`]: WSP has no room for a field.
    pub fn push(&self, transaction_id: u8) -> Result<Push<'a>, Error> {
        let not_carried = Error::new(ErrorKind::Pap(PapFault::HeaderNotCarried), 0);
        let mut texts = self.content_type.split(';').map(str::trim);
        let media_type = MediaType::new(texts.next().unwrap_or_default());
        let parameters: Option<_> = texts.map(parameter).collect();
        let application_id = self.application_id.map(|id| match id.parse() {
            Ok(code) => Ok(ApplicationId::from_code(code)),
            Err(_) => ApplicationId::new(id),
        });
        Ok(Push {
            transaction_id,
            content_type: ContentType {
                media_type: media_type.map_err(|_| not_carried)?,
                parameters: parameters.ok_or(not_carried)?,
            },
            application_id: application_id.transpose().map_err(|_| not_carried)?,
            headers: Vec::new(),
            body: self.content,
        })
    }
}

fn parameter(text: &str) -> Option<Parameter<'_>> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim().trim_matches('"'));
    let short = || value.parse().ok().filter(|number| *number < 0x80);
    Some(match name.to_ascii_lowercase().as_str() {
        "sec" => {
            Parameter { name: ParameterName::Code(tables::SEC), value: Value::Short(short()?) }
        }
        "mac" => Parameter {
            name: ParameterName::Code(tables::MAC),
            value: Value::Text(Text::new(value.as_bytes()).ok()?),
        },
        _ => Parameter {
            name: ParameterName::Name(Name::new(name).ok()?),
            value: Value::Text(Text::new(value.as_bytes()).ok()?),
        },
    })
}

const CONTENT_TYPE: &str = "Content-Type";

fn field(name: &str, value: &str) -> String {
    format!("{name}: {value}\r\n")
}

fn application(id: &str) -> String {
    field("X-Wap-Application-Id", id)
}

fn fields(push: &Push<'_>) -> Result<String, Error> {
    let not_carried = Error::new(ErrorKind::Pap(PapFault::HeaderNotCarried), 0);
    if !push.headers.is_empty() {
        return Err(not_carried);
    }
    let content_type = content_type(&push.content_type).ok_or(not_carried)?;
    let id = match push.application_id {
        Some(id) => application(
            &id.name()
                .map_or(id.code().map(|code| code.to_string()), |name| Some(name.to_string()))
                .ok_or(not_carried)?,
        ),
        None => String::new(),
    };
    Ok(field(CONTENT_TYPE, &content_type) + &id)
}

fn content_type(of: &ContentType<'_>) -> Option<String> {
    let mut text = of.media_type.name()?.to_string();
    for Parameter { name, value } in &of.parameters {
        let name = match name {
            ParameterName::Code(tables::SEC) => "SEC",
            ParameterName::Code(tables::MAC) => "MAC",
            ParameterName::Code(_) => return None,
            ParameterName::Name(name) => name.as_str(),
        };
        let value = match value {
            Value::Text(text) => str::from_utf8(text.octets()).ok()?.to_string(),
            number => number.integer()?.to_string(),
        };
        let is_plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric())
        };
        if !is_plain(name) || !is_plain(&value) {
            return None;
        }
        text = format!("{text}; {name}={value}");
    }
    Some(text)
}

/// A boundary that stands in none of these. All of its kind that stand there are gathered in one pass: the
/// first that is not among them cannot be far.
fn boundary(parts: &[&[u8]]) -> String {
    let taken: BTreeSet<u32> = parts.iter().flat_map(|part| numbers(part)).collect();
    let free = (0..=u32::MAX).find(|number| !taken.contains(number)).unwrap_or(0);
    format!("{BOUNDARY}{free:08x}")
}

const BOUNDARY: &str = "mgram-part-";

fn numbers(octets: &[u8]) -> impl Iterator<Item = u32> {
    octets.windows(BOUNDARY.len() + 8).filter_map(|window| {
        let digits = window.strip_prefix(BOUNDARY.as_bytes())?;
        u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
    })
}

/// The parts of an entity, for whoever stands for a gateway.
///
/// # Errors
/// [`PapFault::Multipart`].
///
/// ```
/// use dm_push::pap::{PushMessage, split};
/// let to = "WAPPUSH=192.0.2.7/TYPE=IPv4@ppg.example".parse()?;
/// let entity = PushMessage::new("1", to)?.entity(b"\x02...")?;
/// let parts = split(&entity.content_type, &entity.body)?;
/// assert_eq!(parts.content, b"\x02...");
/// assert_eq!(parts.content_type, "application/vnd.syncml.dm+wbxml");
/// # Ok::<(), dm_push::Error>(())
/// ```
pub fn split<'a>(content_type: &str, body: &'a [u8]) -> Result<Parts<'a>, Error> {
    parts(content_type, body).ok_or(Error::new(ErrorKind::Pap(PapFault::Multipart), 0))
}

fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Parts<'a>> {
    if !media_type::is(content_type, "multipart/related") {
        return None;
    }
    let parameter = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.to_string())
    };
    let boundary = content_type.split(';').skip(1).find_map(parameter)?;
    if !(1..=70).contains(&boundary.len()) {
        return None;
    }
    let delimiter = format!("\r\n--{boundary}");
    let (_, rest) = cut(body, &delimiter[2..])?;
    let (first, rest) = cut(rest, &delimiter)?;
    let (second, _) = cut(rest, &delimiter)?;
    let (_, control) = cut(first, "\r\n\r\n")?;
    let (head, content) = cut(second, "\r\n\r\n")?;
    let head = str::from_utf8(head).ok()?;
    let field = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    };
    let application_id = field(http_push::APPLICATION_ID_FIELD);
    Some(Parts { control, content_type: field(CONTENT_TYPE)?, application_id, content })
}

fn cut<'a>(octets: &'a [u8], at: &str) -> Option<(&'a [u8], &'a [u8])> {
    let place = octets.windows(at.len()).position(|window| window == at.as_bytes())?;
    Some((&octets[..place], &octets[place + at.len()..]))
}

//! The PKCS#11 URI: which token, which key, which library, where the PIN is. [RFC 7512]

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use dm_seal::SignatureMethod;
use thiserror::Error;

use crate::PinSource;
use crate::pin_source::USUAL;

/// The name of a key in a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// The path as it was given: it names the key and holds no secret.
    shown: Box<str>,
    /// What the token must have.
    pub(crate) token: TokenNamed,
    /// `CKA_LABEL` of the key.
    pub(crate) object: Option<String>,
    /// `CKA_ID` of the key.
    pub(crate) id: Option<Vec<u8>>,
    /// The library.
    pub(crate) module_path: Option<PathBuf>,
    /// Where the PIN is.
    pub(crate) pin_source: PinSource,
    /// How to sign.
    pub(crate) method: Option<SignatureMethod>,
}

/// The attributes of a token; what stays open fits any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenNamed {
    pub(crate) label: Option<String>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) slot_id: Option<u64>,
}

/// A text that is no URI of a private key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UriError {
    /// Not well formed, or a value that cannot be.
    #[error("the PKCS#11 URI cannot have {0:?}")]
    Attribute(Box<str>),
    /// The PIN itself is in it.
    #[error(
        "the PKCS#11 URI has the PIN in it: whoever sees the command line or its history has it"
    )]
    PinValue,
    /// It does not begin with `pkcs11:`.
    #[error("a PKCS#11 URI begins with pkcs11:")]
    Scheme,
    /// An attribute stands twice.
    #[error("the PKCS#11 URI has {0} twice")]
    Twice(Box<str>),
    /// An attribute that is not known.
    #[error("the PKCS#11 URI has {0}, which is not known here")]
    Unknown(Box<str>),
}

impl UriError {
    /// What to do next.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::PinValue => {
                "put it into a file and name that: pin-source=file:/path, or set MGRAM_PKCS11_PIN; change the PIN"
            }
            _ => {
                "write pkcs11:token=LABEL;object=LABEL;id=%01?module-path=/path/of/the/library.so&pin-source=file:/path"
            }
        }
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let rest = text.strip_prefix("pkcs11:").ok_or(UriError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut path = Attributes::read(path, ';')?;
        let mut query = Attributes::read(query, '&')?;
        if query.take("pin-value")?.is_some() || path.take("pin-value")?.is_some() {
            return Err(UriError::PinValue);
        }
        if path.take_text("type")?.is_some_and(|kind| kind != "private") {
            return Err(UriError::Attribute("another type than private".into()));
        }
        let wrong = |name: &str| UriError::Attribute(format!("this {name}").into());
        let slot_id = path.take_text("slot-id")?.map(|text| text.parse());
        let token = TokenNamed {
            label: path.take_text("token")?,
            manufacturer: path.take_text("manufacturer")?,
            model: path.take_text("model")?,
            serial: path.take_text("serial")?,
            slot_id: slot_id.transpose().map_err(|_| wrong("slot-id"))?,
        };
        let (object, id) = (path.take_text("object")?, path.take("id")?);
        let shown = format!("pkcs11:{}", path.text).into();
        path.end()?;
        let pin_source = match query.take_text("pin-source")? {
            None => PinSource::Env(USUAL.to_owned()),
            Some(text) => PinSource::parse(&text).ok_or_else(|| wrong("pin-source"))?,
        };
        let method = query.take_text("method")?;
        let method = method.map(|name| SignatureMethod::from_name(&name).ok_or(wrong("method")));
        let method = method.transpose()?;
        let module_path = query.take_text("module-path")?.map(PathBuf::from);
        if module_path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err(wrong("module-path"));
        }
        query.end()?;
        Ok(Self { shown, token, object, id, module_path, pin_source, method })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Names and values, of which what is known is taken out.
struct Attributes<'t> {
    text: &'t str,
    left: Vec<(&'t str, Vec<u8>)>,
}

impl<'t> Attributes<'t> {
    fn read(text: &'t str, separator: char) -> Result<Self, UriError> {
        let mut left = Vec::new();
        for attribute in text.split(separator).filter(|attribute| !attribute.is_empty()) {
            let pair = attribute.split_once('=');
            // Whatever stands there may be a PIN that was misplaced: it is not repeated.
            let (name, value) =
                pair.ok_or_else(|| UriError::Attribute("a part without =".into()))?;
            if name.starts_with("pin-value") {
                return Err(UriError::PinValue);
            }
            let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
            if name.is_empty() || name.len() > 32 || !name.bytes().all(is_name) {
                return Err(UriError::Attribute("a part whose name is none".into()));
            }
            let value = decoded(value)
                .ok_or_else(|| UriError::Attribute(format!("this value of {name}").into()))?;
            left.push((name, value));
        }
        Ok(Self { text, left })
    }

    fn take(&mut self, name: &str) -> Result<Option<Vec<u8>>, UriError> {
        let Some(at) = self.left.iter().position(|(found, _)| *found == name) else {
            return Ok(None);
        };
        let (_, value) = self.left.remove(at);
        match self.left.iter().any(|(found, _)| *found == name) {
            true => Err(UriError::Twice(name.into())),
            false => Ok(Some(value)),
        }
    }

    fn take_text(&mut self, name: &str) -> Result<Option<String>, UriError> {
        let text = self.take(name)?.map(String::from_utf8).transpose();
        text.map_err(|_| UriError::Attribute(format!("a {name} that is not UTF-8").into()))
    }

    fn end(self) -> Result<(), UriError> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => Err(UriError::Unknown((*name).into())),
        }
    }
}

/// Octets of a text in which any may be written as `%` and two hexadecimal digits.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            octets.push(octet);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        octets.push(u8::try_from(high << 4 | low).ok()?);
    }
    Some(octets)
}

#[cfg(test)]
mod tests;

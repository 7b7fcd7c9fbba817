//! Where the PIN is. It is read at each login, wiped after it, and never shown. [RFC 7512 §2.3]

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

/// The variable that has the PIN if the URI names no source.
pub(crate) const USUAL: &str = "MGRAM_PKCS11_PIN";

/// The most octets of a PIN.
const MOST: usize = 1024;

/// A reference to a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinSource {
    /// A variable of the environment.
    Env(String),
    /// A file; an end of line behind the PIN is none of it.
    File(PathBuf),
}

impl PinSource {
    /// Reads the value of `pin-source`: `file:/path`, `file:///path`, `/path`, or `env:NAME`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        if let Some(name) = value.strip_prefix("env:") {
            return (!name.is_empty()).then(|| Self::Env(name.to_owned()));
        }
        let path = value.strip_prefix("file:").unwrap_or(value);
        let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        // `|program` is left to those who would run what a configuration says.
        let is_path = !path.is_empty() && !path.starts_with("//") && !path.starts_with('|');
        is_path.then(|| Self::File(path.into()))
    }

    /// The PIN; none if the variable that is usual is not set.
    pub(crate) fn read(&self) -> Result<Option<AuthPin>, Box<str>> {
        let mut octets = Zeroizing::new(Vec::with_capacity(MOST + 1));
        match self {
            Self::Env(name) => match std::env::var(name).map(Zeroizing::new) {
                Ok(text) => octets.extend(text.as_bytes().iter().take(MOST + 1)),
                Err(std::env::VarError::NotPresent) if name == USUAL => return Ok(None),
                Err(std::env::VarError::NotPresent) => return Err("it is not set".into()),
                Err(_) => return Err("it is not UTF-8".into()),
            },
            Self::File(path) => {
                let file = File::open(path).map_err(|error| error.to_string())?;
                file.take(MOST as u64 + 1)
                    .read_to_end(&mut octets)
                    .map_err(|error| error.to_string())?;
            }
        }
        while let Some(b'\n' | b'\r') = octets.last() {
            octets.pop();
        }
        if octets.is_empty() {
            return Err("it is empty".into());
        }
        if octets.len() > MOST {
            return Err(format!("it has more than {MOST} octets").into());
        }
        let text = std::str::from_utf8(&octets).map_err(|_| "it is not UTF-8")?;
        Ok(Some(AuthPin::new(text.into())))
    }
}

impl fmt::Display for PinSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_or_a_variable() {
        for text in ["file:/a/pin", "file:///a/pin", "/a/pin"] {
            assert_eq!(PinSource::parse(text), Some(PinSource::File("/a/pin".into())), "{text}");
        }
        assert_eq!(PinSource::parse("file:pin"), Some(PinSource::File("pin".into())));
        assert_eq!(PinSource::parse("env:A"), Some(PinSource::Env("A".to_owned())));
        for text in ["", "file:", "env:", "|cat pin", "file://host/pin"] {
            assert_eq!(PinSource::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_pin_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        let source = PinSource::File(path.clone());
        assert!(source.read().is_err());
        for (content, why) in [
            (vec![], "empty"),
            (vec![b'\n'], "empty"),
            (vec![b'1'; 1025], "more than"),
            (vec![0xFF; 4], "UTF-8"),
        ] {
            std::fs::write(&path, &content).unwrap();
            assert!(source.read().unwrap_err().contains(why), "{why}");
        }
        std::fs::write(&path, "1234\r\n").unwrap();
        assert!(source.read().unwrap().is_some());
        assert!(PinSource::Env("MGRAM_NO_SUCH_VARIABLE".to_owned()).read().is_err());
    }
}

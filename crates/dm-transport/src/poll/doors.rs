//! Who is which device: by certificate, by token.

use std::collections::HashMap;
use std::io;

use dm_crypto::{common_name, is_same, sha256};
use dm_seal::{AltName, Material};

use super::config::{CertificateName, PollConfig, Tokens};
use crate::setup::SetupError;

/// What a device has to show.
pub(super) struct Doors {
    /// The name of its certificate.
    certificate: Option<CertificateName>,
    tokens: Option<HashMap<Box<str>, [u8; 32]>>,
}

/// Why a request is not for whoever asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Denied {
    /// It does not say who asks.
    Unknown,
    /// Somebody else's. Whether there is such a device is not told.
    Other,
}

impl Doors {
    pub fn open(config: &PollConfig) -> Result<Self, SetupError> {
        let shows = config.tls.as_ref().is_some_and(|tls| tls.clients.is_some());
        let tokens = config.tokens.as_ref().map(read).transpose()?;
        Ok(Self { certificate: shows.then_some(config.name), tokens })
    }

    /// The names by which a certificate could be a device's.
    pub fn names(&self, certificate: &[u8]) -> Box<[Box<str>]> {
        match self.certificate {
            None => Box::default(),
            Some(CertificateName::CommonName) => {
                common_name(certificate).map(String::into_boxed_str).into_iter().collect()
            }
            Some(CertificateName::SubjectAltName) => {
                let names = Material::from_der(certificate).ok().and_then(|shown| shown.names);
                let names = names.into_iter().flatten().filter_map(|name| match name {
                    AltName::Dns(name) | AltName::Uri(name) => Some(name.into_boxed_str()),
                    AltName::Other(_) => None,
                });
                names.collect()
            }
        }
    }

    /// Whether whoever has a certificate of these names, and shows this token, is this device.
    pub fn admits(
        &self,
        device: &str,
        names: &[Box<str>],
        token: Option<&str>,
    ) -> Result<(), Denied> {
        if self.certificate.is_some() && !names.iter().any(|name| **name == *device) {
            return Err(Denied::Other);
        }
        let Some(tokens) = &self.tokens else { return Ok(()) };
        let token = token.ok_or(Denied::Unknown)?;
        // Of a device that is not there, as long as of one that is.
        let (wanted, is_there) = match tokens.get(device) {
            Some(wanted) => (*wanted, true),
            None => ([0; 32], false),
        };
        let is_its_own = is_same(&sha256(token.as_bytes()), &wanted);
        if is_its_own && is_there { Ok(()) } else { Err(Denied::Other) }
    }
}

fn read(tokens: &Tokens) -> Result<HashMap<Box<str>, [u8; 32]>, SetupError> {
    let failed = |source| SetupError::Tokens { path: tokens.file.clone(), source };
    let text = std::fs::read_to_string(&tokens.file).map_err(failed)?;
    let mut found = HashMap::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let entry = line.rsplit_once(char::is_whitespace);
        let entry = entry.and_then(|(device, hash)| Some((device.trim(), hash_of(hash)?)));
        let Some((device, hash)) = entry else {
            let wanted = format!("line {number} is not DEVICE and SHA-256 in hexadecimal");
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, wanted)));
        };
        if found.insert(device.into(), hash).is_some() {
            let twice = format!("line {number} has a device that is there before");
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, twice)));
        }
    }
    Ok(found)
}

fn hash_of(hex: &str) -> Option<[u8; 32]> {
    let octets = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
        u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2)
    });
    octets.collect::<Option<Vec<_>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Doors, SetupError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let tokens = read(&Tokens { file: file.path().to_owned() })?;
        Ok(Doors { certificate: None, tokens: Some(tokens) })
    }

    fn line(device: &str, token: &str) -> String {
        let hex: String = sha256(token.as_bytes()).iter().map(|it| format!("{it:02x}")).collect();
        format!("{device} {hex}\n")
    }

    #[test]
    fn a_token_is_of_one_device_alone() {
        let text = line("urn:imei:1", "secret-1") + "# more\n\n" + &line("urn:imei:2", "secret-2");
        let doors = tokens(&text).unwrap();
        assert_eq!(doors.admits("urn:imei:1", &[], Some("secret-1")), Ok(()));
        for (device, token, denied) in [
            ("urn:imei:1", Some("secret-2"), Denied::Other),
            ("urn:imei:3", Some("secret-1"), Denied::Other),
            ("urn:imei:1", Some(""), Denied::Other),
            ("urn:imei:1", None, Denied::Unknown),
            ("urn:imei:3", None, Denied::Unknown),
        ] {
            assert_eq!(doors.admits(device, &[], token), Err(denied), "{device} {token:?}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_named_with_its_line() {
        for text in ["a\n".to_owned(), "a zz\n".to_owned(), line("a", "b") + &line("a", "c")] {
            let error = tokens(&text).err().unwrap();
            assert!(matches!(&error, SetupError::Tokens { .. }), "{error}");
        }
        let error = tokens(&(line("a", "b") + "b 12\n")).err().unwrap().to_string();
        assert!(error.contains("line 2 is not DEVICE"), "{error}");
    }

    #[test]
    fn a_certificate_is_of_the_device_that_it_names() {
        let doors = Doors { certificate: Some(CertificateName::SubjectAltName), tokens: None };
        let names = ["urn:imei:1".into(), "meter-1.example".into()];
        assert_eq!(doors.admits("urn:imei:1", &names, None), Ok(()));
        assert_eq!(doors.admits("urn:imei:2", &names, None), Err(Denied::Other));
        assert_eq!(doors.admits("urn:imei:1", &[], None), Err(Denied::Other));
    }
}

//! Secrets: where they are, and that nobody is shown them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::setup::SetupError;

/// A secret by reference: never in the configuration itself.
///
/// ```
/// # use dm_transport::Secret;
/// let in_file: Secret = toml::from_str("file = \"/etc/mgram/gateway.password\"")?;
/// assert!(toml::from_str::<Secret>("env = \"GATEWAY_PASSWORD\"").is_ok());
/// assert!(toml::from_str::<Secret>("text = \"1234\"").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Secret {
    /// The first line of a file.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
}

impl Secret {
    pub(crate) fn read(&self) -> Result<Zeroizing<String>, SetupError> {
        let (place, text) = match self {
            Self::File(path) => (path.display().to_string(), std::fs::read_to_string(path)),
            Self::Env(name) => {
                let absent = |_| io::Error::from(io::ErrorKind::NotFound);
                (format!("the variable {name}"), std::env::var(name).map_err(absent))
            }
        };
        let text = text.map(Zeroizing::new);
        let line = text.and_then(|text| match text.lines().next() {
            Some(line) if !line.is_empty() => Ok(Zeroizing::new(line.to_owned())),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        });
        line.map_err(|source| SetupError::Secret { place, source })
    }
}

/// What was written instead of a reference may be the secret itself, so no error repeats it.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reference)
    }
}

struct Reference;

impl Reference {
    fn wrong<E: de::Error>() -> E {
        E::custom(
            "a secret is written by reference: write { file = \"PATH\" } or { env = \"VARIABLE\" }",
        )
    }
}

impl<'de> Visitor<'de> for Reference {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference to a secret")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value::<Text>()?.0.ok_or_else(Self::wrong)?;
            let secret = match &*key {
                "file" => Secret::File(value.into()),
                "env" => Secret::Env(value),
                _ => return Err(Self::wrong()),
            };
            if found.replace(secret).is_some() {
                return Err(Self::wrong());
            }
        }
        found.ok_or_else(Self::wrong)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        Err(Self::wrong())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(Self::wrong())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(Self::wrong())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(Self::wrong())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Secret, A::Error> {
        Err(Self::wrong())
    }
}

/// Text; or something else, which is not repeated either.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(from)?;
        Ok(Self(value.as_str().map(str::to_owned)))
    }
}

/// A URL as it may be shown: what stands in it as a password is left out, whether or not it belongs there.
///
/// ```
/// use dm_transport::without_password;
/// assert_eq!(without_password("https://me:secret@ppg.example/pap"), "https://me:...@ppg.example/pap");
/// assert_eq!(without_password("https://ppg.example:8443/pap"), "https://ppg.example:8443/pap");
/// ```
#[must_use]
pub fn without_password(url: &str) -> String {
    // The address of a device at a push gateway has an @ of its own.
    let place = url.to_ascii_lowercase().find("#wappush=").unwrap_or(url.len());
    let (url, device) = url.split_at(place);
    let is_sip = |start: usize| {
        let scheme = url[..start].rsplit('=').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")
    };
    let begins = match (url.find("://"), url.find(':')) {
        (Some(slashes), _) => slashes + 3,
        (None, Some(colon)) if is_sip(colon) => colon + 1,
        _ => return format!("{url}{device}"),
    };
    let Some(at) = url.rfind('@').filter(|at| *at > begins) else {
        return format!("{url}{device}");
    };
    match url[begins..at].find(':') {
        Some(colon) => format!("{}:...{}{device}", &url[..begins + colon], &url[at..]),
        None => format!("{url}{device}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let secret = Secret::File(file.path().to_owned());
        assert!(secret.read().unwrap_err().to_string().contains("as the first line"));
        std::fs::write(file.path(), "pass word\nmore\n").unwrap();
        assert_eq!(secret.read().unwrap().as_str(), "pass word");
        let absent = Secret::Env("MGRAM_NO_SUCH_VARIABLE".into()).read().unwrap_err();
        assert!(absent.to_string().contains("the variable MGRAM_NO_SUCH_VARIABLE"), "{absent}");
    }

    #[test]
    fn what_stands_where_a_secret_should_be_referred_to_is_not_repeated() {
        for text in [
            "secret = \"hunter2\"",
            "secret = 9871",
            "secret = 9871.5",
            "secret = [\"hunter2\"]",
            "secret = { text = \"hunter2\" }",
            "secret = { hunter2 = 1 }",
            "secret = { file = 9871 }",
            "secret = { env = [\"hunter2\"] }",
            "secret = { file = \"a\", env = \"hunter2\" }",
            "secret = {}",
            "secret = true",
            "secret = 1979-05-27",
        ] {
            #[derive(Debug, serde::Deserialize)]
            struct Settings {
                #[allow(dead_code, reason = "it is never made")]
                secret: Secret,
            }
            let error = toml::from_str::<Settings>(text).expect_err(text);
            let said = error.message();
            assert!(said.contains("write { file = \"PATH\" } or { env"), "{said}");
            assert!(!said.contains("hunter2") && !said.contains("9871"), "{said}");
        }
    }

    #[test]
    fn no_url_is_shown_with_a_password() {
        for (url, shown) in [
            ("mqtts://me:p/w@d:x@broker.example", "mqtts://me:...@broker.example"),
            ("gw=https://me:secret@h/p", "gw=https://me:...@h/p"),
            ("sip:me:secret@h", "sip:me:...@h"),
            ("a=sips:me:secret@h", "a=sips:me:...@h"),
            ("https://me@h:443/p", "https://me@h:443/p"),
            ("https://h:443/p@q", "https://h:...@q"),
            ("WAPPUSH=2001:db8::1/TYPE=IPv6@g", "WAPPUSH=2001:db8::1/TYPE=IPv6@g"),
            (
                "pap+https://g:8443/p#WAPPUSH=+358401234567/TYPE=PLMN@g",
                "pap+https://g:8443/p#WAPPUSH=+358401234567/TYPE=PLMN@g",
            ),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}

//! What a long-poll route is given.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::setup::{self, SetupError};
use crate::tls::ServerTls;

/// A long-poll route: where devices ask, and who is one.
///
/// ```
/// # use dm_transport::PollConfig;
/// let config: PollConfig = toml::from_str(r#"
///     listen = "0.0.0.0:8443"
///     store = "/var/lib/mgramd/mailboxes.redb"
///     tls = { certificate = "server.pem", key = "server.key", clients = "devices-ca.pem" }
/// "#)?;
/// assert_eq!(config.security(), Ok(Some("TLS, client certificate")));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PollConfig {
    /// Where devices ask.
    pub listen: SocketAddr,
    /// The file of the mailboxes.
    pub store: PathBuf,
    /// TLS; with `clients`, devices show a certificate, and it names them.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Which name of a device's certificate is its id.
    #[serde(default)]
    pub name: CertificateName,
    /// Tokens of devices, as `Authorization: Bearer`.
    #[serde(default)]
    pub tokens: Option<Tokens>,
    /// Whether it may be without TLS, or without knowing who asks: for a laboratory (R16).
    #[serde(default)]
    pub danger_unprotected: bool,
    /// Messages that wait for one device, at most.
    #[serde(default = "messages")]
    pub messages: usize,
    /// How long a request is held back, at most, whatever it prefers.
    #[serde(default = "longest_wait", deserialize_with = "setup::duration")]
    pub longest_wait: Duration,
    /// How long a device may be silent where something is expected of it.
    #[serde(default = "silence", deserialize_with = "setup::duration")]
    pub silence: Duration,
    /// Connections at once, at most.
    #[serde(default = "connections")]
    pub connections: usize,
}

/// The name in a certificate that is the id of the device.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CertificateName {
    /// A URI or DNS name of its `subjectAltName`.
    #[default]
    SubjectAltName,
    /// The common name of its subject.
    CommonName,
}

/// Tokens by reference, and hashed there: who reads the file cannot ask with it.
///
/// Each line is the id of a device, white space, and the SHA-256 of its token in hexadecimal; `#` begins a
/// comment. A token is to be made by chance, 128 bits at least.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// The file.
    pub file: PathBuf,
}

impl PollConfig {
    /// What protects the route beside the messages' own signatures; nothing, if that is allowed.
    ///
    /// # Errors
    /// What it lacks, as a sentence (R16).
    pub fn security(&self) -> Result<Option<&'static str>, &'static str> {
        let shows = self.tls.as_ref().map(|tls| tls.clients.is_some());
        Ok(match (shows, self.tokens.is_some()) {
            (Some(true), false) => Some("TLS, client certificate"),
            (Some(true), true) => Some("TLS, client certificate and token"),
            (Some(false), true) => Some("TLS, token"),
            _ if self.danger_unprotected => None,
            (Some(false), false) => {
                return Err(
                    "anybody could fetch the messages of any device: give `tls.clients` or `tokens`, or \
                     `danger_unprotected = true` in a laboratory",
                );
            }
            (None, _) => {
                return Err("a transport must have security of its own: give `tls`, or \
                     `danger_unprotected = true` in a laboratory");
            }
        })
    }

    pub(super) fn checked(&self) -> Result<Option<&'static str>, SetupError> {
        self.security().map_err(SetupError::Key)
    }
}

const fn messages() -> usize {
    64
}

const fn longest_wait() -> Duration {
    Duration::from_secs(300)
}

const fn silence() -> Duration {
    Duration::from_secs(30)
}

const fn connections() -> usize {
    200_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rest: &str) -> Result<PollConfig, toml::de::Error> {
        toml::from_str(&format!("listen = \"127.0.0.1:0\"\nstore = \"s\"\n{rest}"))
    }

    #[test]
    fn what_is_not_protected_must_be_asked_for() {
        let tls = |clients| format!("tls = {{ certificate = \"c\", key = \"k\"{clients} }}\n");
        let tokens = "tokens = { file = \"t\" }\n";
        let (plain, mutual) = (tls(""), tls(", clients = \"a\""));
        for (text, security) in [
            (mutual.clone(), Some("TLS, client certificate")),
            (mutual + tokens, Some("TLS, client certificate and token")),
            (plain.clone() + tokens, Some("TLS, token")),
        ] {
            assert_eq!(config(&text).unwrap().security(), Ok(security));
        }
        for text in ["", tokens, &plain] {
            assert!(config(text).unwrap().security().is_err(), "{text}");
            let text = format!("danger_unprotected = true\n{text}");
            assert_eq!(config(&text).unwrap().security(), Ok(None), "{text}");
        }
    }

    #[test]
    fn unknown_keys_are_errors_and_durations_carry_units() {
        assert!(config("cache = 1\n").is_err());
        assert!(config("silence = 30\n").is_err());
        let config = config("silence = \"5 s\"\nname = \"common-name\"\n").unwrap();
        assert_eq!(
            (config.silence, config.name),
            (Duration::from_secs(5), CertificateName::CommonName)
        );
    }
}

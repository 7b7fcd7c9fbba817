//! SEC and MAC for a push that its bearer protects by nothing: WSP over UDP, SMS or a push gateway.
//! [WSP §8.4.2.24, SEC 1.2 §5.1.7.2]
//!
//! The secret is shared, so this proves to the device that the push came by way of its network, and to
//! nobody that a message is true: that is its signature's.

use std::borrow::Cow;
use std::fmt;

use dm_crypto::{Sec, Secrets, secret};
use dm_push::wsp::{Form, Proof, Push, tables};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::setup::{Secret, SetupError};

/// How pushes of a route are protected.
///
/// ```
/// # use dm_transport::SecMac;
/// let network = "sec = \"netwpin\"\nnetwpin = { file = \"/etc/mgram/netwpin\" }";
/// let config: SecMac = toml::from_str(network)?;
/// assert!(config.secrets().is_err(), "no such file here");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SecMac {
    /// What the key is made of.
    pub sec: SecName,
    /// The network's secret: `imsi:` and digits, `hex:` and octets, or text.
    #[serde(default)]
    pub netwpin: Option<Secret>,
    /// The user's PIN: digits.
    #[serde(default)]
    pub userpin: Option<Secret>,
}

/// What the key of a MAC is made of. USERPINMAC has none in the push, and is of bootstrap alone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SecName {
    /// The network's secret.
    NetwPin,
    /// The user's PIN.
    UserPin,
    /// Both.
    UserNetwPin,
}

impl SecMac {
    /// The name of the mechanism, for receipts and screens.
    #[must_use]
    pub const fn mechanism(&self) -> &'static str {
        match self.sec {
            SecName::NetwPin => "SEC/MAC, NETWPIN",
            SecName::UserPin => "SEC/MAC, USERPIN",
            SecName::UserNetwPin => "SEC/MAC, USERNETWPIN",
        }
    }

    /// The same, where this protects the way to a gateway, too.
    pub(crate) fn mechanism_behind(&self, tls: Option<&'static str>) -> &'static str {
        match (tls, self.sec) {
            (None, _) => self.mechanism(),
            (Some("TLS"), SecName::NetwPin) => "TLS; SEC/MAC, NETWPIN",
            (Some("TLS"), SecName::UserPin) => "TLS; SEC/MAC, USERPIN",
            (Some("TLS"), SecName::UserNetwPin) => "TLS; SEC/MAC, USERNETWPIN",
            (Some(_), SecName::NetwPin) => "mutual TLS; SEC/MAC, NETWPIN",
            (Some(_), SecName::UserPin) => "mutual TLS; SEC/MAC, USERPIN",
            (Some(_), SecName::UserNetwPin) => "mutual TLS; SEC/MAC, USERNETWPIN",
        }
    }

    /// How a push is protected, and with what.
    ///
    /// # Errors
    /// [`SetupError`]: a secret is missing, cannot be read, or is none.
    pub fn secrets(&self) -> Result<(Sec, Secrets), SetupError> {
        let read = |from: &Option<Secret>| -> Result<Option<Zeroizing<Vec<u8>>>, SetupError> {
            let Some(from) = from else { return Ok(None) };
            Ok(secret(from.read()?.as_bytes()))
        };
        let sec = match self.sec {
            SecName::NetwPin => Sec::NetwPin,
            SecName::UserPin => Sec::UserPin,
            SecName::UserNetwPin => Sec::UserNetwPin,
        };
        let secrets = Secrets { netwpin: read(&self.netwpin)?, userpin: read(&self.userpin)? };
        match sec.mac_octets(&secrets, b"") {
            Some(_) => Ok((sec, secrets)),
            None => Err(SetupError::Key(
                "`sec` lacks its secret: netwpin needs `netwpin`, userpin digits in `userpin`, \
                 usernetwpin both",
            )),
        }
    }
}

/// The proof of a push: [`Proof::write`] makes the octets for UDP and SMS of it,
/// [`Proof::content_type`] the content type for a push gateway. None where a secret is missing, or SEC is
/// one without a MAC.
///
/// ```
/// use dm_crypto::{Sec, Secrets, secret};
/// use dm_push::wsp::{Form, Push};
/// use dm_transport::protect;
/// let secrets = Secrets { netwpin: secret(b"imsi:244070100000213"), userpin: None };
/// let push = Push::dm(1, b"\x02...");
/// let octets = protect(&push, Sec::NetwPin, &secrets).unwrap().write(&push, Form::Token);
/// let sent = Push::read(&octets).unwrap();
/// let mac = sent.content_type.mac().unwrap();
/// assert_eq!(Sec::NetwPin.is_good(&secrets, Some(mac.octets()), sent.body), Some(true));
/// ```
#[must_use]
pub fn protect(push: &Push<'_>, sec: Sec, secrets: &Secrets) -> Option<Proof> {
    Some(Proof::new(sec.code(), &sec.mac_octets(secrets, push.body)?))
}

/// How a route makes the WSP push of a message.
#[derive(Default)]
pub(crate) struct Wrapping {
    form: Form,
    proves: Option<(Sec, Secrets)>,
}

impl Wrapping {
    /// Whose pushes prove this, if anything.
    ///
    /// # Errors
    /// [`SetupError`], of the secrets.
    pub(crate) fn new(sec_mac: Option<&SecMac>) -> Result<Self, SetupError> {
        let proves = sec_mac.map(SecMac::secrets).transpose()?;
        Ok(Self { form: Form::Token, proves })
    }

    pub(crate) const fn written_as(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    pub(crate) fn proving(mut self, sec: Sec, secrets: Secrets) -> Self {
        self.proves = Some((sec, secrets));
        self
    }

    /// Whether its pushes prove anything.
    pub(crate) const fn proves(&self) -> bool {
        self.proves.is_some()
    }

    /// The octets of the push. What is one already goes as it is, unless it has to prove something and
    /// does not. None where a secret is missing.
    pub(crate) fn push<'a>(&self, octets: &'a [u8], transaction: u8) -> Option<Cow<'a, [u8]>> {
        let push = Push::read(octets).ok();
        match (&self.proves, push) {
            (None, Some(_)) => Some(octets.into()),
            (None, None) => Some(Push::dm(transaction, octets).write_as(self.form).into()),
            (Some(_), Some(push)) if proves_itself(&push) => Some(octets.into()),
            (Some((sec, secrets)), push) => {
                let push = push.unwrap_or_else(|| Push::dm(transaction, octets));
                Some(protect(&push, *sec, secrets)?.write(&push, self.form).into())
            }
        }
    }
}

/// Secrets are not shown.
impl fmt::Debug for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sec = self.proves.as_ref().map(|(sec, _)| sec);
        f.debug_struct("Wrapping").field("form", &self.form).field("sec", &sec).finish()
    }
}

/// Whether it has SEC or MAC: a bootstrap document, whose proof is not ours to judge.
fn proves_itself(push: &Push<'_>) -> bool {
    let has = |code, name| push.content_type.parameter(code, name).is_some();
    has(tables::SEC, "sec") || has(tables::MAC, "mac")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_missing_or_none_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let config = |sec: &str, pin: &str| -> SecMac {
            std::fs::write(file.path(), pin).unwrap();
            let text = format!("sec = \"{sec}\"\nuserpin = {{ file = {:?} }}\n", file.path());
            toml::from_str(&text).unwrap()
        };
        assert_eq!(config("userpin", "1234\n").secrets().unwrap().0, Sec::UserPin);
        for (sec, pin) in [("userpin", "12a4"), ("usernetwpin", "1234"), ("netwpin", "1234")] {
            let error = config(sec, pin).secrets().err().unwrap();
            assert!(matches!(error, SetupError::Key(_)), "{error}");
        }
        assert!(toml::from_str::<SecMac>("sec = \"userpinmac\"").is_err());
    }
}

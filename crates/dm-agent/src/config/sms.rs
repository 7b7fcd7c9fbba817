//! `[[sms]]`: who on this device receives short messages for the agent.

use std::time::Duration;

use serde::Deserialize;

use super::bootstrap::SecretTable;
use super::listen::SecretFiles;
use super::unit;

/// A service on the message bus of the device that has modems.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "SmsTable")]
pub struct Sms {
    /// The address of the message bus. Default: none, which is the system's bus.
    pub bus: Option<String>,
    /// Who may push.
    pub security: SmsSecurity,
    /// How long segments wait for the others of their message, where the agent joins them.
    /// Default: 1 h.
    pub segment_timeout: Duration,
    /// The service.
    pub via: SmsVia,
}

/// A service that has modems.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum SmsVia {
    /// ModemManager: the agent reads the short messages of its modems, and deletes its own.
    ModemManager,
    /// oFono: it joins segments, and hands WAP pushes over.
    Ofono,
}

impl SmsVia {
    /// The word in configuration and log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ModemManager => "modemmanager",
            Self::Ofono => "ofono",
        }
    }
}

/// The transport-specific security of short messages. [Sessionless §5.3]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmsSecurity {
    /// None: `security = "none"` with `danger_insecure = true`.
    DangerInsecure(Option<SmsSources>),
    /// `security = "sec-mac"`: whoever knows the secrets may push. Lists of sources may be there, too.
    SecMac(SecretFiles, Option<SmsSources>),
    /// `security = "source-list"`: only these may push.
    SourceList(SmsSources),
}

impl SmsSecurity {
    /// The word in the configuration.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DangerInsecure(_) => "none",
            Self::SecMac(..) => "sec-mac",
            Self::SourceList(_) => "source-list",
        }
    }

    /// Who may push; everybody if there is no list.
    #[must_use]
    pub const fn sources(&self) -> Option<&SmsSources> {
        match self {
            Self::DangerInsecure(sources) | Self::SecMac(_, sources) => sources.as_ref(),
            Self::SourceList(sources) => Some(sources),
        }
    }
}

/// Senders and service centres that may push, as the Push object's `TrustedSMSC` lists them; at
/// least one of the two lists has something in it.
///
/// ```
/// use dm_agent::config::SmsSources;
/// let sources = SmsSources::new(vec!["+1555".into()], vec!["+358401000000".into()]).unwrap();
/// assert!(sources.admits("+1555", Some("+358401000000")));
/// assert!(!sources.admits("+1555", None) && !sources.admits("1555", Some("+358401000000")));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SmsSources {
    senders: Vec<String>,
    service_centres: Vec<String>,
}

impl SmsSources {
    /// These lists; none if both are empty.
    #[must_use]
    pub fn new(senders: Vec<String>, service_centres: Vec<String>) -> Option<Self> {
        let is_empty = senders.is_empty() && service_centres.is_empty();
        (!is_empty).then_some(Self { senders, service_centres })
    }

    /// Whether a message of this sender, by this service centre, is let in. Addresses are compared
    /// as they are written, `+` included; a list that is empty says nothing.
    #[must_use]
    pub fn admits(&self, sender: &str, service_centre: Option<&str>) -> bool {
        let is_in = |list: &[String], address| list.iter().any(|listed| listed == address);
        (self.senders.is_empty() || is_in(&self.senders, sender))
            && (self.service_centres.is_empty()
                || service_centre.is_some_and(|centre| is_in(&self.service_centres, centre)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmsTable {
    bus: Option<String>,
    #[serde(default)]
    danger_insecure: bool,
    #[serde(default)]
    from: Vec<String>,
    netwpin: Option<SecretTable>,
    security: Option<String>,
    #[serde(default, deserialize_with = "unit::duration")]
    segment_timeout: Option<Duration>,
    #[serde(default)]
    service_centres: Vec<String>,
    userpin: Option<SecretTable>,
    via: SmsVia,
}

impl TryFrom<SmsTable> for Sms {
    type Error = SmsError;

    fn try_from(table: SmsTable) -> Result<Self, SmsError> {
        let is_socket =
            |bus: &String| bus.starts_with("unix:path=/") || bus.starts_with("unix:abstract=");
        if table.bus.as_ref().is_some_and(|bus| !is_socket(bus) || bus.contains(';')) {
            return Err(SmsError::Bus);
        }
        if table.via == SmsVia::Ofono {
            if !table.service_centres.is_empty() {
                return Err(SmsError::CentresOfOfono);
            }
            if table.segment_timeout.is_some() {
                return Err(SmsError::SegmentsOfOfono);
            }
        }
        let addresses = table.from.iter().chain(&table.service_centres);
        if let Some(wrong) = addresses.clone().find(|address| !is_address(address)) {
            return Err(SmsError::Address(wrong.clone()));
        }
        let sources = SmsSources::new(table.from, table.service_centres);
        let [netwpin, userpin] = [table.netwpin, table.userpin].map(|it| it.map(|it| it.file));
        let has_secret = netwpin.is_some() || userpin.is_some();
        let security = match (table.security.as_deref(), table.danger_insecure, sources) {
            (Some("sec-mac"), true, _) => return Err(SmsError::Contradiction),
            (Some("sec-mac"), false, _) if !has_secret => return Err(SmsError::NoSecret),
            (Some("sec-mac"), false, sources) => {
                SmsSecurity::SecMac(SecretFiles { netwpin, userpin }, sources)
            }
            _ if has_secret => return Err(SmsError::SecretWithout),
            (Some("source-list"), false, Some(sources)) => SmsSecurity::SourceList(sources),
            (Some("source-list"), false, None) => return Err(SmsError::NoSources),
            (Some("source-list"), true, _) => return Err(SmsError::Contradiction),
            (Some("none"), true, sources) => SmsSecurity::DangerInsecure(sources),
            (Some("none"), false, _) => return Err(SmsError::NotAdmitted),
            (Some(other), ..) => return Err(SmsError::Unknown(other.to_owned())),
            (None, ..) => return Err(SmsError::Unnamed),
        };
        let segment_timeout = table.segment_timeout.unwrap_or(Duration::from_secs(3600));
        Ok(Self { bus: table.bus, security, segment_timeout, via: table.via })
    }
}

/// A number, or a name of up to eleven characters. [TS 23.040 §9.1.2.5]
fn is_address(address: &str) -> bool {
    let digits = address.strip_prefix('+').unwrap_or(address);
    let is_number = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number
        || ((1..=11).contains(&address.chars().count()) && !address.contains(char::is_control))
}

#[derive(Debug, thiserror::Error)]
enum SmsError {
    #[error(
        "`{0}` is neither a number, `+` and up to 20 digits, nor a name of up to 11 characters"
    )]
    Address(String),
    #[error(
        "`bus` is a socket of this machine; write bus = \"unix:path=/run/dbus/system_bus_socket\""
    )]
    Bus,
    #[error("oFono does not tell the service centre; remove `service_centres`, and write `from`")]
    CentresOfOfono,
    #[error(
        "`danger_insecure` stands beside a security that is one; remove it, or write security = \"none\""
    )]
    Contradiction,
    #[error(
        "security = \"sec-mac\" needs what device and network share; write netwpin = {{ file = \"FILE\" }}, \
         userpin = {{ file = \"FILE\" }}, or both"
    )]
    NoSecret,
    #[error(
        "security = \"source-list\" needs the sources (R16, [Sessionless §5.3]); write from = \
         [\"+15551234\"], or with ModemManager service_centres = [\"+15550000\"]"
    )]
    NoSources,
    #[error(
        "security = \"none\" takes pushes of everybody, which a transport must not (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    NotAdmitted,
    #[error("`netwpin` and `userpin` are of security = \"sec-mac\"; write that")]
    SecretWithout,
    #[error("oFono joins segments itself; remove `segment_timeout`")]
    SegmentsOfOfono,
    #[error(
        "security = \"{0}\" is not supported for short messages; a transport must have its own \
         security (R16, [Sessionless §5.3]); {WRITE}"
    )]
    Unknown(String),
    #[error(
        "`security` is missing; a transport must have its own security (R16, [Sessionless §5.3]); {WRITE}"
    )]
    Unnamed,
}

const WRITE: &str = "write security = \"source-list\" with from = [\"+15551234\"], or \"sec-mac\" with \
                     netwpin or userpin, or in a laboratory security = \"none\" with danger_insecure = true";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(keys: &str) -> Result<Sms, String> {
        toml::from_str(keys).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[test]
    fn the_defaults_are_the_system_bus_and_an_hour() {
        let sms =
            parse("via = \"modemmanager\"\nsecurity = \"source-list\"\nfrom = [\"+1\"]").unwrap();
        assert_eq!((sms.bus, sms.segment_timeout), (None, Duration::from_secs(3600)));
        assert_eq!(sms.security.sources(), SmsSources::new(vec!["+1".into()], vec![]).as_ref());
    }

    #[test]
    fn each_list_demands_what_is_in_it() {
        let sources = |senders: &[&str], centres: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
            SmsSources::new(owned(senders), owned(centres))
        };
        assert_eq!(sources(&[], &[]), None);
        let senders = sources(&["+1", "Operator"], &[]).unwrap();
        assert!(senders.admits("Operator", None) && senders.admits("+1", Some("+9")));
        assert!(!senders.admits("+11", None) && !senders.admits("", None));
        let centres = sources(&[], &["+9"]).unwrap();
        assert!(centres.admits("whoever", Some("+9")));
        assert!(!centres.admits("whoever", None) && !centres.admits("whoever", Some("+8")));
    }

    #[test]
    fn what_does_not_go_together_is_refused_with_what_to_write() {
        let list = "security = \"source-list\"\nfrom = [\"+1\"]\n";
        for (keys, said) in [
            ("via = \"ofono\"", "`security` is missing"),
            ("via = \"ofono\"\nsecurity = \"source-list\"", "needs the sources"),
            ("via = \"ofono\"\nsecurity = \"none\"", "takes pushes of everybody"),
            ("via = \"ofono\"\nsecurity = \"tls\"", "\"tls\" is not supported"),
            ("via = \"gammu\"", "unknown variant `gammu`"),
            (&format!("via = \"ofono\"\ndanger_insecure = true\n{list}"), "remove it"),
            (&format!("via = \"ofono\"\nservice_centres = [\"+9\"]\n{list}"), "does not tell"),
            (&format!("via = \"ofono\"\nsegment_timeout = \"1 s\"\n{list}"), "joins segments"),
            (&format!("via = \"ofono\"\nbus = \"unixexec:path=/bin/sh\"\n{list}"), "is a socket"),
            (&format!("via = \"ofono\"\nbus = \"unix:path=/a;tcp:\"\n{list}"), "is a socket"),
            (
                "via = \"ofono\"\nsecurity = \"source-list\"\nfrom = [\"+1 555 and more\"]",
                "neither",
            ),
        ] {
            let error = parse(keys).unwrap_err();
            assert!(error.contains(said), "{keys}: {error}");
        }
        let secret = "netwpin = { file = \"f\" }";
        let with = |security: &str| parse(&format!("via = \"ofono\"\n{security}"));
        let bare = with("security = \"sec-mac\"").unwrap_err();
        assert!(bare.contains("write netwpin = "), "{bare}");
        for (security, said) in [
            ("security = \"sec-mac\"\ndanger_insecure = true", "remove it"),
            ("security = \"none\"\ndanger_insecure = true", "\"sec-mac\"; write that"),
            ("security = \"source-list\"\nfrom = [\"+1\"]", "\"sec-mac\"; write that"),
        ] {
            let error = with(&format!("{security}\n{secret}")).unwrap_err();
            assert!(error.contains(said), "{security}: {error}");
        }
        let proven = with(&format!("security = \"sec-mac\"\nfrom = [\"+1\"]\n{secret}")).unwrap();
        assert_eq!(proven.security.name(), "sec-mac");
        assert_eq!(proven.security.sources(), SmsSources::new(vec!["+1".into()], vec![]).as_ref());
        let none = "via = \"ofono\"\nsecurity = \"none\"\ndanger_insecure = true";
        assert_eq!(parse(none).unwrap().security, SmsSecurity::DangerInsecure(None));
    }
}

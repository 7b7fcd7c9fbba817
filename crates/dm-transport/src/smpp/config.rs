//! What a route to an SMS centre is told, in TOML.

use std::time::Duration;

use dm_push::smpp::session::Settings;
use dm_push::smpp::{MessageIds, PORT, Version};
use serde::{Deserialize, Deserializer, de};

use crate::setup::{Secret, duration};
use crate::tls::ClientTls;
use crate::{Host, SecMac};

/// A route to an SMS centre.
///
/// ```
/// use dm_transport::SmppConfig;
/// let config: SmppConfig = toml::from_str(r#"
///     centre = "smsc.example:2775"
///     system_id = "mgram"
///     password = { file = "/etc/mgram/smsc.password" }
///     source = "12345"
///     window = 200
///     reference_bits = 8
///     enquire_link = "20 s"
/// "#)?;
/// assert_eq!(config.centre.to_string(), "smsc.example:2775");
/// assert!(toml::from_str::<SmppConfig>("centre = \"a\"\nsystem_id = \"b\"\nwindow = 0").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SmppConfig {
    /// Where the SMS centre listens, `HOST[:PORT]`. Default port: 2775.
    #[serde(deserialize_with = "host")]
    pub centre: Host,
    /// Who we are to it, at most 15 octets.
    pub system_id: String,
    /// Our password there, at most 8 octets. Default: none.
    #[serde(default)]
    pub password: Option<Secret>,
    /// What kind of system we are to it, at most 12 octets. Default: empty.
    #[serde(default)]
    pub system_type: String,
    /// The version of SMPP that we say we speak: `"3.4"` or `"5.0"`. Default: `"3.4"`.
    #[serde(default = "version_3_4", deserialize_with = "version")]
    pub version: Version,
    /// TLS, if the SMS centre has it. Default: none.
    #[serde(default)]
    pub tls: Option<ClientTls>,
    /// Who sends, as devices see it: digits, or at most 11 letters. Default: the SMS centre decides.
    #[serde(default)]
    pub source: String,
    /// Type of number of `source`. Default: 0, unknown; of letters 5.
    #[serde(default)]
    pub source_ton: Option<u8>,
    /// Numbering plan of `source`. Default: 0, unknown.
    #[serde(default)]
    pub source_npi: u8,
    /// Type of number of devices. Default: 1, international.
    #[serde(default = "one")]
    pub destination_ton: u8,
    /// Numbering plan of devices. Default: 1, that of telephones.
    #[serde(default = "one")]
    pub destination_npi: u8,
    /// service_type, at most 5 octets. Default: empty.
    #[serde(default)]
    pub service_type: String,
    /// Bits of the number that segments of one message have in common, 8 or 16. Default: 16. With 8, for devices
    /// that know nothing else, messages on their way to one device at once may have the same number, and are
    /// mixed there, unless their ids end in a number and those differ by less than 256.
    #[serde(default = "sixteen", deserialize_with = "reference_bits")]
    pub reference_bits: u8,
    /// Whether delivery receipts are asked for. Default: yes.
    #[serde(default = "yes")]
    pub receipts: bool,
    /// How the SMS centre writes an id in its answer and in a receipt's text: `"same"`,
    /// `"hex-then-decimal"` or `"decimal-then-hex"`. Default: `"same"`.
    #[serde(default, deserialize_with = "receipt_ids")]
    pub receipt_ids: MessageIds,
    /// A secret that each push proves to its device: protection from end to end, TLS or not. Default: none.
    #[serde(default)]
    pub sec_mac: Option<SecMac>,
    /// Segments that may wait for an answer, 1 to 10,000. Default: 100.
    #[serde(default = "hundred", deserialize_with = "window")]
    pub window: usize,
    /// How long it may be quiet before we ask whether the SMS centre is there. Default: 30 s.
    #[serde(default = "half_a_minute", deserialize_with = "duration")]
    pub enquire_link: Duration,
    /// How long an answer may take; then the connection is given up. And how long a receipt may wait to be kept
    /// before it is refused for now. Default: 30 s.
    #[serde(default = "half_a_minute", deserialize_with = "duration")]
    pub answer_timeout: Duration,
    /// How long connecting may take, TLS included. Default: 10 s.
    #[serde(default = "ten_seconds", deserialize_with = "duration")]
    pub connect_timeout: Duration,
    /// The pause before connecting again after a failure; it doubles with each. Default: 1 s.
    #[serde(default = "second", deserialize_with = "duration")]
    pub reconnect: Duration,
    /// The longest such pause, and that after a refused password. Default: 1 min.
    #[serde(default = "minute", deserialize_with = "duration")]
    pub longest_reconnect: Duration,
    /// The pause after throttling; it doubles with each. Default: 250 ms.
    #[serde(default = "quarter_of_a_second", deserialize_with = "duration")]
    pub throttle_pause: Duration,
    /// The longest such pause. Default: 30 s.
    #[serde(default = "half_a_minute", deserialize_with = "duration")]
    pub longest_throttle_pause: Duration,
}

impl SmppConfig {
    /// The defaults, for an SMS centre and who we are there.
    #[must_use]
    pub fn new(centre: Host, system_id: &str) -> Self {
        Self {
            centre,
            system_id: system_id.to_owned(),
            password: None,
            system_type: String::new(),
            version: version_3_4(),
            tls: None,
            source: String::new(),
            source_ton: None,
            source_npi: 0,
            destination_ton: one(),
            destination_npi: one(),
            service_type: String::new(),
            reference_bits: sixteen(),
            receipts: yes(),
            receipt_ids: MessageIds::Same,
            sec_mac: None,
            window: hundred(),
            enquire_link: half_a_minute(),
            answer_timeout: half_a_minute(),
            connect_timeout: ten_seconds(),
            reconnect: second(),
            longest_reconnect: minute(),
            throttle_pause: quarter_of_a_second(),
            longest_throttle_pause: half_a_minute(),
        }
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            window: self.window,
            enquire_after: self.enquire_link,
            answer_within: self.answer_timeout,
            pause: self.throttle_pause,
            longest_pause: self.longest_throttle_pause,
        }
    }

    pub(super) fn source_ton(&self) -> u8 {
        let has_letters = !self.source.bytes().all(|octet| octet.is_ascii_digit());
        self.source_ton.unwrap_or(if has_letters { ALPHANUMERIC } else { 0 })
    }
}

/// Type of number: letters. [SMPP 3.4 §5.2.5]
const ALPHANUMERIC: u8 = 5;

const fn one() -> u8 {
    1
}
const fn sixteen() -> u8 {
    16
}
const fn yes() -> bool {
    true
}
const fn hundred() -> usize {
    100
}
const fn version_3_4() -> Version {
    Version::V3_4
}
const fn quarter_of_a_second() -> Duration {
    Duration::from_millis(250)
}
const fn second() -> Duration {
    Duration::from_secs(1)
}
const fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}
const fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}
const fn minute() -> Duration {
    Duration::from_secs(60)
}

fn host<'de, D: Deserializer<'de>>(from: D) -> Result<Host, D::Error> {
    let text = String::deserialize(from)?;
    Host::parse(&text, PORT).map_err(|error| de::Error::custom(format_args!("`{text}`: {error}")))
}

fn version<'de, D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
    match String::deserialize(from)?.as_str() {
        "3.4" => Ok(Version::V3_4),
        "5.0" => Ok(Version::V5_0),
        text => {
            let wanted = "write \"3.4\" or \"5.0\"";
            Err(de::Error::custom(format_args!("`{text}` is no version of SMPP; {wanted}")))
        }
    }
}

fn reference_bits<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    match u8::deserialize(from)? {
        bits @ (8 | 16) => Ok(bits),
        bits => Err(de::Error::custom(format_args!("{bits} bits; write 8 or 16"))),
    }
}

fn receipt_ids<'de, D: Deserializer<'de>>(from: D) -> Result<MessageIds, D::Error> {
    match String::deserialize(from)?.as_str() {
        "same" => Ok(MessageIds::Same),
        "hex-then-decimal" => Ok(MessageIds::HexThenDecimal),
        "decimal-then-hex" => Ok(MessageIds::DecimalThenHex),
        text => {
            let wanted = "write \"same\", \"hex-then-decimal\" or \"decimal-then-hex\"";
            Err(de::Error::custom(format_args!("`{text}` is no way to write ids; {wanted}")))
        }
    }
}

fn window<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    match usize::deserialize(from)? {
        window @ 1..=10_000 => Ok(window),
        window => Err(de::Error::custom(format_args!("a window of {window}; write 1 to 10000"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(line: &str) -> Result<SmppConfig, String> {
        let text = format!("centre = \"smsc.example\"\nsystem_id = \"mgram\"\n{line}\n");
        toml::from_str(&text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn what_is_not_written_is_as_in_new() {
        let host = Host::parse("smsc.example:2775", 1).unwrap();
        assert_eq!(with(""), Ok(SmppConfig::new(host, "mgram")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_to_write() {
        for (line, said) in [
            ("windw = 3", "unknown field `windw`"),
            ("window = 0", "a window of 0; write 1 to 10000"),
            ("version = \"3.3\"", "write \"3.4\" or \"5.0\""),
            ("reference_bits = 12", "12 bits; write 8 or 16"),
            ("receipt_ids = \"hex\"", "\"hex-then-decimal\""),
            ("enquire_link = \"30\"", "a duration with its unit"),
            ("password = \"secret\"", "wanted string or table"),
        ] {
            let error = with(line).unwrap_err();
            assert!(error.contains(said) || line.starts_with("password"), "{line}: {error}");
        }
        let error =
            toml::from_str::<SmppConfig>("centre = \"a b\"\nsystem_id = \"m\"").unwrap_err();
        assert!(error.message().contains("no valid host"), "{error}");
    }

    #[test]
    fn letters_are_of_another_type_of_number_than_digits() {
        for (line, ton) in [
            ("source = \"12345\"", 0),
            ("source = \"Marconi\"", 5),
            ("source = \"358401\"\nsource_ton = 1", 1),
        ] {
            assert_eq!(with(line).unwrap().source_ton(), ton, "{line}");
        }
    }
}

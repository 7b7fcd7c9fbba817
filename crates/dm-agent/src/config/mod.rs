//! The agent's configuration: a TOML file, and the environment over it.
//!
//! Unknown keys are errors. Sizes and durations carry their unit. Every value can be replaced
//! by an environment variable: `MARCONIGRAM_KEY` or `MARCONIGRAM_SECTION__KEY`, in upper case.
//!
//! ```
//! use dm_agent::config::Config;
//! let text = r#"
//!     device_id = "urn:imei:004999010640000"
//!     state = "/var/lib/marconigram"
//!
//!     [[listen]]
//!     transport = "udp"
//!     address = "127.0.0.1:2948"
//!     security = "source-list"
//!     from = ["127.0.0.1", "10.20.0.0/16"]
//! "#;
//! let environment = [("MARCONIGRAM_LIMITS__MESSAGE", "64 KiB")];
//! let config = Config::parse("agent.toml".as_ref(), text, environment)?;
//! assert_eq!(config.limits.message, 65_536);
//! assert_eq!(config.listen[0].address.port(), 2948);
//! # Ok::<(), dm_agent::ConfigError>(())
//! ```

#[cfg(any(
    test,
    not(all(
        feature = "mqtt",
        feature = "poll",
        feature = "report",
        feature = "sip",
        feature = "sms"
    ))
))]
mod absent;
mod accounts;
mod bootstrap;
mod danger;
mod device_keys;
mod effect;
mod environment;
mod error;
mod file;
mod limits;
mod listen;
#[cfg(feature = "mqtt")]
mod mqtt;
#[cfg(feature = "poll")]
mod poll;
#[cfg(feature = "report")]
mod report;
#[cfg(any(feature = "mqtt", feature = "poll", feature = "report", feature = "sip"))]
mod server;
#[cfg(feature = "sip")]
mod sip;
#[cfg(feature = "sms")]
mod sms;

mod policy;
mod source;
mod spool;
#[cfg(test)]
mod tests;
mod tls;
mod tree;
mod unit;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[cfg(not(feature = "mqtt"))]
pub use absent::Absent as Mqtt;
#[cfg(not(feature = "poll"))]
pub use absent::Absent as Poll;
#[cfg(not(feature = "report"))]
pub use absent::Absent as Report;
#[cfg(not(feature = "sip"))]
pub use absent::Absent as Sip;
#[cfg(not(feature = "sms"))]
pub use absent::Absent as Sms;
pub use accounts::{Account, TrustPolicy};
pub use bootstrap::BootstrapPolicy;
pub use danger::Danger;
pub use device_keys::DeviceKeySources;
#[cfg(feature = "tokens")]
pub use device_keys::TokenKey;
pub use effect::{Action, Effect, Program, TemplateFile, Trigger};
pub use error::ConfigError;
pub use limits::{Limits, MAX_MESSAGE, Rate, TreeLimits};
pub use listen::{Endpoint, Listen, Security};
#[cfg(feature = "mqtt")]
pub use mqtt::Mqtt;
pub use policy::{ObjectPolicy, Unprepared};
#[cfg(feature = "poll")]
pub use poll::Poll;
#[cfg(feature = "report")]
pub use report::Report;
#[cfg(any(feature = "mqtt", feature = "poll", feature = "report", feature = "sip"))]
pub use server::{Credentials, Server};
#[cfg(feature = "sip")]
pub use sip::{Sip, SipIdentity, SipTransport};
#[cfg(feature = "sms")]
pub use sms::{Sms, SmsSecurity, SmsSources, SmsVia};
pub use source::{SourceList, SourceRange, SourceRangeError};
pub use spool::{Spool, SpoolSecurity};
pub use tls::{ClientTls, ServerTls, TlsClients};
pub use tree::TreePolicy;

/// All settings of an agent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// What is demanded of single accounts, by ServerID. Default: nothing special.
    pub accounts: BTreeMap<String, Account>,
    /// How the device may get its first account.
    pub bootstrap: BootstrapPolicy,
    /// Whether the device has a clock that it trusts. Default: yes.
    pub clock: bool,
    /// What is dangerous, and off.
    pub danger: Danger,
    /// The device's own id, as `SyncHdr/Target/LocURI` names it.
    pub device_id: String,
    /// Keys to decrypt with, beside those of the state folder.
    pub device_keys: DeviceKeySources,
    /// What follows the tree, `Exec` and alerts. Default: nothing.
    pub effect: Vec<Effect>,
    /// What to ask of the freshness marks of a message. Default: [`Freshness::IfPresent`].
    pub freshness: Freshness,
    /// Ids of groups that the device belongs to, all `urn:...`. Default: none.
    pub groups: Vec<String>,
    /// What a message may cost.
    pub limits: Limits,
    /// Where to receive. Default: nowhere.
    pub listen: Vec<Listen>,
    /// Brokers of MQTT. Default: none.
    pub mqtt: Vec<Mqtt>,
    /// Servers that are asked for messages. Default: none.
    pub poll: Vec<Poll>,
    /// Where the journal is reported. Default: nowhere.
    pub report: Option<Report>,
    /// Registrars of SIP. Default: none.
    pub sip: Vec<Sip>,
    /// Services that receive short messages. Default: none.
    pub sms: Vec<Sms>,
    /// The spellings that messages may have. Default: [`Spelling::Interop`].
    pub spelling: Spelling,
    /// Folders to take messages from. Default: none.
    pub spool: Vec<Spool>,
    /// The folder of tree, journal and replay state.
    pub state: PathBuf,
    /// What messages may do to the tree.
    pub tree: TreePolicy,
    /// What to answer to an Alert 1101, which asks the user. Default: [`Ui::None`].
    pub ui: Ui,
}

/// What the device asks of the counter and expiry of a message.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// They are checked if they are there.
    #[default]
    IfPresent,
    /// Not even looked at. A repeated message is refused all the same.
    Off,
    /// A message without a counter is refused.
    Required,
}

/// The spellings of WBXML that the device takes. [profile §5]
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// All: the shortest one, too, where a token stands for a whole signature.
    Any,
    /// The compact one, with private code pages, as well.
    Compact,
    /// The one that every WBXML reader follows; private code pages are refused.
    #[default]
    Interop,
}

/// What stands in for the user's answer to a question.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Ui {
    /// The user declines.
    No,
    /// There is no user to ask.
    #[default]
    None,
    /// The user agrees.
    Yes,
}

impl Config {
    /// Whether anything is to be received at all.
    #[must_use]
    pub fn receives(&self) -> bool {
        !(self.listen.is_empty()
            && self.mqtt.is_empty()
            && self.poll.is_empty()
            && self.sip.is_empty()
            && self.sms.is_empty()
            && self.spool.is_empty())
    }

    /// Reads the file at `path`, with the environment over it: `std::env::vars_os()`.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong, in which line or variable, and what to write.
    pub fn load<N: Into<OsString>, V: Into<OsString>>(
        path: &Path,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text, environment),
            Err(source) => Err(ConfigError::Read { path: path.to_owned(), source }),
        }
    }

    /// As [`Self::load`], with the text of the file at hand; `path` is only named in errors.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse<N: Into<OsString>, V: Into<OsString>>(
        path: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        let mut file = toml::from_str::<file::File>(text)
            .map_err(|error| ConfigError::in_file(path, text, error))?;
        for over in environment::read(environment)? {
            file.overlay(over);
        }
        file.finish().map_err(|key| ConfigError::Missing { path: path.to_owned(), key })
    }
}

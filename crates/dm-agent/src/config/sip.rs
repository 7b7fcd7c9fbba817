//! `[[sip]]`: a registrar, through which pushes come as `MESSAGE`.

use std::time::Duration;

use dm_push::sip::Uri;
use serde::Deserialize;

use super::server::{Scheme, Server, ServerError, ServerTable};
use super::source::{SourceList, SourceRange};
use super::unit;

/// A registrar of SIP, and the address of record that the device has there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "SipTable")]
pub struct Sip {
    /// The registrar. It knows users and passwords (digest), no bearers.
    pub server: Server,
    /// How to reach it. Default: TLS with `sips://`, else TCP.
    pub transport: SipTransport,
    /// The address of record: `sip:USER@DOMAIN`. [RFC 3261 §10]
    pub aor: String,
    /// The value of `+g.oma.pusheventapp` in our Contact. Default: `syncml.dm`. [OMA SIP Push 1.0]
    pub application: String,
    /// How long a registration is asked for; the registrar decides. Default: 1 h.
    pub expires: Duration,
    /// Addresses from which requests are heard. Default: the registrar's own, and its port.
    pub from: Option<SourceList>,
    /// What says who sends. Default: [`SipIdentity::From`].
    pub identity: SipIdentity,
    /// How often a few octets keep the way open through NAT. Default: never.
    pub keep_alive: Option<Duration>,
    /// Who may push, `sip:USER@DOMAIN` each. Default: whom the registrar's proxy lets through.
    pub senders: Vec<String>,
}

/// The way to a registrar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SipTransport {
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// UDP: messages above 1,300 octets seldom come this way. [RFC 3261 §18.1.1]
    Udp,
}

/// What in a request says who sends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum SipIdentity {
    /// `P-Asserted-Identity`, which must be there. [RFC 3325]
    Asserted,
    /// `From`; and where there is a `P-Asserted-Identity`, that must be allowed as well.
    #[default]
    From,
}

impl Sip {
    /// The word in the configuration for its security.
    #[must_use]
    pub fn security(&self) -> &'static str {
        match &self.from {
            Some(_) if self.server.tls.is_none() => "source-list",
            _ => self.server.security(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SipTable {
    aor: String,
    application: Option<String>,
    #[serde(default, deserialize_with = "unit::duration")]
    expires: Option<Duration>,
    #[serde(default)]
    from: Vec<SourceRange>,
    #[serde(default)]
    identity: SipIdentity,
    #[serde(default, deserialize_with = "unit::duration")]
    keep_alive: Option<Duration>,
    #[serde(default)]
    senders: Vec<String>,
    #[serde(flatten)]
    server: ServerTable,
    transport: Option<String>,
}

impl TryFrom<SipTable> for Sip {
    type Error = SipConfigError;

    fn try_from(mut table: SipTable) -> Result<Self, SipConfigError> {
        let from = SourceList::new(table.from);
        let is_listed = table.server.takes_source_list();
        match (is_listed, &from) {
            (true, None) => return Err(SipConfigError::NoSources),
            (false, Some(_)) => return Err(SipConfigError::Sources),
            _ => {}
        }
        let scheme = Scheme { plain: ("sip", 5060), tls: ("sips", 5061) };
        let server = Server::new(table.server, &scheme)?;
        let transport = match (table.transport.as_deref(), &server.tls) {
            (None | Some("tls"), Some(_)) => SipTransport::Tls,
            (None | Some("tcp"), None) => SipTransport::Tcp,
            (Some("udp"), None) => SipTransport::Udp,
            _ => return Err(SipConfigError::Transport),
        };
        match &server.credentials {
            super::Credentials::Bearer(_) => return Err(SipConfigError::Bearer),
            super::Credentials::Password(user, _) if !is_plain(user) => {
                return Err(SipConfigError::User);
            }
            _ => {}
        }
        let names_user =
            |uri: &String| is_plain(uri) && Uri::read(uri).is_some_and(|uri| uri.user.is_some());
        if !names_user(&table.aor) || table.aor.contains([';', '?']) {
            return Err(SipConfigError::Aor(table.aor));
        }
        if let Some(wrong) = table.senders.iter().find(|uri| !names_user(uri)) {
            return Err(SipConfigError::Sender(wrong.clone()));
        }
        let application = table.application.unwrap_or_else(|| "syncml.dm".to_owned());
        if application.is_empty() || !is_plain(&application) {
            return Err(SipConfigError::Application);
        }
        // The protocol counts in whole seconds, and no registrar grants more than some days.
        let expires = table.expires.unwrap_or(Duration::from_secs(3600));
        Ok(Self {
            server,
            transport,
            aor: table.aor,
            application,
            expires: expires.clamp(Duration::from_secs(1), Duration::from_secs(7 * 86_400)),
            from,
            identity: table.identity,
            keep_alive: table.keep_alive.map(|often| often.max(Duration::from_secs(1))),
            senders: table.senders,
        })
    }
}

/// Whether text can stand in a field, in quotes or in angle brackets.
fn is_plain(text: &str) -> bool {
    text.len() <= 255
        && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"\\<>".contains(&octet))
}

#[derive(Debug, thiserror::Error)]
enum SipConfigError {
    #[error("`{0}` is no address of record; write aor = \"sip:USER@DOMAIN\"")]
    Aor(String),
    #[error("`application` is visible ASCII without quotes; write \"syncml.dm\"")]
    Application,
    #[error("SIP has no `bearer_file`; write `user` and `password_file`")]
    Bearer,
    #[error(
        "security = \"source-list\" needs the sources (R16, [Sessionless §5.3]); write \
         from = [\"ADDRESS\"] with the addresses of the registrar and its proxies"
    )]
    NoSources,
    #[error("`{0}` of `senders` names no user; write \"sip:USER@DOMAIN\"")]
    Sender(String),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("`from` is of security = \"source-list\"; write that, or remove it")]
    Sources,
    #[error(
        "`transport` is \"udp\" or \"tcp\" with a sip:// URL, and TLS with sips://; correct one"
    )]
    Transport,
    #[error("`user` is visible ASCII without quotes and backslashes; correct it")]
    User,
}

#[cfg(test)]
mod tests;

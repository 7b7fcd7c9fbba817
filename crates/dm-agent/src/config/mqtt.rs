//! `[[mqtt]]`: a broker, and the topics on which messages come.

use std::time::Duration;

use serde::Deserialize;

use super::server::{Scheme, Server, ServerError, ServerTable};
use super::unit;

/// A broker of MQTT 5.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "MqttTable")]
pub struct Mqtt {
    /// The broker. It knows users and passwords, no bearers.
    pub server: Server,
    /// The client identifier, by which the broker knows the session. [MQTT 5 §3.1.3.1]
    pub client_id: String,
    /// How often it must hear from us. Default: 5 min.
    pub keep_alive: Duration,
    /// How long it keeps messages for us while we are away. Default: 7 days.
    pub session_expiry: Duration,
    /// Topic filters. [MQTT 5 §4.7]
    pub topics: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MqttTable {
    client_id: String,
    #[serde(default, deserialize_with = "unit::duration")]
    keep_alive: Option<Duration>,
    #[serde(flatten)]
    server: ServerTable,
    #[serde(default, deserialize_with = "unit::duration")]
    session_expiry: Option<Duration>,
    topics: Vec<String>,
}

impl TryFrom<MqttTable> for Mqtt {
    type Error = MqttError;

    fn try_from(table: MqttTable) -> Result<Self, MqttError> {
        let scheme = Scheme { plain: ("mqtt", 1883), tls: ("mqtts", 8883) };
        let server = Server::new(table.server, &scheme)?;
        if matches!(server.credentials, super::Credentials::Bearer(_)) {
            return Err(MqttError::Bearer);
        }
        if table.client_id.is_empty() || table.client_id.len() > 256 {
            return Err(MqttError::ClientId);
        }
        let is_filter = |topic: &String| (1..=1024).contains(&topic.len()) && !topic.contains('\0');
        if table.topics.is_empty() || table.topics.len() > 32 || !table.topics.iter().all(is_filter)
        {
            return Err(MqttError::Topics);
        }
        // The protocol counts in whole seconds, the keep-alive in 16 bits.
        let keep_alive = table.keep_alive.unwrap_or(Duration::from_secs(300));
        let most = Duration::from_secs(u64::from(u16::MAX));
        Ok(Self {
            server,
            client_id: table.client_id,
            keep_alive: keep_alive.clamp(Duration::from_secs(1), most),
            session_expiry: table.session_expiry.unwrap_or(Duration::from_secs(7 * 86_400)),
            topics: table.topics,
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum MqttError {
    #[error("MQTT has no `bearer_file`; write `user` and `password_file`")]
    Bearer,
    #[error("`client_id` has 1 to 256 octets; write one that no other device has")]
    ClientId,
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("`topics` are 1 to 32, each of 1 to 1024 octets; write topics = [\"dm/DEVICE/push\"]")]
    Topics,
}

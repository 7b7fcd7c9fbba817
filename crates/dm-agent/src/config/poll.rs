//! `[[poll]]`: a server that is asked for messages.

use std::time::Duration;

use serde::Deserialize;

use super::server::{Scheme, Server, ServerError, ServerTable};
use super::unit;

/// A server that is asked, and answers when it has something.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "PollTable")]
pub struct Poll {
    /// The server.
    pub server: Server,
    /// How long it may wait before it says that there is nothing. Default: 50 s.
    pub wait: Duration,
}

// Of a flattened table serde cannot name unknown keys by itself; it refuses them all the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PollTable {
    #[serde(flatten)]
    server: ServerTable,
    #[serde(default, deserialize_with = "unit::duration")]
    wait: Option<Duration>,
}

impl TryFrom<PollTable> for Poll {
    type Error = ServerError;

    fn try_from(table: PollTable) -> Result<Self, ServerError> {
        let scheme = Scheme { plain: ("http", 80), tls: ("https", 443) };
        let wait = table.wait.unwrap_or(Duration::from_secs(50)).max(Duration::from_secs(1));
        Ok(Self { server: Server::new(table.server, &scheme)?, wait })
    }
}

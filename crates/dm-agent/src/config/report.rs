//! `[report]`: where the journal is reported, and what signs it. Off unless it is written down.

use std::time::Duration;

use serde::Deserialize;

use super::server::{Scheme, Server, ServerError, ServerTable};
use super::unit;

/// A server that takes the journal. Nothing of a message ever changes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "ReportTable")]
pub struct Report {
    /// The server.
    pub server: Server,
    /// What signs: a file, of a path below the state folder where it is not absolute; or
    /// `pkcs11:...`, a key in a token.
    pub signing_key: String,
    /// What the signature calls the key (`kid`). Default: the device's id.
    pub key_name: Option<String>,
    /// How long entries may gather after the first. Default: 1 min.
    pub delay: Duration,
    /// The most entries of one report. Default: 100.
    pub batch: usize,
}

// Of a flattened table serde cannot name unknown keys by itself; it refuses them all the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportTable {
    #[serde(flatten)]
    server: ServerTable,
    signing_key: Option<String>,
    key_name: Option<String>,
    #[serde(default, deserialize_with = "unit::duration")]
    delay: Option<Duration>,
    #[serde(default, deserialize_with = "unit::count")]
    batch: Option<usize>,
}

impl TryFrom<ReportTable> for Report {
    type Error = ServerError;

    fn try_from(table: ReportTable) -> Result<Self, ServerError> {
        let scheme = Scheme { plain: ("http", 80), tls: ("https", 443) };
        Ok(Self {
            server: Server::new(table.server, &scheme)?,
            signing_key: table.signing_key.ok_or(ServerError::NoSigningKey)?,
            key_name: table.key_name,
            delay: table.delay.unwrap_or(Duration::from_secs(60)),
            batch: table.batch.unwrap_or(100).min(MOST_ENTRIES),
        })
    }
}

/// More would not fit into a report.
const MOST_ENTRIES: usize = 1_000;

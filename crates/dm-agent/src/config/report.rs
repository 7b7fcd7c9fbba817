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

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError};
    use super::*;

    const BASE: &str = "device_id = \"urn:imei:1\"\nstate = \"state\"\n";

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse("agent.toml".as_ref(), text, [("", ""); 0])
    }

    #[test]
    fn a_report_names_its_server_and_its_key_or_is_refused() {
        let report = |keys: &str| parse(&format!("{BASE}[report]\n{keys}"));
        let server = "url = \"https://j.example/d\"\nsecurity = \"tls\"\nca = \"ca.pem\"\n";
        let good = report(&format!("{server}signing_key = \"r.pem\"")).unwrap().report.unwrap();
        assert_eq!((good.delay, good.batch, good.key_name), (Duration::from_secs(60), 100, None));
        assert_eq!((good.server.host.as_str(), good.server.port), ("j.example", 443));
        assert!(parse(BASE).unwrap().report.is_none());
        for (keys, words) in [
            (server.to_owned(), "write signing_key = "),
            (format!("{server}signing_key = \"r\"\ncolour = 1"), "unknown field `colour`"),
            (
                server.replace("https://", "https://u@") + "signing_key = \"r\"",
                "without user and password",
            ),
            (
                server.replace("/d", ":99999/d") + "signing_key = \"r\"",
                "is no URL of this transport",
            ),
            (
                server.replace("/d", "/d#part") + "signing_key = \"r\"",
                "is no URL of this transport",
            ),
            ("signing_key = \"r\"".to_owned(), "`url` is missing"),
        ] {
            let said = report(&keys).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}

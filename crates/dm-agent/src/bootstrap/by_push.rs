//! A bootstrap push that came to a running agent. [SEC 1.2 §5.1.7.2]
//!
//! The client of messages lets go of the state, the entry point of bootstrap takes the push, and
//! the client opens the state anew: neither ever works on what the other has open.

use std::io;
use std::path::Path;

use tracing::{info, warn};

use super::document::{self, Refused};
use crate::config::Config;
use crate::persist::{FILE, PersistError, RedbStore};
use crate::receive::BootstrapPush;
use crate::run::{self, AgentClient, RunError};

/// An empty state, where a device that waits for its bootstrap has no folder yet, or an empty one.
/// A folder with something in it has lost its state: nothing is made anew there.
///
/// # Errors
/// When the folder cannot be read or written.
pub(crate) fn prepare(config: &Config) -> Result<(), PersistError> {
    let state = &config.state;
    if state.join(FILE).exists() || !is_new(state)? {
        return Ok(());
    }
    RedbStore::create(state)?;
    info!(state = %state.display(), "a new state: the device waits for a bootstrap push");
    Ok(())
}

fn is_new(folder: &Path) -> Result<bool, PersistError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(PersistError::Io { folder: folder.to_owned(), error }),
    }
}

/// Takes one push, and yields the client again.
///
/// # Errors
/// When the state or a device key cannot be opened again.
pub(crate) fn take(
    client: AgentClient,
    config: &Config,
    push: BootstrapPush,
) -> Result<AgentClient, RunError> {
    let (from, octets) = (push.from(), push.datagram().len());
    if !config.bootstrap.again && client.tree().accounts().next().is_some() {
        // Not in the journal, and not by closing the state: it would be a way to wear out both.
        warn!(%from, octets, reason = %Refused::Again, "bootstrap refused");
        push.acknowledge();
        return Ok(client);
    }
    drop(client);
    match document::take_push(config, push.datagram(), &from, push.received()) {
        Ok(taken) => {
            let (servers, nodes) = (taken.server_ids.join(", "), taken.nodes);
            info!(%from, octets, servers, nodes, "bootstrapped");
        }
        Err(refused) => warn!(%from, octets, reason = %refused, "bootstrap refused"),
    }
    push.acknowledge();
    run::open(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(state: &Path) -> Config {
        let text = format!("device_id = \"d\"\nstate = {state:?}\n");
        Config::parse("a".as_ref(), &text, [("", ""); 0]).unwrap()
    }

    #[test]
    fn a_state_is_made_where_there_is_none_and_not_where_one_was_lost() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["absent", "empty", "lost"] {
            let state = folder.path().join(name);
            match name {
                "absent" => {}
                "empty" => std::fs::create_dir(&state).unwrap(),
                _ => std::fs::create_dir_all(state.join("queue")).unwrap(),
            }
            prepare(&config(&state)).unwrap();
            assert_eq!(state.join(FILE).exists(), name != "lost", "{name}");
            prepare(&config(&state)).unwrap();
        }
    }
}

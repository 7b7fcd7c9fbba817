//! Why an attempt failed: what the journal says of it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use dm_tree::Uri;

use super::template::Unfilled;

/// Why an attempt failed. It may come again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The server has no account any more, or more than one.
    #[error("the server has no account of its own in the tree")]
    Account,
    /// The program ended otherwise than with 0.
    #[error("{status}{}", after(said))]
    Ended { status: std::process::ExitStatus, said: String },
    /// A file cannot be written, or a folder read.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    /// No profile can be made of an access point.
    #[error("{uri}: {why}")]
    Profile { uri: Uri, why: &'static str },
    /// This, and others; what could be done beside them is.
    #[error("{first} (and {more} more)")]
    Several { first: Box<Self>, more: usize },
    /// The program cannot be started.
    #[error("{program} cannot be started: {error}")]
    Start { program: String, error: io::Error },
    /// The template cannot be filled.
    #[error(transparent)]
    Template(#[from] Unfilled),
    /// The program ran too long.
    #[error("{}{}", too_long(*timeout, *is_gone), after(said))]
    TooLong { timeout: Duration, is_gone: bool, said: String },
    /// A task of this process failed.
    #[error("it could not be run: {0}")]
    Task(#[from] tokio::task::JoinError),
}

fn too_long(timeout: Duration, is_gone: bool) -> String {
    let ms = timeout.as_millis();
    match is_gone {
        true => format!("killed: it had not ended after {ms} ms"),
        false => format!("it had not ended after {ms} ms and cannot be killed: it goes on"),
    }
}

fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

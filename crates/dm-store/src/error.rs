//! What a store cannot do, and what to do next.

use std::path::PathBuf;

use thiserror::Error;

/// What a store cannot do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something in the file is not as this program writes it.
    #[error("the store holds a {what} that cannot be read ({why}): restore the last backup")]
    Broken {
        /// What it is.
        what: &'static str,
        /// Why it cannot be read.
        why: String,
    },
    /// Another server has it.
    #[error("{} is open in another server: stop that one, or give this one a file of its own", .0.display())]
    InUse(PathBuf),
    /// Its folder cannot be written.
    #[error("{} cannot be made or locked: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no such campaign.
    #[error("there is no campaign {0}")]
    Missing(crate::CampaignId),
    /// A newer program made it.
    #[error(
        "{} has the tables of version {found}, this program knows those up to {known}: start a program as new as the \
         one that wrote it; tables are never made older",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The last one that is known.
        known: u32,
    },
    /// There is no such device in that campaign.
    #[error("there is no device at {0}: campaign, chunk and place")]
    Nobody(crate::MemberId),
    /// It is no store.
    #[error("{} is a database of another program", .0.display())]
    NotAStore(PathBuf),
    /// SQLite says so: the disk is full, for instance.
    #[error("the store: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// There is a campaign of that name.
    #[error("there is a campaign `{0}`: names are not used twice")]
    Taken(String),
    /// The thread that writes has ended.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the disk has no room: what waits may be tried again when it has.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    }
}

//! Why the outbox cannot be used, and what to do: by what the store says.

use std::io::ErrorKind;

use redb::Error;

/// A sentence, and behind a semicolon what to do.
pub(super) fn told(error: &Error) -> String {
    match error {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => {
            "another program has the outbox open; end it, then try again".to_owned()
        }
        Error::UpgradeRequired(version) => format!(
            "the outbox has the older format {version}; send what is in it with the program that made it"
        ),
        Error::Corrupted(text) => {
            format!(
                "no outbox, or a damaged one: {text}; correct the path, or take the file from a copy"
            )
        }
        Error::Io(error) => match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                "the file is no outbox; correct the path, or name a new file".to_owned()
            }
            ErrorKind::PermissionDenied => {
                "the outbox may not be opened; ask the owner of the file for access".to_owned()
            }
            ErrorKind::IsADirectory => "the outbox is a folder; name a file".to_owned(),
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                "the outbox has no such folder; make the folder first, or correct the path"
                    .to_owned()
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => format!(
                "the outbox cannot be written: {}; make room on the disk, then try again: nothing that was \
                 accepted is lost",
                error.kind()
            ),
            kind => of_the_disk(&kind),
        },
        error => of_the_disk(error),
    }
}

fn of_the_disk(error: &dyn std::fmt::Display) -> String {
    format!(
        "the outbox cannot be used: {error}; look at the disk, nothing that was accepted is lost"
    )
}
